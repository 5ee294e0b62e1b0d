"""Receives a mail: keeps it out, opens a ticket for it, or applies it to the ticket that it follows up.

The order is fixed: known already or kept out; sender; follow-up; block list; author and role; ticket events;
`tickets.service`. Runs in the worker's transaction. What cannot be understood is an outcome with its reason, never an
exception.
"""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import IMPORTED, IMPORTED_QUIETLY, AuthResult, InboundMessage, Mail, MessageKind
from mailgate.core.workflow.events import ASKING_COMMANDS, LEVELS, Event, State
from mailgate.inbound.approvals import read_decision
from mailgate.inbound.auth_results import read_auth_results
from mailgate.inbound.commands import keep_to_ticket, split_queries
from mailgate.inbound.delivery_failures import DeliveryFailures
from mailgate.inbound.filter import MailFilter
from mailgate.inbound.follow_up import FollowUp, FollowUpFinder, HoldQuestion, LostTicket
from mailgate.inbound.forms import fill_form
from mailgate.inbound.holds.service import HoldService
from mailgate.inbound.interpretation import (
    AuthenticatedMessage,
    brings_people,
    is_absence,
    is_internal,
    may_bring_people,
    read_agent_reply,
    read_requester_reply,
)
from mailgate.inbound.lost_tickets import LostTickets
from mailgate.inbound.new_ticket import TicketOpener, ask_for_clear_text
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.oversized import OversizedMail
from mailgate.inbound.queries.service import Query, QueryService, names_of, only_asks
from mailgate.inbound.ratings import add_rating
from mailgate.inbound.requester_status import RequesterStatus
from mailgate.inbound.roles import Role, RoleContext, decide_role
from mailgate.inbound.routing import Router
from mailgate.inbound.saved_replies import NamedTexts, SavedReplyFinder
from mailgate.inbound.sender import TrustedSenders
from mailgate.inbound.submission import Submissions
from mailgate.inbound.unmarked_quotes import cut_notice, hear_no_repetition
from mailgate.notices.mime.leak_guard import find_quoted_notice
from mailgate.notices.system_notices import SystemNotices
from mailgate.parsers.commands import Commands
from mailgate.parsers.commands.answered_words import find_answered, restore_answered
from mailgate.parsers.forwards import read_own_commands
from mailgate.store.events import count_events
from mailgate.store.journal import JournalRow, envelope_of, has_outcome
from mailgate.store.messages import SeenMessageId, holds_mail, list_messages, note_seen
from mailgate.store.people import list_participants, note_contact, read_contact, take_back
from mailgate.store.tickets import lock_ticket
from mailgate.tickets.events import PARTLY, WHOLE, TicketEvent
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.service import TicketService
from mailgate.tickets.values import FileRef

_ADDRESS = re.compile(r"[^\s,;#\"<>()]+@[^\s,;#\"<>()]+")  # what a line with #cc can hold
MOST_RETURNED = 1  # automatic mails of an agent that go back to the level, for a ticket and a day
MOST_NOTES_RETURNED = 3  # the same for absence notes without any header, which a person may have written


