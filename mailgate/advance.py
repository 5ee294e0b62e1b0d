"""The only place a ticket changes: lock it, decide by the table, write the history, carry the effects out.

Everything happens in the caller's transaction. Mails, agents' commands, timers, failed notices and the operator's
command line all enter here, so that one table rules them all. A command that the table refuses is told to its
author and stops what else his mail wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.dispatch import Dispatch
from mailgate.happening import Arrival, Happening
from mailgate.judgement import SPEAKS_PUBLICLY, Judgement, refuses
from mailgate.mail import Address
from mailgate.parsers.arguments import read_minutes
from mailgate.process.effects import Act, Do, Effect, Notice, Send, Start, Stop, StopAll, Timer, To
from mailgate.process.engine import Decision, Facts, decide
from mailgate.process.events import LEVELS, QUIET_COMMANDS, Event, State
from mailgate.promises import promise, resumed_promise, timer_due
from mailgate.record import keep_mail
from mailgate.store.tickets import (
    EventRow,
    Ticket,
    add_event,
    add_participants,
    find_by_reference,
    link_tickets,
    lock_ticket,
    note_contact,
    open_ticket,
    save_ticket,
)
from mailgate.store.timers import start_timer, stop_timers

_COUNTS_AS_AGENT_WORK = SPEAKS_PUBLICLY | {Event.CLOSE, Event.CLOSE_BARE, Event.CLOSE_TRANSFERRED}
_CLOSINGS = frozenset({Event.CLOSE, Event.CLOSE_BARE, Event.CLOSE_SPAM, Event.CLOSE_TRANSFERRED})
_RESUMED: tuple[Effect, ...] = (Start(Timer.ESCALATION), Start(Timer.WARNING))
_REMINDERS = frozenset({Event.REMINDER_DUE, Event.WAITING_REMINDER_DUE})


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A request that opens a ticket: the requester and where it belongs."""

    requester: Address
    subject: str
    queue: str
    language: str
    linked_to: int | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """What became of it."""

    ticket: Ticket
    decisions: tuple[Decision, ...]


