"""Terms that a level promises for a ticket, and the moments that follow from them alone (rules 26 and 27). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from mailgate.core.calendar.business_time import Duration, Hours, business_between, due, read_duration
from mailgate.core.calendar.opening_hours import read_hours, spell_hours

NOTHING = timedelta(0)
AGAIN = read_duration("2 business days")  # between questions to a level or the manager that nobody answered


@dataclass(frozen=True, slots=True)
class SlaTerms:
    """Promise of a level for a ticket: by queue, level, type and priority, and the hours in which it is counted.

    `warn_at` is the share of the time that is used up, or the time before its end; 0 is never.
    """

    queue: str
    level: str
    type: str
    priority: str
    answer_within: Duration
    resolve_within: Duration
    warn_at: float | Duration
    inform_every: Duration | None
    hours: Hours = field(repr=False)

    def as_facts(self) -> dict[str, Any]:
        """Returns the terms as `events.facts` has them, in JSON; `recall_terms` reads them back."""
        return {
            "queue": self.queue,
            "level": self.level,
            "type": self.type,
            "priority": self.priority,
            "answer_within": str(self.answer_within),
            "resolve_within": str(self.resolve_within),
            "warn_at": str(self.warn_at) if isinstance(self.warn_at, Duration) else self.warn_at,
            "inform_every": str(self.inform_every) if self.inform_every is not None else None,
            "hours": spell_hours(self.hours),
        }


@dataclass(frozen=True, slots=True)
class SlaTopic:
    """Properties of a ticket that its promises depend on."""

    queue: str
    type: str = ""
    priority: str = "normal"


TermsOf = Callable[[SlaTopic, str], SlaTerms]
"""Gives the terms that hold today for a topic at a level: for a history without facts."""


def recall_terms(facts: Mapping[str, Any]) -> SlaTerms:
    """Reads the terms that `SlaTerms.as_facts` wrote."""
    return _terms(
        facts["queue"], facts["level"], facts["type"], facts["priority"], facts["answer_within"],
        facts["resolve_within"], facts["warn_at"], facts.get("inform_every"), facts["hours"],
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _terms(
    queue: str, level: str, kind: str, priority: str, answer: str, resolve: str, warn: float | str, inform: str | None,
    hours: str,
) -> SlaTerms:  # fmt: skip
    warn_at = read_duration(warn) if isinstance(warn, str) else float(warn)
    every = read_duration(inform) if inform else None
    times = read_duration(answer), read_duration(resolve)
    return SlaTerms(queue, level, kind, priority, *times, warn_at, every, read_hours(hours))


# -- when it is due ----------------------------------------------------------------------------------------------------


def count_between(start: datetime, end: datetime, hours: Hours, *, business: bool) -> timedelta:
    """Returns the time from `start` to `end` as a promise counts it: worked time, or clock time; never negative."""
    return business_between(start, end, hours) if business else max(end - start, NOTHING)


def promised_until(start: datetime, terms: SlaTerms) -> datetime:
    """Returns the deadline of a level that gets a ticket at `start`, if the clock is never paused (S4, S6)."""
    return due(start, terms.resolve_within, terms.hours)


def answered_until(start: datetime, terms: SlaTerms) -> datetime:
    """Returns the deadline of the first answer; at the latest that of the solution, which is one too (rule 14)."""
    return min(due(start, terms.answer_within, terms.hours), promised_until(start, terms))


def is_overdue(due_at: datetime | None, now: datetime) -> bool:
    """Tells whether a deadline is over at `now`, which it is from its own minute on; None is never over.

    This is about what is still to be done. What was done in the minute of its deadline was done in time.
    """
    return due_at is not None and due_at <= now
