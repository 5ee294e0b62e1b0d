"""A ticket's mails and steps as they came about. Pure: rows of the store in, the same rows in their order out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row


def in_order(messages: Sequence[Row[Any]], events: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Messages and events as they came about: a mail, the steps it led to, the notices of these.

    What one mail led to has its time of receipt. Where two have the same, a notice belongs to the mail before it. What
    a mail of no ticket led to (`#show`) stands with its step.
    """
    caused = {row.at: row.journal_id or 0 for row in events}
    keyed: list[tuple[tuple[datetime, int, int, int], Row[Any]]] = []
    at: datetime | None = None
    cause = 0
    for row in messages:
        if row.direction == "in":
            at, cause = row.at, row.journal_id or 0
        by = cause if row.at == at else caused.get(row.at, 0)
        keyed.append(((row.at, by, 0 if row.direction == "in" else 2, row.id), row))
    keyed += [((row.at, row.journal_id or 0, 1, row.id), row) for row in events]
    return [row for _, row in sorted(keyed, key=lambda one: one[0])]


def is_event(row: Row[Any]) -> bool:
    """Whether a row of `in_order` is a step, and no mail."""
    return hasattr(row, "event")
