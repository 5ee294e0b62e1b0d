"""The clock: nothing else reads the machine's, and a jump in either direction is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailgate.core.clock import Jumps

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Told:
    """A clock that shows the time that it is set to."""

    def __init__(self) -> None:
        self.shown, self.passed = START, 1000.0

    def now(self) -> datetime:
        return self.shown

    def monotonic(self) -> float:
        return self.passed


@pytest.mark.parametrize(
    ("shown", "passed", "jumped"),
    [(0.5, 0.5, False), (70.0, 70.2, False), (3600.0, 0.5, True), (-3600.0, 0.5, True), (2.0, 0.5, True)],
)
def test_a_jump_is_noticed(shown: float, passed: float, jumped: bool) -> None:
    told = Told()
    jumps = Jumps(told, told.monotonic)
    told.shown += timedelta(seconds=shown)
    told.passed += passed
    assert jumps.has_jumped() is jumped
    assert not jumps.has_jumped(), "it is told once"
