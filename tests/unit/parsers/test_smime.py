"""S/MIME: the entity inside an opaque signature, and what cannot be opened."""

from __future__ import annotations

import time
import zlib
from base64 import b64encode, encodebytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers import read_mail
from mailgate.parsers.mime.smime import open_wrapper
from tests.support import tnef_and_cms as p
from tests.support.examples import examples

ENTITY = (
    b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Signed words.\r\n--i\r\nContent-Type: text/csv; name=a.csv\r\n\r\na;b\r\n--i--\r\n"
)
COMPRESSED = p.der(
    0x30,
    p.oid(p.COMPRESSED_OID),
    p.der(0xA0, p.der(0x30, p.der(0x02, b"\0"), p.der(0x30, p.oid("2a864886f70d0109100308")),
          p.der(0x30, p.oid(p.DATA_OID), p.der(0xA0, p.der(0x04, zlib.compress(ENTITY)))))),
)  # fmt: skip
DETACHED = p.der(
    0x30, p.oid(p.SIGNED_OID), p.der(0xA0, p.der(0x30, p.der(0x02, b"\1"), p.der(0x31), p.der(0x30, p.oid(p.DATA_OID))))
)


@pytest.mark.parametrize(
    "data",
    [
        p.signed(ENTITY),
        p.signed(ENTITY, in_pieces=True),
        p.signed(ENTITY, in_pieces=True, pieces=[1000]),
        b64encode(p.signed(ENTITY)),
        b"-----BEGIN PKCS7-----\n" + encodebytes(p.signed(ENTITY)) + b"-----END PKCS7-----\n",
        COMPRESSED,
    ],
)
def test_the_entity_is_taken_out(data: bytes) -> None:
    assert open_wrapper(data).content == ENTITY


def mail_with(data: bytes, parameters: bytes = b"") -> bytes:
    head = b"From: jo@x.example\r\nContent-Type: application/pkcs7-mime; name=smime.p7m" + parameters
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(data).replace(b"\n", b"\r\n")


@pytest.mark.parametrize("parameters", [b"; smime-type=signed-data", b""])
def test_a_signed_mail_is_read_with_its_files(parameters: bytes) -> None:
    mail = read_mail(mail_with(p.signed(ENTITY), parameters))
    assert (mail.text, mail.encrypted) == ("Signed words.", False)
    assert [(file.filename, file.content, file.span) for file in mail.attachments] == [("a.csv", b"a;b", None)]


def test_signed_twice_and_encrypted_inside() -> None:
    inner = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
    inner += b"Content-Transfer-Encoding: base64\r\n\r\n" + encodebytes(p.enveloped())
    mail = read_mail(mail_with(p.signed(inner)))
    assert mail.encrypted
    assert [file.filename for file in mail.attachments] == ["smime.p7m"]


@pytest.mark.parametrize("parameters", [b"; smime-type=enveloped-data", b"; smime-type=signed-data", b""])
def test_what_is_encrypted_is_kept_and_said_to_be(parameters: bytes) -> None:
    mail = read_mail(mail_with(p.enveloped(), parameters))
    assert (mail.text, mail.encrypted, [file.filename for file in mail.attachments]) == ("", True, ["smime.p7m"])


@pytest.mark.parametrize(
    "data", [b"", b"no structure", p.signed(ENTITY)[:-30], DETACHED, p.der(0x30), b"\x30\x80" * 500]
)
def test_what_cannot_be_opened_is_kept_with_a_defect(data: bytes) -> None:
    mail = read_mail(mail_with(data))
    assert [file.filename for file in mail.attachments] == ["smime.p7m"]
    assert any("S/MIME" in defect for defect in mail.defects)


def test_signatures_inside_one_another_are_opened_to_a_limit() -> None:
    entity = b"Content-Type: text/plain\r\n\r\ndeep"
    for _ in range(30):
        head = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n"
        entity = head + p.signed(entity)
    assert len(read_mail(entity).attachments) == 1


@settings(max_examples=examples(200), deadline=None)
@given(st.booleans(), st.integers(0, 400), st.binary(max_size=8), st.integers(0, 8))
def test_spoilt_structures_never_raise(in_pieces: bool, at: int, noise: bytes, length: int) -> None:
    data = p.signed(ENTITY, in_pieces=in_pieces)
    found = open_wrapper(data[:at] + noise + data[at + length :])
    assert isinstance(found.content, bytes)


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x80" * 200_000,
        p.indefinite(0x30, p.oid(p.SIGNED_OID), *[p.indefinite(0xA0)] * 100_000),
        p.signed(b"x" * 1_000_000, in_pieces=True, pieces=[1]),
        b"\x30\x84\xff\xff\xff\xff" + bytes(100_000),
    ],
)
def test_hostile_structures_take_bounded_time(data: bytes) -> None:
    start = time.process_time()
    open_wrapper(data)
    assert time.process_time() - start < 3


def test_deep_levels_in_signatures_inside_one_another_end_somewhere() -> None:
    entity = b"Content-Type: text/plain\r\n\r\ndeep"
    for depth in range(12):
        for level in range(45):
            edge = b"b%d.%d" % (depth, level)
            entity = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n%b\r\n--%b--\r\n" % (
                edge,
                edge,
                entity,
                edge,
            )
        head = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        entity = head + encodebytes(p.signed(entity))
    assert [file.filename for file in read_mail(entity).attachments] == ["smime.p7m"]
