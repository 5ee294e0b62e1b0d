"""The name of a file, in the forms that mailers give it and without any."""

from __future__ import annotations

import time

import pytest

from mailgate.parsers.message import read_mail
from mailgate.parsers.mime.parameters import read_value


def names_of(disposition: bytes, content_type: str = "application/pdf", more: str = "") -> list[str]:
    """The names of the files of a mail with one part that has these headers."""
    head = f"Content-Type: {content_type}\r\n{more}".encode()
    shown = b"Content-Disposition: " + disposition + b"\r\n" if disposition else b""
    raw = (
        b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello there\r\n--x\r\n"
        + head + shown + b"\r\nabc\r\n--x--\r\n"
    )  # fmt: skip
    return [attachment.filename for attachment in read_mail(raw).attachments]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        # continuations: out of order, with zeros, quoted, plain and extended mixed, one that is alone
        (b"attachment; filename*1*=%20b.pdf; filename*0*=utf-8''a", "a b.pdf"),
        (b"attachment; filename*2=c.pdf; filename*0=a; filename*1=b", "abc.pdf"),
        (b'attachment; filename*00="rep"; filename*01="ort.pdf"', "report.pdf"),
        (b"attachment; filename*0*=\"utf-8''a%20\"; filename*1*=\"b.pdf\"", "a b.pdf"),
        (b"attachment; filename*0*=utf-8''a; filename*1=\"b%20.pdf\"", "ab%20.pdf"),
        (b'attachment; filename*0="report.pdf"', "report.pdf"),
        (b'attachment; filename*1="report.pdf"', "report.pdf"),
        (b"attachment; filename*0*=utf-8''%E2%82; filename*1*=%AC.pdf", "€.pdf"),
        (b"attachment; filename*0*=ISO-2022-JP''%1B%24B%24%22; filename*1*=%24%24%1B%28B.pdf", "あい.pdf"),
        # the charset: in a later section, in each, missing, half missing, unknown, wrong
        (b"attachment; filename*0=\"foo\"; filename*1*=utf-8''%20b.pdf", "foo b.pdf"),
        (b"attachment; filename*0*=utf-8''a; filename*1*=utf-8''b.pdf", "ab.pdf"),
        (b"attachment; filename*=''a%20b.pdf", "a b.pdf"),
        (b"attachment; filename*=%E2%82%AC.pdf", "€.pdf"),
        (b"attachment; filename*='en'%E2%82%AC.pdf", "€.pdf"),
        (b"attachment; filename*=utf-8'%E2%82%AC.pdf", "€.pdf"),
        (b"attachment; filename*=x-unknown''%C3%A4.pdf", "ä.pdf"),
        (b"attachment; filename*=windows-1252''a%80.pdf", "a€.pdf"),
        (b"attachment; filename*=utf-8''it's%20a.pdf", "it's a.pdf"),
        (b'attachment; filename*0*="Frank\'s"; filename*1*=" Document.pdf"', "Frank's Document.pdf"),
        # several forms: the surest counts, if it can be read
        (b"attachment; filename=b.pdf; filename*=utf-8''c.pdf; filename*0=d.pdf", "c.pdf"),
        (b"attachment; filename=b.pdf; filename*0*=utf-8''%E2%82%AC; filename*1*=.pdf", "€.pdf"),
        (b"attachment; filename=b.pdf; filename*1=c.pdf", "b.pdf"),
        (b"attachment; filename*=utf-8''; filename=b.pdf", "b.pdf"),
        (b"attachment; filename=first.pdf; filename=second.pdf", "first.pdf"),
        # encoded words, whole, broken over sections, beside plain text
        (b'attachment; filename*0="=?utf-8?B?4oKs"; filename*1="LnBkZg==?="', "€.pdf"),
        (b'attachment; filename*="=?utf-8?Q?=E2=82=AC.pdf?="', "€.pdf"),
        (b"attachment; filename==?utf-8?Q?=E2=82=AC.pdf?=", "€.pdf"),
        (b'attachment; filename="x=?utf-8?Q?=E2=82=AC?=.pdf"', "x€.pdf"),
        (b'attachment; filename="=?utf-8?Q?a?=\r\n =?utf-8?Q?b.pdf?="', "ab.pdf"),
        # raw bytes, percent signs and entities of web forms
        ('attachment; filename="ä.pdf"'.encode(), "ä.pdf"),
        ('attachment; filename="ä.pdf"'.encode("cp1252"), "ä.pdf"),
        ("attachment; filename*=utf-8''ä%20b.pdf".encode(), "ä b.pdf"),
        (b'attachment; filename="%E2%82%AC.pdf"', "€.pdf"),
        (b'attachment; filename="100%25.pdf"', "100%25.pdf"),
        (b'attachment; filename="50%E4.pdf"', "50%E4.pdf"),
        (b'attachment; filename="&#8364;.pdf"', "€.pdf"),
        (b'attachment; filename="%E2%82%AC%2F..%2Fx.pdf"', "x.pdf"),
        # broken syntax
        (b"attachment; filename=a b.pdf", "a b.pdf"),
        (b'attachment; filename="a.pdf', "a.pdf"),
        (b'attachment; filename="a.pdf" (a comment)', "a.pdf"),
        (b'attachment; filename="a" b.pdf"', 'a" b.pdf'),
        (b"attachment; filename *= utf-8''a.pdf", "a.pdf"),
        (b"attachment filename=a.pdf", "a.pdf"),
        (b"attachment;; filename=a.pdf", "a.pdf"),
        (b"; filename=a.pdf", "a.pdf"),
        (b"filename=a.pdf", "a.pdf"),
        (b'filename="a.pdf"; attachment', "a.pdf"),
        (b"attachment; name=a.pdf", "a.pdf"),
        (b'attachment; filename=""', "part-2.pdf"),
    ],
)  # fmt: skip
def test_a_name_is_read_however_it_is_written(disposition: bytes, name: str) -> None:
    assert names_of(disposition) == [name]


