"""SLA terms by the configuration, and the timers that do not depend on a level's promise (rules 26 and 27).

The promise of a level and what depends on it (escalation, warnings, updates) is computed from the ticket's history by
`core.sla.replay`; the timers of this module follow from the ticket's own columns. Pure. None means that a timer has
nothing to wait for (no reminder left).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailgate.config import Promise, Queue, Settings
from mailgate.core.calendar.business_time import Duration, due, next_opening
from mailgate.core.calendar.opening_hours import spell_hours
from mailgate.core.sla.terms import AGAIN, SlaTerms, SlaTopic, TermsOf, answered_until
from mailgate.core.workflow.effects import Timer
from mailgate.parsers.commands.moments import read_moment
from mailgate.store.tickets import Ticket

_LONGEST_AHEAD = timedelta(days=366)  # a mistyped year must not put a ticket off for ever

OF_LEVELS = (Timer.ESCALATION, Timer.WARNING, Timer.ANSWER_WARNING, Timer.UPDATE, Timer.OVERDUE)
"""Timers of a level's promise."""

NAMED_IN_NOTICES = frozenset({Timer.OBJECTION, Timer.REVIEW, Timer.DECISION})
"""Timers whose end a mail has named to its reader: a new configuration may put it off, never bring it forward."""


def topic_of(ticket: Ticket) -> SlaTopic:
    """Returns the properties of a ticket that its promises depend on."""
    return SlaTopic(ticket.queue, ticket.type, ticket.priority)


def read_terms(queue: Queue, level: str, kind: SlaTopic) -> SlaTerms:
    """Returns the terms of a level for a topic: each time is that of the first `[[promises]]` that fits and has it."""
    lane = queue.level_of(level)
    fitting = [promise for promise in queue.promises if _fits(promise, level, kind)]
    resolve = next((one.resolve_within for one in fitting if one.resolve_within is not None), lane.resolve_within)
    answer = next((one.answer_within for one in fitting if one.answer_within is not None), lane.answer_within)
    warn_at = next((one.warn_at for one in fitting if one.warn_at is not None), lane.warn_at)
    every = next((one.inform_every for one in fitting if one.inform_every is not None), lane.inform_every)
    return SlaTerms(
        queue=queue.name,
        level=level,
        type=kind.type,
        priority=kind.priority,
        answer_within=answer,
        resolve_within=resolve,
        warn_at=warn_at,
        inform_every=every,
        hours=queue.hours,
    )


def terms_today(settings: Settings) -> TermsOf:
    """Returns a function that gives the terms by the configuration of today."""
    return lambda kind, level: read_terms(settings.queue_of(kind.queue), level, kind)


def _fits(promise: Promise, level: str, kind: SlaTopic) -> bool:
    named = (promise.type, kind.type), (promise.priority, kind.priority), (promise.levels, level)
    return all(not names or name in names for names, name in named)


def fingerprint(queue: Queue) -> str:
    """Returns a text that differs between configurations that give a queue's tickets different deadlines."""
    tables = {
        "hours": spell_hours(queue.hours),
        "levels": {
            name: [str(one) for one in (level.answer_within, level.resolve_within, level.warn_at, level.inform_every)]
            for name, level in queue.levels.items()
        },
        "promises": [
            [list(one.type), list(one.priority), list(one.levels)]
            + [str(time) for time in (one.answer_within, one.resolve_within, one.warn_at, one.inform_every)]
            for one in queue.promises
        ],
        "silence": [
            [[str(time) for time in policy.remind_after], str(policy.decide_after)]
            for policy in (queue.waiting, queue.confirmation)
        ],
        "objection": str(queue.confirmation.objection_window),
    }
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def answer_promise(queue: Queue, ticket: Ticket) -> datetime:
    """Returns the deadline of the first answer that the receipt names (rule 14)."""
    return answered_until(ticket.created_at, read_terms(queue, "level1", topic_of(ticket)))


def timer_due(timer: Timer, queue: Queue, ticket: Ticket, now: datetime) -> datetime | None:
    """Returns when a timer that starts now comes due; of the timers of a level's promise only the repeated one."""
    return _DUE[timer](queue, ticket, now)


def count_reminders(queue: Queue, ticket: Ticket, now: datetime) -> int:
    """Counts the reminders that are over with the one sent now: of several that are late, only one is sent."""
    policy = queue.waiting if ticket.waiting_since is not None else queue.confirmation
    start = ticket.waiting_since or ticket.confirm_at
    late = sum(due(start, after, queue.hours) <= now for after in policy.remind_after) if start is not None else 0
    return max(ticket.reminders + 1, late)


