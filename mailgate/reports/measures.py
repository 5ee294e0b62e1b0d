"""Measures of a report: the name of each, its unit, and the samples that it is made of.

Every figure is made of samples, one for each thing that happened (a ticket that was opened, a solution and how long it
took), and a sample names its ticket: so every number can be traced. docs/reports.md says what each of them means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from statistics import fmean

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AGES = ("1 day", "3 days", "7 days", "30 days", "older")
"""Ages of open tickets, each up to a limit; the last for all that are older."""


class MeasureKind(StrEnum):
    """Function that makes a number of samples."""

    COUNT = "count"
    SUM = "sum"
    MEDIAN = "median"
    MOST = "the value that nine of ten do not exceed"
    MEAN = "mean"
    SHARE = "how many of a hundred are of the first kind"


class MeasureUnit(StrEnum):
    """Unit of a measure's number."""

    TICKETS = "tickets"
    TIMES = "times"
    MAILS = "mails"
    MINUTES = "minutes"
    PERCENT = "percent"
    STARS = "stars"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `samples` are the names of what it counts: two for a share, the first of which is its part.

    `by_level` says that each level has it as well, `by_item` that it comes once for each item (a day, a cause). Where a
    level counts other samples than the whole, they have the same name behind `at_level`.
    """

    name: str
    section: str
    unit: MeasureUnit
    kind: MeasureKind
    samples: tuple[str, ...]
    by_level: bool = False
    by_item: bool = False
    at_level: str = ""


def _count(
    name: str, section: str, unit: MeasureUnit = MeasureUnit.TICKETS, *, level: bool = False, item: bool = False
) -> Measure:
    return Measure(name, section, unit, MeasureKind.COUNT, (name,), level, item)


def _times(name: str, section: str, at_level: str = "") -> tuple[Measure, ...]:
    """Median and 90th percentile of a time, in the time that the promise counts and by the clock."""
    return tuple(
        Measure(
            f"{name}{clock}_{end}",
            section,
            MeasureUnit.MINUTES,
            kind,
            (f"{name}{clock or '_time'}",),
            by_level=True,
            at_level=at_level,
        )
        for clock in ("", "_clock")
        for end, kind in (("median", MeasureKind.MEDIAN), ("90", MeasureKind.MOST))
    )


def _promise(name: str, section: str) -> tuple[Measure, ...]:
    kept, missed = f"{name}_kept", f"{name}_missed"
    return (
        _count(kept, section, MeasureUnit.TIMES, level=True),
        _count(missed, section, MeasureUnit.TIMES, level=True),
        Measure(f"{name}_within", section, MeasureUnit.PERCENT, MeasureKind.SHARE, (kept, missed), by_level=True),
    )


def _share_of(name: str, section: str, part: str, rest: str) -> Measure:
    return Measure(name, section, MeasureUnit.PERCENT, MeasureKind.SHARE, (part, rest), by_item=True)


def _median_of(name: str, section: str, sample: str) -> Measure:
    return Measure(name, section, MeasureUnit.MINUTES, MeasureKind.MEDIAN, (sample,), by_item=True)


def _breakdown(dimension: str) -> tuple[Measure, ...]:
    """Measures of the tickets of each type, priority and so on: an item for each that occurs."""
    by, section = f"_by_{dimension}", f"by_{dimension}"
    return (
        _count(f"opened{by}", section, item=True),
        _count(f"closed{by}", section, MeasureUnit.TIMES, item=True),
        _share_of(f"first_try{by}", section, f"first_try{by}", f"later_try{by}"),
        _median_of(f"first_answer_median{by}", section, f"first_answer_time{by}"),
        _median_of(f"solution_median{by}", section, f"solution_time{by}"),
        _share_of(f"solution_within{by}", section, f"solution_kept{by}", f"solution_missed{by}"),
    )


DIMENSIONS = ("type", "priority", "department", "channel", "tag")
"""Properties of a ticket by which reports count; a ticket with several tags counts with each."""

ENDINGS = (
    "closed_confirmed", "closed_agent", "closed_silence", "closed_no_answer", "closed_withdrawn", "closed_duplicate",
    "closed_transferred", "closed_spam", "closed_operator",
)  # fmt: skip
"""Ways in which a ticket can end; every ticket that was closed ended in one of them."""

MEASURES: tuple[Measure, ...] = (
    _count("open_before", "volume"),
    _count("opened", "volume"),
    _count("reopened_closed", "volume", MeasureUnit.TIMES),
    _count("closed", "volume", MeasureUnit.TIMES),
    _count("open", "volume", level=True),
    _count("open_confirming", "volume"),
    _count("open_waiting", "volume", level=True),
    _count("overdue", "volume", level=True),
    Measure("mails_in", "volume", MeasureUnit.MAILS, MeasureKind.SUM, ("mails_in",)),
    Measure("mails_out", "volume", MeasureUnit.MAILS, MeasureKind.SUM, ("mails_out",)),
    _count("open_by_age", "age", item=True),
    _count("first_answers", "answer", level=True),
    *_times("first_answer", "answer"),
    *_promise("first_answer", "answer"),
    _count("solved", "solution", MeasureUnit.TIMES, level=True),
    *_times("solution", "solution", "level_"),
    *_promise("solution", "solution"),
    _count("escalated_by_timer", "escalation", MeasureUnit.TIMES, level=True),
    _count("escalated_by_hand", "escalation", MeasureUnit.TIMES, level=True),
    _count("escalated_not_fixed", "escalation", MeasureUnit.TIMES, level=True),
    _count("reopened", "ending", MeasureUnit.TIMES),
    *(_count(name, "ending", MeasureUnit.TIMES) for name in ENDINGS),
    Measure(
        "closed_confirmed_share",
        "ending",
        MeasureUnit.PERCENT,
        MeasureKind.SHARE,
        ("closed_confirmed", "closed_otherwise"),
    ),
    _count("rating_asked", "rating"),
    Measure("rating_share", "rating", MeasureUnit.PERCENT, MeasureKind.SHARE, ("rating_answered", "rating_unanswered")),
    _count("ratings", "rating"),
    Measure("rating_mean", "rating", MeasureUnit.STARS, MeasureKind.MEAN, ("ratings",)),
    _count("rating_words", "rating"),
    _count("ratings_by_stars", "rating", item=True),
    _count("closed_by_cause", "cause", item=True),
    Measure("time_spent", "time", MeasureUnit.MINUTES, MeasureKind.SUM, ("time_spent",), by_level=True),
    Measure("time_mean", "time", MeasureUnit.MINUTES, MeasureKind.MEAN, ("time_ticket",)),
    *(measure for dimension in DIMENSIONS for measure in _breakdown(dimension)),
    _count("solved_by_agent", "by_agent", MeasureUnit.TIMES, item=True),
    _count("answers_by_agent", "by_agent", MeasureUnit.TIMES, item=True),
    Measure(
        "time_spent_by_agent", "by_agent", MeasureUnit.MINUTES, MeasureKind.SUM, ("time_spent_by_agent",), by_item=True
    ),
    _count("opened_by_day", "days", item=True),
    _count("closed_by_day", "days", MeasureUnit.TIMES, item=True),
    _count("opened_by_hour", "hours", item=True),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def share(part: int, rest: int) -> float | None:
    """Returns the percentage of the first kind; None where there are none of either."""
    return 100 * part / (part + rest) if part + rest else None


def calculate(kind: MeasureKind, values: Sequence[float]) -> float | None:
    """Computes the number of a measure from values in their order; None where there are none to compute it from.

    The order of values counts for a median and for the value of nine in ten alone.
    """
    if kind is MeasureKind.SUM:
        return sum(values)
    if not values:
        return None
    if kind is MeasureKind.MEDIAN:
        middle, is_odd = divmod(len(values), 2)
        return values[middle] if is_odd else (values[middle - 1] + values[middle]) / 2
    if kind is MeasureKind.MEAN:
        return fmean(values)
    return values[ceil(len(values) * 0.9) - 1]


def hour_name(day: int, hour: int) -> str:
    """Returns an hour of the week as `mon 09`."""
    return f"{DAY_NAMES[day]} {hour:02}"