@pytest.mark.parametrize(
    ("content_type", "more", "name"),
    [
        ("application/pdf; name*=utf-8''%E2%82%AC.pdf", "", "€.pdf"),
        ("application/pdf; filename=a.pdf", "", "a.pdf"),
        ("application/pdf", "Content-Description: a.pdf\r\n", "a.pdf"),
        ("application/pdf", "Content-Description: Report 3/4\r\n", "Report 3-4.pdf"),
        ("application/octet-stream", "Content-Description: Report\r\n", "part-2.bin"),
        ("application/pdf", "Content-Location: http://x.example/a%20b.pdf\r\n", "a b.pdf"),
        ("text/plain", "Content-Description: notes.txt\r\nContent-Disposition: attachment\r\n", "notes.txt"),
        ("message/rfc822", "", "part-2.eml"),
    ],
)
def test_a_part_without_the_parameter_is_named_by_what_else_it_says(content_type: str, more: str, name: str) -> None:
    assert names_of(b"", content_type, more) == [name]


@pytest.mark.parametrize(
    ("mime_type", "suffix"),
    [
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        ("application/vnd.oasis.opendocument.text", ".odt"),
        ("application/vnd.ms-outlook", ".msg"),
        ("application/x-pdf", ".pdf"),
        ("application/xml", ".xml"),
        ("application/x-7z-compressed", ".7z"),
        ("application/gzip", ".gz"),
        ("image/pjpeg", ".jpg"),
        ("image/heic", ".heic"),
        ("image/webp", ".webp"),
        ("audio/ogg", ".ogg"),
        ("text/vcard", ".vcf"),
        ("text/csv", ".csv"),
        ("application/unheard-of", ".bin"),
    ],
)
def test_a_nameless_file_has_the_extension_of_its_type(mime_type: str, suffix: str) -> None:
    assert names_of(b"attachment", mime_type) == ["part-2" + suffix]


@pytest.mark.parametrize(
    "value",
    [
        b'a; b="' + b'" (' * 2_700,
        b'a; b="x" ' + b"(" * 8_000,
        b"a; b*0*=" + b"'" * 8_000,
        b"a" + b"; b *" * 1_600,
        b"=" * 8_000,
    ],
)
def test_a_hostile_value_takes_bounded_time(value: bytes) -> None:
    start = time.process_time()
    read_value(value)
    assert time.process_time() - start < 0.5
