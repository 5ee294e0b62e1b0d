"""When a ticket's timers come due: the desk's policy, its calendar, and the ticket (rules 26 and 27).

Pure but for its arguments. None means that this timer has nothing to wait for (no reminder left, no warning wanted).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from mailgate.config import Queue
from mailgate.process.calendar import Duration, add_business, business_between, due, read_duration
from mailgate.process.effects import Timer
from mailgate.store.tickets import Ticket

AGAIN = read_duration("2 business days")  # between questions to a level or the manager that nobody answered


def promise(queue: Queue, level: str, start: datetime) -> datetime:
    """When the level must be done with a ticket that it gets now (S4, S6)."""
    return due(start, queue.levels[level].resolve_within, queue.hours)


def answer_promise(queue: Queue, start: datetime) -> datetime:
    """What the receipt names (rule 14)."""
    return due(start, queue.levels["level1"].answer_within, queue.hours)


def resumed_promise(queue: Queue, ticket: Ticket, now: datetime) -> datetime:
    """The promise after a pause: what was left of it when the pause began, counted from now."""
    assert ticket.promise_due is not None
    assert ticket.waiting_since is not None
    if ticket.promise_due <= ticket.waiting_since:
        return now
    if queue.levels[ticket.level].resolve_within.business:
        left = business_between(ticket.waiting_since, ticket.promise_due, queue.hours)
        return add_business(now, left, queue.hours)
    return now + (ticket.promise_due - ticket.waiting_since)


def timer_due(timer: Timer, queue: Queue, ticket: Ticket, now: datetime) -> datetime | None:
    """When a timer that starts now comes due."""
    return _DUE[timer](queue, ticket, now)


def has_more_reminders(queue: Queue, ticket: Ticket) -> bool:
    """Whether another reminder follows the one that is due now."""
    policy = queue.waiting if ticket.waiting_since is not None else queue.confirmation
    return ticket.reminders + 1 < len(policy.remind_after)


def window_open(queue: Queue, ticket: Ticket, at: datetime) -> bool:
    """Whether a closed ticket may still be reopened by its requester."""
    if ticket.closed_at is None:
        return True
    return at <= due(ticket.closed_at, queue.confirmation.reopen_within, queue.hours)


def _escalation(_queue: Queue, ticket: Ticket, now: datetime) -> datetime | None:
    return max(ticket.promise_due, now) if ticket.promise_due is not None else None


def _warning(queue: Queue, ticket: Ticket, now: datetime) -> datetime | None:
    """When `warn_at` of the level's time is used up; what a pause took of the clock is no time of the level."""
    level = queue.levels[ticket.level]
    share = level.warn_at
    if ticket.promise_due is None or isinstance(share, Duration) or not 0 < share < 1:
        return None
    business = level.resolve_within.business
    whole = _between(queue, ticket.level_since, promise(queue, ticket.level, ticket.level_since), business=business)
    ahead = _between(queue, now, ticket.promise_due, business=business) - whole * (1 - share)
    if ahead <= timedelta(0):
        return None
    return add_business(now, ahead, queue.hours) if business else now + ahead


def _between(queue: Queue, start: datetime, end: datetime, *, business: bool) -> timedelta:
    return business_between(start, end, queue.hours) if business else end - start


def _again(queue: Queue, _ticket: Ticket, now: datetime) -> datetime:
    return due(now, AGAIN, queue.hours)


def _reminder(start: datetime | None, after: tuple[Duration, ...], queue: Queue, ticket: Ticket) -> datetime | None:
    if start is None or ticket.reminders >= len(after):
        return None
    return due(start, after[ticket.reminders], queue.hours)


def _decision(start: datetime | None, after: tuple[Duration, ...], then: Duration, queue: Queue) -> datetime:
    assert start is not None
    last = due(start, after[-1], queue.hours) if after else start
    return due(last, then, queue.hours)


def _waiting_reminder(queue: Queue, ticket: Ticket, _now: datetime) -> datetime | None:
    return _reminder(ticket.waiting_since, queue.waiting.remind_after, queue, ticket)


def _waiting_decision(queue: Queue, ticket: Ticket, now: datetime) -> datetime:
    if ticket.questions:
        return _again(queue, ticket, now)
    return _decision(ticket.waiting_since, queue.waiting.remind_after, queue.waiting.decide_after, queue)


def _confirm_reminder(queue: Queue, ticket: Ticket, _now: datetime) -> datetime | None:
    return _reminder(ticket.confirm_at, queue.confirmation.remind_after, queue, ticket)


def _confirm_decision(queue: Queue, ticket: Ticket, now: datetime) -> datetime:
    if ticket.questions:
        return _again(queue, ticket, now)
    policy = queue.confirmation
    return _decision(ticket.confirm_at, policy.remind_after, policy.decide_after, queue)


def _objection(queue: Queue, _ticket: Ticket, now: datetime) -> datetime:
    return due(now, queue.confirmation.objection_window, queue.hours)


_DUE: dict[Timer, Callable[[Queue, Ticket, datetime], datetime | None]] = {
    Timer.ESCALATION: _escalation,
    Timer.WARNING: _warning,
    Timer.OVERDUE: _again,
    Timer.WAITING_REMINDER: _waiting_reminder,
    Timer.WAITING_DECISION: _waiting_decision,
    Timer.REMINDER: _confirm_reminder,
    Timer.DECISION: _confirm_decision,
    Timer.OBJECTION: _objection,
    Timer.REVIEW: _again,
}
