"""Durable work under several hands: nobody takes what another has, and nothing of a dead holder is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from mailgate.core.mail import Envelope
from mailgate.store.database import Database
from mailgate.store.journal import JournalEntry, append
from mailgate.store.locks import free_lease, hold_lease
from mailgate.store.schema import journal, outbox, timers
from mailgate.store.work_queue import finish, is_due, next_due, release, take

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.create()
    yield found
    found.close()


def _fill(database: Database, count: int) -> None:
    with database.write() as connection:
        for number in range(count):
            envelope = Envelope("anna@example.org", ("support@example.com",), "test", NOW)
            append(connection, JournalEntry(envelope, b"Subject: x\r\n\r\n", f"{number}@x"))


def test_many_hands_take_each_row_once(database: Database) -> None:
    _fill(database, 120)
    taken: list[int] = []

    def work() -> None:
        while True:
            with database.write() as connection:
                rows = take(connection, journal, NOW, 7, LEASE)
            if not rows:
                return
            assert len(rows) <= 7
            taken.extend(row.id for row in rows)

    hands = [threading.Thread(target=work) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert set(Counter(taken).values()) == {1}
    assert len(taken) == 120


def test_who_lost_the_lease_cannot_finish(database: Database) -> None:
    _fill(database, 1)
    with database.write() as connection:
        [slow] = take(connection, journal, NOW, 1, LEASE)
    with database.write() as connection:
        assert take(connection, journal, NOW + LEASE / 2, 1, LEASE) == []
        [other] = take(connection, journal, NOW + LEASE, 1, LEASE)
        assert not finish(connection, journal, slow)
        assert finish(connection, journal, other)


def test_a_row_given_back_uncounted_is_as_before(database: Database) -> None:
    _fill(database, 1)
    with database.write() as connection:
        [row] = take(connection, journal, NOW, 1, LEASE)
        release(connection, journal, row, NOW, "another transaction was in the way")
        [again] = take(connection, journal, NOW, 1, LEASE)
    assert (row.attempts, again.attempts) == (1, 1)


def test_the_next_look_is_at_the_end_of_a_lease(database: Database) -> None:
    _fill(database, 1)
    with database.write() as connection:
        assert next_due(connection, journal, NOW) == NOW
        take(connection, journal, NOW, 1, LEASE)
        assert next_due(connection, journal, NOW) == NOW + LEASE


def test_a_lease_has_one_holder_until_it_runs_out(database: Database) -> None:
    with database.write() as connection:
        assert hold_lease(connection, "clock", "first", NOW, NOW + LEASE)
        assert not hold_lease(connection, "clock", "second", NOW + LEASE / 2, NOW + LEASE)
        assert hold_lease(connection, "clock", "first", NOW + LEASE / 2, NOW + LEASE * 2)
        assert not hold_lease(connection, "clock", "second", NOW + LEASE, NOW + LEASE * 2)
        assert hold_lease(connection, "clock", "second", NOW + LEASE * 2, NOW + LEASE * 3)
        free_lease(connection, "clock", "first")  # not its own any more
        assert not hold_lease(connection, "clock", "first", NOW + LEASE * 2, NOW + LEASE * 3)
        free_lease(connection, "clock", "second")
        assert hold_lease(connection, "clock", "first", NOW + LEASE * 2, NOW + LEASE * 3)


@pytest.mark.system
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_what_is_due_is_found_by_its_index_whatever_the_plan(database: Database) -> None:
    """PostgreSQL keeps a plan made without the values: it must not read every row that ever was."""
    with database.write() as connection:
        connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        for table in (journal, outbox, timers):
            for _ in range(10):  # a statement is kept once it has come several times
                is_due(connection, table, NOW)
                take(connection, table, NOW, 7, LEASE)
                next_due(connection, table, NOW)
            assert _scans(connection, table.name) == 0, table.name


def _scans(connection: Connection, table: str) -> int:
    """How often this transaction read a table from end to end."""
    query = text("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = :name")
    return int(connection.execute(query, {"name": table}).scalar_one())
