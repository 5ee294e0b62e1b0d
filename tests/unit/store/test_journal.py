"""A mail that came twice: the one processed first counts, even if two workers hold the two at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from mailgate.core.mail import Envelope
from mailgate.store.blobs import get_blob
from mailgate.store.database import Database
from mailgate.store.journal import JournalEntry, append, append_all, is_duplicate, note_fingerprint
from mailgate.store.schema import journal
from mailgate.store.spool import PIECE
from mailgate.store.work_queue import DONE

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WAITS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.create()
    yield found
    found.close()


def _append(database: Database, count: int) -> list[int]:
    envelope = Envelope("anna@example.org", ("support@example.com",), "test", NOW)
    with database.write() as connection:
        return [append(connection, JournalEntry(envelope, b"the same", "")) for _ in range(count)]


def _work_off(database: Database, row_id: int) -> None:
    with database.write() as connection:
        note_fingerprint(connection, row_id, "looks")
        connection.execute(update(journal).where(journal.c.id == row_id).values(state=DONE))


def _is_duplicate(database: Database, row_id: int, since: datetime = NOW) -> bool:
    with database.write() as connection:
        return is_duplicate(connection, row_id, "looks", since)


def test_mails_of_one_commit_keep_their_order_each_with_its_own_bytes(database: Database) -> None:
    """With and without keys, small and large; one that is offered twice has one row."""
    keys, sizes = [None, None, "key 1", "key 1", None, None, "key 2", None], [0, 5, 7, 7, PIECE, 9, 3, 11]
    entries = []
    for place, (key, size) in enumerate(zip(keys, sizes, strict=True)):
        envelope = Envelope(f"{place}@example.org", (), "test", NOW, source_key=key)
        entries.append(JournalEntry(envelope, bytes([place]) * size, f"{place}@x"))
    with database.write() as connection:
        ids = append_all(connection, entries)
        assert append_all(connection, []) == []
    assert ids[2] == ids[3]
    del ids[3], entries[3]
    assert ids == sorted({*ids})
    with database.read() as connection:
        rows = connection.execute(select(journal).order_by(journal.c.id)).all()
        assert [row.id for row in rows] == ids
        for row, entry in zip(rows, entries, strict=True):
            assert (row.sender, row.message_id, row.size) == (entry.envelope.sender, entry.message_id, len(entry.raw))
            assert get_blob(connection, row.blob_id) == entry.raw


def test_the_first_of_two_is_no_duplicate_the_second_is(database: Database) -> None:
    first, second = _append(database, 2)
    assert not _is_duplicate(database, first)
    with database.write() as connection:
        note_fingerprint(connection, first, "looks")
    assert _is_duplicate(database, second)
    assert not _is_duplicate(database, first)


def test_a_later_mail_counts_once_it_is_done(database: Database) -> None:
    first, second = _append(database, 2)
    with database.write() as connection:
        note_fingerprint(connection, second, "looks")
    assert not _is_duplicate(database, first)
    _work_off(database, second)
    assert _is_duplicate(database, first)
    assert not _is_duplicate(database, second)


def test_what_came_too_long_ago_does_not_count(database: Database) -> None:
    first, second = _append(database, 2)
    _work_off(database, first)
    assert _is_duplicate(database, second)
    assert not _is_duplicate(database, second, NOW + timedelta(seconds=1))


@pytest.mark.system
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_looks_meanwhile_waits_for_the_other_worker(database: Database) -> None:
    first, second = _append(database, 2)
    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            assert not is_duplicate(connection, second, "looks")
            looking = pool.submit(_is_duplicate, database, first)
            _wait_until_held_up(database, looking)
            note_fingerprint(connection, second, "looks")
            connection.execute(update(journal).where(journal.c.id == second).values(state=DONE))
        assert looking.result(20), "one mail became two tickets"
    with database.read() as connection:
        looks = connection.execute(select(journal.c.fingerprint).order_by(journal.c.id)).scalars().all()
    assert looks == [None, "looks"]


def _wait_until_held_up(database: Database, looking: Future[bool]) -> None:
    while not looking.done():
        with database.read() as connection:
            if connection.execute(WAITS).scalar_one():
                return
