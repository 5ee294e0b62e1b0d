"""Carries out the commands of one mail of staff on several tickets, which their lines name (docs/agents.md).

Each ticket is judged as if its commands were a reply to it: the author's level, the state, the arguments. On each all
of its commands are carried out, or none. A ticket of a queue that the author does not work for is answered as one that
does not exist. The tickets are locked in the order of their ids, so that two such mails never wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import QueryAccess
from mailgate.core.frozen import replace
from mailgate.core.mail import InboundMessage
from mailgate.core.stand_ins import is_stand_in
from mailgate.core.workflow.effects import Send
from mailgate.core.workflow.engine import Decision
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.inbound.commands import interpret_commands
from mailgate.notices.rendering.replies import QueryReply, TicketResult
from mailgate.parsers.commands import Command, Commands
from mailgate.store.tickets import Ticket, find_by_reference, lock_ticket
from mailgate.tickets.decisions import refuses
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.service import TicketService
from mailgate.tickets.transcript import may_be_undone
from mailgate.tickets.values import SentNotice

_IS_CLOSED = "the ticket is closed"
NO_TICKET, MERGED = "no ticket", "merged"
"""Why nothing is done with a reference, before any ticket has judged it."""


@dataclass(frozen=True, slots=True)
class BulkUpdate:
    """Result of a bulk update: what its author reads, and what became of it."""

    replies: tuple[QueryReply, ...] = ()
    uses_text: bool = False  # a command sends the text of the mail
    is_refused: bool = False  # by one ticket at least
    is_stopped: bool = False  # nothing of the mail was done


class BulkUpdates:
    """Carries out bulk updates, for one desk."""

    def __init__(self, settings: Settings, tickets: TicketService) -> None:
        self._settings = settings
        self._tickets = tickets

    def carry_out(
        self, connection: Connection, message: InboundMessage, access: QueryAccess, read: Commands, proof: str
    ) -> BulkUpdate:
        """Carries out those commands of a proven mail that have targets; the caller has checked that there are some."""
        given: dict[str, list[Command]] = {}
        for command in read.commands:
            for reference in command.targets:
                given.setdefault(reference, []).append(replace(command, targets=()))
        if len(given) > (most := self._settings.limits.tickets_per_mail):
            return BulkUpdate((QueryReply("too_many_tickets", "", count=most),), is_stopped=True)
        found = {reference: self._find(connection, access, reference) for reference in given}
        locked = {one.id: lock_ticket(connection, one.id) for one in sorted(found.values(), key=_id_of) if one}
        plan: dict[str, tuple[Ticket, tuple[TicketEvent, ...]]] = {}
        for reference, named in found.items():
            ticket = locked[named.id] if named is not None else None
            if ticket is not None and ticket.reference == reference:
                events = self._interpret(message, access, ticket, given[reference], read.public_text, proof)
                plan[reference] = ticket, events
        if any(_needs_text(events) for _, events in plan.values()):
            for reference, (ticket, events) in plan.items():
                if not _needs_text(events):
                    plan[reference] = ticket, self._interpret(message, access, ticket, given[reference], "", proof)
        uses_text = bool(read.public_text) and any(_carries_text(events) for _, events in plan.values())
        if uses_text and message.mail.has_own_files:
            return BulkUpdate((QueryReply("files_for_many", ""),), is_stopped=True)
        results = tuple(self._apply(connection, reference, locked, found[reference], plan) for reference in given)
        reply = QueryReply("bulk_update", "", results=results)
        return BulkUpdate((reply,), uses_text, is_refused=not all(one.done for one in results))

    def _find(self, connection: Connection, access: QueryAccess, reference: str) -> Ticket | None:
        """Finds a ticket that the author works for; of one that was merged, the ticket that was kept."""
        found = find_by_reference(connection, reference)
        return found if found is not None and access.sees(locate_ticket(self._settings, found).queue) else None

    def _interpret(
        self,
        message: InboundMessage,
        access: QueryAccess,
        ticket: Ticket,
        commands: Sequence[Command],
        public_text: str,
        proof: str,
    ) -> tuple[TicketEvent, ...]:
        """Returns the events for one ticket: with the mail's text where a command of it sends one, else without."""
        home = locate_ticket(self._settings, ticket)
        level = access.level_for(home.queue, home.level)
        base = TicketEvent(
            event=Event.ANSWERED,
            at=message.at,
            by=message.sender.address,
            reason=proof,
            author=message.sender,
            acts_for=level,
            acts_queue=home.queue if level is not None else "",
            journal_id=message.journal_id,
            gathered=True,
        )
        events = interpret_commands(Commands(tuple(commands), public_text, ()), base)
        return events if _carries_text(events) else interpret_commands(Commands(tuple(commands), "", ()), base)

    def _apply(
        self,
        connection: Connection,
        reference: str,
        locked: Mapping[int, Ticket],
        named: Ticket | None,
        plan: Mapping[str, tuple[Ticket, tuple[TicketEvent, ...]]],
    ) -> TicketResult:
        if named is None:
            return TicketResult(reference, why=NO_TICKET)
        if reference not in plan:
            return TicketResult(reference, why=MERGED, kept=locked[named.id].reference)
        ticket, events = plan[reference]
        if is_stand_in(ticket.requester):  # its person was erased: no words come back, and nobody could be answered
            return TicketResult(reference, ticket.subject, why=Notice.NOT_POSSIBLE.value, objection=(_IS_CLOSED,))
        applied = self._tickets.apply_locked(connection, ticket, events)
        decision, after = applied.decisions[-1], applied.ticket
        result = TicketResult(
            reference, ticket.subject, requester=ticket.requester_name or ticket.requester, level=after.level
        )
        if refuses(decision):
            return replace(result, why=_name_refusal(decision), objection=decision.rejection)
        sent = (SentNotice(*mail) for mail in applied.sent)
        return replace(
            result,
            done=tuple(replace(one, minutes=after.minutes_spent) for one in applied.done),
            undoable=may_be_undone((one.event for one in events), sent),
        )


def _id_of(ticket: Ticket | None) -> int:
    return ticket.id if ticket is not None else 0


def _carries_text(events: Sequence[TicketEvent]) -> bool:
    """Tells whether the text of the mail leaves with one of these events: of spam nobody is notified."""
    return any(one.event.info.text.is_carried and one.event is not Event.CLOSE_SPAM for one in events)


def _needs_text(events: Sequence[TicketEvent]) -> bool:
    """Tells whether one of these events is about the text of the mail.

    The text was then written for that ticket's requester: one that the mail only closes is closed without it.
    """
    return any(one.event.info.text.is_needed for one in events)


def _name_refusal(decision: Decision) -> str:
    """Names the notice that would have answered the command in a reply to the ticket."""
    notices = (effect.notice for effect in decision.effects if isinstance(effect, Send) and effect.notice.info.refusal)
    return next(notices, Notice.NOT_POSSIBLE).value
