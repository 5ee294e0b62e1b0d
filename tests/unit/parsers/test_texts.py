"""The text of a part, and which of several forms of it is read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers.mime.alternatives import Piece, choose, drop_twin
from mailgate.parsers.mime.enriched import convert_enriched
from mailgate.parsers.mime.icalendar import describe_event
from mailgate.parsers.mime.parameters import read_value
from mailgate.parsers.mime.part_text import HTML_LIMIT, TEXT_LIMIT, TextPart, read_text
from mailgate.parsers.mime.pgp import remove_armour
from tests.support.examples import examples

LONG = "<p>" + "The printer on the second floor has stopped after the update. " * 10 + "</p>"


def text_of(content: bytes, content_type: bytes = b"text/plain") -> str:
    value = read_value(content_type)
    return read_text(TextPart(value.main, value, content)).piece.text


@pytest.mark.parametrize(
    ("plain", "html", "chosen"),
    [
        ("yes", "<p>Yes</p>" + LONG, "yes"),
        ("", LONG, LONG),
        ("\xa0\u200b\n", LONG, LONG),
        ("This message needs a client that shows HTML pages.", LONG, LONG),
        ("Can't see it? https://x.example/" + "a" * 200, LONG, LONG),
        ("The printer has stopped.", LONG, "The printer has stopped."),
        ("<p>x</p>", "<p>x</p>", "<p>x</p>"),
        ("See https://x.example/error", "<p>See https://x.example/error</p>", "See https://x.example/error"),
    ],
)
def test_the_plain_form_counts_where_it_says_something(plain: str, html: str, chosen: str) -> None:
    assert [piece.text for piece in choose([[Piece(False, plain)], [Piece(True, html)]])] == [chosen]


def test_no_form_at_all() -> None:
    assert choose([]) == []
    assert choose([[], []]) == []


def test_twins_are_one_text() -> None:
    plain = Piece(False, "The printer is on fire.")
    assert drop_twin([plain, Piece(True, "<p>The printer is <i>on fire</i>.</p>")]) == [plain]
    assert drop_twin([plain, Piece(True, "<p>The printer is <i>on fire</i>.</p>")])[0].rich.startswith("<p>")
    footer = Piece(True, "<p>Sent by the filter.</p>")
    assert drop_twin([plain, footer]) == [plain, footer]


def test_a_text_is_read_to_a_limit_and_cut_at_a_line() -> None:
    content = b"0123456789\n" * (TEXT_LIMIT // 10)
    read = read_text(TextPart("text/plain", read_value(b"text/plain"), content))
    assert read.cut
    assert TEXT_LIMIT - 11 <= len(read.piece.text) <= TEXT_LIMIT
    assert read.piece.text.endswith("9\n")
    html = read_text(TextPart("text/html", read_value(b"text/html"), b"x" * (HTML_LIMIT + 1)))
    assert html.cut
    assert len(html.piece.text) == HTML_LIMIT


def test_the_charset_inside_html_counts_where_the_part_has_none() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Сбой'.encode("koi8-r")
    assert text_of(page, b"text/html").endswith("Сбой")
    assert text_of("<meta charset=koi8-r>é".encode(), b"text/html; charset=utf-8").endswith("é")


SIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

- -----dashes
words
-----BEGIN PGP SIGNATURE-----

abc
-----END PGP SIGNATURE-----"""


def test_armour_goes_and_dashes_come_back() -> None:
    assert remove_armour(f"above\n{SIGNED}\nbelow") == "above\n-----dashes\nwords\nbelow"
    assert remove_armour(f"{SIGNED}\n{SIGNED}") == "-----dashes\nwords\n-----dashes\nwords"
    assert (
        remove_armour("-----BEGIN PGP SIGNED MESSAGE-----\n\nno end") == "-----BEGIN PGP SIGNED MESSAGE-----\n\nno end"
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<bold>a</bold>\nb\n\nc", "a b\nc"),
        ("<<tag> <param>gone<param>too</param></param>kept", "<tag> kept"),
        ("<param>never closed", ""),
        ("</param>a", "a"),
        ("a < b", "a < b"),
    ],
)
def test_enriched_text(source: str, text: str) -> None:
    assert convert_enriched(source) == text


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["BEGIN:VEVENT", "SUMMARY:a\\, b\\nc", "END:VEVENT", "BEGIN:VEVENT", "SUMMARY:two", "END:VEVENT"], "a, b\nc"),
        (["BEGIN:VEVENT", "DTSTART:nonsense", "END:VEVENT"], "Start: nonsense"),
        (["BEGIN:VEVENT", "SUMMARY:never closed"], "never closed"),
        (["SUMMARY:outside"], ""),
        (["END:VEVENT"], ""),
        (
            ["BEGIN:VEVENT", 'DTSTART;X="a:b;c";TZID=Europe/Rome:20261124T1000', "END:VEVENT"],
            "Start: 2026-11-24 10:00 (Europe/Rome)",
        ),
        (["METHOD:REPLY", "BEGIN:VEVENT", "SUMMARY:Visit", "DTSTART:20261124T0900", "COMMENT:\\n", "END:VEVENT"], ""),
        (["METHOD:REPLY", "BEGIN:VEVENT", "SUMMARY:Visit", "COMMENT;LANGUAGE=de:Bitte\\, klingeln", "END:VEVENT"],
         "Bitte, klingeln"),
        (["METHOD:COUNTER", "BEGIN:VEVENT", "SUMMARY:#close", "DTSTART:20261124T0900", "COMMENT:Later", "END:VEVENT"],
         "Later\nStart: 2026-11-24 09:00"),
        (["METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:METHOD:REPLY", "COMMENT:x", "END:VEVENT"], "METHOD:REPLY"),
    ],
)  # fmt: skip
def test_invitations(lines: list[str], text: str) -> None:
    assert describe_event("\r\n".join(lines).encode()) == text


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=200), st.binary(max_size=200))
def test_whatever_stands_there_there_is_a_text(text: str, data: bytes) -> None:
    for read in (
        remove_armour(text),
        convert_enriched(text),
        convert_enriched(text, is_old=True),
        describe_event(data),
    ):
        assert isinstance(read, str)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PGP SIGNED MESSAGE-----\n" * 50_000 + "-----END PGP SIGNATURE-----\n",
        "-----END PGP SIGNATURE-----\n" * 50_000,
        "<" * 500_000,
        "<param>" * 100_000,
        "<<" * 300_000,
        "BEGIN:VEVENT\n" * 50_000,
        "A;X=" + '"' * 500_000,
        "A" * 1_000_000,
        "BEGIN:VEVENT\n" + 'DTSTART;A="a"' * 20_000 + "\n",
    ],
)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    start = time.process_time()
    remove_armour(text)
    convert_enriched(text)
    describe_event(text.encode())
    choose([[Piece(False, text[:500])], [Piece(True, text)]])
    drop_twin([Piece(False, text), Piece(True, text)])
    assert time.process_time() - start < 3
