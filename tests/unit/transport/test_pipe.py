"""The pipe: what is read, and what the exit code tells the MTA."""

from __future__ import annotations

import io
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import pytest

from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.store.spool import Spool
from mailgate.transport.pipe import read_stdin, run
from mailgate.transport.pipe_envelope import read_recipients, read_sender
from mailgate.transport.smtp.data import IN_MEMORY, TooLarge
from tests.support.listener import hold

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MAIL = b"Subject: Printer\n\nIt is broken.\n"


class Journal:
    """Takes mails; `error` is what the future raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.mails: list[tuple[Envelope, bytes]] = []
        self._error = error

    def accept(self, envelope: Envelope, raw: bytes | Spool) -> Future[object]:
        done: Future[object] = Future()
        if self._error is not None:
            done.set_exception(self._error)
        else:
            self.mails.append((envelope, hold(raw)))
            done.set_result(1)
        return done


def deliver(journal: Journal, content: bytes, max_size: int = 1000, **envelope: Any) -> int:
    return run(io.BytesIO(content), max_size, journal.accept, HandClock(NOON), **envelope)


def test_a_mail_is_stored() -> None:
    journal = Journal()
    assert deliver(journal, MAIL) == 0
    assert journal.mails == [(Envelope(None, (), "pipe", NOON), MAIL)]


def test_the_envelope_is_what_the_mta_says() -> None:
    journal = Journal()
    assert deliver(journal, MAIL, sender="", recipients=("support@example.com",)) == 0
    assert journal.mails[0][0] == Envelope("", ("support@example.com",), "pipe", NOON)


@pytest.mark.parametrize("content", [b"", b"From jo@customer.example Thu Nov 26 17:12:26 2026\n"])
def test_no_mail_at_all_means_try_again_and_one_line(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal()
    assert deliver(journal, content) == 75
    assert journal.mails == []
    assert [record.getMessage().split(";")[0] for record in caplog.records] == [
        ("not stored: no email on standard input")
    ]


POSTFIX = {
    "SENDER": "jo@customer.example",
    "ORIGINAL_RECIPIENT": "help@example.com",
    "RECIPIENT": "support@example.com",
    "USER": "support",
}


def test_what_the_mta_exports_is_the_envelope() -> None:
    journal = Journal()
    assert deliver(journal, MAIL, environment=POSTFIX) == 0
    recipients = ("help@example.com", "support@example.com")
    assert journal.mails[0][0] == Envelope("jo@customer.example", recipients, "pipe", NOON)


def test_the_command_line_counts_more_than_the_environment() -> None:
    journal = Journal()
    assert deliver(journal, MAIL, environment=POSTFIX, sender="", recipients=("a@example.com",)) == 0
    assert journal.mails[0][0] == Envelope("", ("a@example.com",), "pipe", NOON)


DATE = b"  Thu Nov 26 17:12:26 2026\n"


@pytest.mark.parametrize(
    ("exported", "line", "sender"),
    [
        ({}, b"", None),
        ({"SENDER": ""}, b"", ""),
        ({"SENDER": "MAILER-DAEMON"}, b"", ""),
        ({"SENDER": ""}, b"From MAILER-DAEMON" + DATE, ""),
        ({"SENDER": "<>"}, b"", ""),
        ({}, b"From MAILER-DAEMON" + DATE, ""),
        ({}, b"From jo@customer.example" + DATE, "jo@customer.example"),
        ({}, b"From jo@customer.example\r\n", "jo@customer.example"),
        ({}, b"From jo@customer.example Thu Nov 26 17:12 UTC 2026 remote from host\n", "jo@customer.example"),
        ({}, b'From "jo e"@customer.example' + DATE, '"jo e"@customer.example'),
        ({}, b"From \n", None),
        ({}, b"From here on nothing is an address\n", None),
        ({}, b"From jo\0@customer.example" + DATE, None),
        ({"SENDER": "o_neil@customer.example"}, b"From o'neil@customer.example" + DATE, "o'neil@customer.example"),
        ({"SENDER": "j__rg@x.example"}, "From jörg@x.example".encode() + DATE, "jörg@x.example"),
        ({"SENDER": "a_b@x.example"}, b"From a_b@x.example" + DATE, "a_b@x.example"),
        ({"SENDER": "jo@customer.example"}, b"From eve@evil.example" + DATE, "jo@customer.example"),
        ({"SENDER": "o_neil@customer.example"}, b"From o@evil.example" + DATE, "o_neil@customer.example"),
        ({"SENDER": "jo\udcff@x.example"}, b"", "jo\ufffd@x.example"),
        ({"SENDER": "jo\n@x.example"}, b"", None),
        ({"SENDER": "x" * 1000}, b"", None),
    ],
)
def test_the_sender_that_an_mta_tells(exported: dict[str, str], line: bytes, sender: str | None) -> None:
    assert read_sender(exported, line) == sender


@pytest.mark.parametrize(
    ("exported", "recipients"),
    [
        ({}, ()),
        ({"RECIPIENT": ""}, ()),
        ({"RECIPIENT": "support@example.com"}, ("support@example.com",)),
        ({"RECIPIENT": "support@example.com", "ORIGINAL_RECIPIENT": "Support@example.com"}, ("Support@example.com",)),
        ({"RECIPIENT": "\x1b[2J", "ORIGINAL_RECIPIENT": "support@example.com"}, ("support@example.com",)),
    ],
)
def test_the_recipients_that_an_mta_tells(exported: dict[str, str], recipients: tuple[str, ...]) -> None:
    assert read_recipients(exported) == recipients


def test_too_large_is_final_and_read_to_its_end() -> None:
    journal = Journal()
    stream = io.BytesIO(b"x" * 5_000_000)
    assert run(stream, 1000, journal.accept, HandClock(NOON)) == 69
    assert stream.read() == b""
    assert journal.mails == []


def test_a_journal_that_fails_means_try_again() -> None:
    assert deliver(Journal(OSError("disk full")), MAIL) == 75


def test_a_stream_that_fails_means_try_again() -> None:
    class Broken(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            raise OSError("gone")

    journal = Journal()
    assert run(Broken(), 1000, journal.accept, HandClock(NOON)) == 75
    assert journal.mails == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"From jo@customer.example Mon Mar  2 12:00:00 2026\n" + MAIL, MAIL),
        (b"From jo@customer.example\r\n" + MAIL, MAIL),
        (b"From: jo@customer.example\n" + MAIL, b"From: jo@customer.example\n" + MAIL),
        (b"Subject: x\n\nFrom here on\n", b"Subject: x\n\nFrom here on\n"),
        (b"From x\n" + b"y" * 1000, b"y" * 1000),
        (b"y" * 1000, b"y" * 1000),
        (b"y" * 1001, TooLarge(1000)),
        (b"From x\n" + b"y" * 1001, TooLarge(1000)),
        (b"", b""),
    ],
)
def test_what_is_read(content: bytes, expected: bytes | TooLarge) -> None:
    assert read_stdin(io.BytesIO(content), 1000).content == expected


@pytest.mark.parametrize("more", [-1, 0, 1, IN_MEMORY + 5])
@pytest.mark.parametrize("line", [b"", b"From jo@customer.example\n"])
def test_a_large_mail_is_stored_from_a_file(line: bytes, more: int) -> None:
    mail = MAIL + b"z" * (IN_MEMORY + more - len(MAIL))
    content = read_stdin(io.BytesIO(line + mail), len(mail)).content
    assert not isinstance(content, TooLarge)
    assert isinstance(content, Spool) == (len(line + mail) >= IN_MEMORY)
    assert hold(content) == mail
    assert read_stdin(io.BytesIO(line + mail), len(mail) - 1).content == TooLarge(len(mail) - 1)
