"""Clocks: code that depends on the time receives a `Clock`; only `SystemClock` reads the machine's date."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_SMALLEST_JUMP = 1.0  # seconds; clocks that are kept in step are moved by less


class Clock(Protocol):
    """Source of the time, as an aware datetime in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """Clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Jumps:
    """Detects that the clock jumped: the machine was suspended, or its clock was set.

    A thread that sleeps until a deadline sleeps by the monotonic clock, which stands while the machine is suspended.
    """

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._shown, self._passed = clock.now(), monotonic()

    def has_jumped(self) -> bool:
        """Tells whether the clock jumped since the last call; less than a second does not count."""
        shown, passed = self._clock.now(), self._monotonic()
        jump = (shown - self._shown).total_seconds() - (passed - self._passed)
        self._shown, self._passed = shown, passed
        return abs(jump) > _SMALLEST_JUMP


class HandClock:
    """Clock that moves only when it is set: for tests, and for the demo that plays days in seconds."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """Moves the clock to a moment, never backwards."""
        self._now = max(self._now, moment.astimezone(UTC))

    def advance(self, step: timedelta) -> None:
        self._now += step
