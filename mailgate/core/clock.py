"""Clocks: code that depends on the time receives a `Clock`; only `SystemClock` reads the machine's date."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_SMALLEST_JUMP = 1.0  # seconds; clocks that are kept in step are moved by less


class Clock(Protocol):
    """Source of the time."""

    def now(self) -> datetime:
        """Returns the time as an aware datetime in UTC; it may go back or forward when the clock is set."""

    def passed(self) -> float:
        """Returns seconds that only ever grow with the time that passes, a suspension of the machine included."""


class SystemClock:
    """Clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def passed(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)


class Jumps:
    """Detects that the clock jumped against another measure of the time that passes.

    A thread that sleeps until a deadline sleeps by the monotonic clock, which stands while the machine is suspended:
    by that measure a suspension is a jump, too. By `Clock.passed` only a clock that was set is one.
    """

    def __init__(self, clock: Clock, passed: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._measure = passed
        self._shown, self._passed = clock.now(), passed()

    def has_jumped(self) -> bool:
        """Tells whether the clock jumped since the last call; less than a second does not count."""
        return abs(self.measure().total_seconds()) > _SMALLEST_JUMP

    def measure(self) -> timedelta:
        """Returns by how much the clock went forward since the last call, beyond the time that passed; back: < 0."""
        shown, passed = self._clock.now(), self._measure()
        jump = shown - self._shown - timedelta(seconds=passed - self._passed)
        self._shown, self._passed = shown, passed
        return jump


class HandClock:
    """Clock that moves only when it is set: for tests, and for the demo that plays days in seconds."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = start.astimezone(UTC)
        self._start = self._now

    def now(self) -> datetime:
        return self._now

    def passed(self) -> float:
        return (self._now - self._start).total_seconds()

    def set(self, moment: datetime) -> None:
        """Moves the clock to a moment, never backwards."""
        self._now = max(self._now, moment.astimezone(UTC))

    def advance(self, step: timedelta) -> None:
        self._now += step

    def jump(self, step: timedelta) -> None:
        """Shows another time without any that passes, as a clock that is set."""
        self._now += step
        self._start += step
