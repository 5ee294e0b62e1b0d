"""Transfer encodings, and files that stand in a text."""

from __future__ import annotations

import binascii
import time
from base64 import b64encode, encodebytes
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers.mime import transfer_encoding, uuencode
from mailgate.parsers.mime.transfer_encoding import decode_base64, decode_content, is_reusable, read_encoding
from mailgate.parsers.mime.uuencode import decode_body, take_files
from tests.support.examples import examples

DATA = bytes(range(256)) * 5


def uuencoded(data: bytes, *, backtick: bool = True) -> bytes:
    return b"".join(binascii.b2a_uu(data[at : at + 45], backtick=backtick) for at in range(0, len(data), 45))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"base64", "base64"), (b"BASE64 ", "base64"), (b"base64; x", "base64"), (b'"base64"', "base64"),
        (b"base64 (rfc 2045)", "base64"), (b"Quoted-Printable", "quoted-printable"), (b"7bit", "7bit"), (b"", ""),
        (b"8BIT", "8bit"), (b"?", ""),
    ],
)  # fmt: skip
def test_names_of_encodings(value: bytes, name: str) -> None:
    assert read_encoding(value) == name


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b64encode(DATA), DATA),
        (encodebytes(DATA), DATA),
        (b64encode(b"abcd").rstrip(b"="), b"abcd"),
        (b64encode(b"ab") + b64encode(b"cd"), b"abcd"),
        (b64encode(b"abc") + b"\n\n-- \nA line of words, added below.\n", b"abc"),
        (b"YW\x00Jj!", b"abc"),
        (b"YWJjZ", b"abc"),
        (b"", b""),
        (b"=====", b""),
    ],
)
def test_base64_gives_what_can_be_read(text: bytes, data: bytes) -> None:
    assert decode_base64(text)[0] == data


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_large_text_is_measured_where_it_stands(end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_encoding, "LARGE", 100)
    monkeypatch.setattr(transfer_encoding, "_STEP", 76)
    text = encodebytes(DATA).replace(b"\n", end)
    found = decode_content(b"above" + text + b"below", 5, 5 + len(text), b"base64")
    assert found.span == (5, 5 + len(text.rstrip()))
    assert (found.data, found.size, found.digest) == (b"", len(DATA), sha256(DATA).hexdigest())


@pytest.mark.parametrize("spoilt", [b"QUI=QUJD", b"QUJD!", b"QUJDQ", b"A" * 1500])
def test_large_text_with_errors_is_not_reused(spoilt: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    text = encodebytes(DATA) + spoilt
    whole = decode_content(text, 0, len(text), b"base64")
    monkeypatch.setattr(transfer_encoding, "LARGE", 100)
    monkeypatch.setattr(transfer_encoding, "_STEP", 152)
    assert decode_content(text, 0, len(text), b"base64") == whole
    assert whole.span is None


@pytest.mark.parametrize(
    ("text", "reusable"),
    [
        (b"QUJD", True),
        (b"QUJD\r\n" * 900, True),
        (b"A" * 996 + b"\r\n" + b"A" * 996, True),
        (b"A" * 1000, False),
        (b"QUJD" + b"\r\n" * 900 + b"A" * 1000, False),  # short lines make up for none that is too long
        (b"A" * 1000 + b"\r\n" * 900, False),
        (b"QQ==QUJD", False),
        (b"QUJ", False),
        (b"QU JD", False),
        (b"", False),
    ],
)
def test_what_a_notice_may_use_as_it_came(text: bytes, reusable: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_reusable(text) is reusable
    monkeypatch.setattr(transfer_encoding, "LARGE", 0)
    monkeypatch.setattr(transfer_encoding, "_STEP", 10)
    stripped = text.strip(b"\r\n")
    assert (decode_content(text, 0, len(text), b"base64").span is not None) is is_reusable(stripped)


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"base64", b"quoted-printable", b"x-uuencode", b"x-unknown", b""]))
def test_whatever_stands_there_is_decoded(data: bytes, encoding: bytes) -> None:
    assert isinstance(decode_content(data, 0, len(data), encoding).data, bytes)


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=300))
def test_what_was_encoded_comes_back(data: bytes) -> None:
    for encoding, text in ((b"base64", encodebytes(data)), (b"quoted-printable", binascii.b2a_qp(data, istext=False))):
        assert decode_content(text, 0, len(text), encoding).data == data


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("backtick", [True, False])
def test_files_are_taken_out_of_the_text(end: bytes, backtick: bool) -> None:
    text = b"above\nbegin 644 a b.bin\n" + uuencoded(DATA, backtick=backtick) + b"`\nend\nbelow\n"
    rest, files = take_files(text.replace(b"\n", end))
    assert rest == b"above\nbelow\n".replace(b"\n", end)
    assert [(file.name, file.content) for file in files] == [(b"a b.bin", DATA)]


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 x\nand so on\nend\n",
        b"begin 644 x\n",
        b"begin 644 x",
        b"begin 644 x\n#0V%T\n",
        b"begin-base64 644 x\nno base64\n====\n",
        b"=ybegin line=128 name=x\nwithout an end\n",
        b"We begin 644 x\n",
        b"> begin 644 x\n> " + uuencoded(b"abc") + b"> end\n",
    ],
)
def test_words_are_no_files(text: bytes) -> None:
    assert take_files(text) == (text, [])


LINES = [b"begin 644 x\n", b"end\n", b"`\n", b"\n", uuencoded(b"abc"), b"====\n", b"begin-base64 644 x\n", b"QUJD\n",
         b"=ybegin name=x\n", b"=yend\n", b"=y", b"words\n", b"\xe9"]  # fmt: skip


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_any_order_of_such_lines_is_read(lines: list[bytes]) -> None:
    text = b"".join(lines)
    rest, files = take_files(text)
    assert len(rest) <= len(text)
    assert bool(files) == (rest != text)


@pytest.mark.parametrize(
    "line",
    [b"begin 644 x\n", b"begin-base64 644 x\n", b"begin-base64 644 x\nQUJD\n", b"=ybegin name=x\n",
     b"=ybegin name=x\n=yend\n", b"begin 644 x\n#0V%T\n", b"begin 644 x\n#0V%T\nend\n", b"begin " * 3],
)  # fmt: skip
def test_hostile_texts_take_bounded_time(line: bytes) -> None:
    start = time.process_time()
    take_files(line * 100_000)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("text", [b"= ", b"=", b"A=", b"A A\n", b"\n"])
@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable", b"uuencode"])
def test_hostile_encodings_take_bounded_time(text: bytes, encoding: bytes) -> None:
    start = time.process_time()
    decode_content(text * 1_000_000, 0, len(text) * 1_000_000, encoding)
    assert time.process_time() - start < 2


def test_a_file_of_more_lines_than_a_mail_holds_is_kept_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"begin 644 a\n" + b"#86)C\n" * 20 + b"end\n"
    assert decode_body(text) == b"abc" * 20
    monkeypatch.setattr(uuencode, "LINES_LIMIT", 19)
    assert decode_body(text) is None
