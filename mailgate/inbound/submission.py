"""The counter: what a person of the house wants by a mail that belongs to no ticket.

His questions are answered, and a request that he writes down for somebody (`#requester ADDRESS`) becomes that person's
ticket (S2). Only his own words order anything, never what he forwards. A mail without commands is not for the counter:
it is a request like anybody's. Without proof of who wrote it nothing is done (rule 8): the mail waits for a challenge.
What cannot be done is answered, and no command is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import Address, Mail
from mailgate.core.workflow.events import EVENTS, Event, OnNewTicket, State
from mailgate.core.workflow.notices import Notice
from mailgate.inbound.commands import GIVEN_BACK, interpret_commands
from mailgate.inbound.interpretation import InboundMessage
from mailgate.inbound.queries.access import QueryAccess, rights_of
from mailgate.inbound.queries.service import Query, QueryService, names_of
from mailgate.inbound.roles import judge_newcomer
from mailgate.inbound.routing import Router
from mailgate.notices.rendering.replies import QueryReply
from mailgate.parsers.commands import Command, Commands
from mailgate.parsers.commands.arguments import read_person
from mailgate.parsers.forwards import Forward, part_commands, read_forward
from mailgate.parsers.language import choose_language
from mailgate.parsers.quoting.quote_lines import is_forward_subject
from mailgate.parsers.vocabulary import QUESTIONS
from mailgate.store.outbox import find_notice
from mailgate.store.people import get_contact
from mailgate.store.tickets import Ticket
from mailgate.tickets.decide import refuses
from mailgate.tickets.events import Arrival, TicketEvent
from mailgate.tickets.service import NewTicket, TicketService
from mailgate.tickets.transcript import list_results, mails_of
from mailgate.tickets.values import CommandMistake, CommandResult, SentNotice

_ON_NEW_TICKET = {info.order.name: info.order.on_new_ticket for info in EVENTS.values() if info.order is not None}
_UNREADABLE = Event.MISTYPED.value
_LONGEST_SUBJECT = 80  # letters of the first line, where a mail has no subject
_PREFIX = re.compile(r"\s*[^\s:：]{1,12}\s?[:：]\s*")


class HoldPort(Protocol):
    """Who asks for proof, and what counts as one."""

    def hold(
        self, connection: Connection, letter: InboundMessage, agent: str, ticket_id: int | None, reason: str
    ) -> str: ...

    def describe_proof(self, connection: Connection, journal_id: int) -> str: ...


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """What became of a mail: the outcome in words, and the ticket that it opened."""

    reason: str
    ticket_id: int | None = None


class Submissions:
    """Serves the people of one desk's house."""

    def __init__(
        self,
        settings: Settings,
        origins: Router,
        tickets: TicketService,
        questions: QueryService,
        holds: HoldPort,
        directory: DirectoryFiles,
    ) -> None:
        self._settings = settings
        self._origins = origins
        self._tickets = tickets
        self._questions = questions
        self._holds = holds
        self._directory = directory
        self._mailboxes = {lane.mailbox.casefold() for lane in origins.lanes.values()}

    def serve(self, connection: Connection, letter: InboundMessage) -> SubmissionResult | None:
        """Do what a mail of no ticket orders; None where it is a request like anybody's."""
        rights = rights_of(self._settings, letter.sender.address)
        if rights is None or letter.mail.encrypted:
            return None
        read, passed_on = part_commands(letter.mail)
        if not read.commands and not read.errors:
            return None
        proof = self._prove(connection, letter)
        if not proof:
            reason = "no token, no verdict of the pinned server"
            return SubmissionResult(self._holds.hold(connection, letter, letter.sender.address, None, reason))
        return self._carry_out(connection, letter, rights, read, _passed_on(letter.mail, passed_on), proof)

    def offers(self, letter: InboundMessage) -> Address | None:
        """Who wrote the mail that somebody of the house passes on without a command: perhaps the request is theirs."""
        if rights_of(self._settings, letter.sender.address) is None:
            return None
        forward = read_forward(letter.mail)
        return forward.sender if forward is not None and self._may_request(forward.sender) else None

    @staticmethod
    def is_reply_to_answer(connection: Connection, mail: Mail) -> bool:
        """Whether a mail answers the answer to a question: the ticket that was asked about is not what it is about."""
        found = find_notice(connection, mail.in_reply_to) if mail.in_reply_to else None
        return found is not None and found.notice == Notice.REPLY.value

    def _prove(self, connection: Connection, letter: InboundMessage) -> str:
        row = letter.row
        proof = self._holds.describe_proof(connection, row.id) if row.proven else ""
        return judge_newcomer(letter.sender, letter.verdict_on_sender, row.auth_user, row.proven, proof)

    # -- doing it --------------------------------------------------------------------------------------------------

    def _carry_out(
        self,
        connection: Connection,
        letter: InboundMessage,
        rights: QueryAccess,
        read: Commands,
        forward: Forward | None,
        proof: str,
    ) -> SubmissionResult:
        queue = self._origins.choose_queue(letter.recipients, letter.mail)
        asker = Query(
            letter.sender, letter.at, queue.name, letter.mail.message_id, letter.mail.subject, letter.row.id,
            text=letter.mail.new_text[:GIVEN_BACK],
        )  # fmt: skip
        if read.errors:
            mistakes = tuple(CommandMistake(error.line, error.nearest, error.reason.value) for error in read.errors)
            told = self._questions.answer(connection, asker, (), mistakes=mistakes, asked=_UNREADABLE)
            return SubmissionResult(f"{_UNREADABLE}, proven by {proof}{told}")
        asked = [command for command in read.commands if command.name in QUESTIONS]
        orders = [command for command in read.commands if command.name not in QUESTIONS]
        replies, ticket = self._order(connection, letter, rights, read, orders, forward, proof)
        unused = ticket is None and bool(read.public_text or (orders and forward is not None))
        if unused and not orders:
            replies = (*replies, QueryReply("unused", ""))
        give_back = ticket is None and (bool(orders) or unused)
        names = names_of(read.commands)
        told = self._questions.answer(connection, asker, asked, first=replies, give_back=give_back, asked=names)
        return SubmissionResult(f"{names}, proven by {proof}{told}", ticket.id if ticket is not None else None)

    def _order(
        self,
        connection: Connection,
        letter: InboundMessage,
        rights: QueryAccess,
        read: Commands,
        orders: Sequence[Command],
        forward: Forward | None,
        proof: str,
    ) -> tuple[tuple[QueryReply, ...], Ticket | None]:
        """The ticket that a mail opens for somebody, or why it opens none."""
        if not orders:
            return (), None
        wanted = next((command for command in orders if command.name == "requester"), None)
        if wanted is None:
            return tuple(QueryReply("needs_ticket", str(command)) for command in orders), None
        person = read_person(wanted.args) if wanted.args else (forward.sender if forward is not None else None)
        if person is None or not person.address:
            return (QueryReply("no_requester", str(wanted)),), None
        if not self._may_request(person, by_name=True):
            return (QueryReply("not_for_us", str(wanted), reference=person.address),), None
        rest = [command for command in orders if command.name != "requester"]
        unused = (one for one in orders if one.name == "requester" and one.args.casefold() != wanted.args.casefold())
        ticket = self._submit(connection, letter, person, read, forward, f"{wanted}, proven by {proof}")
        done = tuple(command for command in rest if _is_for_new(command))
        orders_left = replace(read, commands=done, public_text="")
        came_of_it, sent = self._act(connection, letter, rights, ticket, orders_left, proof)
        left = [QueryReply("one_requester", str(command)) for command in unused]
        left += (
            QueryReply("not_for_new", str(command), reference=ticket.reference)
            for command in rest
            if command not in done
        )
        told = QueryReply(
            "submitted", str(wanted), wanted=person.address, reference=ticket.reference, subject=ticket.subject,
            done=came_of_it, sent=sent,
        )  # fmt: skip
        return (told, *left), ticket

    def _submit(
        self,
        connection: Connection,
        letter: InboundMessage,
        person: Address,
        read: Commands,
        forward: Forward | None,
        reason: str,
    ) -> Ticket:
        """Open a ticket for somebody: its words are what was written down, then what was forwarded."""
        mail, row, by = letter.mail, letter.row, letter.sender
        queue = self._origins.choose_queue(letter.recipients, mail)
        passed_on = forward.text if forward is not None else ""
        text = "\n\n".join(part for part in (read.public_text, passed_on) if part.strip())
        given = {command.name: command.args for command in read.commands}
        new_ticket = NewTicket(
            person, _subject_of(mail, forward, text), queue.name,
            self._language_of(connection, person, passed_on or text, queue.languages), submitter=by.address,
            type=given.get("type", ""), priority=given.get("priority", ""),
        )  # fmt: skip
        internal = any(command.name == "note" for command in read.commands)
        arrival = Arrival(replace(mail, new_text=text), by, row.id, row.blob_id, letter.at, internal=internal)
        ticket_event = TicketEvent(
            Event.REQUEST, letter.at, by.address, reason, by, text=text, journal_id=row.id,
        )  # fmt: skip
        return self._tickets.open(connection, new_ticket, arrival, ticket_event).ticket

    def _act(
        self,
        connection: Connection,
        letter: InboundMessage,
        rights: QueryAccess,
        ticket: Ticket,
        read: Commands,
        proof: str,
    ) -> tuple[tuple[CommandResult, ...], tuple[SentNotice, ...]]:
        """What else the mail orders, on its new ticket: whoever is of Level 1 as Level 1, others for their own level.

        Kind, urgency, cause, time and notes are of the submission itself. What came of it stands in the one answer to
        this mail, so that no transcript is needed.
        """
        own = rights.levels.get(ticket.queue, ())
        level = State.LEVEL1 if "level1" in own else rights.level_for(ticket)
        queue = ticket.queue
        if level is None and not rights.is_manager:
            queue, levels = next((name, levels) for name, levels in rights.levels.items() if levels)
            level = State(levels[0])
        base = TicketEvent(
            Event.ANSWERED, letter.at, letter.sender.address, proof, letter.sender, acts_for=level,
            acts_queue=queue if level is not None else "", journal_id=letter.row.id,
        )  # fmt: skip
        ordered = tuple(replace(one, order="") for one in interpret_commands(read, base, letter.mail.new_text))
        if level is State.LEVEL1 and queue == ticket.queue:
            first, then = list(ordered), []
        else:
            told = [one for one in ordered if _classifies(one)]
            first = [replace(one, acts_for=State.LEVEL1, acts_queue=ticket.queue) for one in told]
            then = [one for one in ordered if not _classifies(one)]
        done: list[CommandResult] = []
        sent: list[SentNotice] = []
        for ticket_events in (first, then):
            if ticket_events:
                advanced = self._tickets.apply(connection, ticket.id, ticket_events)
                steps = zip(ticket_events, advanced.decisions, strict=False)
                came = list_results(step for step in steps if not refuses(step[1]))
                done += (replace(one, minutes=advanced.ticket.minutes_spent) for one in came)
                sent += (mail for mail in mails_of(advanced.sent) if mail.to.casefold() != letter.sender.key)
        return tuple(done), tuple(sent)

    # -- whom it is for --------------------------------------------------------------------------------------------

    def _may_request(self, person: Address, *, by_name: bool = False) -> bool:
        """Whether a person can be a requester: not the desk, not a level's mailbox; a colleague only where named."""
        if self._origins.queue_of(person.address) is not None or person.key in self._mailboxes:
            return False
        return by_name or rights_of(self._settings, person.address) is None

    def _language_of(self, connection: Connection, person: Address, text: str, languages: tuple[str, ...]) -> str:
        """What is known of the requester goes before what the text looks like."""
        contact, listed = get_contact(connection, person.address), self._directory.current().person(person.address)
        known = (contact.language if contact is not None else "", listed.language if listed is not None else "")
        return next((one for one in (*known, choose_language(text)) if one in languages), languages[0])


def _passed_on(mail: Mail, text: str) -> Forward | None:
    """The mail that is passed on; one whose writer cannot be read has its words alone."""
    found = read_forward(mail)
    if found is not None or not text.strip():
        return found
    return Forward(Address("", ""), "", "", text, "")


def _is_for_new(command: Command) -> bool:
    """The text of the mail is the request: nothing of it is a question to anybody."""
    never = _ON_NEW_TICKET[command.name] is OnNewTicket.NEVER
    return not never and (command.name != "waiting" or bool(command.args))


def _classifies(ticket_event: TicketEvent) -> bool:
    order = ticket_event.event.info.order
    return order is not None and order.on_new_ticket is OnNewTicket.ALWAYS


def _subject_of(mail: Mail, forward: Forward | None, text: str) -> str:
    """The subject of the request: the forwarded mail's own, the agent's without its prefix, or the first line."""
    subject = forward.subject if forward is not None else ""
    if not subject:
        subject = _PREFIX.sub("", mail.subject, count=1) if is_forward_subject(mail.subject) else mail.subject
    return subject or text.strip().partition("\n")[0][:_LONGEST_SUBJECT]
