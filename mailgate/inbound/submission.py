"""Mails of staff outside any ticket: submissions on behalf of a requester, bulk updates, and queries.

A submission (`#requester ADDRESS`) opens a ticket of that requester (S2). With `#to ADDRESS` the agent writes to them
first: the text goes out, and the ticket waits for the answer. A bulk update has commands on several tickets, which
their lines name. Only the author's own words hold commands, never what they forward.
A mail without commands is an ordinary request. Without proof of who wrote it nothing is done: the mail is held for a
challenge (docs/rules.md#8). What cannot be done is answered; no command is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People, QueryAccess, language_of
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, InboundMessage, Mail
from mailgate.core.tokens import staff_number, verify_for_staff
from mailgate.core.workflow.events import EVENTS, Event, OnNewTicket, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.inbound.bulk_update import BulkUpdate, BulkUpdates
from mailgate.inbound.commands import address_commands, interpret_commands, keep_to_ticket
from mailgate.inbound.forms import fill_request
from mailgate.inbound.holds.service import HoldService
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.queries.service import Query, QueryService, names_of, only_asks
from mailgate.inbound.roles import prove_sender
from mailgate.inbound.routing import Router
from mailgate.notices.mime.forwarded import mask_words
from mailgate.notices.mime.leak_guard import find_quoted_notice, stop_leak
from mailgate.notices.rendering.replies import QueryReply
from mailgate.parsers.commands import Command, Commands, ReadingError, Reason
from mailgate.parsers.commands.arguments import read_person, read_requester
from mailgate.parsers.forwards import Forward, part_commands, part_forward, read_forward
from mailgate.parsers.language import choose_language
from mailgate.parsers.quoting.quote_lines import is_forward_subject
from mailgate.parsers.quoting.signatures import cut_closing
from mailgate.parsers.thread_keys import read_keys
from mailgate.parsers.vocabulary import QUESTIONS
from mailgate.store.outbox import find_notice
from mailgate.store.people import read_contact
from mailgate.store.tickets import Ticket, last_language_of
from mailgate.tickets.decisions import refuses
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.service import Applied, NewTicket, TicketService
from mailgate.tickets.transcript import list_results, mails_of
from mailgate.tickets.values import CommandMistake, CommandResult, SentNotice

_ORDERS = {info.command.name: info.command for info in EVENTS.values() if info.command is not None}
_LONGEST_PROOF = 30 * 24 * 3600  # seconds for which the token of a digest proves: it is for all tickets of its reader
_MOST_TRIED = 20  # keys of a mail: each candidate costs a digest
_UNREADABLE = Event.MISTYPED.value
_NUMBERED = re.compile(r"part-\d+\b")  # a name that was made for a file without one
_LONGEST_SUBJECT = 80  # characters of the first line, where a mail has no subject
_Beside = tuple[tuple[TicketEvent, ...], tuple[TicketEvent, ...]]  # those that count as Level 1's, then the others
_PREFIX = re.compile(r"\s*[^\s:：]{1,12}\s?[:：]\s*")


class Submissions:
    """Receives the mails of staff that belong to no ticket, for one desk."""

    def __init__(
        self,
        settings: Settings,
        people: People,
        router: Router,
        tickets: TicketService,
        queries: QueryService,
        holds: HoldService,
        directory: DirectoryFiles,
        *,
        agents_need_pass: bool,
    ) -> None:
        self._no_ticket = f"{settings.desk.reference.upper()}-0"  # a reference that no ticket has
        self._settings = settings
        self._keys = settings.desk.keys
        self._queues = settings.queues
        self._transcripts = settings.agents.transcripts
        self._bulk_updates = BulkUpdates(settings, tickets)
        self._people = people
        self._router = router
        self._tickets = tickets
        self._queries = queries
        self._holds = holds
        self._directory = directory
        self._agents_need_pass = agents_need_pass

    def receive(self, connection: Connection, message: InboundMessage) -> Outcome | None:
        """Carries out the commands of a mail outside any ticket; None where it is an ordinary request."""
        access = self._people.access_of(message.sender.address)
        if access is None or message.mail.encrypted:
            return None
        read, passed_on = part_commands(message.mail)
        if not read.commands and not read.errors:
            return None
        proof = prove_sender(message, self._holds.describe_proof(connection, message)) or self._prove_by_token(message)
        if not proof:
            return self._receive_unproven(connection, message, read, forwards=bool(passed_on.strip()))
        return self._carry_out(connection, message, access, read, _passed_on(message.mail, passed_on), proof)

    def _prove_by_token(self, message: InboundMessage) -> str:
        """Says which token of a mail to the sender, or to a mailbox of their level, proves them, "" for none
        (docs/rules.md#8).
        """
        sender = message.sender
        if self._agents_need_pass or message.auth_of_sender.is_doubt or message.mail.ambiguous_sender:
            return ""
        addressees = (sender.address, *self._people.mailboxes_of(sender.address))
        for key in read_keys(message.mail, message.recipients)[:_MOST_TRIED]:
            token = key.token
            if token is None or message.received_at.timestamp() - staff_number(token) > _LONGEST_PROOF:
                continue
            if any(verify_for_staff(self._keys, token, address) for address in addressees):
                return f"{key.how.value} {token.reference}"
        return ""

    def _receive_unproven(
        self, connection: Connection, message: InboundMessage, read: Commands, *, forwards: bool
    ) -> Outcome:
        """Answers what only asks, and holds a mail that holds anything else."""
        queue = self._router.choose_queue(message.recipients, message.mail)
        query = Query(message, message.sender, queue.name)
        answered = self._queries.answer_unproven(connection, query, read.commands)
        if answered and not forwards and only_asks(read, message.mail):
            return Outcome(Disposition.DONE, answered)
        reason = "no token, no verdict of the pinned server"
        reason = f"{answered}; {reason}" if answered else reason
        held = self._holds.hold(connection, message, message.sender.address, None, reason)
        return Outcome(Disposition.DONE, held)

    def find_forwarded_author(self, message: InboundMessage) -> Address | None:
        """Finds the author of a mail that staff forwards without a command: the request may be theirs.

        Returns None for a mail that is no such forward.
        """
        if self._people.access_of(message.sender.address) is None:
            return None
        forward = read_forward(message.mail)
        return forward.sender if forward is not None and self._may_request(forward.sender) else None

    @staticmethod
    def is_reply_to_answer(connection: Connection, mail: Mail) -> bool:
        """Tells whether a mail replies to the answer to a query: then it is not about the ticket that was queried."""
        found = find_notice(connection, mail.in_reply_to) if mail.in_reply_to else None
        return found is not None and found.notice == Notice.REPLY.value

    # -- carrying it out -------------------------------------------------------------------------------------------

    def _carry_out(
        self,
        connection: Connection,
        message: InboundMessage,
        access: QueryAccess,
        read: Commands,
        forward: Forward | None,
        proof: str,
    ) -> Outcome:
        queue = self._router.choose_queue(message.recipients, message.mail)
        query = Query(message, message.sender, queue.name)
        read = self._address(message, read)
        if read.errors:
            mistakes = tuple(CommandMistake(error.line, error.nearest, error.reason.value) for error in read.errors)
            sent = self._queries.answer(connection, query, (), mistakes=mistakes, asked=_UNREADABLE)
            return Outcome(Disposition.DONE, f"{_UNREADABLE}, verified by {proof}{sent}")
        queries = [command for command in read.commands if command.name in QUESTIONS]
        commands = [command for command in read.commands if command.name not in QUESTIONS]
        bulk = BulkUpdate()
        if any(command.targets for command in commands):
            bulk = self._bulk_updates.carry_out(connection, message, access, read, proof)
        rest = [command for command in commands if not command.targets]
        replies, ticket = self._submit(connection, message, access, read, rest, forward, proof)
        replies = (*bulk.replies, *replies)
        unused = ticket is None and not bulk.uses_text and bool(read.public_text or (commands and forward is not None))
        if unused and not rest and not bulk.is_stopped:
            replies = (*replies, QueryReply("text_not_sent" if commands else "unused", ""))
        give_back = ticket is None and (bool(rest) or unused or (bulk.is_refused and bool(read.public_text)))
        names = names_of(read.commands)
        sent = self._queries.answer(connection, query, queries, first=replies, give_back=give_back, asked=names)
        reason = f"{names}, verified by {proof}{sent}"
        if ticket is None:
            return Outcome(Disposition.DONE, reason)
        return Outcome(Disposition.DONE, reason, ticket.id, ticket.reference)

    def _address(self, message: InboundMessage, read: Commands) -> Commands:
        """Returns the commands with the tickets that they name; a mail that opens a ticket may name none.

        Nothing internal of the desk leaves with the text that goes to several requesters.
        """
        if any(command.name in ("requester", "to") for command in read.commands):
            return self._check_outgoing(message, keep_to_ticket(read, self._no_ticket))
        addressed = address_commands(read)
        if not any(command.targets for command in addressed.commands):
            return read
        return stop_leak(addressed, message.mail, self._people.is_system_address)

    def _check_outgoing(self, message: InboundMessage, read: Commands) -> Commands:
        """Returns the commands of a mail that opens a ticket; only the mistakes where its text would go out with `#to`
        and has no words, something internal, or beside it a command that moves the ticket.
        """
        if read.errors or not any(command.name == "to" for command in read.commands):
            return read
        others = (command for command in read.commands if not _may_stand_beside_to(command))
        errors = [ReadingError(str(command), "to", Reason.NOT_BESIDE_TO) for command in others]
        if not read.public_text.strip():
            lines = (str(command) for command in read.commands if command.name == "to")
            errors.append(ReadingError(next(lines), "to", Reason.NOTHING_TO_SEND))
        if errors:
            return Commands((), "", tuple(errors))
        return stop_leak(read, message.mail, self._people.is_system_address)

    def _write_first(
        self, connection: Connection, message: InboundMessage, access: QueryAccess, read: Commands, proof: str
    ) -> tuple[tuple[QueryReply, ...], Ticket | None]:
        """Opens a ticket with an agent's words to its requester (`#to`), or says why not; it waits for their answer."""
        lines = [command for command in read.commands if command.name == "to"]
        people = [person for line in lines for person in _people_of(line.args)]
        refused = next((one for one in people if not self._may_request(one, by_name=True)), None)
        if refused is not None:
            return (QueryReply("not_for_us", str(lines[0]), reference=refused.address),), None
        message = replace(message, people=tuple(people[1:]))
        applied = self._open(connection, message, people[0], read, None, f"{lines[0]}, verified by {proof}", first=True)
        ticket, opened = applied.ticket, applied.opened
        assert opened is not None
        base = replace(opened, reason=str(lines[0]), acts_for=State.LEVEL1, acts_queue=ticket.queue)
        beside = tuple(one for one in read.commands if one.name not in ("to", "waiting", *QUESTIONS))
        words = replace(base, event=Event.WAITING, begins=True)
        rest = replace(read, commands=beside, public_text="")
        beside_words = self._read_events(message, access, ticket.queue, rest, proof)
        results, sent = self._apply(connection, message, ticket, beside_words, words)
        sent = tuple(mail for mail in sent if mail.notice != Notice.QUESTION)
        done = tuple(result for result in results if result.event != Event.WAITING)
        named = ", ".join(person.address for person in people)
        reply = QueryReply(
            "written", str(lines[0]), wanted=named, reference=ticket.reference, subject=ticket.subject, done=done,
            sent=sent,
        )  # fmt: skip
        return (reply,), ticket

    def _submit(
        self,
        connection: Connection,
        message: InboundMessage,
        access: QueryAccess,
        read: Commands,
        commands: Sequence[Command],
        forward: Forward | None,
        proof: str,
    ) -> tuple[tuple[QueryReply, ...], Ticket | None]:
        """Opens the ticket that a mail submits on behalf of a requester, or says why it opens none."""
        if not commands:
            return (), None
        if any(command.name == "to" for command in commands):
            return self._write_first(connection, message, access, read, proof)
        wanted = next((command for command in commands if command.name == "requester"), None)
        if wanted is None:
            return tuple(QueryReply("needs_ticket", str(command)) for command in commands), None
        person, channel = read_requester(wanted.args)
        if not wanted.args and forward is not None:
            person = forward.sender
        if person is None or not person.address:
            return (QueryReply("no_requester", str(wanted)),), None
        if not self._may_request(person, by_name=True):
            return (QueryReply("not_for_us", str(wanted), reference=person.address),), None
        unused = (one for one in commands if one.name == "requester" and one.args.casefold() != wanted.args.casefold())
        for_whom = wanted if wanted.args else f"{wanted} {person.address}"
        reason = f"{for_whom}{', forwarded' if forward is not None else ''}, verified by {proof}"
        # The ticket is opened as one of its form; another name comes back with those there are.
        named = next((one.args for one in reversed(commands) if one.name == "form"), "")
        form = named if named in self._settings.forms else ""
        rest = [one for one in commands if one.name != "requester" and (one.name != "form" or one.args != form)]
        done = tuple(command for command in rest if _is_for_new(command))
        queue = self._router.choose_queue(message.recipients, message.mail).name
        events = self._read_events(message, access, queue, replace(read, commands=done, public_text=""), proof)
        ticket = self._open(connection, message, person, read, forward, reason, channel=channel, beside=events).ticket
        results, sent = self._apply(connection, message, ticket, events)
        left = [QueryReply("one_requester", str(command)) for command in unused]
        left += (
            QueryReply("not_for_new", str(command), reference=ticket.reference)
            for command in rest
            if command not in done
        )
        if ticket.form_asked:
            results = (CommandResult("form", Event.FORM.value, ticket.form, ticket.state), *results)
        if not left and self._reads_request(message.sender.address, ticket):
            return (), ticket
        submitted = QueryReply(
            "submitted",
            str(wanted),
            wanted=person.address,
            reference=ticket.reference,
            subject=ticket.subject,
            done=results,
            sent=sent,
        )
        return (submitted, *left), ticket

    def _reads_request(self, person: str, ticket: Ticket) -> bool:
        """Tells whether the request, which names its submitter, is all that the submitter needs to read."""
        mailbox = self._queues[ticket.queue].levels[State.LEVEL1].mailbox
        return self._transcripts != "always" and self._people.reads(person, mailbox)

    def _open(
        self,
        connection: Connection,
        message: InboundMessage,
        person: Address,
        read: Commands,
        forward: Forward | None,
        reason: str,
        *,
        first: bool = False,
        channel: str = "",
        beside: _Beside = ((), ()),
    ) -> Applied:
        """Opens a ticket for a requester; its text is the author's own, then what they forward.

        `first` says that the author writes to the requester. Else the history keeps the words of the requester, for the
        history below answers: it knows them apart from what the author writes above a forward. `beside` are the events
        of the mail's other commands.
        """
        mail, author = message.mail, message.sender
        queue = self._router.choose_queue(message.recipients, mail)
        passed_on = forward.text if forward is not None else ""
        text = "\n\n".join(part for part in (read.public_text, passed_on) if part.strip())
        given = {command.name: command.args for command in read.commands}
        new_ticket = NewTicket(
            requester=person,
            subject=mask_words(_subject_of(mail, forward, text)),
            queue=queue.name,
            language=self._choose_language(connection, person, passed_on or text, queue.languages),
            submitter=author.address,
            type=given.get("type", ""),
            priority=given.get("priority", ""),
            agent_writes=first,
            channel=channel,
        )
        internal = any(command.name == "note" for command in read.commands)
        stored = replace(message, mail=replace(mail, new_text=text), internal=internal)
        ticket_event = TicketEvent(
            event=Event.REQUEST,
            at=message.at,
            by=author.address,
            reason=reason,
            author=author,
            text=text,
            argument="" if first else self._words_of(person, mail, read, forward),
            journal_id=message.journal_id,
        )
        form, ordered = given.get("form", ""), new_ticket
        new_ticket, ticket_event = fill_request(self._settings, form, ordered, ticket_event, stored.mail)
        new_ticket = replace(
            new_ticket, type=ordered.type or new_ticket.type, priority=ordered.priority or new_ticket.priority
        )
        return self._tickets.open(connection, new_ticket, stored, ticket_event, (*beside[0], *beside[1]))

    def _words_of(self, person: Address, mail: Mail, read: Commands, forward: Forward | None) -> str:
        """Returns the words of a submission that people outside may read (docs/rules.md#16).

        Those that are forwarded, where they are the requester's and nothing is forwarded in them, or else what the
        author wrote down. "" where neither is sure, or an internal mail of the desk stands there.
        """
        if forward is not None:
            words = forward.text if forward.sender.key == person.key else ""
            words = "" if part_forward(words, "")[1] else words
        else:
            words = "" if is_forward_subject(mail.subject) else read.public_text
        return "" if find_quoted_notice(words, self._people.is_system_address) else words.strip()

    def _read_events(
        self, message: InboundMessage, access: QueryAccess, opened_in: str, read: Commands, proof: str
    ) -> _Beside:
        """Reads the other commands of a submission as events of its new ticket, in the queue `opened_in`: as Level 1
        where its author is listed there.

        Others act for their own level, in the second part, but what classifies the request counts as Level 1's.
        """
        own = access.levels.get(opened_in, ())
        level = State.LEVEL1 if "level1" in own else access.level_for(opened_in, State.LEVEL1.value)
        queue = opened_in
        if level is None and not access.is_manager:
            queue, levels = next((name, levels) for name, levels in access.levels.items() if levels)
            level = State(levels[0])
        base = TicketEvent(
            event=Event.ANSWERED,
            at=message.at,
            by=message.sender.address,
            reason=proof,
            author=message.sender,
            acts_for=level,
            acts_queue=queue if level is not None else "",
            journal_id=message.journal_id,
        )
        events = tuple(replace(one, command="") for one in interpret_commands(read, base, message.mail.new_text))
        if level is State.LEVEL1 and queue == opened_in:
            return events, ()
        classifying = (one for one in events if _classifies(one))
        first = tuple(replace(one, acts_for=State.LEVEL1, acts_queue=opened_in) for one in classifying)
        return first, tuple(one for one in events if not _classifies(one))

    def _apply(
        self,
        connection: Connection,
        message: InboundMessage,
        ticket: Ticket,
        beside: _Beside,
        words: TicketEvent | None = None,
    ) -> tuple[tuple[CommandResult, ...], tuple[SentNotice, ...]]:
        """Applies the events of the other commands of a submission to its new ticket.

        `words` is what the author writes to the requester with `#to`, which any level may do. Where this mail is
        answered, the answer reports the results. A surprise and a refusal have notices of their own.
        """
        first, then = beside
        first = (*first, words) if words is not None else first
        results: list[CommandResult] = []
        sent: list[SentNotice] = []
        for ticket_events in (first, then):
            if ticket_events:
                ticket_events = tuple(self._tickets.read_time(ticket, one) for one in ticket_events)
                applied = self._tickets.apply(connection, ticket.id, ticket_events)
                steps = zip(ticket_events, applied.decisions, strict=False)
                done = list_results(step for step in steps if not refuses(step[1]))
                results += (replace(one, minutes=applied.ticket.minutes_spent) for one in done)
                sent += (mail for mail in mails_of(applied.sent) if fold_address(mail.to) != message.sender.key)
        return tuple(results), tuple(sent)

    # -- the requester ---------------------------------------------------------------------------------------------

    def _may_request(self, person: Address, *, by_name: bool = False) -> bool:
        """Tells whether a person can be a requester: not the desk, not a level's mailbox; staff only where named."""
        if self._people.is_system_address(person.address) or self._people.is_level_mailbox(person.address):
            return False
        return by_name or self._people.access_of(person.address) is None

    def _choose_language(self, connection: Connection, person: Address, text: str, languages: tuple[str, ...]) -> str:
        """Chooses the language of a new requester; `text` is in it, but not a signature below it, which may be the
        agent's. One that is too short to tell is taken for that of their last ticket.
        """
        written = read_contact(connection, person.address).language
        listed = self._directory.current().person(person.address)
        guessed = choose_language(cut_closing(text)) or last_language_of(connection, person)
        return language_of(languages, written=written, person=listed, guessed=guessed)


def _passed_on(mail: Mail, text: str) -> Forward | None:
    """Reads the mail that is forwarded; where its author cannot be read it has its text alone."""
    found = read_forward(mail)
    if found is not None or not text.strip():
        return found
    return Forward(Address("", ""), "", "", text, "")


def _may_stand_beside_to(command: Command) -> bool:
    """Tells whether a command may stand beside `#to`: one that sorts the ticket, or says who has it; or a question."""
    if command.name in ("to", *QUESTIONS):
        return True
    order = _ORDERS[command.name]
    outside = command.name in ("requester", "form")
    sorts = order.place == 0 and order.on_new_ticket is not OnNewTicket.NEVER and not outside
    return sorts or (command.name == "waiting" and not command.args)


def _people_of(args: str) -> tuple[Address, ...]:
    person = read_person(args)
    return (person,) if person is not None else tuple(Address("", address) for address in args.split())


def _is_for_new(command: Command) -> bool:
    """Tells whether a command makes sense in the mail whose text is the request itself."""
    never = _ORDERS[command.name].on_new_ticket is OnNewTicket.NEVER
    return not never and (command.name != "waiting" or bool(command.args))


def _classifies(ticket_event: TicketEvent) -> bool:
    """Tells whether an event classifies the request, as a submitter of any level may (S2)."""
    command = ticket_event.event.info.command
    return command is not None and command.on_new_ticket is OnNewTicket.ALWAYS


def _subject_of(mail: Mail, forward: Forward | None, text: str) -> str:
    """Chooses the subject: that of the forwarded mail, the agent's without its prefix, or the first line."""
    subject = forward.subject if forward is not None else ""
    if not subject:
        subject = _PREFIX.sub("", mail.subject, count=1) if is_forward_subject(mail.subject) else mail.subject
    return choose_subject(mail, subject, text)


def choose_subject(mail: Mail, subject: str, text: str) -> str:
    """Chooses the subject of a ticket: the given one, else the first line of its text, else the name of a file.

    "" stands for none: each notice says so in its reader's language.
    """
    named = (file.filename for file in mail.attachments if not file.quoted and not _NUMBERED.match(file.filename))
    return subject or text.strip().partition("\n")[0][:_LONGEST_SUBJECT] or next(named, "")[:_LONGEST_SUBJECT]
