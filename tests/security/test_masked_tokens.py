"""Tokens in other hands: no mail to staff shows a requester's token, and none outside shows one of staff."""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from collections.abc import Callable, Iterator
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

import pytest

from tests.support.attackers import ALICE, BOB, INTERNAL, MALLORY, ZOE, TargetDesk, change, raw
from tests.support.desk import CONFIG, Delivered, TestDesk

L1, L2, OF_ALICE, OF_ZOE = "level1@example.com", "level2@example.com", "alice@example.com", "zoe@example.net"
_SPACES = re.compile(r"[\s=>\x00]|<br>|&shy;|\xad|\u200b")


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    assert_masked(target)
    target.close()


def secrets_of(mails: list[Delivered]) -> set[str]:
    """The secret parts of the tokens of notices."""
    return {found[1] for mail in mails if (found := re.search(r"\.([a-z2-7]{20})@", mail.message_id))}


def read_all(message: Message[Any, Any]) -> Iterator[str]:
    """Everything that a reader can see of a mail and of the mails in it, decoded."""
    for part in message.walk():
        yield "\n".join(f"{name}: {value}" for name, value in part.items())
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content.decode("utf-8", "replace")
            yield content.decode("utf-16", "replace")


def assert_masked(desk: TestDesk) -> None:
    """Nobody inside reads a token of a person outside, and the other way round."""
    inside = [mail for mail in desk.relay.mails if mail.recipient.startswith(INTERNAL)]
    outside = [mail for mail in desk.relay.mails if not mail.recipient.startswith(INTERNAL)]
    for readers, secrets in (
        (inside, secrets_of(outside)),
        (outside, secrets_of(inside)),
    ):
        for mail in readers:
            shown = _SPACES.sub("", "\n".join(read_all(mail.message))).casefold()
            assert not {secret for secret in secrets if secret in shown}, (mail.recipient, mail.notice)


def attach(name: str, mime_type: str, content: Callable[[str], bytes]) -> Callable[[EmailMessage, Delivered], None]:
    def add(message: EmailMessage, notice: Delivered) -> None:
        main, _, sub = mime_type.partition("/")
        message.add_attachment(content(notice.reply_to), main, sub, filename=name)

    return add


def attach_mail(message: EmailMessage, notice: Delivered) -> None:
    message.add_attachment(notice.message)


ICS = "BEGIN:VCALENDAR\r\nORGANIZER:mailto:{}\r\nEND:VCALENDAR\r\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00"
SPAN = "<span style='font-size:11.0pt;font-family:\"Calibri\",sans-serif;mso-fareast-language:EN-US'>"


def in_base64(token: str) -> bytes:
    """A mail that names the token only in a text in base64."""
    head = "From: a@b.c\r\nSubject: hi\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
    return f"{head}\r\n\r\n".encode() + encodebytes(f"I wrote to {token}".encode())


def in_mail(content: bytes, kind: str = "application/octet-stream; name=b.eml") -> bytes:
    """A mail that is a file in base64."""
    head = f"From: q@q.q\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + encodebytes(content)


def broken(token: str, between: str) -> str:
    return f"<p>{token[:25]}{between}{token[25:]}</p>"


def spelled(pattern: str, token: str) -> str:
    return "".join(pattern.format(ord(letter)) for letter in token)


