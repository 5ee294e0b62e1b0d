"""Durations in words: "90 minutes", "2 business days" (rule 26). Pure; bad text is a ValueError for the operator."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

LONGEST_DAYS = 36_525  # a hundred years: a longer duration is a typing error
_DURATION = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s+(?:(business)\s+)?([a-z]+)\s*", re.IGNORECASE)


class Unit(StrEnum):
    """Unit of a duration. The business units depend on the calendar, the others never do."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    BUSINESS_MINUTE = "business minute"
    BUSINESS_HOUR = "business hour"
    BUSINESS_DAY = "business day"


_SECONDS = {
    Unit.SECOND: 1,
    Unit.MINUTE: 60,
    Unit.HOUR: 3600,
    Unit.DAY: 86_400,
    Unit.WEEK: 604_800,
    Unit.BUSINESS_MINUTE: 60,
    Unit.BUSINESS_HOUR: 3600,
}


@dataclass(frozen=True, slots=True)
class Duration:
    """Amount of a unit, never negative; business days are whole. `str` gives the words back."""

    amount: Fraction | int
    unit: Unit
    business: bool = field(init=False, repr=False, compare=False)  # whether the unit depends on the calendar
    _span: timedelta | None = field(default=None, init=False, repr=False, compare=False)  # asked for very often

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a duration cannot be negative")
        if self.unit is Unit.BUSINESS_DAY and self.amount != int(self.amount):
            raise ValueError("business days must be whole; write business hours for part of a day")
        if self.amount * _SECONDS.get(self.unit, 86_400) > LONGEST_DAYS * 86_400:
            raise ValueError("durations of more than 100 years are not allowed")
        object.__setattr__(self, "business", self.unit.startswith("business"))
        if self.unit is not Unit.BUSINESS_DAY:
            span = timedelta(microseconds=round(self.amount * _SECONDS[self.unit] * 1_000_000))
            object.__setattr__(self, "_span", span)

    @property
    def span(self) -> timedelta:
        """Length on the clock, or the time to be worked for business minutes and hours.

        Raises ValueError for business days, whose length only the calendar knows.
        """
        if self._span is None:
            raise ValueError("the length of a business day depends on the calendar")
        return self._span

    def __str__(self) -> str:
        exact = Fraction(self.amount)
        number = f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"
        return f"{number} {self.unit}{'' if exact == 1 else 's'}"


def read_duration(text: str) -> Duration:
    """Reads words such as "90 minutes", "2 business days" or "1.5 hours" (rule 26).

    Raises ValueError with one sentence for the operator.
    """
    found = _DURATION.fullmatch(text)
    word = found[3].lower() if found else ""
    name = f"{'business ' if found and found[2] else ''}{word.removesuffix('s')}"
    if found is None or name not in set(Unit):
        units = ", ".join(Unit)
        raise ValueError(f'"{text}" is not a duration: write a number and a unit, such as "90 minutes"; units: {units}')
    return Duration(Fraction(found[1]), Unit(name))