class Receiver:
    """Receives mails, for one desk."""

    def __init__(
        self,
        settings: Settings,
        tickets: TicketService,
        failures: DeliveryFailures,
        system_notices: SystemNotices,
        directory: DirectoryFiles,
        holds: HoldService,
    ) -> None:
        self._settings = settings
        self._reference = re.compile(rf"\b{re.escape(settings.desk.reference)}-\d")
        self._tickets = tickets
        self._failures = failures
        self._holds = holds
        self.people = People(settings)
        self._trusted = TrustedSenders(settings, self.people)
        self._router = Router(settings, self.people)
        self._follow_ups = FollowUpFinder(settings)
        self._oversized = OversizedMail(settings, system_notices)
        self._filter = MailFilter(settings, self.people, self._trusted, self._follow_ups, self._oversized)
        self._saved_replies = SavedReplyFinder(settings, directory)
        self._queries = QueryService(settings, self.people, tickets, system_notices, directory, self._saved_replies)
        needs_pass = settings.trust.agents_need == "pass"
        self._submissions = Submissions(
            settings, self.people, self._router, tickets, self._queries, holds, directory, agents_need_pass=needs_pass
        )
        self._opener = TicketOpener(settings, self._router, tickets, self._submissions, holds, directory)
        self._statuses = RequesterStatus(settings, self._router, tickets, system_notices)
        self._lost_tickets = LostTickets(
            settings, self.people, self._router, self._opener, self._queries, system_notices
        )

    def receive(self, connection: Connection, row: JournalRow, mail: Mail) -> Outcome:
        """Receives the mail of one row of the journal."""
        kept_out = self._filter.keep_out(connection, row, mail)
        if kept_out is not None:
            return kept_out
        recipients = self._router.recipients_of(mail, row.recipients, has_envelope=row.has_envelope)
        if row.ticket_id is not None and holds_mail(connection, row.ticket_id, row.id):
            return self._read_again(connection, row, mail, recipients, row.ticket_id)
        if mail.kind is MessageKind.BOUNCE:
            return self._receive_bounce(connection, row, mail, recipients)
        message = self._read_message(connection, row, mail, recipients)
        if message is None:
            # Anybody can send such mails, so that they must not make the desk unwell, as a parked mail does.
            reason = "the mail names no sender: neither From nor the envelope"
            return Outcome(Disposition.IGNORED, reason, for_level=True)
        if self.people.is_system_address(message.sender.address):
            return Outcome(Disposition.IGNORED, "the mail comes from the desk's own address")
        found = self._follow_ups.find(connection, mail, recipients)
        if self._filter.is_blocked(message, found):
            return Outcome(Disposition.IGNORED, f"{message.sender.address} is blocked as spam")
        if row.oversized:
            return self._turn_away(connection, message)
        is_automatic = self._filter.is_automatic(message)
        if not is_automatic:
            _take_back(connection, message)
        if isinstance(found, HoldQuestion):
            return self._holds.answer(connection, message, found)
        if is_automatic:
            return self._receive_automatic(connection, message, None if isinstance(found, LostTicket) else found)
        if isinstance(found, LostTicket):
            return self._lost_tickets.receive(connection, message, found)
        return self._receive_human(connection, message, found)

    def open_for_parked(
        self, connection: Connection, row: JournalRow, mail: Mail, original: FileRef | None
    ) -> Outcome | None:
        """Opens a ticket for a mail that was parked, of what could be read of it, once; None where it gets none.

        Only a person's request gets one: no reply, no staff, nothing that is automatic, unknown, blocked or too large.
        The outcome of a copy of a mail that was received has no ticket.
        """
        if row.ticket_id is not None and holds_mail(connection, row.ticket_id, row.id):
            return Outcome(
                Disposition.DONE, row.outcome, row.ticket_id, lock_ticket(connection, row.ticket_id).reference
            )
        kept_out = self._filter.keep_out(connection, row, mail)
        if kept_out is not None:
            return kept_out if kept_out.disposition is Disposition.DUPLICATE else None
        recipients = self._router.recipients_of(mail, row.recipients, has_envelope=row.has_envelope)
        message = self._read_message(connection, row, mail, recipients)
        if message is None or row.oversized or row.sender == "" or mail.kind is MessageKind.BOUNCE:
            return None
        address = message.sender.address
        if self.people.is_system_address(address) or self.people.is_staff(address):
            return None
        if self._filter.is_automatic(replace(message, forced=False)) or self._holds.is_unknown_sender(message):
            return None
        found = self._follow_ups.find(connection, mail, recipients)
        if found is not None or self._filter.is_blocked(message, found):
            return None
        _take_back(connection, message)
        reason = "a request that could not be read whole"
        opened = self._opener.open(connection, message, None, reason, reading=PARTLY, original=original)
        return opened if opened.ticket_id is not None else None

    def _read_again(
        self, connection: Connection, row: JournalRow, mail: Mail, recipients: tuple[str, ...], ticket_id: int
    ) -> Outcome:
        """Puts a mail that was parked, and put back, into the ticket that was opened of what could be read of it."""
        ticket, now = lock_ticket(connection, ticket_id), row.created_at  # when it was put back
        message = self._read_message(connection, row, mail, recipients)
        reason = f"mail {row.id} could not be read whole before"
        if message is not None:
            author, text, again = message.sender, mail.new_text, replace(message, at=now, again=True)
            event = TicketEvent(Event.READ_WHOLE, now, "desk", reason, author, text=text, reading=WHOLE)
            ticket = self._tickets.apply_locked(connection, ticket, (event,), again).ticket
        return Outcome(Disposition.DONE, f"read whole now; {row.outcome}", ticket.id, ticket.reference)

    def _read_message(
        self, connection: Connection, row: JournalRow, mail: Mail, recipients: tuple[str, ...]
    ) -> InboundMessage | None:
        """Adds the sender, and what is known of them, to a mail; None where it names no sender."""
        auth = self._read_auth(row, mail)
        sender = self._trusted.person_behind(mail, row.sender, row.peer, auth)
        if sender is None:
            return None
        return InboundMessage(
            mail=mail,
            envelope=envelope_of(row),
            sender=sender,
            journal_id=row.id,
            blob_id=row.blob_id,
            at=row.created_at if row.proven else row.received_at,  # a held mail counts from its proof
            recipients=recipients,
            auth=auth,
            contact=read_contact(connection, sender.address),
            proven=row.proven,
            forced=row.forced,
        )

    def _read_auth(self, row: JournalRow, mail: Mail) -> AuthResult:
        """Reads the pinned server's verdict. An imported file may hold forged headers: there a pass is none."""
        auth = read_auth_results(mail, self._settings.trust.authserv_id)
        imported = row.source in (IMPORTED, IMPORTED_QUIETLY)
        return AuthResult.NONE if imported and auth is AuthResult.PASS else auth

    def _turn_away(self, connection: Connection, message: InboundMessage) -> Outcome:
        """Reports an oversized mail, of which only the head is here; put back by hand, it is not reported again."""
        if not message.forced:
            queue = self._router.choose_queue(message.recipients, message.mail)
            language = self._opener.choose_language(message, queue.languages)
            self._oversized.report(connection, message, queue.name, language)
        return Outcome(Disposition.IGNORED, self._oversized.describe(message.envelope.whole_size or 0))

    # -- automatic mail and bounces --------------------------------------------------------------------------------

    def _receive_automatic(
        self, connection: Connection, message: InboundMessage, follow_up: FollowUp | None
    ) -> Outcome:
        if follow_up is None:
            return Outcome(Disposition.IGNORED, f"automatic mail ({message.mail.kind.value}) opens no ticket")
        received = self._authenticate(connection, message, follow_up)
        reason = f"{message.mail.kind.value} by {follow_up.key}"
        return self._return_automatic(connection, received, reason, MOST_RETURNED)

    def _return_automatic(
        self, connection: Connection, received: AuthenticatedMessage, reason: str, most: int
    ) -> Outcome:
        """Returns an agent's automatic mail to the level, at most so often a day; records any other one."""
        message, ticket = received.message, received.follow_up.ticket
        event = Event.AGENT_AUTOMATIC if received.author.role is Role.AGENT else Event.AUTOMATIC
        since = message.received_at - timedelta(days=1)
        if event is Event.AGENT_AUTOMATIC:
            returned = count_events(connection, ticket.id, event.value, received.person.address, since)
            if returned >= most:  # a responder answers the note to the level, too
                event = Event.AUTOMATIC
        return self._apply(connection, received, (received.ticket_event(event, reason, message.mail.new_text),))

    def _receive_bounce(
        self, connection: Connection, row: JournalRow, mail: Mail, recipients: tuple[str, ...]
    ) -> Outcome:
        found = self._follow_ups.find_bounced(connection, mail, recipients)
        if found is None:
            return Outcome(Disposition.IGNORED, "a bounce of no notice of ours")
        notice, outcome = found.notice, f"bounce of notice {found.notice.number}"
        words = "; ".join(f"{one.recipient} {one.action} {one.status}".strip() for one in mail.bounces) or mail.subject
        words = f"{words} ({notice.key})"
        if mail.bounces and all(one.permanent is False and one.action != "failed" for one in mail.bounces):
            self._failures.note_delay(connection, notice, words, row.received_at, row.id)
            return Outcome(Disposition.DONE, f"notice {notice.number} is late", notice.ticket_id)
        is_doubtful = bool(row.sender) or self._read_auth(row, mail) is AuthResult.FAIL or not found.signed
        outcomes = (outcome, f"doubtful {outcome}") if is_doubtful else (outcome,)
        if has_outcome(connection, notice.ticket_id, outcomes):
            return Outcome(Disposition.IGNORED, f"another {outcomes[-1]}: one counts", notice.ticket_id)
        statuses = ", ".join(dict.fromkeys(one.status for one in mail.bounces if one.status))
        # A mail that was passed on may have failed elsewhere: that says nothing of the address that it was sent to.
        own = (one for one in mail.bounces if fold_address(one.recipient) == fold_address(notice.recipient))
        self._failures.note(
            connection, notice, words, row.received_at, row.id,
            server_words=statuses, status=next((one.status for one in own), ""), is_doubtful=is_doubtful,
        )  # fmt: skip
        return Outcome(Disposition.DONE, outcomes[-1], notice.ticket_id)

    # -- people ----------------------------------------------------------------------------------------------------

    def _receive_human(self, connection: Connection, message: InboundMessage, follow_up: FollowUp | None) -> Outcome:
        if follow_up is None or (
            follow_up.answered is None and self._submissions.is_reply_to_answer(connection, message.mail)
        ):
            return self._receive_new(connection, message, None, "a new request")
        received = self._authenticate(connection, message, follow_up)
        author, answered = received.author, follow_up.answered
        if answered is None and author.role is Role.OUTSIDER and not author.refused:
            reason = f"{follow_up.key}, but {author.reason}"
            return self._receive_new(connection, message, follow_up.ticket.id, reason)
        _note_what_came_back(connection, message, follow_up)
        if author.role in (Role.AGENT, Role.HELD, Role.MANAGER):
            return self._receive_staff(connection, received)
        received = cut_notice(connection, received, self._reference)
        message = received.message
        *rated, said = add_rating(received, read_requester_reply(received))
        said = hear_no_repetition(connection, received, said)
        said = read_decision(connection, received, said)
        said = self._name_newcomers(connection, received, said)
        if self._tickets.opens_anew(connection, follow_up.ticket, said):
            self._tickets.apply_locked(connection, follow_up.ticket, (*rated, said))
            reason = f"{follow_up.key}, {said.reason}"
            return self._opener.open(connection, message, follow_up.ticket.id, reason)
        ticket_events = [*rated, *fill_form(self._settings, received, said)]
        is_requesters = author.proven and message.sender.key == follow_up.ticket.person.key
        if message.mail.encrypted and author.role is Role.PARTICIPANT and is_requesters:
            ticket_events += ask_for_clear_text(connection, message, follow_up.ticket, said)
        return self._apply(connection, received, tuple(ticket_events))

    def _name_newcomers(self, connection: Connection, received: AuthenticatedMessage, said: TicketEvent) -> TicketEvent:
        """Names to the level whom a mail copies that nothing proves to be the requester's (docs/rules.md#6)."""
        if not may_bring_people(received, said) or brings_people(received, said):
            return said
        known = {one.address for one in list_participants(connection, received.follow_up.ticket.id)}
        people = self._router.people_of(received.message.mail, received.message.sender)
        new = dict.fromkeys(one.address for one in people if one.key not in known and _ADDRESS.fullmatch(one.address))
        return replace(said, newcomers=tuple(new)[: self._settings.limits.participants])

    def _receive_new(
        self, connection: Connection, message: InboundMessage, linked_to: int | None, reason: str
    ) -> Outcome:
        """Receives a mail outside any ticket: commands of staff, a question about the status, else a request."""
        submitted = self._submissions.receive(connection, message)
        if submitted is None and linked_to is None:
            submitted = self._statuses.answer(connection, message)
        return submitted or self._opener.open(connection, message, linked_to, reason)

    def _receive_staff(self, connection: Connection, received: AuthenticatedMessage) -> Outcome:
        """Applies the commands of an agent or the manager to their ticket, then answers their queries."""
        message, author, ticket = received.message, received.author, received.follow_up.ticket
        whole = keep_to_ticket(read_own_commands(message.mail), ticket.reference)
        queries, read = split_queries(whole)
        if not queries and is_absence(received, read):
            return self._return_automatic(connection, received, "an absence note and nothing else", MOST_NOTES_RETURNED)
        read = self._with_answered_words(connection, received, read)
        named = NamedTexts(read, {})
        if author.role is not Role.HELD:  # nothing is looked up for who may be anybody
            named = self._saved_replies.resolve(connection, read, ticket, received.person)
        ticket_events = read_agent_reply(received, named, is_desk=self.people.is_system_address, asks=bool(queries))
        if ticket_events and ticket_events[0].event is Event.HELD:
            return self._receive_unproven(connection, received, whole)
        outcome = Outcome(Disposition.DONE, "questions to the desk", ticket.id, ticket.reference)
        if ticket_events:
            words = named.read.public_text if named.read.public_text != read.public_text else ""
            outcome = self._apply(connection, replace(received, message=replace(message, words=words)), ticket_events)
        if queries and author.role is not Role.HELD:
            query = Query(message, received.person, author.queue or ticket.queue, ticket)
            sent = self._queries.answer(connection, query, queries)
            if sent:
                return replace(outcome, reason=f"{names_of(queries)}, verified by {outcome.reason}{sent}")
        return outcome

    def _receive_unproven(self, connection: Connection, received: AuthenticatedMessage, read: Commands) -> Outcome:
        """Answers what only asks in a reply in an agent's name without proof; anything else in it is held."""
        message, author, ticket = received.message, received.author, received.follow_up.ticket
        query = Query(message, author.address, author.queue or ticket.queue, ticket)
        answered = self._queries.answer_unproven(connection, query, read.commands)
        reason = f"{answered}; {author.reason}" if answered else author.reason
        if not answered or not only_asks(read, message.mail):
            reason = self._holds.hold(connection, message, author.address.address, ticket.id, reason)
        return Outcome(Disposition.DONE, reason, ticket.id, ticket.reference)

    def _with_answered_words(self, connection: Connection, received: AuthenticatedMessage, read: Commands) -> Commands:
        """Puts the requester's own words above the answers between them; a third party gets none of them."""
        mail, ticket = received.message.mail, received.follow_up.ticket
        written = mail.new_text if ">" in mail.new_text else mail.text  # one answer below a quote has lost it
        asks = any(command.name in ASKING_COMMANDS for command in read.commands)
        if asks or not read.public_text or ">" not in written or received.author.role is not Role.AGENT:
            return read
        answered = find_answered(read.public_text, written)
        if not answered:  # the quote stands below or above all of the answer
            return read
        mails = (row for row in list_messages(connection, ticket.id) if row.direction == "in" and not row.internal)
        own = [row.new_text for row in mails if fold_address(row.sender) == ticket.person.key]
        public = restore_answered(read.public_text, answered, own)
        is_safe = not find_quoted_notice(public, self.people.is_system_address)
        return replace(read, public_text=public) if is_safe else read

    def _authenticate(
        self, connection: Connection, message: InboundMessage, follow_up: FollowUp
    ) -> AuthenticatedMessage:
        """Decides the author of a follow-up and their role."""
        ticket = locate_ticket(self._settings, follow_up.ticket)
        works = State(ticket.state) in LEVELS  # nobody has asked yet: a yes is one to the last answer
        context = RoleContext(
            answered=follow_up.answered,
            participants=frozenset(one.address for one in list_participants(connection, ticket.id)),
            levels=self.people.levels,
            manager=self._settings.desk.manager,
            agents_need_pass=self._settings.trust.agents_need == "pass",
            queue=ticket.queue,
            level=State(ticket.level),
            confirm_notice=ticket.last_agent_notice + 1 if works else ticket.confirm_notice,
            last_word="answer" if works else "solution",
            proof=self._holds.describe_proof(connection, message),
            unverified=follow_up.unverified,
            list_is_claimed=self._trusted.is_own_list(message.mail) and not self._trusted.is_proven_list(message),
            has_commands=self.people.is_manager(message.sender.address) and has_commands(message.mail),
        )
        return AuthenticatedMessage(message, follow_up, decide_role(message, context))

    def _apply(
        self, connection: Connection, received: AuthenticatedMessage, ticket_events: tuple[TicketEvent, ...]
    ) -> Outcome:
        follow_up, message, author = received.follow_up, received.message, received.author
        stored = replace(
            message,
            internal=is_internal(received, ticket_events),
            people=self._router.people_of(message.mail, message.sender)
            if brings_people(received, ticket_events[0])
            else (),
        )
        applied = self._tickets.apply_locked(connection, follow_up.ticket, ticket_events, stored)
        reason = f"{follow_up.key}; {author.reason}" if message.proven else follow_up.key
        return Outcome(Disposition.DONE, reason, applied.ticket.id, applied.ticket.reference)


def has_commands(mail: Mail) -> bool:
    """Tells whether a mail holds commands, well written or not."""
    read = read_own_commands(mail)
    return bool(read.commands or read.errors)


def _take_back(connection: Connection, message: InboundMessage) -> None:
    """Takes back that a sender's address was set aside: a mail from there shows that it exists (docs/rules.md#18)."""
    if message.contact.set_aside or message.contact.refusals:
        take_back(connection, message.sender.address)


def _note_what_came_back(connection: Connection, message: InboundMessage, follow_up: FollowUp) -> None:
    """Notes a sender who is known by their own token, and the ids that they know notices by (docs/rules.md#4)."""
    sender, answered = message.sender, follow_up.answered
    if answered is not None and answered.went_to(sender) and not message.contact.known:
        note_contact(connection, sender.address, known=True)
    aliases = (SeenMessageId(one, sender.address, message.received_at) for one in follow_up.aliases)
    note_seen(connection, follow_up.ticket.id, aliases)