# Files in which only a program shows a token. An octet-stream has no type, so that the content must tell.
ENCODED: dict[str, tuple[str, str, Callable[[str], bytes]]] = {
    "eml": ("a.eml", "application/octet-stream", in_base64),
    "eml in base64 in an eml": ("a.eml", "application/octet-stream", lambda token: in_mail(in_base64(token))),
    "mail in base64 in a mail": (
        "a", "application/octet-stream", lambda token: in_mail(in_mail(in_base64(token)), "message/rfc822"),
    ),
    "mail without a type": ("mail", "application/octet-stream", in_base64),
    "mail as a text": ("mail.txt", "text/plain", in_base64),
    "mail below a text": ("mail.txt", "text/plain", lambda token: b"Look at this:\n\n" + in_base64(token)),
    "mailbox": ("a.mbox", "application/mbox", lambda token: b"From a Mon\r\n" + in_base64(token)),
    "mailbox of two": (
        "a", "application/octet-stream", lambda token: b"From a\nSubject: x\n\nHi\n\nFrom a\n" + in_base64(token),
    ),
    "emlx": ("a.emlx", "application/octet-stream", lambda token: b"300\n" + in_base64(token)),
    "u8msg": ("a.u8msg", "application/octet-stream", in_base64),
    "a picture by its type": ("mail", "image/png", lambda token: f"Reply-To: {token}".encode()),
    "a sound by its type": ("mail", "audio/mpeg", lambda token: token.encode()),
    "UTF-16 without a mark": ("note", "application/octet-stream", lambda token: token.encode("utf-16-le")),
    "Word": ("a.doc", "application/msword", lambda token: OLE + token.encode()),
    "Word, two bytes a letter": ("a.doc", "application/msword", lambda token: OLE + token.encode("utf-16-le")),
    "entities": ("p.html", "text/html", lambda token: f"<p>{spelled('&#{};', token)}</p>".encode()),
    "entities in hex": ("a.xml", "text/xml", lambda token: f"<p>{spelled('&#x{:x};', token)}</p>".encode()),
    "entities in a mail": (
        "a.eml", "application/octet-stream",
        lambda token: f"From: q@q.q\r\nContent-Type: text/html\r\n\r\n{spelled('&#{};', token)}".encode(),
    ),
    "comment": ("p.html", "text/html", lambda token: broken(token, "<!-- > -->").encode()),
    "long tag": ("p.html", "text/html", lambda token: broken(token, f"</span>{SPAN}").encode()),
    "address": ("p.html", "text/html", lambda token: f"<a href='mailto:{spelled('%{:02x}', token)}'>".encode()),
    "quoted-printable vCard": (
        "a.vcf", "text/vcard", lambda token: f"BEGIN:VCARD\r\nEMAIL;Q:{spelled('={:02X}', token)}".encode(),
    ),
    "base64 vCard": (
        "a.vcf", "text/vcard", lambda token: b"BEGIN:VCARD\r\nNOTE;ENCODING=b:" + b64encode(token.encode()),
    ),
    "JSON": ("a.json", "application/json", lambda token: f'{{"to": "{spelled(chr(92) + "u{:04x}", token)}"}}'.encode()),
    "RTF": ("a.rtf", "application/rtf", lambda token: (r"{\rtf1 " + spelled(r"\'{:02x}", token) + "}").encode()),
    "RTF with marks": ("a.rtf", "application/rtf", lambda token: f"{{\\rtf1 {token[:25]}\\b0 {token[25:]}}}".encode()),
}  # fmt: skip
FILES: dict[str, Callable[[EmailMessage, Delivered], None]] = {
    "eml": attach("mail.eml", "application/octet-stream", lambda token: f"Reply-To: {token}\r\n\r\nHi".encode()),
    "an attached mail": attach_mail,
    "html": attach("page.html", "text/html", lambda token: f"<a href='mailto:{token}'>x</a>".encode()),
    "html without a type": attach("page", "application/octet-stream", lambda token: f"<p>{token}</p>".encode()),
    "txt": attach("note.txt", "text/plain", lambda token: token.encode()),
    "txt in UTF-16": attach("note.txt", "text/plain", lambda token: token.encode("utf-16")),
    "UTF-16 without a type": attach("note", "application/octet-stream", lambda token: token.encode("utf-16")),
    "ics": attach("a.ics", "application/ics", lambda token: ICS.format(token).encode()),
    "ics without a type": attach("a.bin", "application/octet-stream", lambda token: ICS.format(token).encode()),
    "vCard": attach("a.vcf", "application/x-foo", lambda token: f"BEGIN:VCARD\r\nEMAIL:{token}\r\nEND:VCARD".encode()),
    "json": attach("a.json", "application/json", lambda token: f'{{"to": "{token}"}}'.encode()),
    "a picture by its name": attach("a.png", "application/octet-stream", lambda token: f"see {token}".encode()),
    "svg": attach("a.svg", "image/svg+xml", lambda token: f"<svg><text>{token}</text></svg>".encode()),
    "pdf": attach("a.pdf", "application/pdf", lambda token: f"%PDF-1.4\n%\xe2\n/URI (mailto:{token})".encode("latin1")),
    "a name of a file": lambda message, notice: message.add_attachment(b"x", "a", "b", filename=notice.reply_to),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_files_show_no_token(target: TargetDesk, name: str) -> None:
    notice = target.of(OF_ZOE, 2)
    message = target.answer(ZOE, "See the file.", notice)
    FILES[name](message, notice)
    message.add_attachment(b"\x89PNG\r\n\x1a\n\0 a photo", "image", "png", filename="photo.png")
    target.send(message)
    assert "photo.png" in target.last(L1, "message").raw.decode()
    target.send(target.answer(ALICE, "#escalate no idea", target.of(L1, 2)))
    assert target.last(L2).notice == "escalation"


@pytest.mark.parametrize("name", ENCODED)
def test_no_file_shows_the_level_a_token_in_another_form(target: TargetDesk, name: str) -> None:
    filename, mime_type, make = ENCODED[name]
    notice = target.of(OF_ZOE, 2)
    message = target.answer(ZOE, "See the file.", notice)
    attach(filename, mime_type, make)(message, notice)
    target.send(message)
    sent = target.last(L1, "message")
    files = {part.get_filename(): part.get_payload(decode=True) for part in sent.message.walk()}
    assert files.get(filename) != make(notice.reply_to)
    assert filename in sent.raw.decode(), "a file that is left out is named"


@pytest.mark.parametrize("name", ENCODED)
def test_no_file_takes_the_levels_token_out_in_another_form(target: TargetDesk, name: str) -> None:
    filename, mime_type, make = ENCODED[name]
    request = target.of(L1, 2)
    order = target.answer(ALICE, "See the file.", request)
    attach(filename, mime_type, make)(order, request)
    target.send(order)
    assert target.last(OF_ALICE).notice == "mistyped"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.doc", OLE + b"see SUP-2"),
        ("note", "Zoé, SUP-2 1. of them".encode("utf-16-le")),
        ("mail.txt", in_base64("support@example.com")),
        ("a.html", b"<!-- SUP-2 --><p>1. &#46;</p>"),
        ("photo", b"\x89PNG\r\n\x1a\n\0 SUP-2.1.abcdefghijklmnop"),
    ],
)
def test_a_file_without_token_arrives_as_it_was(target: TargetDesk, name: str, content: bytes) -> None:
    for who, mailbox, other in ((ZOE, OF_ZOE, L1), (ALICE, L1, OF_ZOE)):
        message = target.answer(who, "See the file.", target.of(mailbox, 2))
        message.add_attachment(content, "application", "octet-stream", filename=name)
        target.send(message)
        files = {part.get_filename(): part.get_payload(decode=True) for part in target.last(other).message.walk()}
        assert files[name] == content


