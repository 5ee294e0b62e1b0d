"""A large file is measured where it stands in the mail: what is read of the mail is the same."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.mail import Mail
from mailgate.parsers import read_mail, skeleton

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "corpus" / "mails").glob("*.eml"))]
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
    monkeypatch.setattr(skeleton, "LARGE", large)
    mail = read_mail(raw)
    assert all(file.content or file.span or not file.size for file in mail.attachments)
    return replace(mail, attachments=tuple(replace(file, content=b"") for file in mail.attachments))


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("file", [*FILES, FILES[0] + b"A", FILES[0][:-40], b"\r\n" + FILES[0] + b"\r\n"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_what_is_read_is_the_same(
    head: bytes, file: bytes, line_end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
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
