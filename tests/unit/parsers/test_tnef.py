"""winmail.dat: its files and texts, and what is broken in it."""

from __future__ import annotations

import time
from base64 import encodebytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers import read_mail
from mailgate.parsers.mime.rtf import decompress_rtf, read_rtf
from mailgate.parsers.mime.tnef import read_tnef
from tests.support import tnef_and_cms as p
from tests.support.examples import examples

PDF = b"%PDF-1.4 " + bytes(range(256))
RTF = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\f0 The printer is \'e9teinte.\par Please help \u8364?5.\par}"
)
NAMED = (0x8001).to_bytes(2, "little")


def stored(rtf: bytes) -> bytes:
    """RTF in the form that is called compressed and is not."""
    return (len(rtf) + 12).to_bytes(4, "little") + len(rtf).to_bytes(4, "little") + b"MELA" + bytes(4) + rtf


def literal(rtf: bytes) -> bytes:
    """RTF compressed without any reference but one, to the dictionary."""
    body = bytearray()
    tokens: list[bytes] = [
        bytes(((0 << 4 | 4) >> 8, (0 << 4 | 4) & 255))
    ]  # {\rtf1 of the dictionary: place 0, 6 letters
    tokens += [bytes([code]) for code in rtf.removeprefix(rb"{\rtf1")]
    for at in range(0, len(tokens), 8):
        body += bytes([1 if at == 0 else 0]) + b"".join(tokens[at : at + 8])
    return (len(body) + 12).to_bytes(4, "little") + len(rtf).to_bytes(4, "little") + b"LZFu" + bytes(4) + bytes(body)


def test_files_have_their_long_names_and_types() -> None:
    whole = p.packet(
        p.attachment(
            b"RAPPOR~1.PDF", PDF, (0x3707, 0x1F, p.wide("Rapport été.pdf")), (0x370E, 0x1E, b"application/pdf\0")
        ),
        p.attachment(b"caf\xe9.txt", b"one"),
        p.attachment(
            b"x", b"", (0x3707, 0x1E, b"data.bin\0"), (0x3701, 0x102, b"two"), (0x3712, 0x1F, p.wide("<c@x>"))
        ),
    )
    found = read_tnef(whole)
    assert not found.defect
    assert [(file.name, file.mime_type, file.content_id, file.content) for file in found.files] == [
        ("Rapport été.pdf", "application/pdf", "", PDF),
        ("café.txt", "", "", b"one"),
        ("data.bin", "", "c@x", b"two"),
    ]


def test_properties_of_all_kinds_are_passed_over() -> None:
    named = bytes.fromhex("1e00") + NAMED + bytes(16) + (1).to_bytes(4, "little") + (6).to_bytes(4, "little")
    named += p.wide("ab") + bytes(2) + (1).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"xyz\0"
    numbered = bytes.fromhex("0300") + NAMED + bytes(16) + bytes(4) + (7).to_bytes(4, "little") + bytes(4)
    several = bytes.fromhex("0310") + (0x1234).to_bytes(2, "little") + (2).to_bytes(4, "little") + bytes(8)
    moment = bytes.fromhex("4000") + (0x3007).to_bytes(2, "little") + bytes(8)
    name = p.properties((0x3707, 0x1E, b"a.txt\0"))[4:]
    content = (5).to_bytes(4, "little") + named + numbered + several + moment + name
    packet = p.packet(
        p.attribute(p.RENDERING, b"", 2), p.attribute(p.DATA, b"z", 2), p.attribute(p.ATTACHMENT, content, 2)
    )
    assert [(file.name, file.content) for file in read_tnef(packet).files] == [("a.txt", b"z")]


@pytest.mark.parametrize(
    ("attribute", "text", "html"),
    [
        (p.attribute(p.BODY, b"plain \xe9\0"), "plain é", ""),
        (p.attribute(p.MESSAGE, p.properties((0x1000, 0x1F, p.wide("plain")))), "plain", ""),
        (p.attribute(p.MESSAGE, p.properties((0x1013, 0x102, b"<p>\xc3\xa9</p>"), (0x3FDE, 3, 65001))), "", "<p>é</p>"),
        (p.attribute(p.MESSAGE, p.properties((0x1009, 0x102, stored(RTF)))),
         "The printer is éteinte.\nPlease help €5.\n", ""),
        (p.attribute(p.MESSAGE, b"\xff\xff\xff\xff") + p.attribute(p.SUBJECT, b"x\0"), "", ""),
    ],
)  # fmt: skip
def test_the_text_of_a_packet(attribute: bytes, text: str, html: str) -> None:
    found = read_tnef(p.packet(attribute))
    assert (found.text, found.html, found.defect) == (text, html, "")


def test_compressed_text_refers_to_the_dictionary() -> None:
    assert decompress_rtf(literal(RTF)) == RTF


