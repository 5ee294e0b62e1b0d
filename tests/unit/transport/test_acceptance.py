"""Acceptance of mail: what is read of a header block, and what the log says of an outage of the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError

from mailgate.core.mail import Envelope
from mailgate.store.database import Database
from mailgate.store.queries.listings import ListedMail, list_queue
from mailgate.store.source_status import SourceStatusRow, get_status
from mailgate.transport.acceptance import LONGEST_SUBJECT, Acceptor, make_entry

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_ENVELOPE = Envelope(None, (), "imap", NOON)


def test_an_outage_is_one_line_at_its_beginning_and_one_at_its_end(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Database(database_url)) as database:
        database.create()
        acceptor = Acceptor(database)

        def accept() -> BaseException | None:
            envelope = Envelope("jo@customer.example", ("support@example.com",), "smtp", NOON)
            return acceptor.accept(envelope, b"Subject: Printer\r\n\r\nIt is broken.\r\n").exception(10)

        with database.write() as connection:
            connection.execute(text("ALTER TABLE journal RENAME TO elsewhere"))
        assert all(accept() is not None for _ in range(20))
        with database.write() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO journal"))
        assert [accept() for _ in range(5)] == [None] * 5
        acceptor.close()
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(lines) == 2, lines
    assert lines[0].startswith("action=store result=failed reason=")
    assert lines[1] == "action=store result=works_again failed=20"


class LostDatabase:
    """A database that cannot be reached; the first attempt lasts until `others` wait."""

    def __init__(self) -> None:
        self.attempts = 0
        self.others = threading.Event()

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Connection]:  # noqa: ARG002 - it fails the same way
        self.attempts += 1
        self.others.wait(10)
        raise OperationalError("COMMIT", {}, OSError("the connection was lost"))
        yield


def test_a_lost_database_is_tried_once_for_all_that_wait() -> None:
    """Each attempt may last as long as a connection does: the peers of the other mails would wait for all of them."""
    database = LostDatabase()
    acceptor = Acceptor(database)  # type: ignore[arg-type]
    envelope = Envelope("jo@customer.example", ("support@example.com",), "imap", NOON)
    futures = [acceptor.accept(envelope, b"Subject: Printer\r\n\r\nIt is broken.\r\n") for _ in range(9)]
    database.others.set()
    assert all(isinstance(future.exception(10), OperationalError) for future in futures)
    acceptor.close()
    assert database.attempts <= 2


def test_a_full_disk_is_one_line_with_its_reason(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A small mail may fail at its commit, a large one in the middle; no traceback explains more than the reason."""
    with closing(Database(f"sqlite:///{tmp_path}/desk.db")) as database:
        database.create()

        @event.listens_for(database.engine, "checkout")
        def _fill(connection: DBAPIConnection, *_: object) -> None:
            connection.cursor().execute("PRAGMA max_page_count = 1")  # as many as there are

        acceptor = Acceptor(database)
        for size in (100_000, 3_000_000, 100_000):
            envelope = Envelope("jo@customer.example", ("support@example.com",), "smtp", NOON)
            assert acceptor.accept(envelope, b"Subject: Printer\r\n\r\n" + b"x" * size).exception(10) is not None
        acceptor.close()
    [failed] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert failed.getMessage() == "action=store result=failed reason='database or disk is full'"
    assert not failed.exc_info


