"""The time. Whoever needs it is handed a Clock; nothing else reads the system's clock for a decision."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_SMALLEST_JUMP = 1.0  # seconds; clocks that are kept in step are moved by less


class Clock(Protocol):
    """Tells the time as an aware datetime in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Jumps:
    """Notices when the clock goes another way than time does: the machine was suspended, or somebody has set it.

    Whoever sleeps until a deadline sleeps by the monotonic clock, which stands while the machine is suspended.
    """

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._shown, self._passed = clock.now(), monotonic()

    def has_jumped(self) -> bool:
        """Whether it has since the last look; by less than a second does not count."""
        shown, passed = self._clock.now(), self._monotonic()
        jump = (shown - self._shown).total_seconds() - (passed - self._passed)
        self._shown, self._passed = shown, passed
        return abs(jump) > _SMALLEST_JUMP


class HandClock:
    """A clock that moves only when told: for tests, and for the demo that plays days in seconds."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to a moment, never backwards."""
        self._now = max(self._now, moment.astimezone(UTC))

    def advance(self, step: timedelta) -> None:
        self._now += step
