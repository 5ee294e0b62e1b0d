"""A large file is measured where it stands in the mail: what is read of the mail is the same."""

from __future__ import annotations

import tracemalloc
from base64 import b64encode, encodebytes
from dataclasses import replace

import pytest

from mailgate.core.mail import Mail
from mailgate.parsers import read_mail
from mailgate.parsers.mime import transfer_encoding
from tests.support.paths import CORPUS

MAILS = [path.read_bytes() for path in sorted((CORPUS / "mails").glob("*.eml"))]
FILES = [encodebytes(bytes(range(256)) * 20 + b"x" * more).strip().replace(b"\n", b"\r\n") for more in range(3)]
OTHER = encodebytes(b"another" * 500).strip().replace(b"\n", b"\r\n")
HEADS = [
    b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: BASE64\r\n",
    b"Content-Type: text/csv\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: BASE64\r\n",
    b"Content-Type: text/plain\r\nContent-Disposition: ATTACHMENT;\r\n x=y\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64 \r\n",
    b"Content-Type: application/pdf; name=a.pdf\r\n",
    b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n",
]


def in_parts(*parts: bytes) -> bytes:
    top = b"From: jo@customer.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nSee below.\r\n"
    return top + b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"


def read(raw: bytes, large: int, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """The mail as read where files of more than `large` bytes are large; contents of files that have a span left out,
    since those of large files are not there."""
    monkeypatch.setattr(transfer_encoding, "LARGE", large)
    mail = read_mail(raw)
    assert all(file.content or file.span or not file.size for file in mail.attachments)
    return replace(mail, attachments=tuple(replace(file, content=b"") for file in mail.attachments))


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("file", [*FILES, FILES[0] + b"A", FILES[0][:-40], b"\r\n" + FILES[0] + b"\r\n"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_what_is_read_is_the_same(head: bytes, file: bytes, line_end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    part = head + b"\r\n" + file
    raw = in_parts(part, HEADS[0] + b"\r\n" + OTHER, part).replace(b"\r\n", line_end)
    assert read(raw, 0, monkeypatch) == read(raw, 2**30, monkeypatch)


def test_every_mail_of_the_corpus_is_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for raw in MAILS:
        assert read(raw, 0, monkeypatch) == read(raw, 2**30, monkeypatch)


def test_an_attached_mail_keeps_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = in_parts(HEADS[0] + b"\r\n" + FILES[0]).replace(b"boundary=x", b"boundary=y").replace(b"--x", b"--y")
    raw = in_parts(b"Content-Type: message/rfc822\r\n\r\n" + inside)
    assert read(raw, 0, monkeypatch).attachments[0].size > len(FILES[0])
    assert read(raw, 0, monkeypatch) == read(raw, 2**30, monkeypatch)


def test_a_large_file_is_not_held_twice() -> None:
    content = bytes(2**20)
    text = encodebytes(content).replace(b"\n", b"\r\n")
    raw = in_parts(HEADS[0] + b"\r\n" + text)
    (file,) = read_mail(raw).attachments
    assert (file.size, file.content) == (len(content), b"")
    assert file.span is not None
    assert b64encode(content) == raw[slice(*file.span)].replace(b"\r\n", b"")


TEXT = b"Content-Type: text/plain\r\n"
SHAPES = {
    "base64": (HEADS[0], encodebytes(bytes(2**21)).replace(b"\n", b"\r\n")),
    "base64 with an error": (HEADS[0], b"!" + encodebytes(bytes(2**21)).replace(b"\n", b"\r\n")),
    "quoted-printable": (
        HEADS[6] + b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"caf=C3=A9 and more=\r\n" * 150_000,
    ),
    "8bit": (HEADS[6], "café\r\n".encode() * 400_000),
    "NUL": (HEADS[6], b"\0\1\2\r\n" * 600_000),
    "text": (TEXT, "Le café est prêt.\r\n".encode() * 150_000),
    "quoted-printable text": (
        TEXT + b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Le caf=C3=A9 est pr=C3=AAt, et le th=C3=A9 aussi.\r\n" * 60_000,
    ),
    "attached mail": (b"Content-Type: message/rfc822\r\n", b"Subject: x\r\n\r\n" + b"words\r\n" * 400_000),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_large_mail_takes_few_times_its_size_and_loses_nothing(shape: str) -> None:
    head, content = SHAPES[shape]
    raw = in_parts(head + b"\r\n" + content)
    read_mail(in_parts(head + b"\r\nx"))  # what is loaded once counts for no mail
    tracemalloc.start()
    mail = read_mail(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    text = 20_000_000 if head.startswith(TEXT) else 0  # what reading a text costs is bounded, since its length is
    assert peak < 3 * len(raw) + text
    kept = sum(file.size for file in mail.attachments) + len(mail.text.encode())
    assert kept > len(content) // 2


def test_a_text_that_is_too_long_is_kept_as_a_file() -> None:
    content = b"0123456789\r\n" * 300_000
    mail = read_mail(TEXT + b"\r\n" + content)
    assert 2**20 < len(mail.text) < 2 * 2**20
    assert [(file.mime_type, file.content) for file in mail.attachments] == [("text/plain", content)]
    assert any("kept as a file" in defect for defect in mail.defects)


def test_many_long_texts_are_read_to_a_limit() -> None:
    raw = in_parts(*[TEXT + b"\r\n" + b"0123456789\r\n" * 100_000] * 6)
    mail = read_mail(raw)
    assert len(mail.text) < 6 * 2**20
    assert mail.attachments
    assert any("more text than is read" in defect for defect in mail.defects)
