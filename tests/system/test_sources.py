"""One contract for all five ways in: stored, then acknowledged; once; as it is; and a reply finds its ticket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, text

from mailgate.config import read_config
from mailgate.daemon.desk import build_desk
from mailgate.daemon.roles import Daemon
from mailgate.store.blobs import get_blob
from mailgate.store.database import Database
from mailgate.store.schema import journal, tickets
from tests.support.desk import CONFIG
from tests.support.dovecot import Dovecot
from tests.support.imap_source import fresh_user
from tests.support.relay import Receiver
from tests.support.sources import ImapSource, LmtpSource, MaildirSource, PipeSource, SmtpSource, Source, wait_until

pytestmark = pytest.mark.postgresql

WAYS = ("smtp", "lmtp", "imap", "maildir", "pipe")
SENDER, DESK = "anna@example.org", "support@example.com"
_TODAY = formatdate(localtime=True)

_FAIL = {
    "sqlite": ("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no space'); END",),
    "postgresql": (
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space'; END $$",
        "CREATE TRIGGER full_up BEFORE INSERT ON journal EXECUTE FUNCTION fail()",
    ),
}
_HEAL = {
    "sqlite": ("DROP TRIGGER full",),
    "postgresql": ("DROP TRIGGER full_up ON journal", "DROP FUNCTION fail()"),
}


def mail(number: int, *, to: str = DESK, more: str = "", body: str = "It is broken.") -> bytes:
    """Returns a mail of today: the desk runs by the machine's clock and answers no mail that is a week old."""
    return (
        f"From: Anna <{SENDER}>\r\nTo: {to}\r\nSubject: Printer {number}\r\nMessage-ID: <{number}@x.org>\r\n"
        f"Date: {_TODAY}\r\n{more}\r\n{body}\r\n"
    ).encode()


@dataclass
class Served:
    """A desk that runs, one way in, and its relay."""

    source: Source
    receiver: Receiver
    database: Database

    def rows(self) -> list[Row[Any]]:
        with self.database.read() as connection:
            return list(connection.execute(select(journal).order_by(journal.c.id)))

    def raw(self, row: Row[Any]) -> bytes:
        with self.database.read() as connection:
            return get_blob(connection, row.blob_id)

    def count_tickets(self) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(tickets.c.id)).all())

    def run(self, *statements: str) -> None:
        with self.database.write() as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture(params=WAYS)
def served(request: pytest.FixtureRequest, tmp_path: Path, database_url: str, dovecot: Dovecot) -> Iterator[Served]:
    source: Source
    match request.param:
        case "smtp":
            source = SmtpSource()
        case "lmtp":
            source = LmtpSource()
        case "imap":
            source = ImapSource(dovecot, fresh_user(), tmp_path)
        case "maildir":
            source = MaildirSource(tmp_path)
        case _:
            source = PipeSource()
    with Receiver() as receiver:
        config = _configure(tmp_path, database_url, receiver.port, source.configuration)
        daemon = Daemon(build_desk(read_config(config)))
        daemon.start()
        source.connect(daemon, config)
        database = Database(database_url)
        try:
            yield Served(source, receiver, database)
        finally:
            daemon.stop()
            database.close()


def _configure(folder: Path, database: str, relay: int, source: str) -> Path:
    (folder / "secret").write_text("a key that only the tests know\n")
    base = CONFIG.replace('[intake.smtp]\nlisten = "127.0.0.1:0"\n', '[intake]\nmax_size = "100 kB"\n' + source)
    path = folder / "mailgate.toml"
    # An IMAP server that failed is asked again soon, for the sake of the test.
    limits = '[limits]\nmailbox_pause = "1 second"\n'
    wire = f'[relay]\nhost = "127.0.0.1"\nport = {relay}\ntls = "none"\n'
    path.write_text(f'{base}\n{wire}{limits}[store]\ndatabase = "{database}"\n')
    return path


