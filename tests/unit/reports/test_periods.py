"""Which moments belong to a period: whole days on the wall clock of the desk, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailgate.reports.periods import (
    begins,
    following,
    period_before,
    preceding,
    read_day,
    up_to,
    usual_days,
    whole_days,
)

PARIS, APIA = ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Apia")
SECOND = timedelta(seconds=1)


def test_a_day_begins_at_midnight_and_ends_before_the_next() -> None:
    day = whole_days(date(2026, 11, 23), date(2026, 11, 23), PARIS)
    assert (day.begin, day.end) == (datetime(2026, 11, 22, 23, tzinfo=UTC), datetime(2026, 11, 23, 23, tzinfo=UTC))
    assert day.holds(day.begin)
    assert not day.holds(day.end)
    assert day.holds(day.end - SECOND)
    assert not day.holds(None)
    assert day.days == (date(2026, 11, 23),)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 23), 24)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: tuple[int, int, int], hours: int) -> None:
    period = whole_days(date(*day), date(*day), PARIS)
    assert period.end - period.begin == timedelta(hours=hours)
    assert (period.first, period.last) == (date(*day), date(*day))


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), (date(2026, 11, 16), date(2026, 11, 22))),
        (date(2026, 3, 1), date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28))),
        (date(2026, 12, 1), date(2026, 12, 30), (date(2026, 11, 1), date(2026, 11, 30))),
        (date(2026, 3, 29), date(2026, 3, 29), (date(2026, 3, 28), date(2026, 3, 28))),
    ],
)
def test_the_period_before_a_month_is_a_month_and_else_as_long(
    first: date, last: date, before: tuple[date, date]
) -> None:
    earlier = preceding(whole_days(first, last, PARIS))
    assert (earlier.first, earlier.last) == before


def test_a_day_that_a_zone_left_out_is_empty() -> None:
    """Samoa went from 29 December 2011 to the 31st."""
    period = whole_days(date(2011, 12, 29), date(2011, 12, 31), APIA)
    assert period.end - period.begin == timedelta(hours=48)


def test_what_happens_now_belongs_to_what_was_up_to_now() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    week = up_to(now, timedelta(days=7), PARIS)
    assert week.holds(now)
    assert not week.holds(now - timedelta(days=7))
    assert week.holds(now - timedelta(days=7) + SECOND)
    assert week.last == date(2026, 11, 23)


def test_nothing_said_is_thirty_days_with_today() -> None:
    period = usual_days(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), PARIS)  # the 24th in Paris
    assert (period.first, period.last, len(period.days)) == (date(2026, 10, 26), date(2026, 11, 24), 30)


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    assert period_before("week", date(2026, 11, 25), PARIS) == whole_days(date(2026, 11, 16), date(2026, 11, 22), PARIS)
    assert period_before("month", date(2026, 3, 1), PARIS) == whole_days(date(2026, 2, 1), date(2026, 2, 28), PARIS)
    assert begins("week", date(2026, 11, 29)) == date(2026, 11, 23)
    assert following("month", date(2026, 12, 1)) == date(2027, 1, 1)
    assert following("week", date(2026, 12, 28)) == date(2027, 1, 4)


@pytest.mark.parametrize(
    "words",
    ["", "yesterday", "2026-02-30", "26-1-1", "20261123", "0001-01-01", "9999-12-31", "2026-W01-1", "２０２６-11-23"],
)
def test_what_is_no_day(words: str) -> None:
    with pytest.raises(ValueError, match="is not a day: write it like 2026-11-23"):
        read_day(words)
