"""A failure of one row, or of a commit, stays with it: the others are served, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from mailgate.core.mail import Envelope
from mailgate.inbound.receiver import Receiver
from mailgate.store.database import Database
from mailgate.store.journal import JournalEntry, append
from mailgate.store.outbox import take_notices
from mailgate.store.schema import journal, outbox
from tests.support.desk import TestDesk

pytestmark = pytest.mark.postgresql


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


def _put(desk: TestDesk, *names: str) -> None:
    with desk.desk.database.write() as connection:
        for name in names:
            raw = f"From: {name}@example.org\r\nSubject: {name}\r\nMessage-ID: <{name}@x>\r\n\r\nBroken.\r\n".encode()
            envelope = Envelope(f"{name}@example.org", ("support@example.com",), "test", desk.clock.now())
            append(connection, JournalEntry(envelope, raw, f"{name}@x"))


def _states(desk: TestDesk, table: Any) -> list[tuple[str, int]]:
    with desk.desk.database.read() as connection:
        rows = connection.execute(select(table.c.state, table.c.attempts).order_by(table.c.id)).all()
    return [(row.state, row.attempts) for row in rows]


def test_a_mail_that_raises_is_parked_and_its_batch_is_served(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    receive = Receiver.receive

    def raising(self: Receiver, connection: Connection, row: Any, mail: Any) -> Any:
        received = receive(self, connection, row, mail)
        if row.sender == "bad@example.org":
            raise RuntimeError("a bug that shows after something was written")
        return received

    monkeypatch.setattr(Receiver, "receive", raising)
    _put(desk, "anna", "bad", "zoe")
    desk.settle()
    assert _states(desk, journal) == [("done", 1), ("waiting", 1), ("done", 1)]
    assert [ticket.requester for ticket in desk.tickets()] == ["anna@example.org", "zoe@example.org"]
    desk.pass_time("5 minutes")
    assert _states(desk, journal)[1] == ("parked", 6)
    assert len(desk.tickets()) == 2
    assert len(desk.delivered("bad@example.org")) == 0


def test_a_commit_that_fails_sends_nothing_twice(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay has taken the notice, then the database goes away for a moment: the answer is not forgotten."""
    _put(desk, "anna")
    while desk.inbound.step():
        pass
    write, failures = Database.write, [2]

    @contextmanager
    def failing(self: Database) -> Iterator[Connection]:
        with write(self) as connection:
            yield connection
            if desk.relay.mails and failures[0]:
                failures[0] -= 1
                raise ConnectionError("the database went away")

    monkeypatch.setattr(Database, "write", failing)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            desk.outbound.step()
    desk.settle()
    assert sorted(mail.recipient for mail in desk.relay.mails) == ["anna@example.org", "level1@example.com"]
    assert [state for state, _ in _states(desk, outbox)] == ["done", "done"]


def test_what_the_relay_said_last_is_noted_at_the_end(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon stops while one answer could not be committed and another dialogue has just ended."""
    _put(desk, "anna")
    while desk.inbound.step():
        pass
    write, failures = Database.write, [1]

    @contextmanager
    def failing(self: Database) -> Iterator[Connection]:
        with write(self) as connection:
            yield connection
            if desk.relay.mails and failures[0]:
                failures[0] -= 1
                raise ConnectionError("the database went away")

    monkeypatch.setattr(Database, "write", failing)
    with pytest.raises(ConnectionError):
        desk.outbound.step()
    row = _take_one(desk)
    desk.outbound._busy[desk.outbound._pool.submit(desk.outbound._deliver, row)] = row
    desk.outbound.close()
    assert len(desk.relay.mails) == 2
    assert [state for state, _ in _states(desk, outbox)] == ["done", "done"]


def _take_one(desk: TestDesk) -> Any:
    with desk.desk.database.write() as connection:
        [row] = take_notices(connection, desk.clock.now(), 1, desk.settings.limits.lease.span)
    return row
