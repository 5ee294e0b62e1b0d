"""Sets the timers of a ticket while it moves, by the promise of the level that has it.

`tickets.service` calls it inside its transaction, after the event is in the history. It decides nothing about the
ticket; `deadlines` computes the account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.entries import Person
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.frozen import replace
from mailgate.core.sla.account import SlaAccount, SlaEvent, plan_timers
from mailgate.core.sla.terms import SlaTopic
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.engine import Decision
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.transitions import Action, Do
from mailgate.parsers.commands.arguments import read_requester
from mailgate.store.sla_plans import list_plans
from mailgate.store.tickets import Ticket
from mailgate.store.timers import running_timers
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.sla.deadlines import DeadlinePlan, account_in, replan_timer
from mailgate.tickets.sla.terms import OF_LEVELS, fingerprint, read_terms, timer_due, topic_of

_PROMISED = frozenset(OF_LEVELS) - {Timer.OVERDUE}


class SlaTimers:
    """Sets the timers of one desk's tickets."""

    def __init__(self, settings: Settings, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._directory = directory
        self._planned: set[str] = set()
        self._known: dict[tuple[SlaTopic, str], dict[str, Any]] = {}

    def facts(self, ticket: Ticket, decision: Decision, ticket_event: TicketEvent) -> dict[str, Any] | None:
        """Returns what `events.facts` keeps: the terms from this event on, or who is waited for; None for neither."""
        acts = {effect.act for effect in decision.effects if isinstance(effect, Do)}
        if Action.AWAIT in acts:
            until = ticket_event.until.isoformat() if ticket_event.until is not None else None
            return {"waits_for": ticket_event.argument, "until": until}
        if Action.PUT_OFF in acts and ticket_event.until is not None:
            return {"until": ticket_event.until.isoformat()}
        if not acts & {Action.BEGIN, Action.REPLAN} or decision.state not in LEVELS:
            return None
        ticket = self._foresee(ticket, ticket_event)
        return self._facts_of(topic_of(ticket), decision.state.value)

    def _foresee(self, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
        """Returns the ticket with the changes of this event on which its promise depends."""
        match ticket_event.event:
            case Event.ROUTE:
                return replace(ticket, queue=ticket_event.argument)
            case Event.TYPE:
                return replace(ticket, type=ticket_event.argument)
            case Event.PRIORITY:
                return replace(ticket, priority=ticket_event.argument)
            case Event.REQUESTER:
                named, _ = read_requester(ticket_event.argument)
                person = self._directory.current().person(named.address) if named is not None else None
                return replace(ticket, priority=priority_of(ticket, person))
            case _:
                return ticket

    def _reckon(self, batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent) -> SlaAccount:
        """Returns the account of a ticket after this event, which is in its history already."""
        entries = None
        if ticket_event.event is Event.REQUEST:  # the first one: there is no more to read
            facts = self._facts_of(topic_of(ticket), ticket.level)
            entries = (SlaEvent(1, ticket_event.at, ticket_event.event.value, None, ticket.state, facts=facts),)
        return account_in(batch, self._settings, ticket, ticket_event.at, entries)

    def start(self, batch: UnitOfWork, timer: Timer, ticket: Ticket, ticket_event: TicketEvent) -> None:
        """Sets a timer that a row of the table starts."""
        if timer not in _PROMISED:
            _start(batch, timer, timer_due(timer, self._settings.queues[ticket.queue], ticket, ticket_event.at))
        elif timer is not Timer.UPDATE or self._facts_of(topic_of(ticket), ticket.level)["inform_every"]:
            account = self._reckon(batch, ticket, ticket_event)
            _start(batch, timer, plan_timers(account, ticket_event.at).get(timer))

    def begin(self, batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
        """Gives the ticket the promise of the level that gets it now."""
        return _with_promise(ticket, self._reckon(batch, ticket, ticket_event))

    def set_promise(self, batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
        """Sets the deadline of the level that has the ticket, and every timer that depends on it, from its history."""
        account = self._reckon(batch, ticket, ticket_event)
        dues = plan_timers(account, ticket_event.at)
        for timer in OF_LEVELS:
            batch.stop_timer(timer.value)
            _start(batch, timer, dues.get(timer))
        return _with_promise(ticket, account)

    def replan(self, batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
        """Sets the deadlines anew after a change of the ticket or of the configuration."""
        if State(ticket.state) in LEVELS:
            ticket = self.set_promise(batch, ticket, ticket_event)
        if ticket_event.event is Event.REPLANNED:
            batch.write()
            account = self._reckon(batch, ticket, ticket_event)
            for row in running_timers(batch.connection, ticket.id):
                timer = Timer(row.name)
                if timer not in OF_LEVELS:
                    batch.stop_timer(timer.value)
                    _start(batch, timer, replan_timer(timer, self._settings, ticket, account))
        return ticket

    def is_planned(self, connection: Connection, queue: str) -> bool:
        """Tells whether every open ticket of a queue is planned by the configuration of today; once so, it stays so."""
        if queue not in self._planned:
            wanted = fingerprint(self._settings.queues[queue])
            row = next((row for row in list_plans(connection) if row.queue == queue), None)
            if row is not None and row.fingerprint == wanted and row.cursor is None:
                self._planned.add(queue)
        return queue in self._planned

    def _facts_of(self, kind: SlaTopic, level: str) -> dict[str, Any]:
        """Returns a level's terms for a topic as the history keeps them; they are constant for a configuration."""
        if (kind, level) not in self._known:
            terms = read_terms(self._settings.queue_of(kind.queue), level, kind)
            self._known[kind, level] = terms.as_facts()
        return self._known[kind, level]


def _start(batch: UnitOfWork, timer: Timer, due: datetime | None) -> None:
    if due is not None:
        batch.start_timer(timer.value, due)


def priority_of(ticket: Ticket, person: Person | None) -> str:
    """Returns the priority of a ticket whose requester a person becomes: high for a VIP (rule 33)."""
    return "high" if person is not None and person.vip and ticket.priority == "normal" else ticket.priority


def _with_promise(ticket: Ticket, account: SlaAccount) -> Ticket:
    period = account.current
    return replace(ticket, promise_due=period.stored_due) if period is not None else ticket


def say_change(plan: DeadlinePlan, queue: Queue) -> str:
    """Says why a ticket was planned anew, for its history: the first of its deadlines that moved."""
    zone = queue.zone
    if plan.promise_due is not None and plan.promise_due != plan.was_due:
        return f"the configuration changed: {_say_due(plan.promise_due, plan.was_due, zone)}"
    for timer, moment in plan.dues.items():
        if plan.running.get(timer) != moment:
            return f"the configuration changed: {timer.value} {_say_due(moment, plan.running.get(timer), zone)}"
    return "the configuration changed: the deadlines stay"


def _say_due(due: datetime, was: datetime | None, zone: ZoneInfo) -> str:
    before = f" instead of {was.astimezone(zone):%Y-%m-%d %H:%M}" if was is not None else ""
    return f"due {due.astimezone(zone):%Y-%m-%d %H:%M}{before} ({zone.key})"