class Advance:
    """Moves tickets by the table of the process."""

    def __init__(self, settings: Settings, dispatch: Dispatch) -> None:
        self._settings = settings
        self._dispatch = dispatch
        self._judgement = Judgement(settings)
        self._acts: dict[Act, Callable[[Connection, Ticket, Happening], Ticket]] = {
            Act.BEGIN: self._begin,
            Act.PAUSE: self._pause,
            Act.RESUME: self._resume,
            Act.KEEP_SOLUTION: _keep_solution,
            Act.COUNT_NOT_FIXED: _count_not_fixed,
            Act.COUNT_QUESTION: lambda _c, ticket, _h: replace(ticket, questions=ticket.questions + 1),
            Act.FORGET_QUESTIONS: lambda _c, ticket, _h: replace(ticket, questions=0, reminders=0),
            Act.NOTE_CLARIFIED: lambda _c, ticket, _h: replace(ticket, clarified=True),
            Act.RELAY: self._relay,
            Act.ASK: self._ask,
            Act.RECORD: _record,
            Act.ASSIGN: _assign,
            Act.ROUTE: self._route,
            Act.MERGE: self._merge,
            Act.BLOCK_SENDER: _block_sender,
            Act.FINISH: lambda _c, ticket, h: replace(ticket, closed_at=h.at),
        }

    def open(self, connection: Connection, newcomer: Newcomer, arrival: Arrival, happening: Happening) -> Advanced:
        """S2: record a request as a new ticket and let the table begin it."""
        decision = decide(Event.REQUEST, Facts(None))
        values: dict[str, object] = {
            "queue": newcomer.queue,
            "state": decision.state.value,
            "level": decision.state.value,
            "subject": newcomer.subject,
            "requester": newcomer.requester.address,
            "requester_name": newcomer.requester.name,
            "language": newcomer.language,
            "created_at": happening.at,
            "level_since": happening.at,
        }
        ticket = open_ticket(connection, values, self._settings.desk.reference)
        add_participants(connection, ticket.id, (newcomer.requester,), self._settings.limits.participants)
        if newcomer.linked_to is not None:
            link_tickets(connection, ticket.id, newcomer.linked_to, "linked")
        files = keep_mail(connection, ticket, arrival, self._settings.limits)
        happening = replace(happening, files=files)
        self._write_history(connection, ticket.id, None, decision, happening)
        after = self._carry_out(connection, ticket, ticket, decision.effects, happening)
        save_ticket(connection, replace(ticket, reference=""), after)
        return Advanced(after, (decision,))

    def act(
        self, connection: Connection, ticket_id: int, happenings: Sequence[Happening], arrival: Arrival | None = None
    ) -> Advanced:
        """Let one or more things happen to a ticket, in order; `arrival` is the mail that brought them.

        When the table refuses one of them to its author, only notes, times and questions of the same mail are done.
        """
        ticket = lock_ticket(connection, ticket_id)
        files = keep_mail(connection, ticket, arrival, self._settings.limits) if arrival is not None else ()
        refused = next((h for h in happenings if refuses(self._judgement.decide(connection, ticket, h))), None)
        if refused is not None:
            happenings = [h for h in happenings if h is refused or h.event in QUIET_COMMANDS]
        decisions = []
        for happening in happenings:
            happening = replace(happening, files=() if happening.files_stay else happening.files or files)
            ticket, decision = self._step(connection, ticket, happening)
            decisions.append(decision)
            if refuses(decision) and refused is None:
                break
        return Advanced(ticket, tuple(decisions))

    def opens_anew(self, connection: Connection, ticket_id: int, happening: Happening) -> bool:
        """Whether the table wants a new, linked ticket for this mail instead of a change of this one."""
        ticket = lock_ticket(connection, ticket_id)
        return Do(Act.OPEN_LINKED) in self._judgement.decide(connection, ticket, happening).effects

    # -- one step --------------------------------------------------------------------------------------------------

    def _step(self, connection: Connection, ticket: Ticket, happening: Happening) -> tuple[Ticket, Decision]:
        decision = self._judgement.decide(connection, ticket, happening)
        if decision.meaningless:
            happening = replace(happening, reason=decision.meaningless)
        after = ticket
        if happening.event in _CLOSINGS and not refuses(decision):
            after = replace(after, close_reason=happening.argument)
        if happening.event in _REMINDERS and not decision.meaningless:
            after = replace(after, reminders=after.reminders + 1)
        if decision.state.value != ticket.state:
            after = replace(after, state=decision.state.value)
            if decision.state in LEVELS:
                after = replace(after, level=decision.state.value)
        self._write_history(connection, ticket.id, ticket.state, decision, happening)
        notices_before = after.notices
        after = self._carry_out(connection, after, ticket, decision.effects, happening)
        if happening.author is not None and happening.event in _COUNTS_AS_AGENT_WORK and not refuses(decision):
            after = replace(
                after,
                last_agent=happening.author.address,
                last_agent_name=happening.author.name,
                last_agent_notice=notices_before,
                last_agent_at=happening.at,
                last_agent_did=happening.event.value,
            )
        save_ticket(connection, ticket, after)
        return replace(after, version=ticket.version + 1), decision

    def _write_history(
        self, connection: Connection, ticket_id: int, state: str | None, decision: Decision, happening: Happening
    ) -> None:
        reason = happening.reason or happening.argument
        if decision.meaningless:
            reason = f"{decision.meaningless}; {reason}" if reason else decision.meaningless
        row = EventRow(
            at=happening.at,
            event=happening.event.value,
            from_state=state,
            to_state=decision.state.value,
            reason=reason,
            by=happening.by,
            row=decision.row,
            text=happening.text if happening.event in (Event.NOTE, Event.ASK) else happening.argument,
            journal_id=happening.journal_id,
        )
        add_event(connection, ticket_id, row)

    # -- effects ---------------------------------------------------------------------------------------------------

    def _carry_out(
        self, connection: Connection, ticket: Ticket, was: Ticket, effects: Sequence[Effect], happening: Happening
    ) -> Ticket:
        for effect in effects:
            match effect:
                case Send():
                    ticket = self._dispatch.send(connection, ticket, was, effect, happening)
                    ticket = _note_sent(ticket, effect.notice)
                case Start():
                    queue = self._settings.queues[ticket.queue]
                    due = timer_due(effect.timer, queue, ticket, happening.at)
                    if due is not None:
                        start_timer(connection, ticket.id, effect.timer.value, due, happening.at)
                case Stop():
                    stop_timers(connection, ticket.id, (effect.timer.value,))
                case StopAll():
                    stop_timers(connection, ticket.id)
                    ticket = replace(ticket, waiting_since=None)
                case Do() if effect.act in self._acts:
                    ticket = self._acts[effect.act](connection, ticket, happening)
        return ticket

    def _begin(self, _connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
        queue = self._settings.queues[ticket.queue]
        return replace(
            ticket,
            level_since=happening.at,
            promise_due=promise(queue, ticket.level, happening.at),
            waiting_since=None,
            questions=0,
            reminders=0,
            review_asked=False,
            resolved_at=None,
            closed_at=None,
            close_reason="",
        )

    def _pause(self, _connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
        """The clock stops; asking again while it stands begins the wait for an answer anew."""
        if ticket.waiting_since is not None:
            queue = self._settings.queues[ticket.queue]
            ticket = replace(ticket, promise_due=resumed_promise(queue, ticket, happening.at))
        return replace(ticket, waiting_since=happening.at, question=happening.text or ticket.question)

    def _resume(self, connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
        if ticket.waiting_since is None:
            return ticket
        queue = self._settings.queues[ticket.queue]
        due = resumed_promise(queue, ticket, happening.at)
        ticket = replace(ticket, promise_due=due, waiting_since=None, questions=0, reminders=0)
        return self._carry_out(connection, ticket, ticket, _RESUMED, happening)

    def _relay(self, connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
        if not happening.text:
            return ticket
        ticket = _answered(connection, ticket, happening)
        return self._dispatch.send(connection, ticket, ticket, Send(Notice.ANSWER, To.PEOPLE), happening)

    def _ask(self, connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
        return self._dispatch.send(connection, ticket, ticket, Send(Notice.ASK, To.ASKED), happening)

    def _route(self, _connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
        return replace(ticket, queue=happening.argument, level=State.LEVEL1.value, assignee="")

    def _merge(self, connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
        kept = find_by_reference(connection, happening.argument.partition(" ")[0].strip("[]"))
        assert kept is not None  # _object has seen to it
        link_tickets(connection, ticket.id, kept.id, "merged")
        reason = f"{ticket.reference} was merged into this ticket"
        row = EventRow(happening.at, Event.MERGE.value, kept.state, kept.state, reason, happening.by, text=reason)
        add_event(connection, kept.id, row)
        return replace(ticket, merged_into=kept.id)


def _answered(connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
    """An agent's words go to the requester: from now on notices may name what he wrote (rule 13)."""
    note_contact(connection, ticket.requester, known=True)
    return replace(ticket, answered_at=ticket.answered_at or happening.at, last_answer=happening.text)


def _keep_solution(connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
    note_contact(connection, ticket.requester, known=True)
    return replace(
        ticket,
        solution=happening.text or ticket.last_answer,
        resolved_by=str(happening.acts_for or ticket.level),
        resolved_at=happening.at,
        confirm_at=happening.at,
        confirm_notice=ticket.notices + 1,
        answered_at=ticket.answered_at or happening.at,
        clarified=False,
    )


def _count_not_fixed(_connection: Connection, ticket: Ticket, _happening: Happening) -> Ticket:
    by_level1 = ticket.resolved_by == State.LEVEL1.value
    return replace(ticket, not_fixed=ticket.not_fixed + 1) if by_level1 else ticket


def _record(_connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
    match happening.event:
        case Event.TIME:
            return replace(ticket, minutes_spent=ticket.minutes_spent + (read_minutes(happening.argument) or 0))
        case Event.TYPE:
            return replace(ticket, type=happening.argument)
        case Event.PRIORITY:
            return replace(ticket, priority=happening.argument)
        case Event.CAUSE:
            return replace(ticket, cause=happening.argument)
        case _:
            return ticket


def _assign(_connection: Connection, ticket: Ticket, happening: Happening) -> Ticket:
    address = happening.argument or (happening.author.address if happening.author else happening.by)
    return replace(ticket, assignee=address)


def _block_sender(connection: Connection, ticket: Ticket, _happening: Happening) -> Ticket:
    note_contact(connection, ticket.requester, blocked=True)
    return ticket


def _note_sent(ticket: Ticket, notice: Notice) -> Ticket:
    """What the sending of a notice means for the ticket."""
    if notice is Notice.REVIEW:
        return replace(ticket, review_asked=True)
    return ticket
