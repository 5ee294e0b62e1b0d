"""Business time (rule 26): deadlines that count worked time, and the worked time between two moments.

A desk is open whenever the local time of its zone lies in one of its intervals. So a change of the clocks shortens
or lengthens a working day, and an interval that the clocks jump over does not take place. An interval over
midnight belongs to the day it begins on: a night shift begun before a holiday is worked to its end.

Pure: moments are arguments, aware, and come back in UTC. A naive moment, or a desk that does not open for 400 days,
raises ValueError.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mailgate.core.calendar.durations import Duration, Unit, read_duration
from mailgate.core.calendar.week import Interval, PublicHolidays, Week, check_week, read_week

__all__ = [
    "NO_HOLIDAYS",
    "Duration",
    "Hours",
    "Interval",
    "PublicHolidays",
    "Span",
    "Unit",
    "Week",
    "add_business",
    "before",
    "business_between",
    "due",
    "is_open",
    "next_opening",
    "read_duration",
    "read_week",
]

SEARCH_DAYS = 400  # how far ahead an opening is looked for
NO_HOLIDAYS = PublicHolidays("")
_DECEMBER = 12
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_BUSINESS_DAY = Unit.BUSINESS_DAY  # reading the member of an enum takes time, and a report has many deadlines


class Span(NamedTuple):
    """Time in which the desk is open, in UTC; `closes` is no longer part of it."""

    opens: datetime
    closes: datetime


class Month(NamedTuple):
    """Spans of a month; `sums` has the time worked before each of them, and at last in the whole month."""

    starts: list[datetime]
    spans: list[Span]
    sums: list[timedelta]

    def worked_until(self, moment: datetime) -> timedelta:
        """Returns the time worked in this month before that moment of it."""
        place = bisect_right(self.starts, moment) - 1
        if place < 0:
            return self.sums[0]
        opens, closes = self.spans[place]
        return self.sums[place] + ((moment if moment < closes else closes) - opens)


@dataclass(frozen=True)
class Hours:
    """Opening hours of a desk: the week on its wall clock, less public holidays and its own closing days."""

    zone: ZoneInfo
    week: Week
    holidays: Callable[[int], frozenset[date]] = NO_HOLIDAYS
    closing_days: frozenset[date] = frozenset()
    _known: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _months: dict[tuple[int, int], Month] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_week(self.week)

    def intervals(self, day: date) -> tuple[Interval, ...]:
        """Returns the intervals that begin on that day; none on a day off."""
        usual = self.week[day.weekday()]
        off = bool(usual) and (day in self.closing_days or day in self.holidays(day.year))
        return () if off else usual

    def spans(self, day: date) -> tuple[Span, ...]:
        """Returns the spans within that day of UTC, in order.

        By days of UTC, because on the wall they are not in order: where an hour comes twice, the end of a night
        shift can come again after the next day's first interval.
        """
        if day not in self._known:
            begin = datetime.combine(day, time.min, tzinfo=UTC)
            end = begin + _DAY
            near = [day + step * _DAY for step in range(-2, 2)]  # no zone and no interval reaches further
            intervals = ((each, interval) for each in near for interval in self.intervals(each))
            found = (span for each, interval in intervals for span in _moments(each, interval, self.zone))
            inside = (Span(max(opens, begin), min(closes, end)) for opens, closes in found)
            self._known[day] = tuple(sorted(span for span in inside if span.opens < span.closes))
        return self._known[day]

    def month(self, year: int, month: int) -> Month:
        """Returns the spans within that month of UTC, added up: a report asks for thousands of sums."""
        known = self._months.get((year, month))
        if known is None:
            days = monthrange(year, month)[1]
            spans = [span for day in range(1, days + 1) for span in self.spans(date(year, month, day))]
            sums = list(accumulate((span.closes - span.opens for span in spans), initial=timedelta(0)))
            known = self._months[year, month] = Month([span.opens for span in spans], spans, sums)
        return known


def due(start: datetime, duration: Duration, hours: Hours) -> datetime:
    """Returns the deadline of a promise made at `start`, in UTC (rule 26).

    n business days are the same local time n working days later, counted from the next opening where `start` is
    outside hours, and moved forward into hours. Business minutes and hours are worked time, and may fall due at the
    very moment of closing. Anything else is clock time.
    """
    if duration.unit is _BUSINESS_DAY:
        return _add_days(start, int(duration.amount), hours)
    if duration.business:
        return add_business(start, duration.span, hours)
    return _utc(start) + duration.span


def add_business(start: datetime, worked: timedelta, hours: Hours) -> datetime:
    """Returns the first moment at which `worked` has been worked since `start`; for 0 the next opening.

    `worked` is not negative.
    """
    if worked < timedelta(0):
        raise ValueError("business time is only counted forward")
    begin = _utc(start)
    month = hours.month(begin.year, begin.month)
    wanted = month.worked_until(begin) + worked
    if worked and wanted <= month.sums[-1]:
        place = bisect_left(month.sums, wanted) - 1
        return month.spans[place].opens + (wanted - month.sums[place])
    left = worked
    for span in _spans_from(begin, hours):
        if left <= span.closes - span.opens:
            return span.opens + left
        left -= span.closes - span.opens
    raise AssertionError("unreachable: the search ends by itself")


def business_between(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """Returns the worked time from `start` to `end`; none where `end` is not after `start`."""
    first, last = _utc(start), _utc(end)
    if last <= first:
        return timedelta(0)
    year, month = first.year, first.month
    found = hours.month(year, month)
    total = -found.worked_until(first)
    while (year, month) != (last.year, last.month):
        total += found.sums[-1]
        year, month = (year, month + 1) if month < _DECEMBER else (year + 1, 1)
        found = hours.month(year, month)
    return total + found.worked_until(last)


def before(end: datetime, duration: Duration, hours: Hours) -> datetime:
    """Returns the last moment from which `duration` is left until `end`, in UTC; the counterpart of `due`.

    n business days are the same local time n working days earlier, moved forward into hours.
    """
    if duration.unit is Unit.BUSINESS_DAY:
        return _days_before(end, int(duration.amount), hours)
    if duration.business:
        return _business_before(end, duration.span, hours)
    return _utc(end) - duration.span


def is_open(moment: datetime, hours: Hours) -> bool:
    """Tells whether the desk is open at that moment; at the moment of closing it no longer is."""
    return _shift(_wall(_utc(moment), hours.zone), hours) is not None


def next_opening(moment: datetime, hours: Hours) -> datetime:
    """Returns the moment itself where the desk is open, else its next opening.

    Raises ValueError if none comes for 400 days.
    """
    return next(_spans_from(_utc(moment), hours)).opens


def _add_days(start: datetime, count: int, hours: Hours) -> datetime:
    begin = next_opening(start, hours)
    if count == 0:
        return begin
    wall = _wall(begin, hours.zone)
    shift = _shift(wall, hours)
    assert shift is not None, "an opening lies in a shift"
    day = shift
    for _ in range(count):
        day = _next_working_day(day, hours)
    return next_opening((wall + (day - shift)).replace(tzinfo=hours.zone), hours)


def _days_before(end: datetime, count: int, hours: Hours) -> datetime:
    wall = _wall(_utc(end), hours.zone)
    day = wall.date()
    for _ in range(count):
        day = next((one for one in _days_back(day - _DAY) if hours.intervals(one)), day)
    return next_opening((wall + (day - wall.date())).replace(tzinfo=hours.zone), hours)


def _business_before(end: datetime, worked: timedelta, hours: Hours) -> datetime:
    """Counts worked time back from `end`; gives the first of the days looked at where they have less."""
    last, left = _utc(end), worked
    for day in _days_back(last.date()):
        for span in reversed(hours.spans(day)):
            closes = min(span.closes, last)
            if closes - span.opens >= left:
                return closes - left
            left -= max(closes - span.opens, timedelta(0))
    return last - SEARCH_DAYS * _DAY


def _days_back(day: date) -> Iterator[date]:
    return (day - step * _DAY for step in range(SEARCH_DAYS))


def _next_working_day(day: date, hours: Hours) -> date:
    for step in range(1, SEARCH_DAYS + 1):
        if hours.intervals(day + step * _DAY):
            return day + step * _DAY
    raise ValueError(f"no working day found in the {SEARCH_DAYS} days after {day}")


def _shift(wall: datetime, hours: Hours) -> date | None:
    """Returns the day whose interval holds this local time: today, or yesterday over midnight; None if closed."""
    for day in (wall.date(), wall.date() - _DAY):
        minutes = (wall - datetime.combine(day, time.min)) / _MINUTE
        if any(opens <= minutes < closes for opens, closes in hours.intervals(day)):
            return day
    return None


def _spans_from(moment: datetime, hours: Hours) -> Iterator[Span]:
    """Yields the rest of each span from `moment` on; ValueError when none follows for 400 days."""
    day = moment.date()
    idle = 0
    while idle <= SEARCH_DAYS:
        idle += 1
        for span in hours.spans(day):
            if span.closes > moment:
                idle = 0
                yield Span(max(span.opens, moment), span.closes)
        day += _DAY
    raise ValueError(f"no working day found in the {SEARCH_DAYS} days before {day}")


def _moments(day: date, interval: Interval, zone: ZoneInfo) -> Iterator[Span]:
    """Yields the spans in which the wall clock shows a time inside the interval: one; two or none on a change."""
    opens, closes = (datetime.combine(day, time.min, tzinfo=UTC) + minutes * _MINUTE for minutes in interval)
    # No offset is beyond 14 hours and the widest jump of a zone is a day: the probes stand on either side of a change.
    early, late = opens - 2 * _DAY, closes + 2 * _DAY
    before, after = _offset(early, zone), _offset(late, zone)
    if before == after:
        yield Span(opens - before, closes - before)
        return
    change = _change(early, late, zone)
    if opens - before < min(closes - before, change):
        yield Span(opens - before, min(closes - before, change))
    if max(opens - after, change) < closes - after:
        yield Span(max(opens - after, change), closes - after)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Returns the first second with the offset of `high`; the offset changes once between the two."""
    old = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
        low, high = (middle, high) if _offset(middle, zone) == old else (low, middle)
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("business time needs an aware moment")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