def test_a_mail_becomes_a_ticket_and_is_kept_as_it_came(served: Served) -> None:
    raw = mail(1, body=".\r\n..\r\nFrom here on: \xe9\xff \x01 and a very long line " + "y" * 3000)
    served.source.offer(raw, SENDER, DESK)
    assert served.receiver.wait_for(lambda mails: len(mails) == 2)
    assert wait_until(lambda: served.source.count_taken() == 1)
    [row] = served.rows()
    assert served.raw(row).endswith(raw), "a delivery agent adds headers on top, nothing else"
    assert {one.recipient for one in served.receiver.mails} == {SENDER, "level1@example.com"}


def test_the_same_mail_again_is_taken_and_changes_nothing(served: Served) -> None:
    served.source.offer(mail(1), SENDER, DESK)
    assert served.receiver.wait_for(lambda mails: len(mails) == 2)
    served.source.offer(mail(1), SENDER, DESK)
    assert wait_until(lambda: [row.state for row in served.rows()] == ["done", "duplicate"])
    assert wait_until(lambda: served.source.count_taken() == 2)
    assert (served.count_tickets(), len(served.receiver.mails)) == (1, 2)


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(served: Served) -> None:
    engine = "sqlite" if served.database.sqlite else "postgresql"
    served.run(*_FAIL[engine])
    try:
        served.source.offer(mail(1), SENDER, DESK)
        replies = getattr(served.source, "replies", None)
        if replies is None:
            assert wait_until(lambda: bool(_error_of(served)))
        else:
            assert replies in ([451], [75])
        assert (served.rows(), served.source.count_taken()) == ([], 0)
    finally:
        served.run(*_HEAL[engine])
    if replies is not None:  # a peer that got this reply offers it again
        served.source.offer(mail(1), SENDER, DESK)
    assert served.receiver.wait_for(lambda mails: len(mails) == 2)
    assert wait_until(lambda: served.source.count_taken() == 1)
    assert served.count_tickets() == 1


def _error_of(served: Served) -> str:
    with served.database.read() as connection:
        found = connection.execute(text("SELECT last_error FROM ways WHERE failing_since IS NOT NULL")).scalar()
    return str(found or "")


def test_a_reply_finds_its_ticket(served: Served) -> None:
    served.source.offer(mail(1), SENDER, DESK)
    assert served.receiver.wait_for(lambda mails: len(mails) == 2)
    [receipt] = [one for one in served.receiver.mails if one.recipient == SENDER]
    reply_to = str(receipt.message["Reply-To"])
    served.source.offer(mail(2, to=reply_to, body="And it smokes."), SENDER, reply_to)
    assert served.receiver.wait_for(lambda mails: len(mails) == 3)
    assert served.count_tickets() == 1


def test_a_bounce_is_nobodys_request(served: Served) -> None:
    """The null sender arrives, by the envelope or as Return-Path."""
    served.source.offer(mail(1, more="Subject: Undelivered\r\n"), "", DESK)
    assert wait_until(lambda: [row.state for row in served.rows()] == ["ignored"])
    assert wait_until(lambda: served.source.count_taken() == 1)
    assert served.count_tickets() == 0


def test_one_that_is_too_large_is_told_and_the_next_one_comes(served: Served) -> None:
    served.source.offer(mail(1, body=("y" * 70 + "\r\n") * 3000), SENDER, DESK)
    replies = getattr(served.source, "replies", None)
    if replies is not None:  # the peer tells its sender
        assert replies in ([552], [69])
    else:
        assert served.receiver.wait_for(lambda mails: len(mails) == 2)
        assert {(one.recipient, one.notice) for one in served.receiver.mails} == {
            (SENDER, "too_large"), ("operator@example.com", "oversized"),
        }  # fmt: skip
    served.source.offer(mail(2), SENDER, DESK)
    assert wait_until(lambda: served.count_tickets() == 1)
