"""Opening hours in one line of words, as a ticket's history keeps them with each promise.

`Europe/Paris | mon 09:00-12:30 13:30-18:00, tue 09:00-18:00 | FR | 2026-12-24 2026-12-31`: the zone, the week, the
country of the public holidays, the own closing days. Pure; text of another form is a ValueError.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from mailgate.core.calendar.business_time import Hours, Interval, PublicHolidays, Week
from mailgate.core.calendar.week import DAY_NAMES, read_week

_DAY_MINUTES = 1440
_KEPT = 256  # spellings whose calendars stay in memory with what they have worked out; a desk has a handful


@lru_cache(maxsize=_KEPT)
def spell_hours(hours: Hours) -> str:
    """Spells opening hours in words. Holidays that no country names are left out."""
    place = hours.holidays.place if isinstance(hours.holidays, PublicHolidays) else ""
    days = " ".join(day.isoformat() for day in sorted(hours.closing_days))
    return " | ".join((hours.zone.key, spell_week(hours.week), place, days)).rstrip()


def spell_week(week: Week) -> str:
    """Spells a week in words; days in a row that have the same hours stand together."""
    told: list[tuple[int, int, tuple[Interval, ...]]] = []
    for day, intervals in enumerate(week):
        if told and told[-1][2] == intervals:
            told[-1] = (told[-1][0], day, intervals)
        else:
            told.append((day, day, intervals))
    return ", ".join(
        f"{_spell_days(first, last)} {' '.join(_spell_interval(one) for one in intervals)}"
        for first, last, intervals in told
        if intervals
    )


@lru_cache(maxsize=_KEPT)
def read_hours(text: str) -> Hours:
    """Reads the hours that `spell_hours` spelt; gives the same object for the same text."""
    zone, week, place, days = (part.strip() for part in f"{text} ".split("|"))
    table: dict[str, list[str]] = {}
    for part in week.split(", "):
        name, *intervals = part.split()
        table[name] = intervals
    closing = frozenset(date.fromisoformat(day) for day in days.split())
    return Hours(ZoneInfo(zone), read_week(table), PublicHolidays(place), closing)


def _spell_days(first: int, last: int) -> str:
    return DAY_NAMES[first] if first == last else f"{DAY_NAMES[first]}-{DAY_NAMES[last]}"


def _spell_interval(interval: Interval) -> str:
    closes = interval.closes if interval.closes <= _DAY_MINUTES else interval.closes - _DAY_MINUTES
    return f"{interval.opens // 60:02}:{interval.opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
