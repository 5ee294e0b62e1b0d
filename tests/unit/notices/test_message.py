"""Messages as the standard library reads them back."""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address as ReadAddress
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.mail import Address
from mailgate.core.message_parts import assemble
from mailgate.notices.mime.headers import clean_line, clean_name, via_name
from mailgate.notices.mime.message import Head, compose
from mailgate.notices.rendering.content import Rendered
from mailgate.tickets.values import FileRef
from tests.support.flowed import read_text

OWN_ID = "SUP-1042.7.k7q2abcdefghijkl@example.com"
HEAD = Head(
    Address("Support", "support@example.com"),
    Address("Jo Martin", "jo@example.com"),
    "Re: Imprimante du 2ᵉ étage [SUP-1042]",
    datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    OWN_ID,
    "support+SUP-1042.7.k7q2abcdefghijkl@example.com",
    in_reply_to="one@example.net",
    references=("one@example.net",),
    original_from="jo@example.com",
    marker="notice=receipt",
    language="fr",
)
WORDS = Rendered("x", "Résolu ?\nOui.\n", "<p>Résolu ?</p>")
LONG_IDS = tuple(f"AM0PR0{number:02}MB{'X' * 60}@AM0PR0{number:02}.eurprd.example.com" for number in range(30))


def nothing(_blob: int, _start: int | None, _end: int | None) -> bytes:
    raise AssertionError("no file is wanted")


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def check_wire(raw: bytes, longest: int = 998) -> None:
    """RFC 5322, 2.1.1: CRLF only, no line too long; 7-bit."""
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= longest
    assert raw.endswith(b"\r\n")


def only(message: EmailMessage, field: str) -> ReadAddress:
    addresses = message[field].addresses
    assert len(addresses) == 1
    first = addresses[0]
    assert isinstance(first, ReadAddress)
    return first


def test_a_notice_is_read_as_it_was_meant() -> None:
    message = compose(HEAD, WORDS)
    raw = assemble(message, nothing)
    assert len(raw) == message.size
    check_wire(raw, 76)
    mail = read(raw)
    assert mail["Subject"] == HEAD.subject
    assert only(mail, "From").display_name == "Support"
    assert only(mail, "To").addr_spec == "jo@example.com"
    assert mail["Message-ID"] == f"<{OWN_ID}>"
    assert mail["In-Reply-To"] == "<one@example.net>"
    assert str(mail["References"]).split() == ["<one@example.net>"]
    assert mail["Reply-To"] == HEAD.reply_to
    assert mail["Date"].datetime == HEAD.date
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert (mail["X-Mailgate"], mail["X-Original-From"]) == ("notice=receipt", "jo@example.com")
    assert (mail["Content-Language"], mail["MIME-Version"], mail["Precedence"]) == ("fr", "1.0", None)
    assert mail.get_content_type() == "multipart/alternative"
    plain, page = mail.iter_parts()
    assert isinstance(plain, EmailMessage)
    assert isinstance(page, EmailMessage)
    assert plain.get_content().splitlines() == ["Résolu ?", "Oui."]
    assert page.get_content().strip() == WORDS.html


def test_what_an_agent_wrote_is_not_automatic() -> None:
    """Rule 19."""
    mail = read(compose(replace(HEAD, automatic=False, original_from="", marker="", language=""), WORDS).body)
    for field in ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Original-From", "X-Mailgate", "Content-Language"):
        assert mail[field] is None


def test_thirty_long_references_come_back_whole() -> None:
    """Rule 4: the first and the newest, never the notice's own id; never encoded."""
    raw = compose(replace(HEAD, references=(*LONG_IDS, LONG_IDS[3], OWN_ID), in_reply_to=LONG_IDS[-1]), WORDS).body
    check_wire(raw)
    assert b"=?" not in raw.partition(b"References:")[2].partition(b"MIME-Version")[0]
    ids = str(read(raw)["References"]).split()
    assert len(ids) == 20
    assert ids == [f"<{one}>" for one in (LONG_IDS[0], *LONG_IDS[-19:])]


def test_ids_that_cannot_stand_in_a_header_are_left_out() -> None:
    bad = ("a b@x", "é@x", "x>\r\nBcc: y", "", "a" * 950)
    mail = read(compose(replace(HEAD, references=bad, in_reply_to="é@x"), WORDS).body)
    assert mail["References"] is None
    assert mail["In-Reply-To"] is None


@given(st.text(max_size=300), st.text(max_size=120))
def test_any_subject_and_name_give_sound_headers(subject: str, name: str) -> None:
    head = replace(HEAD, subject=subject, sender=Address(via_name(name, "Support"), "support@example.com"))
    raw = compose(replace(head, to=Address(name, "jo@example.com")), WORDS).body
    check_wire(raw)
    mail = message_from_bytes(raw, policy=policy.default)
    assert only(mail, "From").addr_spec == "support@example.com"
    assert only(mail, "To").addr_spec == "jo@example.com"
    assert str(mail["Subject"]) == clean_line(subject)
    shown = message_from_bytes(raw)["To"].removesuffix("jo@example.com").removesuffix("<jo@example.com>").strip()
    # not `display_name`: Python 3.11 keeps the space between two encoded words of a phrase (against RFC 2047, 6.2)
    assert " ".join(str(make_header(decode_header(shown))).strip('"').split()) == clean_name(name)
    assert mail["Bcc"] is None
    assert len(mail.keys()) == len(read(compose(HEAD, WORDS).body).keys())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Jo Martin", "Jo Martin via Support"),
        ("Jo, <boss@bank.example>", "Jo via Support"),
        ("boss@bank.example", "Support"),
        ("boss＠bank.example Ltd", "Ltd via Support"),
        ('A "B" C\r\nBcc: x', "A B C Bcc: x via Support"),
        ("\u202eevil\u200b", "evil via Support"),
        ("👩‍💻 Zoé", "👩‍💻 Zoé via Support"),
        ("", "Support"),
    ],
)
def test_a_forward_names_the_requester_without_any_address(name: str, shown: str) -> None:
    """Rule 1."""
    assert via_name(name, "Support") == shown
    mail = read(compose(replace(HEAD, sender=Address(shown, "support@example.com")), WORDS).body)
    assert only(mail, "From").display_name == shown


