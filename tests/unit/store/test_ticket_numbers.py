"""The counter of ticket numbers and its high-water mark: neither goes back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from mailgate.store.database import Database
from mailgate.store.ticket_numbers import HighWaterMark, last_number, mark_of, raise_counter
from mailgate.store.tickets import open_ticket
from tests.support.desk import MONDAY

TICKET = {
    "queue": "default", "state": "level1", "level": "level1", "subject": "", "requester": "anna@example.org",
    "requester_name": "", "language": "en", "created_at": MONDAY, "level_since": MONDAY,
}  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.create()
    yield database
    database.close()


def open_one(database: Database) -> int:
    with database.write() as connection:
        return open_ticket(connection, TICKET, "SUP").id


@pytest.mark.postgresql
def test_the_counter_goes_on_behind_a_number_and_never_back(database: Database) -> None:
    with database.write() as connection:
        assert last_number(connection) == 0
        assert raise_counter(connection, 41)
        assert last_number(connection) == 41
        assert not raise_counter(connection, 40)
    assert [open_one(database), open_one(database)] == [42, 43]
    with database.write() as connection:
        assert raise_counter(connection, 99)
        assert last_number(connection) == 99
    assert open_one(database) == 100


def test_a_ticket_raises_the_mark_when_it_is_committed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    database.create()
    mark = mark_of(database.engine.url)
    assert mark.read() == 0
    open_one(database)
    with database.write() as connection:
        number = open_ticket(connection, TICKET, "SUP").id
        assert mark.read() == 1
    assert mark.read() == number == 2
    with pytest.raises(ValueError, match="undone"), database.write() as connection:  # noqa: PT012
        open_ticket(connection, TICKET, "SUP")
        raise ValueError("undone")
    with database.write() as connection:
        open_ticket(connection, TICKET, "SUP")
        savepoint = connection.begin_nested()
        open_ticket(connection, TICKET, "SUP")
        savepoint.rollback()
    assert mark.read() == 3
    with database.read() as connection:
        assert last_number(connection) == 3
    database.close()


def test_a_mark_is_never_lowered_and_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mark = HighWaterMark(tmp_path / "desk.db.highest")
    for number in (7, 1_000_000, 8):
        mark.raise_to(number)
    assert mark.read() == 1_000_000
    assert (tmp_path / "desk.db.highest").stat().st_mode & 0o777 == 0o600
    (tmp_path / "desk.db.highest").write_text("no number")
    assert mark.read() == 0
    mark.raise_to(3)
    assert mark.read() == 3
    with caplog.at_level(logging.WARNING):
        HighWaterMark(tmp_path / "missing" / "desk.db.highest").raise_to(3)
        assert HighWaterMark(tmp_path).read() == 0
    assert [record.getMessage().partition(" ")[0] for record in caplog.records] == ["action=mark"] * 2


def test_where_a_mark_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    postgresql = make_url("postgresql+psycopg://mailgate@db.example.com/mailgate")
    assert mark_of(make_url("sqlite:////var/lib/mailgate/mailgate.db")).path == Path(
        "/var/lib/mailgate/mailgate.db.highest"
    )
    assert mark_of(make_url("sqlite://")).path is None
    assert mark_of(make_url("sqlite:///:memory:")).path is None
    assert mark_of(postgresql).path is None
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert mark_of(postgresql).path == tmp_path / "mailgate.highest"
