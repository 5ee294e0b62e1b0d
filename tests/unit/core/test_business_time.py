"""Business time (rule 26), held against a model that looks at the wall clock minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.calendar.business_time import (
    Duration,
    Hours,
    Interval,
    PublicHolidays,
    Unit,
    add_business,
    before,
    business_between,
    due,
    is_open,
    next_opening,
    read_duration,
    read_week,
)
from mailgate.core.calendar.opening_hours import read_hours, spell_hours
from tests.support.examples import examples

PARIS = ZoneInfo("Europe/Paris")
OFFICE = Hours(PARIS, read_week({"mon-fri": ["09:00-12:30", "13:30-18:00"]}), PublicHolidays("FR"))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def paris(text: str) -> datetime:
    """A time on the clocks of Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def promised(start: str, words: str, hours: Hours = OFFICE) -> str:
    """When it falls due, on the desk's clock."""
    return f"{due(paris(start), read_duration(words), hours).astimezone(hours.zone):%a %Y-%m-%d %H:%M}"


# Durations in words


@pytest.mark.parametrize(
    ("text", "amount", "unit", "words"),
    [
        ("90 minutes", 90, Unit.MINUTE, "90 minutes"),
        ("2 business days", 2, Unit.BUSINESS_DAY, "2 business days"),
        ("1 week", 1, Unit.WEEK, "1 week"),
        ("1.5 hours", Fraction(3, 2), Unit.HOUR, "1.5 hours"),
        ("  1  Business  Hour ", 1, Unit.BUSINESS_HOUR, "1 business hour"),
        ("0 seconds", 0, Unit.SECOND, "0 seconds"),
        ("1 days", 1, Unit.DAY, "1 day"),
        ("100 business minutes", 100, Unit.BUSINESS_MINUTE, "100 business minutes"),
    ],
)
def test_words_become_a_duration_and_come_back(text: str, amount: Fraction, unit: Unit, words: str) -> None:
    duration = read_duration(text)
    assert duration == Duration(amount, unit)
    assert str(duration) == words
    assert read_duration(words) == duration


@pytest.mark.parametrize(
    "text",
    ["", "2h", "hours", "two hours", "-1 hour", "1,5 hours", "3 business weeks", "3 business seconds", "1 month",
     "1 hour 30 minutes", "1e3 hours", "2 business", "٣ hours٣", "1 hourss"],
)  # fmt: skip
def test_other_words_are_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match='is not a duration: write a number and a unit, such as "90 minutes"'):
        read_duration(text)


def test_half_a_business_day_and_a_thousand_years_are_refused() -> None:
    with pytest.raises(ValueError, match="must be whole"):
        read_duration("1.5 business days")
    with pytest.raises(ValueError, match="more than 100 years"):
        read_duration("52000 weeks")


# The week


