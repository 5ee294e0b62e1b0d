"""Fires due timers: each becomes an event of its ticket. Overdue ones fire once, in the order of their deadlines.

A timer that raises is tried again like any other row and parked after its last attempt; the operator then gets an
alarm, since a ticket without its timer could be forgotten.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from mailgate.core.backoff import doubled
from mailgate.core.log_fields import Fields
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.events import Event
from mailgate.daemon.desk import Desk
from mailgate.notices.alarms import TIMER_PARKED, Alarm
from mailgate.store.database import is_conflict
from mailgate.store.errors import describe_error, log_error
from mailgate.store.events import list_events, prefetch_events
from mailgate.store.messages import prefetch_mails, prefetch_seen
from mailgate.store.outbox import prefetch_counts, prefetch_counts_of_tickets
from mailgate.store.people import prefetch_contacts, prefetch_participants
from mailgate.store.schema import timers
from mailgate.store.tickets import lock_ticket, prefetch_first_tickets, prefetch_tickets, reference_of
from mailgate.store.timers import TimerRow, finish_timer, prefetch_timers, running_timers, take_timers
from mailgate.store.work_queue import PARKED, LostLease, finish, is_due, next_due, postpone, release
from mailgate.tickets.events import TicketEvent

log = logging.getLogger("mailgate.deadlines")

BATCH = 64
_FIRST_PAUSE = timedelta(seconds=1)  # which doubles before a timer that failed is tried again
_LATER = timedelta(seconds=1)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)  # for which loop protection counts notices
_SHORT = 50  # events and notices of a ticket whose mails are read ahead
_FEWEST_AHEAD = 8
# Seconds of one transaction: while nobody waits for the turn to write, and while the worker waits with a mail, or the
# courier. It ends at once when a received mail waits to be stored.
LONGEST, SHORTEST = 0.5, 0.02


class TimerWorker:
    """The worker that fires the timers."""

    name = "clock"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._tickets = desk.tickets
        self._system_notices = desk.system_notices
        self._settings, self._limits = desk.settings, desk.settings.limits
        self._mailboxes = {level.mailbox for queue in desk.settings.queues.values() for level in queue.levels.values()}
        self._ahead = BATCH
        """Timers of the next slice, at most: not many more than the last one had time for, since it reads ahead."""

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            return next_due(connection, timers, self._clock.now())

    def step(self) -> int:
        """Fires what is due and returns how many timers that was."""
        now = self._clock.now()
        with self._database.read() as connection:
            if not is_due(connection, timers, now):
                return 0
        with self._database.write() as connection:
            rows = take_timers(connection, now, BATCH, self._limits.lease.span)
        left = deque(rows)
        while left:
            self._fire_slice(left, now)
        return len(rows)

    def _fire_slice(self, left: deque[TimerRow], now: datetime) -> None:
        """Fires at least one timer, and more while time is left, in one transaction; if one raises, each alone."""
        slice_: list[TimerRow] = []
        try:
            with self._database.write() as connection:
                began = time.monotonic()
                while left and len(slice_) < self._ahead:
                    slice_.append(left.popleft())
                    if len(slice_) == 1:
                        _prefetch(connection, (*slice_, *islice(left, self._ahead - 1)), self._mailboxes, now)
                    self._fire(connection, slice_[-1], now)
                    if not self._may_go_on(time.monotonic() - began):
                        break
        except Exception:  # which one raised shows when each is alone
            for row in slice_:
                self._fire_alone(row, now)
        had_time = len(slice_) == self._ahead or not left
        self._ahead = min(max(2 * (self._ahead if had_time else len(slice_)), _FEWEST_AHEAD), BATCH)

    def _may_go_on(self, seconds: float) -> bool:
        if self._database.is_urgent():
            return False
        return seconds < SHORTEST or (seconds < LONGEST and not self._database.is_awaited())

    def _fire(self, connection: Connection, row: TimerRow, now: datetime) -> None:
        # The ticket is locked first, as everywhere: a mail that ends this timer holds the ticket, too.
        ticket = lock_ticket(connection, row.ticket_id)
        if self._tickets.reschedule_if_early(connection, ticket, Timer(row.name), now):
            return
        running = {timer.name: timer.due_at for timer in running_timers(connection, row.ticket_id)}
        if running.get(row.name) != row.due_at:
            return  # what happened before in this transaction has stopped it, or set it anew
        finish_timer(connection, row)  # before the event: a transition may set the same timer again
        zone = self._settings.queue_of(ticket.queue).zone
        reason = f"due {row.due_at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
        ticket_event = TicketEvent(Event(f"timer {row.name}"), now, f"timer {row.name}", reason)
        self._tickets.apply_locked(connection, ticket, (ticket_event,))

    def _fire_alone(self, row: TimerRow, now: datetime) -> None:
        with self._database.write() as connection:
            try:
                with connection.begin_nested():
                    self._fire(connection, row, now)
            except LostLease:
                return  # a mail has ended it, or another worker has it
            except Exception as error:  # the worker edge: one ticket must never stop the deadlines of the others
                if is_conflict(error):
                    release(connection, timers, row, now + _LATER, describe_error(error))
                    return
                reference = reference_of(connection, row.ticket_id)
                log_error(
                    log, error, action="fire", result="failed", timer=row.id, reference=reference, attempt=row.attempts
                )
                self._give_back(connection, row, describe_error(error), now)

    def _give_back(self, connection: Connection, row: TimerRow, error: str, now: datetime) -> None:
        if row.attempts >= self._limits.max_attempts:
            finish(connection, timers, row, PARKED, last_error=error[:2000])
            reference = reference_of(connection, row.ticket_id)
            log.error(Fields(action="fire", result="parked", timer=row.id, reference=reference, reason=error))
            self._system_notices.alarm(connection, Alarm(TIMER_PARKED, (row.name, row.ticket_id, error)), now)
            return
        postpone(connection, timers, row, now + doubled(_FIRST_PAUSE, row.attempts), error)


def _prefetch(connection: Connection, rows: Sequence[TimerRow], mailboxes: Iterable[str], now: datetime) -> None:
    """Locks the tickets of several timers, and reads what these ask of them and of their notices' recipients.

    An escalation brings the mails of its ticket; those of a long ticket are not read ahead.
    """
    tickets = prefetch_tickets(connection, {row.ticket_id for row in rows})
    ticket_ids = {ticket.id for ticket in tickets}
    prefetch_events(connection, ticket_ids)
    prefetch_timers(connection, ticket_ids)
    prefetch_participants(connection, ticket_ids)
    prefetch_seen(connection, ticket_ids)
    requesters = [ticket.requester for ticket in tickets]
    prefetch_contacts(connection, requesters)
    prefetch_first_tickets(connection, ticket_ids)
    prefetch_counts(connection, [*requesters, *mailboxes], now - _HOUR)
    prefetch_counts_of_tickets(connection, ticket_ids, now - _DAY)
    escalated = {row.ticket_id for row in rows if row.name == Timer.ESCALATION}
    short = (one.id for one in tickets if one.notices + len(list_events(connection, one.id)) <= _SHORT)
    if wanted := escalated.intersection(short):
        prefetch_mails(connection, wanted)