def test_html_that_outlook_wrapped_is_html() -> None:
    rtf = (
        rb"{\rtf1\ansi\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 a & b"
        rb"{\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 bold\htmlrtf }\htmlrtf0 {\*\htmltag92 </b>}\htmlrtf }\htmlrtf0"
        rb" {\*\htmltag72 </p>}}"
    )
    found = read_rtf(rtf)
    assert found.html
    assert found.text == "<p>a &amp; b<b>bold</b></p>"


def test_letters_of_two_bytes_are_read_together() -> None:
    assert read_rtf(rb"{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b}").text == "日本"


def test_a_mail_inside_is_a_text_and_its_files() -> None:
    inner = p.packet(
        p.attribute(p.SUBJECT, b"Old\0"), p.attribute(p.BODY, b"old words\0"), p.attachment(b"in.txt", b"i")
    )
    outer = p.packet(p.attachment(b"x", b"", (0x3001, 0x1F, p.wide("Old")), (0x3701, 0x0D, p.MESSAGE_ID + inner)))
    assert [(file.name, file.content) for file in read_tnef(outer).files] == [
        ("Old.txt", b"Old\n\nold words\n"),
        ("in.txt", b"i"),
    ]


WHOLE = p.packet(p.attachment(b"a.pdf", PDF, (0x3707, 0x1F, p.wide("long name.pdf"))))


def mail_with(packet: bytes, body: bytes = b"See below.") -> bytes:
    lines = [b"From: jo@x.example", b"Content-Type: multipart/mixed; boundary=x", b"", b"--x", b"", body, b"--x",
             b"Content-Type: application/ms-tnef; name=winmail.dat", b"Content-Transfer-Encoding: base64", b"",
             encodebytes(packet), b"--x--", b""]  # fmt: skip
    return b"\n".join(lines)


@pytest.mark.parametrize(
    "broken",
    [
        p.packet(),
        p.packet(p.attribute(p.TITLE, b"a\0", 2)),
        WHOLE[:-20],
        WHOLE.replace(b"\x09\x01\x00\x00", b"\x09\x01\x00\x7f"),
        b"no packet",
        b"",
        WHOLE[4:],
    ],
)
def test_a_broken_packet_stays_the_file_that_it_came_as(broken: bytes) -> None:
    mail = read_mail(mail_with(broken))
    assert [(file.filename, file.content) for file in mail.attachments] == [("winmail.dat", broken)]
    assert any("TNEF" in defect for defect in mail.defects)


def test_the_text_of_a_packet_counts_where_the_mail_has_none() -> None:
    packet = p.packet(p.attribute(p.BODY, b"packed words\0"))
    assert read_mail(mail_with(packet)).text == "See below."
    mail = read_mail(mail_with(packet, b""))
    assert (mail.text, mail.attachments) == ("packed words", ())


@pytest.mark.parametrize(
    "packet",
    [
        p.packet(p.attribute(p.SUBJECT, b"Printer\0")),
        p.packet(p.attribute(p.MESSAGE, p.properties((0x1009, 0x102, stored(rb"{\rtf1\ansi}"))))),
    ],
)
def test_a_packet_without_words_leaves_nothing_but_where_there_is_nothing_else(packet: bytes) -> None:
    assert read_mail(mail_with(packet)).attachments == ()
    mail = read_mail(mail_with(packet, b""))
    assert [(file.filename, file.content) for file in mail.attachments] == [("winmail.dat", packet)]
    assert any("TNEF" in defect for defect in mail.defects)


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(0, len(WHOLE)), st.binary(max_size=8), st.integers(0, 8))
def test_spoilt_packets_never_raise(at: int, noise: bytes, length: int) -> None:
    found = read_tnef(WHOLE[:at] + noise + WHOLE[at + length :])
    assert not (found.defect and found.files)


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=300), st.integers(0, len(RTF)))
def test_spoilt_rich_text_never_raises(noise: bytes, at: int) -> None:
    assert isinstance(read_rtf(RTF[:at] + noise + RTF[at:]).text, str)
    packed = literal(RTF)
    assert len(decompress_rtf(packed[: 16 + at] + noise + packed[16 + at :])) <= len(RTF)


@pytest.mark.parametrize(
    "data",
    [
        p.packet(p.attachment(b"a", b"b") * 50_000),
        p.packet(p.attribute(p.MESSAGE, b"") * 200_000),
        p.packet(p.attribute(p.MESSAGE, (2**32 - 1).to_bytes(4, "little") + bytes(8) * 100_000)),
    ],
)
def test_hostile_packets_take_bounded_time(data: bytes) -> None:
    start = time.process_time()
    read_tnef(data)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "rtf", [b"{" * 500_000, rb"\'e9" * 200_000, b"\\u1?" * 200_000, b"{\\*}" * 200_000, b"\\" * 500_000]
)
def test_hostile_rich_text_takes_bounded_time(rtf: bytes, share: float) -> None:
    start = time.process_time()
    read_rtf(rtf[: int(len(rtf) * share)])
    assert time.process_time() - start < 2 * share