def test_a_stored_mail_is_one_line_whatever_way_it_came(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mailgate.intake")
    raw = b"Message-ID: <1@customer.example>\r\nFrom: Jo <jo@customer.example>\r\n\r\nIt is broken.\r\n"
    with closing(Database(database_url)) as database:
        database.create()
        acceptor = Acceptor(database)
        acceptor.accept(Envelope("bounces@list.example", ("a@b.example",), "smtp", NOON, peer="192.0.2.1"), raw).result(
            10
        )
        acceptor.accept(Envelope(None, (), "maildir", NOON, source_key="maildir:/var/mail/1.host"), raw).result(10)
        acceptor.close()
    stored = [record.getMessage() for record in caplog.records if "action=store" in record.getMessage()]
    assert stored == [
        "action=store result=ok journal=1 message_id=<1@customer.example> source=smtp peer=192.0.2.1"
        f" from=jo@customer.example sender=bounces@list.example recipients=1 size={len(raw)}",
        "action=store result=ok journal=2 message_id=<1@customer.example> source=maildir"
        f" source_key=maildir:/var/mail/1.host from=jo@customer.example recipients=0 size={len(raw)}",
    ]


def _smtp(database: Database) -> SourceStatusRow | None:
    with database.read() as connection:
        return get_status(connection, "smtp")


@pytest.mark.postgresql
def test_failed_stores_are_figures_of_their_way_in(database_url: str) -> None:
    """At once where only the mail cannot be stored, with the first success where nothing can be written."""
    with closing(Database(database_url)) as database:
        database.create()
        acceptor = Acceptor(database)

        def accept(source: str) -> BaseException | None:
            envelope = Envelope("jo@customer.example", ("support@example.com",), source, NOON)
            return acceptor.accept(envelope, b"Subject: Printer\r\n\r\nIt is broken.\r\n").exception(10)

        assert accept("smtp") is None
        assert _smtp(database) is None, "nothing is written while all goes well"
        with database.write() as connection:
            connection.execute(text("ALTER TABLE journal RENAME TO elsewhere"))
        assert [accept(source) is None for source in ("smtp", "smtp", "lmtp", "imap")] == [False] * 4
        failing = _smtp(database)
        assert failing is not None
        assert failing.failing_since == NOON
        assert "journal" in failing.last_error
        assert failing.figures["not_stored"] == 1
        with database.write() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO journal"))
        assert accept("imap") is None
        acceptor.close()
        works = _smtp(database)
        assert works is not None
        assert (works.failing_since, works.last_error, works.succeeded_at) == (None, "", NOON)
        assert works.figures["not_stored"] == 2
        with database.read() as connection:
            assert get_status(connection, "imap") is None, "a mailbox reports by itself"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"From: Anna <anna@example.org>\r\nSubject: Printer\r\n\r\nSubject: no", ("anna@example.org", "Printer")),
        (b"subject :a\n  folded\nFROM: anna@example.org (Anna)\n\nx", ("anna@example.org", "a folded")),
        (b"Subject: =?utf-8?q?=C3=89cran?=\r\n =?utf-8?b?IG5vaXI=?=\r\n\r\n", ("", "Écran noir")),
        ("From: zoé@exämple.org\nSubject: Écran\n\n".encode(), ("zoé@exämple.org", "Écran")),
        (b"\r\n\r\nFrom: x@example.org\r\nSubject: of the body\r\n", ("", "")),
        (b"Subject: a\0b \xed\xa0\x80 \x1b[31mc\r\n", ("", "ab í\xa0€ [31mc")),
        (b"", ("", "")),
    ],
)
def test_author_and_subject_are_read_from_the_header_block(raw: bytes, expected: tuple[str, str]) -> None:
    entry = make_entry(_ENVELOPE, raw)
    assert (entry.author, entry.subject) == expected


@pytest.mark.parametrize("name", [b"From: ", b"Subject: ", b"Message-ID: <"])
def test_no_header_is_too_much_to_be_read(name: bytes) -> None:
    for filling in (
        b"(",
        b"=?utf-8?q?",
        b"\r\n ",
        b"\0",
        b"a@b,",
        bytes(range(128, 256)),
        "\ud800é".encode("utf-8", "surrogatepass"),
    ):
        entry = make_entry(_ENVELOPE, name + filling * 20_000)
        assert len(entry.subject) <= LONGEST_SUBJECT
        (entry.author + entry.subject + entry.message_id).encode("utf-8")
        assert "\0" not in entry.author + entry.subject + entry.message_id


def test_the_journal_keeps_who_wrote_a_mail_that_came_without_an_envelope(database_url: str) -> None:
    with closing(Database(database_url)) as database:
        database.create()
        acceptor = Acceptor(database)
        raw = b"From: Anna <anna@example.org>\r\nSubject: =?utf-8?q?=C3=89cran?=\r\n\r\nBlack.\r\n"
        acceptor.accept(Envelope(None, (), "imap", NOON, source_key="imap 1"), raw).result(10)
        acceptor.close()
        with database.read() as connection:
            [mail] = list_queue(connection, ListedMail)
    assert (mail.sender, mail.author, mail.subject) == (None, "anna@example.org", "Écran")
