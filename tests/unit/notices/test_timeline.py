"""The timeline of a long ticket: what is shown is read, and the rest only counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from mailgate.config.directory.entries import Directory
from mailgate.notices import timeline
from mailgate.notices.rendering.content import TimelineEntry
from mailgate.store.database import Database
from mailgate.store.events import NewEvent, add_event, list_histories
from mailgate.store.messages import MailRow, NewMessage, add_messages, read_mails
from mailgate.store.tickets import Ticket, open_ticket, save_ticket

pytestmark = pytest.mark.postgresql

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
MAILS = 400
_VALUES: dict[str, Any] = {
    "queue": "support", "state": "level1", "level": "level1", "subject": "", "requester": "anna@example.org",
    "requester_name": "Anna", "language": "en", "created_at": AT, "level_since": AT,
}  # fmt: skip


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    database = Database(database_url)
    database.create()
    with database.write() as connection:
        yield connection
    database.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of mails of which the words were read beside those of the newest."""
    found: list[int] = []

    def note(connection: Connection, ids: Collection[int]) -> list[MailRow]:
        found.extend(ids)
        return read_mails(connection, ids)

    monkeypatch.setattr(timeline, "read_mails", note)
    return found


def _fill(connection: Connection, mails: int, words: str = "Words {}.") -> Ticket:
    """Opens a ticket with mails of the requester and an agent in turn, each fourth of which is rejected."""
    ticket = open_ticket(connection, _VALUES, "SUP")
    save_ticket(connection, ticket, ticket)
    for number in range(mails):
        at, is_agent = AT + timedelta(minutes=number), number % 2 == 1
        sender = "alice@example.com" if is_agent else "anna@example.org"
        text = words.format(number) if number % 8 != 3 else ""
        add_messages(
            connection, ticket.id,
            [NewMessage("in", sender, (), "", f"{number}@example.org", at, text, text, journal_id=number + 1)],
        )  # fmt: skip
        event = "request" if number == 0 else "answer" if is_agent else "in"
        row = "level1 · answer" if number % 4 != 3 else "refused"
        add_event(
            connection, ticket.id, NewEvent(at, event, "level1", "level1", "", sender, row=row, journal_id=number + 1)
        )
        add_event(connection, ticket.id, NewEvent(at, "warning", "level1", "level1", "due", "timer warning"))
    return ticket


def _timeline(connection: Connection, ticket: Ticket, most: int | None = None) -> tuple[tuple[TimelineEntry, ...], int]:
    return timeline.timeline_of(connection, ticket, list_histories(connection, ticket.id), Directory(), most)


def test_a_timeline_read_in_pieces_is_the_whole_one(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = _fill(connection, MAILS, "Words {}. " + 100 * "and more ")
    in_pieces = _timeline(connection, ticket)
    monkeypatch.setattr(timeline, "_PIECE", 10_000)
    assert in_pieces == _timeline(connection, ticket)
    shown, left_out = in_pieces
    assert left_out > 0
    assert (shown[0].text[:8], shown[0].who) == ("Words 0.", "Anna")


def test_entries_that_are_not_shown_are_counted_without_their_words(connection: Connection, read: list[int]) -> None:
    ticket = _fill(connection, MAILS)
    whole, _ = _timeline(connection, ticket)
    rejected = MAILS // 4
    assert rejected < len(read) <= MAILS, "no mail is read twice"
    del read[:]
    shown, left_out = _timeline(connection, ticket, most=20)
    assert shown == (whole[0], *whole[-20:])
    assert left_out == len(whole) - 21
    assert len(read) <= rejected + 1, "the first mail, and those that have an entry only if they have words"
