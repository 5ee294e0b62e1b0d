"""Periods of reports: whole days in the desk's time zone, or a length of time up to a moment.

A period holds the moments from `begin` up to, and without, `end`. Pure; `read_day` alone raises ValueError, with a
sentence for the person who wrote the day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

USUAL_DAYS = 30
_DAY = timedelta(days=1)
_DAY_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = timedelta(microseconds=1)
_EARLIEST, _LATEST = date(1990, 1, 1), date(9000, 1, 1)  # what lies outside is a typing error


@dataclass(frozen=True, slots=True)
class Period:
    """Time from `begin` up to `end`, both in UTC; `first` and `last` are the days in `zone` that it touches."""

    begin: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def first(self) -> date:
        """First day."""
        return self.begin.astimezone(self.zone).date()

    @property
    def last(self) -> date:
        """Last day."""
        return (self.end - _INSTANT).astimezone(self.zone).date()

    @property
    def days(self) -> tuple[date, ...]:
        """Lists every day that it touches, in order."""
        first = self.first
        return tuple(first + step * _DAY for step in range((self.last - first).days + 1))

    def holds(self, moment: datetime | None) -> bool:
        """Tells whether a moment is within it."""
        return moment is not None and self.begin <= moment < self.end


def whole_days(first: date, last: date, zone: ZoneInfo) -> Period:
    """Returns the period from the midnight that begins the first day to the one that ends the last, in that time
    zone."""
    return Period(_midnight(first, zone), _midnight(last + _DAY, zone), zone)


def up_to(now: datetime, span: timedelta, zone: ZoneInfo) -> Period:
    """Returns the period of that length that ends now; what happens at this very moment belongs to it."""
    return Period(now - span + _INSTANT, now + _INSTANT, zone)


def usual_days(now: datetime, zone: ZoneInfo) -> Period:
    """Returns the default period: the last thirty days, today being one of them."""
    today = now.astimezone(zone).date()
    return whole_days(today - (USUAL_DAYS - 1) * _DAY, today, zone)


def period_before(every: str, day: date, zone: ZoneInfo) -> Period:
    """Returns the last whole week (Monday to Sunday) or month that was over when that day began."""
    if every == "month":
        last = day.replace(day=1) - _DAY
        return whole_days(last.replace(day=1), last, zone)
    monday = day - day.weekday() * _DAY
    return whole_days(monday - 7 * _DAY, monday - _DAY, zone)


def preceding(period: Period) -> Period:
    """Returns the period before one of whole days: the month before a whole month, else as many days."""
    first, last = period.first, period.last
    if first.day == 1 and last == (first + 31 * _DAY).replace(day=1) - _DAY:
        return period_before("month", first, period.zone)
    return whole_days(first - len(period.days) * _DAY, first - _DAY, period.zone)


def begins(every: str, day: date) -> date:
    """Returns the day on which the week or month of that day began."""
    return day.replace(day=1) if every == "month" else day - day.weekday() * _DAY


def following(every: str, first: date) -> date:
    """Returns the day on which the next week or month begins, after one that began on `first`."""
    return (first + 31 * _DAY).replace(day=1) if every == "month" else first + 7 * _DAY


def at_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Returns that time of that day by the wall clock, in UTC; one that the clock skips comes after the skip."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def read_day(words: str) -> date:
    """Reads a day such as `2026-11-23`."""
    try:
        day = date.fromisoformat(words if _DAY_FORM.fullmatch(words) else "")
    except ValueError:
        day = date.min
    if not _EARLIEST <= day < _LATEST:
        raise ValueError(f'"{words}" is not a day: write it like 2026-11-23')
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
