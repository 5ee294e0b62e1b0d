"""Announcements on PostgreSQL: who hears of new work, and what a lost announcement costs."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from mailgate.core.mail import Envelope
from mailgate.store.announcements import QUEUES, announce
from mailgate.store.change_watch import ChangeWatch, open_watch
from mailgate.store.database import Database
from mailgate.store.journal import JournalEntry, append, take_fresh
from mailgate.store.migrations import migrate
from mailgate.store.schema import journal
from mailgate.store.work_queue import DONE, finish, requeue
from tests.support.postgres import Cluster

pytestmark = pytest.mark.postgresql

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LONG = 30.0  # seconds; a wait ends at once where there is something to hear

Process = tuple[Database, ChangeWatch]
Start = Callable[[], Process]


@pytest.fixture
def start(cluster: Cluster) -> Iterator[Start]:
    """Opens the database as a process of the desk does, with a watch that listens."""
    url, started = cluster.lend(), list[Process]()

    def start_one() -> Process:
        database = Database(url)
        watch = open_watch(database)
        started.append((database, watch))
        assert set(watch.wait(LONG)) == QUEUES, "there may be work from before"
        return started[-1]

    yield start_one
    for database, watch in started:
        watch.close()
        database.close()
    cluster.take_back(url)


def _put_in(database: Database) -> int:
    envelope = Envelope("anna@example.org", ("support@example.com",), "pipe", NOW)
    with database.write() as connection:
        return append(connection, JournalEntry(envelope, b"Subject: x\r\n\r\nIt is broken.\r\n", "1@x"))


def _hear_all(watch: ChangeWatch) -> set[str]:
    """Returns what was announced until nothing more is for a moment."""
    heard: set[str] = set()
    while told := watch.wait(0.2):
        heard.update(told)
    return heard


def _settle(*watches: ChangeWatch) -> None:
    """Lets the watches announce and hear that they have started, as their threads do."""
    while set().union(*map(_hear_all, watches)):
        pass


def test_a_command_announces_what_it_commits(start: Start) -> None:
    command, (_, watch) = Database(start()[0].url), start()
    _hear_all(watch)
    row = _put_in(command)
    assert set(watch.wait(LONG)) == {"journal"}
    with command.write() as connection:
        (taken,) = take_fresh(connection, NOW, 1, NOW - NOW)
        assert finish(connection, journal, taken, DONE)
    assert _hear_all(watch) == set(), "what is taken and finished is no new work"
    with command.write() as connection:
        connection.execute(text("UPDATE journal SET state = 'parked'"))
        assert requeue(connection, journal, [row], NOW) == [row]
    assert set(watch.wait(LONG)) == {"journal"}
    command.close()


def test_a_process_with_a_watch_announces_by_it(start: Start) -> None:
    (ours, mine), (_, other) = start(), start()
    _settle(mine, other)
    _put_in(ours)
    assert set(other.wait(0)) == set(), "not yet: the thread of the watch does it"
    assert set(mine.wait(LONG)) == {"journal"}
    assert set(other.wait(LONG)) == {"journal"}
    for _ in range(3):
        _put_in(ours)
    assert (_hear_all(mine), _hear_all(other)) == ({"journal"}, {"journal"})


def test_nothing_is_announced_of_what_is_rolled_back(start: Start) -> None:
    command, (_, watch) = Database(start()[0].url), start()
    _hear_all(watch)
    with suppress(ZeroDivisionError), command.write() as connection:
        append(connection, JournalEntry(Envelope(None, (), "pipe", NOW), b"x", "1@x"))
        raise ZeroDivisionError
    assert _hear_all(watch) == set()
    command.close()


def test_a_process_that_starts_announces_what_a_killed_one_could_not(start: Start) -> None:
    (killed, its), (_, other) = start(), start()
    _settle(its, other)
    killed.announce_by(lambda _queues: None)
    _put_in(killed)
    assert _hear_all(other) == set()
    _, again = start()
    _hear_all(again)  # its thread announces
    assert set(other.wait(LONG)) == QUEUES


def test_a_watch_that_is_closed_leaves_no_work_unannounced(start: Start) -> None:
    (ours, mine), (_, other) = start(), start()
    _settle(mine, other)
    _put_in(ours)
    mine.close()
    assert set(other.wait(LONG)) == {"journal"}
    _put_in(ours)
    assert set(other.wait(LONG)) == {"journal"}, "after that each transaction does it itself"


def test_a_watch_that_lost_its_server_reports_work_and_listens_again(start: Start) -> None:
    (ours, its), (_, watch) = start(), start()
    _settle(its, watch)
    with ours.write() as connection:
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    assert set(watch.wait(LONG)) == QUEUES
    assert set(watch.wait(LONG)) == QUEUES, "connected again"
    _hear_all(watch)
    announce(ours.engine, {"timers"})
    assert set(watch.wait(LONG)) == {"timers"}


def test_a_commit_stands_where_the_server_takes_no_announcement() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        database = Database(f"postgresql+psycopg://desk@127.0.0.1:{nobody.getsockname()[1]}/desk")
        announce(database.engine, {"journal"})
        database.close()


def test_no_transaction_of_a_migrated_database_waits_to_announce(cluster: Cluster) -> None:
    """Transactions with NOTIFY commit one at a time."""
    database = Database(cluster.create())
    with database.write() as connection:
        migrate(connection)
        found = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid <> 'events'::regclass"
        assert connection.execute(text(found)).scalars().all() == []
        assert connection.execute(text("SELECT to_regproc('mailgate_tell')")).scalar() is None
    database.close()