SHOWN: dict[str, Callable[[TargetDesk, Delivered], EmailMessage]] = {
    "the text": lambda target, notice: target.answer(ZOE, f"I wrote to {notice.reply_to} before.", notice),
    "the text, over two lines": lambda target, notice: target.answer(ZOE, "\n".join(cut(notice.reply_to)), notice),
    "the text, as the tag": lambda target, notice: target.answer(ZOE, f"It is {tag_of(notice)}.", notice),
    "the subject": lambda target, notice: change(
        target.answer(ZOE, "Any news?", notice), Subject=f"Re: Printer {tag_of(notice)}"
    ),
    "the name in From": lambda target, notice: change(
        target.answer(ZOE, "Any news?", notice), From=f'"{tag_of(notice)}" <zoe@example.net>'
    ),
    "a name that is cut short": lambda target, notice: change(
        target.answer(ZOE, "Any news?", notice), From=f'"{"x" * 31} {tag_of(notice)}" <zoe@example.net>'
    ),
    "an address as the name": lambda target, notice: change(
        target.answer(ZOE, "Any news?", notice), From=f'"{notice.reply_to}" <zoe@example.net>'
    ),
    "other headers": lambda target, notice: change(
        target.answer(ZOE, "Any news?", notice), X_Original_From=notice.reply_to, X_Original_To=notice.reply_to
    ),
}


def cut(address: str) -> tuple[str, str]:
    at = address.index("@") - 5
    return address[:at], address[at:]


