"""The clock: nothing else reads the machine's, and a jump in either direction is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailgate.core.clock import HandClock, Jumps

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Told:
    """A clock that shows the time that it is set to."""

    def __init__(self) -> None:
        self.shown, self.seconds = START, 1000.0

    def now(self) -> datetime:
        return self.shown

    def passed(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("shown", "passed", "jumped"),
    [(0.5, 0.5, False), (70.0, 70.2, False), (3600.0, 0.5, True), (-3600.0, 0.5, True), (2.0, 0.5, True)],
)
def test_a_jump_is_noticed(shown: float, passed: float, jumped: bool) -> None:
    told = Told()
    jumps = Jumps(told, told.passed)
    told.shown += timedelta(seconds=shown)
    told.seconds += passed
    assert jumps.has_jumped() is jumped
    assert not jumps.has_jumped(), "it is reported once"


def test_a_jump_is_measured_both_ways_and_time_that_passes_is_none() -> None:
    clock = HandClock(START)
    jumps = Jumps(clock, clock.passed)
    clock.advance(timedelta(days=3))
    assert jumps.measure() == timedelta(0)
    clock.jump(timedelta(days=3))
    clock.advance(timedelta(minutes=1))
    assert jumps.measure() == timedelta(days=3)
    clock.jump(-timedelta(days=3))
    assert jumps.measure() == -timedelta(days=3)