def has_more_reminders(queue: Queue, ticket: Ticket, now: datetime) -> bool:
    """Tells whether another reminder follows the one that is due now."""
    policy = queue.waiting if ticket.waiting_since is not None else queue.confirmation
    return count_reminders(queue, ticket, now) < len(policy.remind_after)


def window_open(queue: Queue, ticket: Ticket, at: datetime) -> bool:
    """Tells whether a closed ticket may still be reopened by its requester."""
    if ticket.closed_at is None:
        return True
    return at <= due(ticket.closed_at, queue.confirmation.reopen_within, queue.hours)


def read_time_ahead(words: str, queue: Queue, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Reads a time that an agent named; a day without a time of its own begins when the queue opens.

    None where it cannot be read, is over, or is more than a year ahead.
    """
    read = read_moment(words, now.astimezone(zone))
    if read is None:
        return None
    if read.day is None:
        moment = due(now, read.span, queue.hours) if read.span is not None else now
    else:
        moment = datetime.combine(read.day, read.at or time(), zone).astimezone(UTC)
        moment = next_opening(moment, queue.hours) if read.at is None else moment
    return moment if now < moment <= now + _LONGEST_AHEAD else None


def _again(queue: Queue, _ticket: Ticket, now: datetime) -> datetime:
    return due(now, AGAIN, queue.hours)


def _in_sight(ticket: Ticket, moment: datetime) -> datetime:
    """Returns the first moment from that one on at which the ticket is not put off (`#later`)."""
    return moment if ticket.hidden_until is None else max(moment, ticket.hidden_until)


def _reminder(start: datetime | None, after: tuple[Duration, ...], queue: Queue, ticket: Ticket) -> datetime | None:
    if start is None or ticket.reminders >= len(after):
        return None
    return _in_sight(ticket, due(start, after[ticket.reminders], queue.hours))


def _decision(
    start: datetime | None, after: tuple[Duration, ...], then: Duration, queue: Queue, ticket: Ticket, now: datetime
) -> datetime:
    """Returns when the desk decides after the last reminder.

    Where that reminder was late, or the ticket is put off, the requester has the whole time for an answer all the same.
    """
    if ticket.questions:
        return _again(queue, ticket, _in_sight(ticket, now))
    assert start is not None
    last = due(start, after[-1], queue.hours) if after else start
    return due(_in_sight(ticket, max(last, now) if ticket.reminders else last), then, queue.hours)


def _waiting_reminder(queue: Queue, ticket: Ticket, _now: datetime) -> datetime | None:
    return _reminder(ticket.waiting_since, queue.waiting.remind_after, queue, ticket)


def _waiting_decision(queue: Queue, ticket: Ticket, now: datetime) -> datetime:
    policy = queue.waiting
    return _decision(ticket.waiting_since, policy.remind_after, policy.decide_after, queue, ticket, now)


def _confirm_reminder(queue: Queue, ticket: Ticket, _now: datetime) -> datetime | None:
    return _reminder(ticket.confirm_at, queue.confirmation.remind_after, queue, ticket)


def _confirm_decision(queue: Queue, ticket: Ticket, now: datetime) -> datetime:
    policy = queue.confirmation
    return _decision(ticket.confirm_at, policy.remind_after, policy.decide_after, queue, ticket, now)


def _third_party(queue: Queue, ticket: Ticket, now: datetime) -> datetime:
    """Returns when the level is reminded of a third party: at the time that it named, else after the first wait."""
    if ticket.waits_until is not None and ticket.waits_until > now:
        return ticket.waits_until
    policy = queue.waiting
    first = policy.remind_after[0] if policy.remind_after else policy.decide_after
    return _again(queue, ticket, now) if ticket.questions else due(now, first, queue.hours)


def _approval(queue: Queue, _ticket: Ticket, now: datetime) -> datetime | None:
    """Returns when an approver is reminded, once; None where nobody is reminded."""
    return due(now, queue.waiting.remind_after[0], queue.hours) if queue.waiting.remind_after else None


def _objection(queue: Queue, _ticket: Ticket, now: datetime) -> datetime:
    return due(now, queue.confirmation.objection_window, queue.hours)


_DUE: dict[Timer, Callable[[Queue, Ticket, datetime], datetime | None]] = {
    Timer.OVERDUE: _again,
    Timer.WAITING_REMINDER: _waiting_reminder,
    Timer.WAITING_DECISION: _waiting_decision,
    Timer.THIRD_PARTY: _third_party,
    Timer.APPROVAL: _approval,
    Timer.LATER: lambda _queue, ticket, _now: ticket.hidden_until,
    Timer.REMINDER: _confirm_reminder,
    Timer.DECISION: _confirm_decision,
    Timer.OBJECTION: _objection,
    Timer.REVIEW: _again,
}
