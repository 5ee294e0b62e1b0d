"""Terms of a promise: when a deadline is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailgate.core.sla.terms import is_overdue

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due_at", "overdue"),
    [
        (None, False),
        (NOON + timedelta(microseconds=1), False),
        (NOON, True),
        (NOON - timedelta(microseconds=1), True),
    ],
)
def test_a_deadline_is_over_from_its_own_moment_on(due_at: datetime | None, overdue: bool) -> None:
    assert is_overdue(due_at, NOON) is overdue
