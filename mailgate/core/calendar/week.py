"""The working week and the public holidays of a calendar.

Pure. Public holidays come from the tables of the `holidays` package, a year at a time. Bad text is a ValueError whose
sentence can be shown to the operator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 1440
_INTERVAL = re.compile(r"\s*(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)\s*")


class Interval(NamedTuple):
    """Opening interval in minutes after midnight; `closes` is above 1440 for one over the next midnight."""

    opens: int
    closes: int


Week = tuple[tuple[Interval, ...], ...]  # seven days, Monday first


def read_week(table: Mapping[str, Sequence[str]]) -> Week:
    """Reads a week as `{"mon-fri": ["09:00-12:30", "13:30-18:00"], "sat": ["22:00-06:00"]}`.

    A day that is not named is closed. Raises ValueError with one sentence for the operator.
    """
    days: dict[int, tuple[Interval, ...]] = {}
    for key, texts in table.items():
        intervals = tuple(sorted(_read_interval(text) for text in texts))
        for day in _read_days(key):
            if day in days:
                raise ValueError(f"{DAY_NAMES[day]} is named twice")
            days[day] = intervals
    week = tuple(days.get(day, ()) for day in range(7))
    check_week(week)
    return week


def _read_days(key: str) -> Iterator[int]:
    names = key.strip().lower().split("-")
    if len(names) > 2 or any(name not in DAY_NAMES for name in names):
        raise ValueError(f'"{key}" is not a day: write mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri')
    first, last = DAY_NAMES.index(names[0]), DAY_NAMES.index(names[-1])
    return ((first + step) % 7 for step in range((last - first) % 7 + 1))


def _read_interval(text: str) -> Interval:
    found = _INTERVAL.fullmatch(text)
    numbers = [int(number) for number in found.groups()] if found else []
    opens, closes = (numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]) if numbers else (0, 0)
    if not numbers or numbers[1] > 59 or numbers[3] > 59 or opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        raise ValueError(f'"{text}" is not an interval: write an opening and a closing time, such as "09:00-12:30"')
    if opens == closes:
        raise ValueError(f'"{text}" is empty: write "00:00-24:00" for a whole day')
    return Interval(opens, closes if closes > opens else closes + _DAY_MINUTES)


def check_week(week: Week) -> None:
    """Raises ValueError for a week in which the desk never opens, or in which two intervals overlap."""
    if len(week) != 7 or not any(week):
        raise ValueError("no opening hours: give hours for at least one day of the week")
    minutes = [
        (day * _DAY_MINUTES + span.opens, day * _DAY_MINUTES + span.closes, day)
        for day, intervals in enumerate(week)
        for span in intervals
    ]
    first = minutes[0][0] + 7 * _DAY_MINUTES
    following = [opens for opens, _, _ in minutes[1:]] + [first]
    for (_, closes, day), opens in zip(minutes, following, strict=True):
        if closes > opens:
            raise ValueError(f"the interval that begins on {DAY_NAMES[day]} overlaps the next one")


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """Public holidays of a country (ISO 3166, "FR") or a part of it ("FR-57", "DE-BY"); "" has none.

    Called with a year, gives its days. Raises ValueError for a country or a part that is not known.
    """

    place: str

    def __post_init__(self) -> None:
        if self.place:
            _check_place(self.place)

    def __call__(self, year: int) -> frozenset[date]:
        return _holidays_of(self.place, year) if self.place else frozenset()


def _check_place(place: str) -> None:
    from holidays.registry import COUNTRIES  # late: commands that need no holidays answer sooner

    country, _, part = place.partition("-")
    if not any(country in names for names in COUNTRIES.values()) or len(country) != 2:
        raise ValueError(f'there are no public holidays for "{country}": write a country code such as FR or DE-BY')
    if not part:
        return
    try:
        _holidays_of(place, 2000)
    except NotImplementedError:  # what the holidays package raises for a part that it does not know
        raise ValueError(f'{country} has no region "{part}"; write {country} for the whole country') from None


@cache
def _holidays_of(place: str, year: int) -> frozenset[date]:
    import holidays

    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
