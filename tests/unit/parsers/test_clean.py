"""Whatever stands in a header, the strings that come out of it are clean, and come out in time."""

from __future__ import annotations

import re
import time
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.mime.attachments import clean_filename, guess_type
from mailgate.parsers.mime.clean_text import clean_text
from mailgate.parsers.mime.dates import read_date
from mailgate.parsers.mime.headers import decode_header, read_ids, split_headers
from mailgate.parsers.mime.parameters import read_value
from mailgate.parsers.mime.part_text import TEXT_TYPES, TextPart, read_text
from tests.support.examples import examples

UNCLEAN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
PIECES = [
    b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"=C3=A9", b"w6k=", b"=00", b"=0D=0A", b'"', b"\\", b"<", b">", b"@",
    b"a", b"(", b")", b",", b";", b":", b" ", b"\t", b"\r\n ", b"\xc3\xa9", b"\xe9", b"\x00", b"\x1b$B", b"[",
    b"]", b"filename=", b"name*0*=", b"utf-8''", b"%00", b"%0A", b"%E2%80%AE", b"*1=", b"\xed\xa0\x80",
    b"=?utf-16?b?2AA=?=", b"../", b".",
]  # fmt: skip
VALUES = st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join) | st.binary(max_size=80)
HINTS = st.sampled_from(["", "koi8-r", "gb2312", "iso-2022-jp", "utf-7", "no charset"])


def assert_clean(*texts: str) -> None:
    for text in texts:
        assert not UNCLEAN.search(text)
        text.encode("utf-8")


@settings(max_examples=examples(300), deadline=None)
@given(VALUES, HINTS)
def test_values_of_headers(value: bytes, hint: str) -> None:
    assert_clean(decode_header(value, hint))
    for address in read_addresses(value, hint):
        assert_clean(address.name, address.address)
        assert address.address
    read = read_value(b"attachment;" + value, hint)
    assert_clean(read.main, *read.parameters.values())
    name = clean_filename(read.get("filename"))
    assert "/" not in name
    assert_clean(guess_type(name))


@settings(max_examples=examples(200), deadline=None)
@given(VALUES)
def test_ids_and_dates(value: bytes) -> None:
    text = decode_header(value)
    assert_clean(*read_ids(text))
    moment = read_date(text)
    assert moment is None or moment.astimezone(UTC)


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(
        st.sampled_from([b"A: b\n", b" c\n", b"\n", b"junk\n", b"From: x\n", b"From x\n", b"\r", b"\xef\xbb\xbf"]),
        max_size=12,
    )
)
def test_a_header_block_ends_inside_the_mail(lines: list[bytes]) -> None:
    raw = b"".join(lines)
    block = split_headers(raw)
    assert 0 <= block.body_at <= len(raw)
    for at in range(0, len(raw), 3):
        inner = split_headers(raw, at, len(raw) - 1)
        assert at <= inner.body_at <= max(at, len(raw) - 1)


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(sorted(TEXT_TYPES)), st.binary(max_size=200), HINTS)
def test_texts(mime_type: str, content: bytes, charset: str) -> None:
    value = read_value(f"{mime_type}; charset={charset}; format=flowed".encode())
    text = clean_text(read_text(TextPart(mime_type, value, content)).piece.text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", text)


@pytest.mark.parametrize("unit", [*PIECES, b"=?x?q?,", b'"<', b"&lt;", b"a@b,", b"=?utf-8?q?a?= "])
def test_hostile_values_take_bounded_time(unit: bytes) -> None:
    value = unit * (200_000 // len(unit))
    start = time.process_time()
    decode_header(value)
    read_addresses(value)
    read_value(b"a/b; " + value)
    read_date(value.decode("latin-1"))
    clean_filename(value.decode("latin-1"))
    assert time.process_time() - start < 1
