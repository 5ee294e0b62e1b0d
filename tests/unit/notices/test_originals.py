"""The originals of a bundle: each file of a ticket is looked at once, however many mails it has."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from mailgate.notices import originals
from mailgate.notices.mime.forwarded import Marks

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


class CountedRow:
    """A row of the store that counts what is read of it, and how often it is compared."""

    def __init__(self, looks: Counter[str], **values: Any) -> None:
        self._looks = looks
        self._values = values

    def __getattr__(self, name: str) -> Any:
        self._looks[name] += 1
        return self._values[name]

    def __eq__(self, other: object) -> bool:
        self._looks["compared"] += 1
        return self is other

    __hash__ = None  # type: ignore[assignment]


def look_at(mails: int, monkeypatch: pytest.MonkeyPatch) -> tuple[originals.Originals, Counter[str]]:
    """Bundles the originals of a ticket with as many mails, each of them with three files and too large to attach."""
    looks: Counter[str] = Counter()
    size = originals.LARGEST_EXCERPT + 1
    rows = [
        CountedRow(
            looks,
            id=number,
            journal_id=number,
            at=AT,
            sender="jo@example.org",
            new_text="",
            size=size,
            is_of_several=False,
        )
        for number in range(mails)
    ]
    files = [CountedRow(looks, message_id=number % mails, span=None) for number in range(3 * mails)]
    monkeypatch.setattr(originals, "list_originals", lambda _connection, _ticket: rows)
    monkeypatch.setattr(originals, "list_attachments", lambda _connection, _ticket: files)
    connection = cast(Connection, None)
    return originals.bundle_originals(connection, {1: ()}, ZoneInfo("UTC"), Marks("", "")), looks


def test_twice_the_mails_are_twice_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    few, once = look_at(200, monkeypatch)
    many, twice = look_at(400, monkeypatch)
    assert (len(few.left_out), len(many.left_out)) == (200, 400), "each is too large, and named"
    assert sum(twice.values()) <= 2 * sum(once.values())


def test_each_file_is_looked_at_once_and_no_mail_is_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    _, looks = look_at(200, monkeypatch)
    assert looks["message_id"] == 600
    assert looks["compared"] == 0
