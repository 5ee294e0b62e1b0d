"""A failure of one row, or of a commit, stays with it: the others are served, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text, update

from mailgate.core.mail import Envelope
from mailgate.daemon.workers import inbound, timers
from mailgate.inbound.new_ticket import TicketOpener
from mailgate.inbound.receiver import Receiver
from mailgate.notices.mime.forwarded import mail_shows_token
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.database import Database
from mailgate.store.journal import JournalEntry, append
from mailgate.store.outbox import take_notices
from mailgate.store.schema import blobs, journal, outbox
from mailgate.store.work_queue import requeue
from tests.support.desk import CONFIG, TestDesk

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
    alarm = " ".join(desk.last("operator@example.com", "alarm").text.split())
    assert "email 2 from bad@example.org (“bad”) couldn’t be processed" in alarm.lower()
    assert "RuntimeError: a bug that shows after something was written" in alarm
    assert "`mailgate requeue journal 2`" in alarm


def test_a_mail_for_which_no_ticket_can_be_opened_goes_to_level_1(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug in what opens tickets")

    monkeypatch.setattr(TicketOpener, "open", raising)
    _put(desk, "bad")
    desk.pass_time("5 minutes")
    assert (_states(desk, journal), desk.tickets()) == ([("parked", 6)], [])
    assert len(desk.delivered("bad@example.org")) == 0
    told = desk.last("level1@example.com", "unprocessed")
    [attached] = told.message.iter_attachments()
    assert attached.get_content_type() == "message/rfc822"
    assert attached.get_content().get_content().strip() == "Broken."
    assert "bad@example.org" in told.text
    assert "`mailgate requeue journal 1`" in told.text
    with desk.desk.database.write() as connection:
        assert requeue(connection, journal, [1], desk.clock.now()) == [1]
    desk.pass_time("5 minutes")
    reports = [mail for mail in desk.delivered("level1@example.com") if mail.notice == "unprocessed"]
    assert len(reports) == 2, "one for each parking"
    monkeypatch.undo()
    with desk.desk.database.write() as connection:
        requeue(connection, journal, [1], desk.clock.now())
    _put(desk, "bad")  # the same mail once more
    desk.settle()
    assert [ticket.requester for ticket in desk.tickets()] == ["bad@example.org"]
    assert [state for state, _ in _states(desk, journal)] == ["done", "duplicate"]


def test_what_cannot_be_reported_is_parked_all_the_same(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Receiver, "receive", raising)
    monkeypatch.setattr(Receiver, "open_for_parked", raising)
    monkeypatch.setattr(SystemNotices, "alarm", raising)
    monkeypatch.setattr(SystemNotices, "send_unprocessed", raising)
    _put(desk, "bad")
    desk.pass_time("5 minutes")
    assert _states(desk, journal) == [("parked", 6)]
    assert _states(desk, outbox) == []


def test_a_mail_that_stops_the_worker_every_time_is_parked_unread(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    monkeypatch.setattr(inbound, "read_mail", lambda *_: read.append(1))
    _put(desk, "bad")
    with desk.desk.database.write() as connection:
        connection.execute(update(journal).values(attempts=6))
    desk.settle()
    assert (_states(desk, journal), read) == ([("parked", 7)], [])
    assert "stopped the worker every time" in desk.last("operator@example.com", "alarm").text
    told = desk.last("level1@example.com", "unprocessed")
    assert not list(told.message.iter_attachments())
    assert "`mailgate cat journal 1`" in told.text


def test_a_parked_mail_goes_to_level_1_without_any_token(desk: TestDesk) -> None:
    """A mail without From names no sender; the token of the requester in it would let Level 1 answer in their name."""
    desk.send(desk.mail("anna@example.org", "Word does not start.", subject="Word"))
    receipt = desk.last("anna@example.org", "receipt")
    for end, kind in (("Hello", "message/rfc822"), ("H\xe9llo", "application/octet-stream")):
        raw = f"To: {receipt.reply_to}\nSubject: {receipt.message_id}\n\n{end}\n".encode("latin-1")
        desk.receive(raw, None)
        told = desk.last("level1@example.com", "unprocessed")
        [attached] = told.message.iter_attachments()
        assert attached.get_content_type() == kind
        assert "it names no sender" in told.text
        whole = told.raw + attached.as_bytes()
        assert receipt.reply_to.encode() not in whole
        assert not mail_shows_token(whole)


def test_a_level_gets_only_so_many_mails_without_a_sender_an_hour(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=f"{CONFIG}\n[limits]\nagent_mails_per_hour = 2\n")
    for number in range(4):
        desk.receive(f"Subject: {number}\r\n\r\nHello\r\n".encode(), "")
    assert [mail.notice for mail in desk.delivered("level1@example.com")] == ["unprocessed"] * 2
    assert {state for state, _ in _states(desk, journal)} == {"ignored"}, "anybody can send them: status stays well"
    assert not desk.delivered("operator@example.com")
    desk.close()


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


@pytest.mark.parametrize(("awaited", "transactions"), [(True, 6), (False, 1)])
def test_the_clock_lets_others_write_between_two_timers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, awaited: bool, transactions: int
) -> None:
    """A mail waits for one timer at most, and not for the whole batch; where nobody waits, it shares one commit."""
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    for number in range(6):
        desk.send(desk.mail(f"user{number}@example.org", "It is broken.", subject=f"Printer {number}"))
    desk.clock.advance(timedelta(days=2))
    monkeypatch.setattr(timers, "SHORTEST", 0.0)
    monkeypatch.setattr(timers, "LONGEST", 1000.0)
    monkeypatch.setattr(Database, "is_awaited", lambda _self: awaited)
    commits: list[int] = []
    clock = desk.workers["clock"]
    event.listen(desk.desk.database.engine, "commit", lambda _connection: commits.append(1))
    monkeypatch.setattr(timers, "BATCH", 6)
    assert clock.step() == 6
    assert len(commits) == 2 + transactions, "besides the look and the taking"
    desk.close()


def test_a_damaged_mail_is_parked_and_its_batch_is_served(desk: TestDesk) -> None:
    _put(desk, "anna", "bad", "carl")
    with desk.desk.database.write() as connection:
        connection.execute(update(blobs).where(blobs.c.id == 2).values(content=b"no zlib", size=99))
    desk.pass_time("1 hour")
    assert [state for state, _ in _states(desk, journal)] == ["done", "parked", "done"]
    with desk.desk.database.read() as connection:
        error = connection.execute(select(journal.c.last_error).where(journal.c.id == 2)).scalar_one()
    assert error == "LookupError: blob 2 is missing or damaged"
    assert "blob 2 is missing or damaged" in desk.last("operator@example.com", "alarm").text


def test_a_mail_that_the_database_cannot_read_is_parked_and_its_batch_is_served(desk: TestDesk) -> None:
    if not desk.desk.database.sqlite:
        pytest.skip("PostgreSQL reads what it has stored, unless its files are damaged")
    _put(desk, "anna", "bad", "carl")
    with desk.desk.database.write() as connection:
        connection.execute(text("UPDATE blobs SET content = CAST(x'ff' AS TEXT) WHERE id = 2"))
    desk.pass_time("1 hour")
    assert [state for state, _ in _states(desk, journal)] == ["done", "parked", "done"]
    assert "Could not decode" in desk.last("operator@example.com", "alarm").text
