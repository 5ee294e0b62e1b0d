"""What a mail means to the desk: kept out, or a ticket opened, or something that happened to one.

One mail goes straight down: is it ours or known already → whose thread → who speaks → what happened →
`tickets.service`.
Runs in the worker's transaction. What cannot be understood is an outcome with its reason, never an exception.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import IMPORTED, IMPORTED_QUIETLY, Address, Mail, MessageKind
from mailgate.core.source_keys import describe_place
from mailgate.core.tokens import read_token
from mailgate.core.workflow.events import Event, State
from mailgate.inbound.commands import GIVEN_BACK, Articles, numbers_of_articles, part_questions
from mailgate.inbound.delivery_failures import DeliveryFailures
from mailgate.inbound.follow_up import FollowUp, find_bounced, find_follow_up, is_ours
from mailgate.inbound.forms import fill_form
from mailgate.inbound.holds.service import HoldService
from mailgate.inbound.interpretation import (
    AuthenticatedMessage,
    InboundMessage,
    brings_people,
    is_internal,
    read_agent_reply,
    read_requester_reply,
)
from mailgate.inbound.new_ticket import TicketOpener, ask_for_clear_words, read_arrival
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.oversized import OversizedMail
from mailgate.inbound.queries.service import Query, QueryService, names_of
from mailgate.inbound.ratings import hear_rating
from mailgate.inbound.roles import AuthResult, Role, RoleContext, decide_role, read_auth_results
from mailgate.inbound.routing import Router, fingerprint
from mailgate.inbound.submission import Submissions
from mailgate.notices.probe import receive_probe
from mailgate.notices.system_notices import SystemNotices
from mailgate.parsers.commands import Commands
from mailgate.parsers.forwards import read_own_commands
from mailgate.store.events import has_event
from mailgate.store.journal import EVER, JournalRow, awaits, is_duplicate, note_fingerprint
from mailgate.store.knowledge import get_article
from mailgate.store.messages import SeenMessageId, note_seen
from mailgate.store.people import get_contact, list_participants, note_contact
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import Oversized, TicketEvent
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.service import TicketService

NO_MESSAGE_ID = timedelta(hours=24)  # how long the same content without Message-ID counts as the same mail


class Receiver:
    """Receives mails for one desk."""

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
        self._directory = directory
        self._tickets = tickets
        self._failures = failures
        self._holds = holds
        self._oversize = OversizedMail(settings, system_notices)
        self._questions = QueryService(settings, tickets, system_notices, directory)
        self.origins = Router(settings)
        self._counter = Submissions(settings, self.origins, tickets, self._questions, holds, directory)
        self._openings = TicketOpener(settings, self.origins, tickets, self._counter, holds, directory)
        self._keys = settings.desk.keys
        self._spam = tuple(_read_header(line) for line in settings.intake.spam_headers)

    def receive(self, connection: Connection, row: JournalRow, mail: Mail) -> Outcome:
        """Work one mail off."""
        kept_out = self._keep_out(connection, row, mail)
        if kept_out is not None:
            return kept_out
        recipients = self.origins.recipients_of(mail, row.recipients, has_envelope=row.has_envelope)
        if mail.kind is MessageKind.BOUNCE:
            return self._receive_bounce(connection, row, mail, recipients)
        verdict = self._read_verdict(row, mail)
        sender = self.origins.person_behind(mail, row.sender, row.peer, verdict)
        if sender is None:
            return Outcome(Disposition.PARKED, "the mail names no sender: neither From nor the envelope")
        if self.origins.queue_of(sender.address) is not None:
            return Outcome(Disposition.IGNORED, "the mail comes from the desk's own address")
        contact = get_contact(connection, sender.address)
        blocked = contact is not None and contact.blocked and not self.origins.is_staff_person(sender)
        if blocked and not row.forced:  # spam in an agent's name must not shut the agent out
            return Outcome(Disposition.IGNORED, f"{sender.address} is blocked as spam")
        letter = InboundMessage(row, mail, recipients, verdict, sender, contact)
        if row.oversized:
            return self._turn_away(connection, letter)
        question = self._holds.find_question(connection, mail, recipients)
        if question is not None:
            heard = self._holds.answer(connection, letter, question)
            return Outcome(Disposition.DONE if heard.counts else Disposition.IGNORED, heard.reason)
        thread = find_follow_up(connection, mail, recipients, self._keys)
        if self._is_automatic(letter):
            return self._receive_automatic(connection, letter, thread)
        return self._receive_human(connection, letter, thread)

    def _read_verdict(self, row: JournalRow, mail: Mail) -> AuthResult:
        """What the pinned server says of the sender. Nobody has taken forged headers out of a file that an operator
        brings in: there a pass is none."""
        verdict = read_auth_results(mail, self._settings.trust.authserv_id)
        by_hand = row.source in (IMPORTED, IMPORTED_QUIETLY)
        return AuthResult.NONE if by_hand and verdict is AuthResult.PASS else verdict

    # -- what stays out --------------------------------------------------------------------------------------------

    def _keep_out(self, connection: Connection, row: JournalRow, mail: Mail) -> Outcome | None:
        if probe := receive_probe(connection, mail, row.received_at, self._settings.default_queue.address):
            return Outcome(Disposition.IGNORED, probe)
        spam = next((name for name, value in self._spam if _says(mail, name, value)), "")
        if spam and not row.forced:
            return Outcome(Disposition.IGNORED, f"spam: {spam}")
        token = read_token(mail.message_id.partition("@")[0]) if mail.kind is MessageKind.OWN else None
        if is_ours(connection, token, self._keys) or self._holds.is_question(connection, token):
            return Outcome(Disposition.IGNORED, "a notice of this desk came back")
        looks = fingerprint(mail, whole=not row.oversized)
        since = EVER if mail.message_id else row.received_at - NO_MESSAGE_ID
        if is_duplicate(connection, row.id, looks, since):
            still = f"still {self._oversize.describe(row.size)}; " if row.oversized else ""
            return Outcome(Disposition.DUPLICATE, f"{still}this mail was received before")
        note_fingerprint(connection, row.id, looks)
        wait = self._settings.limits.reference_wait.span
        answered = [one for one in (mail.in_reply_to, *mail.references) if one]
        if awaits(connection, row.id, answered, wait, row.received_at):
            return Outcome(Disposition.LATER, "the mail that this one answers is not worked off yet")
        return None

    def _turn_away(self, connection: Connection, letter: InboundMessage) -> Outcome:
        """Only the head of a mail is here, and no ticket can be made of it; put back by hand, it tells nobody again."""
        row, mail = letter.row, letter.mail
        if not row.forced:
            queue = self.origins.choose_queue(letter.recipients, mail)
            language = self._openings.choose_language(letter, queue.languages)
            found = Oversized(
                author=letter.sender,
                known=letter.is_known,
                language=language,
                queue=queue.name,
                subject=mail.subject,
                message_id=mail.message_id,
                size=row.size,
                place=describe_place(row.source_key),
                sent_at=min(mail.date or row.received_at, row.received_at),
                received_at=row.received_at,
                journal_id=row.id,
            )
            self._oversize.tell(connection, mail, found)
        return Outcome(Disposition.IGNORED, self._oversize.describe(row.size))

    def _is_automatic(self, letter: InboundMessage) -> bool:
        """Forms and the desk's own lists look automatic but carry a person's words; robots open tickets by leave."""
        mail, doors = letter.mail, self.origins.doors
        if mail.kind is MessageKind.HUMAN or letter.row.forced:
            return False
        if mail.kind is MessageKind.OWN:  # an imitation: a person's mail, unless it says otherwise itself (rule 23)
            return letter.row.sender == "" or _says_automatic(mail)
        if doors.is_form(mail, letter.row.peer, letter.verdict) or doors.is_robot(mail):
            return False
        return not (mail.kind is MessageKind.MAILING_LIST and self.origins.is_own_list(mail))

    # -- automatic mail and bounces --------------------------------------------------------------------------------

    def _receive_automatic(self, connection: Connection, letter: InboundMessage, thread: FollowUp | None) -> Outcome:
        if thread is None:
            return Outcome(Disposition.IGNORED, f"automatic mail ({letter.mail.kind.value}) opens no ticket")
        voice = self._judge(connection, letter, thread)
        event = Event.AGENT_AUTOMATIC if voice.speaker.role is Role.AGENT else Event.AUTOMATIC
        day = letter.row.received_at - timedelta(days=1)
        if event is Event.AGENT_AUTOMATIC and has_event(
            connection, thread.ticket.id, event.value, letter.sender.address, day
        ):
            event = Event.AUTOMATIC  # the level was told once today; a responder answers that note too
        ticket_event = voice.ticket_event(event, f"{letter.mail.kind.value} by {thread.key}", letter.mail.new_text)
        return self._act(connection, voice, (ticket_event,))

    def _receive_bounce(
        self, connection: Connection, row: JournalRow, mail: Mail, recipients: tuple[str, ...]
    ) -> Outcome:
        claim = find_bounced(connection, mail, recipients, self._keys)
        if claim is None:
            return Outcome(Disposition.IGNORED, "a bounce of no notice of ours")
        words = "; ".join(f"{one.recipient} {one.action} {one.status}".strip() for one in mail.bounces) or mail.subject
        words = f"{words} ({claim.key})"
        if mail.bounces and all(one.permanent is False and one.action != "failed" for one in mail.bounces):
            self._failures.note_delay(connection, claim, words, row.received_at, row.id)
        else:
            self._failures.note(connection, claim, words, row.received_at, row.id)
        return Outcome(Disposition.DONE, f"bounce of notice {claim.number}", claim.ticket_id)

    # -- people ----------------------------------------------------------------------------------------------------

    def _receive_human(self, connection: Connection, letter: InboundMessage, thread: FollowUp | None) -> Outcome:
        if thread is None or (thread.claim is None and self._counter.is_reply_to_answer(connection, letter.mail)):
            return self._serve(connection, letter, None, "a new request")
        voice = self._judge(connection, letter, thread)
        speaker = voice.speaker
        if thread.claim is None and speaker.role is Role.OUTSIDER:
            return self._serve(connection, letter, thread.ticket.id, f"{thread.key}, but {speaker.reason}")
        proven = thread.claim is not None and thread.claim.recipient.casefold() == letter.sender.key
        if proven and not letter.is_known:
            note_contact(connection, letter.sender.address, known=True)
        sights = (SeenMessageId(alias, letter.sender.address, letter.row.received_at) for alias in thread.aliases)
        note_seen(connection, thread.ticket.id, sights)
        if speaker.role in (Role.AGENT, Role.HELD, Role.MANAGER):
            return self._receive_commands(connection, voice)
        *rated, ticket_event = hear_rating(voice, read_requester_reply(voice))
        if self._tickets.opens_anew(connection, thread.ticket, ticket_event):
            self._tickets.apply_locked(connection, thread.ticket, (*rated, ticket_event))
            return self._openings.open(connection, letter, thread.ticket.id, f"{thread.key}, {ticket_event.reason}")
        ticket_events = [*rated, *fill_form(self._settings, voice, ticket_event)]
        if letter.mail.encrypted:
            ticket_events += ask_for_clear_words(connection, letter, thread.ticket, ticket_event)
        return self._act(connection, voice, tuple(ticket_events))

    def _serve(self, connection: Connection, letter: InboundMessage, linked_to: int | None, reason: str) -> Outcome:
        """A mail of no ticket: the counter is for people of the house who order something, all else is a request."""
        served = self._counter.serve(connection, letter)
        if served is not None:
            return Outcome(Disposition.DONE, served.reason, served.ticket_id)
        return self._openings.open(connection, letter, linked_to, reason)

    def _receive_commands(self, connection: Connection, voice: AuthenticatedMessage) -> Outcome:
        """Do what an agent's mail orders, then answer what it asks."""
        letter, speaker, ticket = voice.letter, voice.speaker, voice.thread.ticket
        questions, read = part_questions(read_own_commands(letter.mail))
        articles = self._articles_of(connection, read, ticket)
        ticket_events = read_agent_reply(voice, read, articles, is_desk=self.origins.is_ours, asks=bool(questions))
        if ticket_events and ticket_events[0].event is Event.HELD:
            reason = self._holds.hold(connection, letter, speaker.address.address, ticket.id, speaker.reason)
            return Outcome(Disposition.DONE, reason, ticket.id)
        received = Outcome(Disposition.DONE, "questions to the desk", ticket.id)
        if ticket_events:
            received = self._act(connection, voice, ticket_events)
        if questions and speaker.role is not Role.HELD:
            asker = Query(
                person=voice.author,
                at=voice.letter.at,
                queue=speaker.queue or ticket.queue,
                message_id=letter.mail.message_id,
                subject=letter.mail.subject,
                journal_id=letter.row.id,
                ticket=ticket,
                text=letter.mail.new_text[:GIVEN_BACK],
            )
            told = self._questions.answer(connection, asker, questions)
            if told:
                return replace(received, reason=f"{names_of(questions)}, proven by {received.reason}{told}")
        return received

    def _articles_of(self, connection: Connection, read: Commands, ticket: Ticket) -> Articles:
        """The texts of the articles that a mail wants sent; none while the knowledge base is switched off."""
        numbers = numbers_of_articles(read) if self._settings.knowledge.enabled else ()
        found = (get_article(connection, number, ticket.queue) for number in numbers)
        return {article.number: article.answer for article in found if article is not None}

    def _judge(self, connection: Connection, letter: InboundMessage, thread: FollowUp) -> AuthenticatedMessage:
        ticket, row = locate_ticket(self._settings, thread.ticket), letter.row
        scene = RoleContext(
            claim=thread.claim,
            participants=frozenset(one.address for one in list_participants(connection, ticket.id)),
            lanes=self.origins.lanes,
            manager=self._settings.desk.manager,
            verdict=letter.verdict_on_sender,
            auth_user=row.auth_user,
            agents_need_pass=self._settings.trust.agents_need == "pass",
            queue=ticket.queue,
            level=State(ticket.level),
            confirm_notice=ticket.confirm_notice,
            proven=row.proven,
            proof=self._holds.describe_proof(connection, row.id) if row.proven else "",
            orders=self._is_manager(letter.sender) and has_commands(letter.mail),
        )
        return AuthenticatedMessage(letter, thread, decide_role(replace(letter.mail, sender=letter.sender), scene))

    def _is_manager(self, person: Address) -> bool:
        return person.key == self._settings.desk.manager.casefold()

    def _act(
        self, connection: Connection, voice: AuthenticatedMessage, ticket_events: tuple[TicketEvent, ...]
    ) -> Outcome:
        thread = voice.thread
        with_people = brings_people(voice, ticket_events[0])
        internal = is_internal(voice, ticket_events)
        arrival = read_arrival(self.origins, voice.letter, internal=internal, with_people=with_people)
        advanced = self._tickets.apply_locked(connection, thread.ticket, ticket_events, arrival)
        proof = f"; {voice.speaker.reason}" if voice.letter.row.proven else ""
        return Outcome(Disposition.DONE, f"{thread.key}{proof}", advanced.ticket.id)


def has_commands(mail: Mail) -> bool:
    """Whether a mail holds commands, well written or not."""
    read = read_own_commands(mail)
    return bool(read.commands or read.errors)


def _read_header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip().casefold()


def _says_automatic(mail: Mail) -> bool:
    return mail.header("Auto-Submitted").partition(";")[0].strip().casefold() not in ("", "no")


def _says(mail: Mail, name: str, value: str) -> bool:
    return any(one.strip().casefold() == value for one in mail.header_all(name))