def test_a_week_in_words() -> None:
    week = read_week({"sat-sun": ["22:00-06:00"], "mon": ["13:30-18:00", "09:00-12:30"], "tue": ["00:00-24:00"]})
    assert week[0] == (Interval(540, 750), Interval(810, 1080))
    assert week[1] == (Interval(0, 1440),)
    assert week[2:5] == ((), (), ())
    assert week[5] == week[6] == (Interval(1320, 1800),)
    assert read_week({"fri-mon": ["09:00-10:00"]})[2:5] == ((), (), (Interval(540, 600),))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "no opening hours"),
        ({"mon-fri": []}, "no opening hours"),
        ({"monday": ["09:00-12:00"]}, '"monday" is not a day'),
        ({"mon-tue-wed": ["09:00-12:00"]}, "is not a day"),
        ({"mon-fri": ["09:00-12:00"], "wed": ["09:00-11:00"]}, "wed is named twice"),
        ({"mon": ["9-12"]}, '"9-12" is not an interval'),
        ({"mon": ["09:00-12:60"]}, "is not an interval"),
        ({"mon": ["09:00-24:01"]}, "is not an interval"),
        ({"mon": ["24:00-06:00"]}, "is not an interval"),
        ({"mon": ["09:00-09:00"]}, "is empty"),
        ({"mon": ["09:00-12:00", "11:59-13:00"]}, "begins on mon overlaps the next"),
        ({"mon": ["22:00-06:00"], "tue": ["05:00-07:00"]}, "begins on mon overlaps the next"),
        ({"sun": ["22:00-06:00"], "mon": ["05:00-07:00"]}, "begins on sun overlaps the next"),
    ],
)
def test_a_week_that_cannot_be_kept_is_refused(table: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_week(table)


def test_hours_that_never_open_are_refused() -> None:
    with pytest.raises(ValueError, match="no opening hours"):
        Hours(PARIS, ((),) * 7)


@pytest.mark.parametrize(("place", "words"), [("XX", "no public holidays"), ("FR-ZZ", 'FR has no region "ZZ"')])
def test_an_unknown_country_is_refused(place: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PublicHolidays(place)


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    boxing_day = date(2026, 12, 26)
    assert boxing_day in PublicHolidays("FR-57")(2026)
    assert boxing_day not in PublicHolidays("FR")(2026)
    assert PublicHolidays("")(2026) == frozenset()


# When a promise falls due


@pytest.mark.parametrize(
    ("start", "words", "expected"),
    [
        # Plain durations never look at the calendar.
        ("2026-11-27 17:00", "4 hours", "Fri 2026-11-27 21:00"),
        ("2026-11-27 17:00", "1 week", "Fri 2026-12-04 17:00"),
        ("2026-03-28 12:00", "1 day", "Sun 2026-03-29 13:00"),  # a day of 24 hours over the change of the clocks
        # Business hours are worked time, over lunch, evening and weekend.
        ("2026-11-24 09:00", "4 business hours", "Tue 2026-11-24 14:00"),
        ("2026-11-24 09:00", "3.5 business hours", "Tue 2026-11-24 12:30"),
        ("2026-11-27 17:00", "90 business minutes", "Mon 2026-11-30 09:30"),
        ("2026-11-28 11:00", "0 business hours", "Mon 2026-11-30 09:00"),
        # n business days: the same time n working days later.
        ("2026-11-24 10:15", "2 business days", "Thu 2026-11-26 10:15"),
        ("2026-11-27 10:15", "2 business days", "Tue 2026-12-01 10:15"),
        ("2026-11-24 12:45", "1 business day", "Wed 2026-11-25 13:30"),  # in the lunch break: from its end
        ("2026-11-27 18:00", "1 business day", "Tue 2026-12-01 09:00"),  # at closing it is closed
        ("2026-11-28 11:00", "2 business days", "Wed 2026-12-02 09:00"),
        ("2026-11-28 11:00", "0 business days", "Mon 2026-11-30 09:00"),
        # Good Friday is a working day in France, Easter Monday and 1 May are not.
        ("2026-04-03 10:00", "1 business day", "Tue 2026-04-07 10:00"),
        ("2026-04-30 17:00", "2 business hours", "Mon 2026-05-04 10:00"),
        # Over a change of the clocks the time of day stays.
        ("2026-03-27 10:00", "1 business day", "Mon 2026-03-30 10:00"),
        ("2026-10-23 10:00", "1 business day", "Mon 2026-10-26 10:00"),
    ],
)
def test_a_promise_falls_due(start: str, words: str, expected: str) -> None:
    assert promised(start, words) == expected


def test_a_time_at_which_the_later_day_is_closed_moves_forward() -> None:
    hours = Hours(PARIS, read_week({"mon-thu": ["09:00-18:00"], "fri": ["09:00-12:00"]}))
    assert promised("2026-11-26 15:00", "1 business day", hours) == "Mon 2026-11-30 09:00"


def test_a_night_shift_belongs_to_its_evening() -> None:
    hours = Hours(PARIS, read_week({"mon-fri": ["22:00-06:00"]}), closing_days=frozenset({date(2026, 12, 1)}))
    assert is_open(paris("2026-12-01 05:59"), hours)  # the shift of Monday, though Tuesday is closed
    assert not is_open(paris("2026-12-01 22:30"), hours)
    assert promised("2026-11-28 02:00", "1 business day", hours) == "Tue 2026-12-01 02:00"
    assert promised("2026-11-28 02:00", "5 business hours", hours) == "Mon 2026-11-30 23:00"


def test_the_desks_own_closing_days() -> None:
    hours = Hours(PARIS, OFFICE.week, closing_days=frozenset({date(2026, 11, 25), date(2026, 11, 26)}))
    assert promised("2026-11-24 10:00", "1 business day", hours) == "Fri 2026-11-27 10:00"


def test_an_hour_that_comes_twice_is_worked_twice_and_one_left_out_is_not() -> None:
    night = Hours(PARIS, read_week({"sun": ["01:00-05:00"]}))
    assert business_between(paris("2026-03-29 00:00"), paris("2026-03-30 00:00"), night) == timedelta(hours=3)
    assert business_between(paris("2026-10-25 00:00"), paris("2026-10-26 00:00"), night) == timedelta(hours=5)
    never = Hours(PARIS, read_week({"sun": ["02:15-02:45"]}))
    assert next_opening(paris("2026-03-28 12:00"), never) == paris("2026-04-05 02:15")


def test_the_end_of_a_night_shift_that_comes_again_after_the_next_interval() -> None:
    new_york = ZoneInfo("America/New_York")
    hours = Hours(new_york, read_week({"sat": ["23:00-01:05"], "sun": ["01:30-02:15"]}))
    half_past_one = datetime(2026, 11, 1, 1, 30, tzinfo=new_york)  # at two the clocks go back to one
    assert add_business(half_past_one, 31 * MINUTE, hours) == datetime(2026, 11, 1, 6, 1, tzinfo=UTC)
    assert add_business(half_past_one, 36 * MINUTE, hours) == datetime(2026, 11, 1, 6, 31, tzinfo=UTC)


def test_the_moment_itself_where_the_desk_is_open() -> None:
    moment = paris("2026-11-24 09:00") + timedelta(microseconds=7)
    assert next_opening(moment, OFFICE) == moment
    assert next_opening(moment, OFFICE).tzinfo is UTC
    assert is_open(paris("2026-11-24 09:00"), OFFICE)
    assert not is_open(paris("2026-11-24 12:30"), OFFICE)


def test_nothing_is_worked_backwards() -> None:
    assert business_between(paris("2026-11-24 12:00"), paris("2026-11-24 10:00"), OFFICE) == timedelta(0)
    with pytest.raises(ValueError, match="counted forward"):
        add_business(paris("2026-11-24 12:00"), -MINUTE, OFFICE)


def test_a_search_for_an_opening_ends() -> None:
    every_day = frozenset(date(2026, 1, 1) + step * DAY for step in range(1200))
    hours = Hours(PARIS, OFFICE.week, closing_days=every_day)
    with pytest.raises(ValueError, match="in the 400 days"):
        next_opening(paris("2026-02-01 10:00"), hours)
    with pytest.raises(ValueError, match="in the 400 days"):
        add_business(paris("2026-02-01 10:00"), MINUTE, hours)
    with pytest.raises(ValueError, match="in the 400 days"):
        due(paris("2025-12-31 10:00"), read_duration("1 business day"), hours)
    assert business_between(paris("2026-02-01 10:00"), paris("2028-02-01 10:00"), hours) == timedelta(0)


def test_a_naive_moment_is_refused() -> None:
    naive = datetime(2026, 11, 24, 10)  # noqa: DTZ001
    for words in ("1 hour", "1 business hour", "1 business day"):
        with pytest.raises(ValueError, match="aware"):
            due(naive, read_duration(words), OFFICE)


# The model: look at the clock on the wall, minute by minute


def model_works(day: date, hours: Hours) -> bool:
    return bool(hours.week[day.weekday()]) and day not in hours.closing_days and day not in hours.holidays(day.year)


def model_shift(moment: datetime, hours: Hours) -> date | None:
    wall = moment.astimezone(hours.zone)
    for back in (0, 1):
        day = wall.date() - back * DAY
        shown = wall.hour * 60 + wall.minute + back * 1440
        if model_works(day, hours) and any(a <= shown < b for a, b in hours.week[day.weekday()]):
            return day
    return None


def model_opening(moment: datetime, hours: Hours) -> datetime:
    while model_shift(moment, hours) is None:
        moment += MINUTE
    return moment


def model_add(start: datetime, minutes: int, hours: Hours) -> datetime:
    moment = model_opening(start, hours)
    while minutes:
        minutes -= model_shift(moment, hours) is not None
        moment += MINUTE
    return moment


def model_before(end: datetime, minutes: int, hours: Hours) -> datetime:
    moment = end
    while minutes:
        moment -= MINUTE
        minutes -= model_shift(moment, hours) is not None
    return moment


def model_days(start: datetime, count: int, hours: Hours) -> datetime:
    begin = model_opening(start, hours)
    shift = model_shift(begin, hours)
    assert shift
    day = shift
    for _ in range(count):
        day += DAY
        while not model_works(day, hours):
            day += DAY
    wall = begin.astimezone(hours.zone).replace(tzinfo=None)
    later = begin if count == 0 else (wall + (day - shift)).replace(tzinfo=hours.zone).astimezone(UTC)
    return model_opening(later, hours)


WEEKS = [
    {"mon-fri": ["09:00-12:30", "13:30-18:00"]},
    {"mon-fri": ["08:00-20:00"], "sat": ["09:00-12:00"]},
    {"mon-sun": ["22:00-06:00"]},
    {"mon-sun": ["00:00-24:00"]},
    {"sat-mon": ["01:30-02:15", "02:30-03:00", "23:15-01:05"]},
    {"fri-sun": ["00:30-02:00", "02:00-02:30", "18:00-00:30"]},
]
CHANGES = {
    "Europe/Paris": [(2026, 3, 29), (2026, 10, 25), (2027, 3, 28)],
    "America/New_York": [(2026, 3, 8), (2026, 11, 1), (2031, 3, 9)],
    "Asia/Kathmandu": [(1986, 1, 1)],  # to +5:45
    "Australia/Lord_Howe": [(2026, 4, 5), (2026, 10, 4)],  # by half an hour
    "America/Havana": [(2026, 3, 8), (2026, 11, 1)],  # at midnight
    "Asia/Beirut": [(2026, 3, 29), (2026, 10, 25)],  # at midnight, back into the day before
    "Pacific/Apia": [(2011, 12, 30)],  # a day that never was
    "America/Caracas": [(2007, 12, 9), (2016, 5, 1)],  # by half an hour, there and back
    "Africa/Casablanca": [(2026, 2, 15), (2026, 3, 22)],  # for Ramadan
    "Antarctica/Troll": [(2026, 3, 29), (2026, 10, 25)],  # by two hours
    "Asia/Kolkata": [(2026, 6, 15)],  # half an hour beside the hour, and never changed
    "Pacific/Kiritimati": [(1994, 12, 31)],  # over the date line, to +14
}
ALL_HOURS = {
    (zone, place): Hours(ZoneInfo(zone), read_week(week), PublicHolidays("FR" if place % 2 else ""))
    for zone in CHANGES
    for place, week in enumerate(WEEKS)
}
CLOSED = frozenset(date(*day) + step * DAY for days in CHANGES.values() for day in days for step in (-2, 1))
CLOSING = {
    (zone, place): Hours(ZoneInfo(zone), read_week(week), PublicHolidays("DE-BY"), CLOSED)
    for zone in CHANGES
    for place, week in enumerate(WEEKS)
}


@st.composite
def starts(draw: st.DrawFn) -> tuple[Hours, datetime]:
    """A desk, and a minute: mostly near a change of its clocks, else in any year from 1980 to 2037."""
    hours = draw(st.sampled_from([ALL_HOURS, CLOSING]))[draw(st.sampled_from(sorted(ALL_HOURS)))]
    near = datetime(*draw(st.sampled_from(CHANGES[hours.zone.key])), tzinfo=UTC)
    anywhere = datetime(1980, 1, 1, tzinfo=UTC) + draw(st.integers(0, 57 * 365)) * DAY
    day = draw(st.sampled_from([near, near, near, anywhere]))
    return hours, day + draw(st.integers(-3 * 1440, 2 * 1440)) * MINUTE


@settings(max_examples=examples(150), deadline=None)
@given(starts(), st.integers(0, 2000))
def test_business_minutes_are_those_of_the_model(start: tuple[Hours, datetime], minutes: int) -> None:
    hours, moment = start
    found = add_business(moment, minutes * MINUTE, hours)
    assert found == model_add(moment, minutes, hours)
    assert due(moment, Duration(minutes, Unit.BUSINESS_MINUTE), hours) == found
    assert business_between(moment, found, hours) == minutes * MINUTE
    assert next_opening(moment, hours) == model_opening(moment, hours)
    assert is_open(moment, hours) == (model_shift(moment, hours) is not None)


@settings(max_examples=examples(150), deadline=None)
@given(starts(), st.integers(0, 7))
def test_business_days_are_those_of_the_model(start: tuple[Hours, datetime], count: int) -> None:
    hours, moment = start
    found = due(moment, Duration(count, Unit.BUSINESS_DAY), hours)
    assert found == model_days(moment, count, hours)
    assert found >= moment
    assert is_open(found, hours)


@settings(max_examples=examples(60), deadline=None)
@given(starts(), st.integers(0, 5 * 1440))
def test_the_time_between_is_that_of_the_model(start: tuple[Hours, datetime], minutes: int) -> None:
    hours, moment = start
    worked = sum(model_shift(moment + step * MINUTE, hours) is not None for step in range(minutes))
    assert business_between(moment, moment + minutes * MINUTE, hours) == worked * MINUTE


@settings(max_examples=examples(60), deadline=None)
@given(starts(), st.integers(1, 2000))
def test_what_is_left_before_an_end_is_that_of_the_model(start: tuple[Hours, datetime], minutes: int) -> None:
    """How a warning a fixed time before the end is found."""
    hours, moment = start
    found = before(moment, Duration(minutes, Unit.BUSINESS_MINUTE), hours)
    assert business_between(found, moment, hours) == minutes * MINUTE
    assert found == model_before(moment, minutes, hours)
    assert before(moment, Duration(minutes, Unit.MINUTE), hours) == moment - minutes * MINUTE


@settings(max_examples=examples(8), deadline=None)
@given(starts(), st.integers(200, 900))
def test_months_and_years_are_added_up_like_minutes(start: tuple[Hours, datetime], days: int) -> None:
    """Sums of whole months are kept: over years they are those of the clock on the wall."""
    hours, moment = start
    end = moment + days * DAY + 37 * MINUTE
    step = 5 * MINUTE  # every interval of the weeks begins and ends on one, as every change of these zones does
    begin = moment - timedelta(minutes=moment.minute % 5)
    worked = sum(model_shift(begin + count * step, hours) is not None for count in range((end - begin) // step))
    last = begin + (end - begin) // step * step
    assert business_between(begin, last, hours) == worked * step
    assert add_business(begin, worked * step, hours) <= last


def test_business_days_before_an_end() -> None:
    def told(end: str, words: str) -> str:
        return f"{before(paris(end), read_duration(words), OFFICE).astimezone(PARIS):%a %Y-%m-%d %H:%M}"

    assert told("2026-11-24 10:15", "1 business day") == "Mon 2026-11-23 10:15"
    assert told("2026-11-23 10:15", "1 business day") == "Fri 2026-11-20 10:15"
    assert told("2026-11-23 10:15", "2 hours") == "Mon 2026-11-23 08:15"
    assert told("2026-11-23 10:15", "2 business hours") == "Fri 2026-11-20 17:15"


@pytest.mark.parametrize("hours", [*ALL_HOURS.values(), *CLOSING.values()])
def test_hours_are_spelt_and_read_again(hours: Hours) -> None:
    assert read_hours(spell_hours(hours)) == hours


def test_hours_in_words() -> None:
    hours = Hours(PARIS, OFFICE.week, PublicHolidays("FR"), frozenset({date(2026, 12, 24)}))
    assert spell_hours(hours) == "Europe/Paris | mon-fri 09:00-12:30 13:30-18:00 | FR | 2026-12-24"