def test_addresses_beyond_ascii() -> None:
    """Rule 20: the domain as A-label, the local part is for the relay to judge."""
    raw = compose(replace(HEAD, to=Address("", "jo@bücher.example")), WORDS).body
    assert b"To: jo@xn--bcher-kva.example\r\n" in raw
    raw = compose(replace(HEAD, to=Address("Zoé", "zoé@example.com")), WORDS).body
    assert "<zoé@example.com>\r\n".encode() in raw
    raw = compose(replace(HEAD, to=Address("", "a,b@example.com")), WORDS).body
    assert b'To: "a,b"@example.com\r\n' in raw


def test_a_requester_beyond_ascii_needs_no_smtputf8_of_the_level() -> None:
    head = replace(HEAD, original_from="jürgen@straße.example")
    raw = assemble(compose(head, WORDS), nothing)
    check_wire(raw)
    assert str(make_header(decode_header(message_from_bytes(raw)["X-Original-From"]))).startswith("jürgen@")


@pytest.mark.parametrize(
    "text", ["Привет, мир\n" * 20, "é" * 3000, "a" * 5000, ".\n..\nFrom x\n", " \n\ttab \n", "\r\r\n"]
)
def test_any_text_survives_seven_bits(text: str) -> None:
    raw = compose(HEAD, Rendered("x", text, "")).body
    check_wire(raw, 76)
    mail = read(raw)
    assert mail.get_content_type() == "text/plain"
    wanted = re.sub(r" +$", "", re.sub(r"\r\n?", "\n", text), flags=re.MULTILINE).rstrip("\n")
    assert read_text(mail).rstrip("\n") == wanted


BLOB = bytes(range(256)) * 41
CRLF_TEXT = encodebytes(BLOB).replace(b"\n", b"\r\n")


def read_blob(blob: int, start: int | None, end: int | None) -> bytes:
    blobs = {
        1: BLOB,
        2: b"head\r\n\r\n" + CRLF_TEXT + b"\r\n--edge--",
        3: encodebytes(BLOB),
        4: b64encode(BLOB),
        5: encodebytes(BLOB).replace(b"\n", b"\r"),
        6: b"",
    }
    return blobs[blob][start:end]


FILES = (
    FileRef("photo.jpg", "image/jpeg", 1, len(BLOB)),
    FileRef('réponse du 3 mars; "v2".pdf', "Application/PDF", 2, len(BLOB), 8, 8 + len(CRLF_TEXT) - 2, encoded=True),
    FileRef(
        "日本語のとても長いファイル名" * 6 + ".txt", "text/plain", 3, len(BLOB), encoded=True, content_id="<img1@x>"
    ),
    FileRef("../../etc/passwd", "nonsense", 4, len(BLOB), encoded=True),
    FileRef("original.eml", "message/rfc822", 5, len(BLOB), encoded=True),
    FileRef("", "a/b\r\nX: y", 6, 0),
)


def test_files_arrive_identical() -> None:
    message = compose(HEAD, WORDS, FILES)
    raw = assemble(message, read_blob)
    check_wire(raw)
    mail = read(raw)
    assert mail.get_content_type() == "multipart/mixed"
    words, *files = mail.iter_parts()
    assert words.get_content_type() == "multipart/alternative"
    assert [part.get_payload(decode=True) for part in files] == [BLOB] * 5 + [b""]
    names = [part.get_filename() for part in files]
    assert names[:2] == ["photo.jpg", FILES[1].filename]
    assert names[2] == FILES[2].filename[:200]
    assert names[3:] == [".._.._etc_passwd", "original.eml", "file"]
    octets = "application/octet-stream"
    kinds = [part.get_content_type() for part in files]
    assert kinds == ["image/jpeg", "application/pdf", "text/plain", octets, octets, octets]
    assert {part.get_content_disposition() for part in files} == {"attachment"}
    assert [part["Content-ID"] for part in files[1:3]] == [None, "<img1@x>"]


def test_every_attempt_sends_the_same_bytes_and_the_size_is_known() -> None:
    files = FILES[:2]
    message = compose(HEAD, WORDS, files)
    raw = assemble(message, read_blob)
    assert raw == assemble(compose(HEAD, WORDS, files), read_blob)
    assert len(raw) == message.size
    assert len(message.body) < 4000, "files are not copied"
    assert [insert.position for insert in message.inserts] == sorted(insert.position for insert in message.inserts)
