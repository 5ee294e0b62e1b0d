"""The simpler reader finds nearly what the parsers find, and bears any bytes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.mail import Address, MessageKind
from mailgate.parsers import plain_reading, read_mail
from mailgate.parsers.plain_reading import read_plainly, read_somehow
from tests.support.examples import examples
from tests.support.parser_invariants import check_strings, load_corpus, mutate
from tests.unit.parsers.test_robustness import LENIENT, MULTIPART, RETURN_PATHS

MAILS = load_corpus()[::4]  # a sample, each of which is read twice


def test_a_mail_is_read() -> None:
    mail = read_plainly(
        "From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\r\nTo: Désk <support@example.com>, zoe@example.net\r\n"
        "Subject: =?utf-8?b?RHLDvGNrZXI=?=\r\n =?utf-8?q?_kaputt?=\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n"
        "Message-ID: <1@example.org>\r\nReferences: <a@x>\r\n <b@x>\r\n\r\nEr druckt nicht.\r\n".encode()
    )
    assert (mail.kind, mail.sender, mail.subject) == (
        MessageKind.HUMAN, Address("Jörg", "joerg@example.org"), "Drücker kaputt",
    )  # fmt: skip
    assert mail.to == (Address("Désk", "support@example.com"), Address("", "zoe@example.net"))
    assert (mail.message_id, mail.references) == ("1@example.org", ("a@x", "b@x"))
    assert mail.date == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert (mail.text, mail.new_text) == ("Er druckt nicht.", "Er druckt nicht.")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Content-Type: text/html\n\n<style>p {}</style><p>A &amp; B</p><p>C<br>D</p>", "A & B\nC\nD"),
        (MULTIPART + b"--x\nContent-Type: text/html\n\n<b>A</b>\n--x\n\nB\n--x--", "B"),
        (MULTIPART + b'--x\nContent-Disposition: attachment; filename="a.txt"\n\nA\n--x\n\nB\n--x--', "B"),
        (b"Content-Transfer-Encoding: base64\n\nSGVsbG8=", "Hello"),
        (b"Content-Type: text/plain; charset=latin-1\n\nH\xe9", "Hé"),
        (b"Content-Type: text/plain; charset=none-such\n\nH", "H"),
        (b"Content-Type: application/pdf\n\nx", ""),
        (b"", ""),
    ],
)
def test_the_first_text_is_read(raw: bytes, text: str) -> None:
    assert read_plainly(raw).text == text


@pytest.mark.parametrize(
    ("header", "envelope_from", "kind"),
    [
        (b"Subject: Printer", "anna@example.org", MessageKind.HUMAN),
        (b"Auto-Submitted: auto-replied", "anna@example.org", MessageKind.AUTO_REPLY),
        (b"List-Id: <users.example.net>\nPrecedence: list", "anna@example.org", MessageKind.MAILING_LIST),
        (b"Subject: Printer", "", MessageKind.AUTO_REPLY),
    ],
)
def test_the_kind_is_found(header: bytes, envelope_from: str, kind: MessageKind) -> None:
    assert read_plainly(b"From: anna@example.org\n" + header + b"\n\nHello\n", envelope_from).kind is kind


def test_a_mail_whose_kind_is_not_certain_is_no_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_reading, "find_kind", _raising)
    assert read_plainly(b"From: anna@example.org\n\nHello\n").kind is MessageKind.OTHER


@pytest.mark.parametrize(
    "head",
    [
        b"Auto-Submitted : auto-replied\n",
        b"no header\nAuto-Submitted: auto-replied\n",
        b"X-Hop: a\n" * 300 + b"Auto-Submitted: auto-replied\n",
        b"X-Hop: " + b"a" * 2**18 + b"\nAuto-Submitted: auto-replied\n",
    ],
    ids=["blank", "line between", "many", "long"],
)
def test_a_mail_whose_headers_are_not_all_read_is_no_persons(head: bytes) -> None:
    assert read_plainly(b"From: anna@example.org\n" + head + b"\nHello\n").kind is MessageKind.OTHER


def test_blank_lines_may_stand_above_the_headers() -> None:
    raw = b"\r\nFrom: anna@example.org\r\nAuto-Submitted: auto-replied\r\n\r\nHello\r\n"
    assert read_plainly(raw).kind is MessageKind.AUTO_REPLY


def test_an_answer_to_an_invitation_is_no_persons() -> None:
    parts = b"--x\n\nAnna has accepted\n--x\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n--x--\n"
    assert read_plainly(b"From: a@b.de\nSubject: Accepted: Lunch\n" + MULTIPART + parts).kind is MessageKind.OTHER


def test_two_authors_leave_a_doubt_who_wrote() -> None:
    assert read_plainly(b"From: anna@example.org\nFrom: ben@example.org\n\nHello\n").ambiguous_sender
    assert read_plainly(b"From: anna@example.org, ben@example.org\n\nHello\n").ambiguous_sender
    assert not read_plainly(b"From: anna@example.org\n\nHello\n").ambiguous_sender


def test_what_shows_a_mail_shows_one_that_the_parsers_fail_on(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"From: anna@example.org\nSubject: Printer\n\nHello\n"
    assert read_somehow(raw) == read_mail(raw)
    monkeypatch.setattr(plain_reading, "read_mail", _raising)
    assert read_somehow(raw).subject == "Printer"


def test_nearly_all_of_the_corpus_is_read_as_by_the_parsers() -> None:
    same = {"sender": 0, "message_id": 0, "subject": 0, "kind": 0}
    for raw in MAILS:
        plain, mail = read_plainly(raw), read_mail(raw)
        check_strings(plain)
        same["sender"] += (plain.sender and plain.sender.key) == (mail.sender and mail.sender.key)
        for name in ("message_id", "subject", "kind"):
            same[name] += getattr(plain, name) == getattr(mail, name)
    assert min(same.values()) > 0.96 * len(MAILS), same


@settings(LENIENT, max_examples=examples(200))
@given(st.sampled_from(MAILS), st.integers(0, 2**32), RETURN_PATHS)
def test_a_spoilt_mail_is_read_and_is_clean(raw: bytes, seed: int, envelope_from: str | None) -> None:
    check_strings(read_plainly(mutate(raw, seed, MAILS), envelope_from))


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nx",
        b"".join(b"X-%d: a\n" % number for number in range(50_000)) + b"\nx",
        MULTIPART + b"--x\n\na\n" * 50_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(5_000)),
        b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(19))
        + b"a\n" * 90_000,
        b"Content-Type: message/rfc822\n\n" * 10_000,
        b"From: " + b"(" * 60_000 + b"\nTo: " + b'"<' * 30_000 + b"\n\nx",
        b"Content-Type: text/html\n\n" + b"<style" * 50_000,
        b"Content-Type: text/html\n\n" + b"<p" * 100_000,
        b"Content-Type: text/html\n\n" + b"\n " * 100_000,
    ],
)
def test_hostile_mails_take_bounded_time(raw: bytes) -> None:
    start = time.process_time()
    read_plainly(raw)
    assert time.process_time() - start < 3


def _raising(*_: Any) -> Any:
    raise RuntimeError("a bug")
