"""Finds what an agent does not expect of their own mail: only then a transcript is sent (docs/agents.md#transcripts).

Pure. A refusal is no surprise of this table: it has a notice of its own, and so has a file that was left out, or an
escalation that found no further level.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from mailgate.core.domains import fold_address
from mailgate.core.workflow.engine import Decision
from mailgate.core.workflow.events import ENDED, Actor, Event, EventInfo, StepKind
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.parsers.commands.arguments import WITH_FILES
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.values import SentNotice

_UNBROKEN = 60  # characters of a note that no mail program has broken: then nothing is in doubt where it ends


class Surprise(StrEnum):
    """Reason for a transcript."""

    UNDONE = "the last step was taken back"
    DEADLINE = "the time allowed ends at another time"
    OPENED = "a ticket was opened"
    OTHER_TICKETS = "people of other tickets got mail"
    COLLEAGUE = "a colleague has the ticket, or had it"
    ASSIGNEE_AWAY = "the level got the ticket in place of the agent to whom it was assigned"
    NO_FILES = "no file went to the third party, though the mail orders it"
    ENDED = "the ticket that its author took is finished"
    ONLY_APPROVER = "the text of the mail went to the approver alone, beside a question, and no copy tells the author"
    LONG_NOTE = "a note that a mail program may have broken stands beside words for the requester"
    PARTICIPANT = "a person besides the requester and those named got mail, and no copy tells the author"
    NOT_ON_RECORD = "the queue wants more on record than the ticket has, and no copy asks for it"
    LATE_WHEN_BACK = "the time allowed ends before the ticket that was put off is back"
    NOT_ASKED = "the requester was not asked, since their address is set aside, and the author reads no mail about it"
    REQUESTER_AWAY = "the requester got mail and is away, and no copy tells the author"


def find_surprises(
    steps: Sequence[tuple[TicketEvent, Decision]],
    was: Ticket,
    ticket: Ticket,
    sent: Sequence[SentNotice],
    *,
    copied: bool,
    away: bool,
    lacks: bool,
    unasked: bool,
) -> tuple[Surprise, ...]:
    """Lists what the author of a mail does not expect; empty where it did exactly what it said.

    `was` is the ticket before the mail. `sent` are the notices that it caused; those with a reference are of other
    tickets. `copied` says that the author reads a copy of it, which names those who got it and quotes automatic
    replies; `away` that a person of the ticket sent an automatic reply and has not written since; `lacks` that the
    queue wants more on record and no copy was sent that asks for it; `unasked` that a solution did not reach the
    requester and its author gets no mail that says so.
    """
    outside = [mail.to for mail in sent if not mail.reference and _is_outside(mail)]
    named = {fold_address(word) for one, _ in steps if one.command for word in one.argument.split()}
    expected = {fold_address(ticket.requester), *named}
    ordered = any(one.command for one, _ in steps)
    assigned = next((one.argument for one, _ in steps if one.event is Event.ASSIGN), "")
    found = {
        Surprise.UNDONE: any(one.event.info.step is StepKind.UNDO for one, _ in steps),
        Surprise.DEADLINE: any(one.new_due is not None for one, _ in steps),
        Surprise.OPENED: any(one.event.info.step is StepKind.OPENS for one, _ in steps),
        Surprise.OTHER_TICKETS: any(mail.reference for mail in sent),
        Surprise.COLLEAGUE: any(_is_colleagues(was, one) for one, _ in steps),
        Surprise.ASSIGNEE_AWAY: bool(assigned)
        and any(mail.notice == Notice.ASSIGNED and fold_address(mail.to) != fold_address(assigned) for mail in sent),
        Surprise.NO_FILES: any(one.enclosing == WITH_FILES and not one.enclosed for one, _ in steps),
        Surprise.ENDED: was.state in ENDED
        and ticket.state in ENDED
        and any(one.event is Event.TAKE for one, _ in steps),
        Surprise.ONLY_APPROVER: not copied and any(one.has_more for one, _ in steps),
        Surprise.LONG_NOTE: not copied
        and any(one.event is Event.NOTE and len(one.text) > _UNBROKEN for one, _ in steps)
        and any(one.event.info.text.speaks and one.text for one, _ in steps),
        Surprise.PARTICIPANT: ordered and not copied and any(fold_address(to) not in expected for to in outside),
        Surprise.NOT_ON_RECORD: lacks,
        Surprise.LATE_WHEN_BACK: any(one.event is Event.LATER for one, _ in steps) and _ends_before_back(ticket),
        Surprise.NOT_ASKED: unasked,
        Surprise.REQUESTER_AWAY: not copied and away and bool(outside),
    }
    return tuple(surprise for surprise, holds in found.items() if holds)


def tells_people(sent: Sequence[SentNotice]) -> bool:
    """Tells whether a mail of an agent reached the ticket's people, so that it matters whether they are away."""
    return any(_is_outside(mail) and not mail.reference for mail in sent)


def _is_outside(mail: SentNotice) -> bool:
    return Notice(mail.notice).info.audience is Audience.REQUESTER


def _ends_before_back(ticket: Ticket) -> bool:
    """Tells whether the time allowed of a ticket that was put off ends before it is back, unless its clock stands."""
    due, back = ticket.promise_due, ticket.hidden_until
    return ticket.waiting_since is None and due is not None and back is not None and due < back


def _is_colleagues(was: Ticket, ticket_event: TicketEvent) -> bool:
    """Tells whether an agent answers, moves, closes or takes a ticket that another agent has."""
    author = ticket_event.author
    if author is None or not was.assignee or author.key == fold_address(was.assignee):
        return False
    return _works(ticket_event.event.info) or ticket_event.event in (Event.TAKE, Event.ASSIGN)


def _works(info: EventInfo) -> bool:
    moves = info.command is not None and info.command.place > 0 and info.step.is_step
    return info.actor is Actor.LEVEL and (info.text.speaks or moves)
