"""The only place a ticket changes: lock it, decide by the table, write the history, carry the effects out.

Everything happens in the caller's transaction. Mails, agents' commands, timers, failed notices and the operator's
command line all enter here, so that one table rules them all. A command that the table refuses is told to its
author and stops what else his mail wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from mailgate.acts import ACTS, note_answer, resume
from mailgate.config import Settings
from mailgate.dispatch import Dispatch
from mailgate.happening import Arrival, Happening
from mailgate.judgement import SPEAKS_PUBLICLY, Judgement, refuses
from mailgate.mail import Address
from mailgate.process.effects import Act, Do, Effect, Notice, Send, Start, Stop, StopAll, Timer, To
from mailgate.process.engine import Decision, Facts, decide
from mailgate.process.events import LEVELS, QUIET_COMMANDS, Event
from mailgate.promises import timer_due
from mailgate.record import keep_mail
from mailgate.store.batch import Batch
from mailgate.store.history import EventRow, add_event
from mailgate.store.people import add_participants
from mailgate.store.tickets import Ticket, link_tickets, lock_ticket, open_ticket, save_ticket

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
        batch = Batch(connection, ticket.id, happening.at)
        files = keep_mail(batch, ticket, arrival, self._settings.limits)
        happening = replace(happening, files=files)
        self._write_history(connection, ticket.id, None, decision, happening)
        after = self._carry_out(batch, ticket, ticket, decision.effects, happening)
        batch.write()
        save_ticket(connection, replace(ticket, reference=""), after)
        return Advanced(after, (decision,))

    def act(
        self, connection: Connection, ticket_id: int, happenings: Sequence[Happening], arrival: Arrival | None = None
    ) -> Advanced:
        """Let one or more things happen to a ticket, in order; `arrival` is the mail that brought them.

        When the table refuses one of them to its author, only notes, times and questions of the same mail are done.
        """
        return self.act_on(connection, lock_ticket(connection, ticket_id), happenings, arrival)

    def act_on(
        self, connection: Connection, ticket: Ticket, happenings: Sequence[Happening], arrival: Arrival | None = None
    ) -> Advanced:
        """The same for a ticket that this transaction has locked."""
        batch = Batch(connection, ticket.id, arrival.at if arrival is not None else happenings[0].at)
        files = keep_mail(batch, ticket, arrival, self._settings.limits) if arrival is not None else ()
        refused = next((h for h in happenings if refuses(self._judgement.decide(connection, ticket, h))), None)
        if refused is not None:
            happenings = [h for h in happenings if h is refused or h.event in QUIET_COMMANDS]
        decisions = []
        for happening in happenings:
            happening = replace(happening, files=() if happening.files_stay else happening.files or files)
            ticket, decision = self._step(batch, ticket, happening)
            decisions.append(decision)
            if refuses(decision) and refused is None:
                break
        batch.write()
        return Advanced(ticket, tuple(decisions))

    def opens_anew(self, connection: Connection, ticket: Ticket, happening: Happening) -> bool:
        """Whether the table wants a new, linked ticket for this mail instead of a change of this locked one."""
        return Do(Act.OPEN_LINKED) in self._judgement.decide(connection, ticket, happening).effects

    # -- one step --------------------------------------------------------------------------------------------------

    def _step(self, batch: Batch, ticket: Ticket, happening: Happening) -> tuple[Ticket, Decision]:
        decision = self._judgement.decide(batch.connection, ticket, happening)
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
        self._write_history(batch.connection, ticket.id, ticket.state, decision, happening)
        notices_before = after.notices
        after = self._carry_out(batch, after, ticket, decision.effects, happening)
        if happening.author is not None and happening.event in _COUNTS_AS_AGENT_WORK and not refuses(decision):
            after = replace(
                after,
                last_agent=happening.author.address,
                last_agent_name=happening.author.name,
                last_agent_notice=notices_before,
                last_agent_at=happening.at,
                last_agent_did=happening.event.value,
            )
        save_ticket(batch.connection, ticket, after)
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
        self, batch: Batch, ticket: Ticket, was: Ticket, effects: Sequence[Effect], happening: Happening
    ) -> Ticket:
        for effect in effects:
            match effect:
                case Send():
                    ticket = self._dispatch.send(batch, ticket, was, effect, happening)
                    ticket = _note_sent(ticket, effect.notice)
                case Start():
                    queue = self._settings.queues[ticket.queue]
                    due = timer_due(effect.timer, queue, ticket, happening.at)
                    if due is not None:
                        batch.start_timer(effect.timer.value, due)
                case Stop():
                    batch.stop_timer(effect.timer.value)
                case StopAll():
                    batch.stop_all_timers()
                    ticket = replace(ticket, waiting_since=None)
                case Do():
                    ticket = self._do(batch, effect.act, ticket, happening)
        return ticket

    def _do(self, batch: Batch, act: Act, ticket: Ticket, happening: Happening) -> Ticket:
        queue = self._settings.queues[ticket.queue]
        match act:
            case Act.RESUME if ticket.waiting_since is not None:
                ticket = resume(queue, ticket, happening)
                return self._carry_out(batch, ticket, ticket, _RESUMED, happening)
            case Act.RELAY if happening.text:
                ticket = note_answer(batch, ticket, happening)
                return self._dispatch.send(batch, ticket, ticket, Send(Notice.ANSWER, To.PEOPLE), happening)
            case Act.ASK:
                return self._dispatch.send(batch, ticket, ticket, Send(Notice.ASK, To.ASKED), happening)
            case _ if act in ACTS:
                return ACTS[act](batch, queue, ticket, happening)
        return ticket


def _note_sent(ticket: Ticket, notice: Notice) -> Ticket:
    """What the sending of a notice means for the ticket."""
    if notice is Notice.REVIEW:
        return replace(ticket, review_asked=True)
    return ticket
