"""Header blocks, encoded words, addresses, parameters and dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailgate.parsers import read_mail
from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.mime.dates import read_date
from mailgate.parsers.mime.headers import HEADER_LIMIT, decode_header, read_ids, split_headers
from mailgate.parsers.mime.parameters import read_value


def test_block_is_split_at_the_first_blank_line() -> None:
    raw = b"From jo Tue Nov 24\r\nA: 1\r\n 2\r\nB:3\r\n\r\nC: body"
    block = split_headers(raw)
    assert [(line.name, line.value) for line in block.lines] == [("A", b"1 2"), ("B", b"3")]
    assert raw[block.body_at :] == b"C: body"


@pytest.mark.parametrize("lead", [b" ", b"\t", b"\n ", b"\xef\xbb\xbf "])
def test_blanks_before_the_first_header_are_skipped(lead: bytes) -> None:
    assert read_mail(lead + b"From: Jo <jo@x.example>\nSubject: Printer\n\nhello\n").subject == "Printer"


def test_headers_beyond_the_limit_are_passed_over() -> None:
    raw = b"".join(b"X-%d: a\r\n" % number for number in range(HEADER_LIMIT + 500)) + b"\r\nbody"
    block = split_headers(raw)
    assert (len(block.lines), block.complete) == (HEADER_LIMIT, False)
    assert raw[block.body_at :] == b"body"
    assert split_headers(raw[:-6]).body_at == len(raw) - 6


def test_a_line_that_is_no_header_ends_the_block() -> None:
    raw = b"A: 1\nno header here\nB: 2\n\nx"
    block = split_headers(raw)
    assert [line.name for line in block.lines] == ["A"]
    assert raw[block.body_at :].startswith(b"no header")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?q?a_b?= =?utf-8?q?c?=", "a bc"),
        (b"x =?utf-8?q?a?= y", "x a y"),
        (b"=?utf-8?b?w6k?=", "é"),
        (b"=?iso-8859-1?q?=80?=", "€"),
        (b"=?utf-8?q?a=00b=0D=0Ac?=", "ab c"),
        (b"=?x-none?q?=E9?=", "é"),
        (b"=?utf-8*fr?q?=C3=A9?=", "é"),
        (b"plain =? text", "plain =? text"),
        ("déjà".encode(), "déjà"),
        ("déjà".encode("cp1252"), "déjà"),
    ],
)
def test_values_are_decoded(value: bytes, text: str) -> None:
    assert decode_header(value) == text


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        (b'"Martin, Jo" <jo@x.example>', [("Martin, Jo", "jo@x.example")]),
        (b"jo@x.example (Jo)", [("Jo", "jo@x.example")]),
        (b"'jo@x.example' <jo@x.example>", [("", "jo@x.example")]),
        (b"undisclosed-recipients:;", []),
        (b"A <a@x.example>; B <b@x.example>", [("A", "a@x.example"), ("B", "b@x.example")]),
        (b"=?utf-8?q?Zo=C3=A9=2C_X?= <z@x.example>", [("Zoé, X", "z@x.example")]),
        (b"Jo <jo@x.example", [("Jo", "jo@x.example")]),
        (b"<@relay:jo@x.example>", [("", "jo@x.example")]),
        (b"Jo", []),
        (b'"support@example.com" <evil@x.example>', [("support@example.com", "evil@x.example")]),
        (b"Doe, Jane <jane@x.example>", [("Doe, Jane", "jane@x.example")]),
        (b"Doe, Jane <jane@x.example>, bob@x.example", [("Doe, Jane", "jane@x.example"), ("", "bob@x.example")]),
        (b"local, jane@x.example, Bob <bob@x.example>", [("", "jane@x.example"), ("Bob", "bob@x.example")]),
        (b"Jo <jo@x.example> Bob <bob@x.example>", [("Jo", "jo@x.example"), ("Bob", "bob@x.example")]),
        (b"Jo <jo@x.example> via List <l@x.example>", [("Jo", "jo@x.example"), ("via List", "l@x.example")]),
        (b"Jo Doe [mailto:jo@x.example]", [("Jo Doe", "jo@x.example")]),
        (b"Jo [IT] <jo@x.example>", [("Jo [IT]", "jo@x.example")]),
        (b"Jo <jo@[192.0.2.1]>", [("Jo", "jo@[192.0.2.1]")]),
        (b"Jo Boddingh' <jo@x.example>", [("Jo Boddingh'", "jo@x.example")]),
        (b"'Jo Doe' <jo@x.example>", [("Jo Doe", "jo@x.example")]),
    ],
)
def test_addresses(value: bytes, pairs: list[tuple[str, str]]) -> None:
    assert [(entry.name, entry.address) for entry in read_addresses(value)] == pairs


def test_parameters() -> None:
    value = read_value(b'Text/Plain; Charset="utf-8"; name*=UTF-8\'\'a%20b; x="a\\"b;c"; broken')
    assert value.main == "text/plain"
    assert (value.get("charset"), value.get("name"), value.get("x")) == ("utf-8", "a b", 'a"b;c')


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Tue, 24 Nov 2026 10:00:00 +0100", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("2026-11-24T10:00:00", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("24 Nov 2026 10:00 -0000", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("mardi", None),
        ("Tue, 99 Nov 2026 10:00:00 +0100", None),
        ("", None),
    ],
)
def test_dates(value: str, moment: datetime | None) -> None:
    assert read_date(value) == moment


def test_ids_are_read_without_brackets() -> None:
    assert read_ids("<a@b> junk <c @d>") == ("a@b", "c@d")
    assert read_ids("a@b") == ("a@b",)
    assert read_ids("<\x00a\x1b@b>") == ("a@b",)
    assert read_ids("your mail of Monday") == ()


@pytest.mark.parametrize("codec", ["cp1250", "iso8859-2"])
def test_the_text_tells_the_charset_of_a_raw_subject(codec: str) -> None:
    text = "Dzień dobry,\n\ndrukarka na drugim piętrze znów nie działa, proszę o pomoc.\n"
    raw = f"From: Łucja <l@x.example>\nSubject: Żółć\n\n{text}".encode(codec)
    mail = read_mail(raw)
    assert (mail.subject, mail.sender and mail.sender.name) == ("Żółć", "Łucja")
