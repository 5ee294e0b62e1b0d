"""SLA account of a ticket from its history, and the deadlines that follow by the configuration of today.

Reads the store, changes nothing. `tickets.service` sets timers by it, the timer worker compares a timer with it before
it fires, and `explain --sla` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.sla.account import SlaAccount, SlaEvent, plan_timers, read_entries
from mailgate.core.sla.replay import read_account
from mailgate.core.sla.terms import SlaTerms, is_overdue
from mailgate.core.workflow.effects import Start, Timer
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.transitions import ROWS
from mailgate.store.events import list_events
from mailgate.store.tickets import Ticket
from mailgate.store.timers import running_timers
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.sla.terms import NAMED_IN_NOTICES, OF_LEVELS, read_terms, terms_today, timer_due, topic_of

_STARTS = {row.name: frozenset(effect.timer for effect in row.effects if isinstance(effect, Start)) for row in ROWS}


@dataclass(frozen=True, slots=True)
class DeadlinePlan:
    """Deadlines of a ticket as they are and as they should be. `terms`: the new ones, None where they are the same."""

    terms: SlaTerms | None
    promise_due: datetime | None
    was_due: datetime | None
    dues: Mapping[Timer, datetime]
    running: Mapping[Timer, datetime]
    now: datetime

    @property
    def changes(self) -> bool:
        """Tells whether anything must be set anew, if only the terms by which the next pause is counted."""
        return self.terms is not None or self.moves

    @property
    def moves(self) -> bool:
        """Tells whether a deadline moves. A timer that is over fires by itself, at whatever moment it was due."""
        if self.promise_due != self.was_due:
            return True
        over = {timer for timer, moment in self.running.items() if moment <= self.now}
        over -= {timer for timer, moment in self.dues.items() if moment > self.now}
        return _without(self.dues, over) != _without(self.running, over)

    @property
    def late(self) -> bool:
        """Tells whether the promise is over."""
        return is_overdue(self.promise_due, self.now)

    def is_early(self, timer: Timer) -> bool:
        """Tells whether a timer comes due by a configuration that no longer holds."""
        if timer in self.dues:
            return self.dues[timer] > self.now
        return self.terms is not None


def account_for(connection: Connection, settings: Settings, ticket: Ticket, now: datetime) -> SlaAccount:
    """Reads the SLA account of a ticket as it stands at `now`, from the store."""
    return _account_of(read_entries(list_events(connection, ticket.id)), settings, ticket, now)


def account_in(
    batch: UnitOfWork,
    settings: Settings,
    ticket: Ticket,
    now: datetime,
    entries: Sequence[SlaEvent] | None = None,
) -> SlaAccount:
    """Returns the SLA account of a ticket in its transaction, computed once until the history changes.

    `entries` gives the history where it is known without reading it.
    """
    topic = topic_of(ticket)
    if (topic, now) not in batch.accounts:
        history = entries if entries is not None else batch.history()
        batch.accounts[topic, now] = read_account(history, now, topic, terms_today(settings))
    return batch.accounts[topic, now]


def _account_of(entries: Sequence[SlaEvent], settings: Settings, ticket: Ticket, now: datetime) -> SlaAccount:
    return read_account(entries, now, topic_of(ticket), terms_today(settings))


def make_plan(connection: Connection, settings: Settings, ticket: Ticket, now: datetime) -> DeadlinePlan:
    """Computes the deadlines of a ticket by the configuration of today, beside those that run."""
    account = account_for(connection, settings, ticket, now)
    queue = settings.queue_of(ticket.queue)
    running = {Timer(row.name): row.due_at for row in running_timers(connection, ticket.id)}
    period, terms = account.current, None
    if period is not None and State(ticket.state) in LEVELS:
        today = read_terms(queue, ticket.level, topic_of(ticket))
        terms = today if today != period.terms else None
    if terms is not None:
        last = account.entries[-1]
        change = SlaEvent(
            last.number + 1, now, Event.REPLANNED.value, ticket.state, ticket.state, facts=terms.as_facts()
        )
        account = _account_of((*account.entries, change), settings, ticket, now)
        period = account.current
    dues = plan_timers(account, now) if period is not None else {}
    for timer in running.keys() - set(OF_LEVELS):
        due = replan_timer(timer, settings, ticket, account)
        if due is not None:
            dues[timer] = max(due, running[timer]) if timer in NAMED_IN_NOTICES else due
    promise_due = period.stored_due if period is not None else ticket.promise_due
    return DeadlinePlan(terms, promise_due, ticket.promise_due, dues, running, now)


def _without(dues: Mapping[Timer, datetime], left_out: set[Timer]) -> dict[Timer, datetime]:
    return {timer: moment for timer, moment in dues.items() if timer not in left_out}


def replan_timer(timer: Timer, settings: Settings, ticket: Ticket, account: SlaAccount) -> datetime | None:
    """Returns when a running timer comes due by the configuration of today, counted from the event that started it.

    None where no event in the history started it.
    """
    started = next((one for one in reversed(account.entries) if timer in _STARTS.get(one.row, ())), None)
    if started is None:
        return None
    return timer_due(timer, settings.queue_of(ticket.queue), ticket, started.at)
