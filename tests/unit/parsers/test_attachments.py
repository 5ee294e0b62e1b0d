"""File names and the place of base64 text in the raw mail."""

from __future__ import annotations

import base64

import pytest

from mailgate.parsers.message import read_mail
from mailgate.parsers.mime.attachments import NAME_LIMIT, clean_filename


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("C:\\Users\\jo\\scan.pdf", "scan.pdf"),
        ("/etc/passwd", "passwd"),
        ("..", ""),
        ("a\r\nb\x00.txt", "a b.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2066b\u2069.txt", "ab.txt"),
    ],
)
def test_names_are_safe(name: str, clean: str) -> None:
    assert clean_filename(name) == clean


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_filename("x" * 500 + ".pdf")
    assert len(name) == NAME_LIMIT
    assert name.endswith("x.pdf")


def mail_with(encoded: bytes, end: bytes = b"\r\n") -> bytes:
    lines = [b"Content-Type: multipart/mixed; boundary=x", b"", b"--x", b"Content-Type: image/png; name=a.png",
             b"Content-Transfer-Encoding: base64", b"", encoded, b"--x--", b""]  # fmt: skip
    return b"Received: by a\r\n" + end.join(lines)


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_the_span_holds_what_the_content_was_made_of(end: bytes) -> None:
    content = bytes(range(256)) * 3
    raw = mail_with(base64.encodebytes(content).strip().replace(b"\n", end), end)
    attachment = read_mail(raw).attachments[0]
    assert attachment.content == content
    assert attachment.span is not None
    start, stop = attachment.span
    assert base64.b64decode(raw[start:stop]) == content
    assert raw[stop:] == end + b"--x--" + end


@pytest.mark.parametrize("encoded", [b"QUJD!QUJD", b"QQ==QUJD", b"QUJDQ", b"A" * 1200, b"QUJD\xe9QUJD"])
def test_base64_that_could_be_read_differently_has_no_span(encoded: bytes) -> None:
    assert read_mail(mail_with(encoded)).attachments[0].span is None


def test_two_equal_files_have_two_spans() -> None:
    part = b"--x\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\nQUJD\n"
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + part * 2 + b"--x--\n"
    first, second = (attachment.span for attachment in read_mail(raw).attachments)
    assert first is not None
    assert second is not None
    assert first[1] < second[0]
    assert raw[second[0] : second[1]] == b"QUJD"