def tag_of(notice: Delivered) -> str:
    token = notice.message_id.strip("<>").partition("@")[0]
    reference, _, rest = token.partition(".")
    return f"[{reference} {rest}]"


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_requester_writes_shows_no_token_to_staff(target: TargetDesk, name: str) -> None:
    """Through the level's mail, its unclear answers, #show, #explain, #list, a mistyped reply, a bundle, the digest."""
    target.send(SHOWN[name](target, target.of(OF_ZOE, 2)))
    assert target.last(L1).notice == "message"
    for command in ("#show", "#explain", "#list", "#find printer", "#note seen"):
        target.send(target.answer(ALICE, command, target.of(L1, 2)))
    target.send(target.answer(ALICE, "#resolve Toner changed.", target.of(L1, 2)))
    target.send(change(SHOWN[name](target, target.of(OF_ZOE, 2)), Cc=MALLORY))
    target.send(target.answer(ALICE, "#escalate no idea", target.of(L1, 2)))
    target.pass_time("2 business days")
    assert {"message", "shown", "reply", "escalation"} <= {mail.notice for mail in target.news(outside=False)}


@pytest.mark.parametrize("name", SHOWN)
def test_a_new_request_shows_no_token_to_staff(target: TargetDesk, name: str) -> None:
    message = SHOWN[name](target, target.of(OF_ZOE, 2))
    target.receive(raw(change(message, To="support@example.com", In_Reply_To="", References="")), OF_ZOE)
    for command in ("#explain", "#show"):
        target.send(target.answer(ALICE, command, target.last(L1)))


def test_a_stranger_with_the_requesters_token_shows_it_to_nobody(target: TargetDesk) -> None:
    notice = target.of(OF_ZOE, 2)
    message = target.answer(MALLORY, f"Look: {notice.reply_to}", notice)
    target.send(change(message, Subject=tag_of(notice), From=f'"{tag_of(notice)}" <mallory@evil.example>'))
    assert "isn’t part of the ticket" in target.last(L1, "message").text


def test_a_challenge_shows_no_token(target: TargetDesk) -> None:
    notice = target.of(OF_ZOE, 2)
    order = target.mail(ALICE, f"#note {notice.reply_to}\n\nI am {tag_of(notice)}", subject=f"Re: {tag_of(notice)}")
    target.receive(raw(order), OF_ALICE)
    assert target.last(OF_ALICE).notice == "challenge"
    target.send(target.answer(ALICE, "no", target.last(OF_ALICE)))
    assert target.last(L1).notice == "held"


def test_a_mistyped_reply_shows_no_token(target: TargetDesk) -> None:
    notice = target.of(OF_ZOE, 2)
    target.send(target.answer(BOB, f"#resovle write to {notice.reply_to}\n{tag_of(notice)}", target.of(L1, 2)))
    assert target.last("bob@example.com").notice == "mistyped"


def test_an_answer_with_the_levels_token_goes_nowhere(target: TargetDesk) -> None:
    notice = target.of(L1, 2)
    target.send(target.answer(ALICE, f"Write to {notice.reply_to}", notice))
    assert target.last(OF_ALICE).notice == "mistyped"
    message = target.answer(ALICE, "See the file.", notice)
    message.add_attachment(ICS.format(notice.reply_to).encode(), "application", "octet-stream", filename="a.bin")
    target.send(message)
    assert target.last(OF_ALICE).notice == "mistyped"


def test_a_signed_mail_shows_no_token_of_the_requester(target: TargetDesk) -> None:
    notice = target.of(OF_ZOE, 2)
    message = target.answer(ZOE, "Any news?", notice, quote=False)
    part = b64encode(f"Content-Type: text/plain\r\n\r\nI wrote to {notice.reply_to}".encode()).decode()
    message.replace_header("Content-Type", "application/pkcs7-mime; smime-type=signed-data")
    message.set_payload(part)
    message["X-Original-To"] = notice.reply_to
    target.receive(raw(message), OF_ZOE)


def test_the_digest_shows_no_token(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG.replace('at = ""', 'at = "08:00"'))
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer"))
    token = tag_of(desk.last(OF_ZOE))
    desk.send(desk.mail(ZOE, "Again.", subject=f"Printer {token}x {token}"))
    desk.pass_time("2 days")
    assert "digest" in {mail.notice for mail in desk.relay.mails}
    assert_masked(desk)
    desk.close()
