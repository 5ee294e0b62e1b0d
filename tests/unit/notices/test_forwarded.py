"""Mails that came in, as they may be attached to a notice: what stays, what goes, and that no token is handed on."""

from __future__ import annotations

import base64
import email
import email.policy
import quopri
import random
import time
from email.message import EmailMessage
from hashlib import sha256

import pytest

from mailgate.notices.mime.forwarded import (
    _TOKEN,
    Excerpt,
    Marks,
    _find_tokens,
    file_shows_token,
    is_seven_bit,
    mask,
    mask_words,
    seal,
    strip,
)

MAC = "k7q2abcdefghijkl"
ADDRESS = f"support+SUP-1042.7.{MAC}@example.com"
DASHES = (
    "-",
    "%2D",
    "=2d",
    "&#45;",
    "&#045;",
    "&#x2D;",
    "&Hyphen;",
    "&dash;",
    "&#8208;",
    *"\u2010\u2013\u2015\u2212\ufe63\uff0d",
)
MARKS = Marks("[{name}: carried]", "[{name}: left out]")


def mail(text: str = "Hello", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Jo Martin <jo@example.org>", "support@example.com", "Printer"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def raw(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=email.policy.SMTP)


def stripped(content: bytes, carried: dict[str, str] | None = None) -> EmailMessage:
    found = strip(Excerpt(content), carried or {}, MARKS)
    assert found is not None
    assert is_seven_bit(found)
    assert MAC.encode() not in found
    parsed = email.message_from_bytes(found, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert [part.defects for part in parsed.walk() if part.defects] == []
    return parsed


@pytest.mark.parametrize("length", [50, 57, 58, 60, 61, 64, 70, 90])
@pytest.mark.parametrize("words", ["Grüße aus Köln und mehr Wörter", "\U0001f600 gut €€€", "漢字" * 40])
def test_the_words_of_a_header_with_a_long_name_stay_whole(length: int, words: str) -> None:
    name = "X-" + "a" * (length - 2)
    content = f"From: jo@example.org\r\n{name}: {words}\r\n\r\nHello\r\n".encode()
    found = strip(Excerpt(content), {}, MARKS)
    assert found is not None
    assert email.message_from_bytes(found, policy=email.policy.default)[name] == words
    assert b"=?utf-8?b??=" not in found


def test_header_and_text_stay_and_a_line_stands_for_each_file() -> None:
    message = mail("The log is attached.\n")
    message.add_attachment(b"%PDF-1.7", "application", "pdf", filename="invoice.pdf")
    message.add_attachment(b"\0\1", "application", "octet-stream", filename="state.bin")
    found = stripped(raw(message), {sha256(b"%PDF-1.7").hexdigest(): "invoice.pdf"})
    assert (found["From"], found["Subject"]) == ("Jo Martin <jo@example.org>", "Printer")
    texts = [part.get_content().strip() for part in found.iter_parts()]
    assert texts == ["The log is attached.", "[invoice.pdf: carried]", "[state.bin: left out]"]


def test_a_file_that_was_cut_out_unread_is_named() -> None:
    message = mail("See below.")
    message.add_attachment(random.Random(1).randbytes(3000), "image", "png", filename="photo.png")
    content = raw(message)
    start = content.index(b'filename="photo.png"') + len(b'filename="photo.png"')
    start = content.index(b"\r\n\r\n", start) + 4
    end = content.index(b"\r\n--", start)
    found = strip(Excerpt(content[:start] + content[end:], [(start, "photo.png")]), {}, MARKS)
    assert found is not None
    assert b"[photo.png: carried]" in found


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "utf-16", "iso-2022-jp"])
def test_text_beyond_ascii_becomes_seven_bit_and_says_the_same(charset: str) -> None:
    words = "日本語" if charset == "iso-2022-jp" else "Où est l'été ?"
    head = f"From: jo@example.org\r\nContent-Type: text/plain; charset={charset}\r\n".encode()
    content = head + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + f"{words}\r\n".encode(charset)
    assert stripped(content).get_content().strip() == words


def test_lines_that_no_mail_may_have_are_broken() -> None:
    content = b"From: jo@example.org\r\nX-Long: " + b"a b " * 600 + b"\r\n\r\n" + b"x" * 3000
    assert stripped(content).get_content().strip() == "x" * 3000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all, only text with \xff and \x00",
        b"From: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nnever closed",
        b"From: a\nContent-Type: multipart/mixed\n\nno boundary",
        b"From: a\rSubject: b\r\rold Macintosh",
        b'Content-Type: multipart/mixed; boundary="\xff"\r\n\r\n--\xff\r\n\r\nodd\r\n--\xff--',
        b"Subject: " + b"\xe9" * 5000 + b"\r\n\r\ntext",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(80)),
    ],
)
def test_what_is_no_sound_mail_is_made_one(content: bytes) -> None:
    found = strip(Excerpt(content), {}, MARKS)
    assert found is None or is_seven_bit(found)
    assert found is not None
    email.message_from_bytes(found, policy=email.policy.default).as_bytes()


def test_more_text_than_anybody_reads_is_not_attached() -> None:
    assert strip(Excerpt(raw(mail("a line of text\n" * 80_000))), {}, MARKS) is None


@pytest.mark.parametrize(
    "spelled",
    [
        ADDRESS,
        ADDRESS.upper(),
        f"[SUP-1042 7.{MAC}]",
        f"subject=Re%3A%20%5BSUP-1042%207.{MAC}%5D",
        f"b.SUP-1042.7.{MAC}",
        f"<SUP-1042.7.{MAC}@example.com>",
        f"SUP-1042\r\n 7.{MAC}",
        f"SUP-1042&nbsp;7&#46;{MAC}",
        f"SUP-1042%2E7%2E{MAC}",
    ],
)
def test_a_token_is_masked_however_it_is_spelled(spelled: str) -> None:
    assert MAC not in mask(spelled.encode()).decode().lower()
    assert MAC not in mask_words(spelled).lower()
    assert "SUP-1042" in mask_words(spelled).upper()


def test_other_words_are_not_touched() -> None:
    words = "Version 3.internationalization of file-1.7z, see RFC-2046.5 and SUP-1042."
    assert mask_words(words) == words


HOLDERS = {
    "to": raw(mail(To=ADDRESS)),
    "reply-to": raw(mail(Reply_To=f"Support <{ADDRESS}>")),
    "delivered-to": raw(mail(Delivered_To=ADDRESS)),
    "received": raw(mail(Received=f"from a by b for <{ADDRESS}>; Mon, 23 Nov 2026 09:00:00 +0100")),
    "references": raw(mail(References=f"<a@b> <SUP-1042.7.{MAC}@example.com>")),
    "subject": raw(mail(Subject=f"Re: Printer [SUP-1042 7.{MAC}]")),
    "encoded subject": raw(mail(Subject=f"Où [SUP-1042 7.{MAC}]")),
    "name": raw(mail(To=f"=?utf-8?b?{base64.b64encode(ADDRESS.encode()).decode()}?= <support@example.com>")),
    "text": raw(mail(f"I wrote to {ADDRESS}")),
    "quoted-printable": raw(mail(f"é {'x' * 60} {ADDRESS}")),
    "soft break": b"Content-Transfer-Encoding: quoted-printable\r\n\r\nSUP-1042.7."
    + f"{MAC[:8]}=\r\n{MAC[8:]}".encode(),
    "base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(ADDRESS.encode()),
    "utf-16": b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + ADDRESS.encode("utf-16"),
    "html": raw(mail()).replace(b"text/plain", b"text/html") + f'<a href="mailto:{ADDRESS}">'.encode(),
    "preamble": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + ADDRESS.encode() + b"\r\n--b\r\n\r\nx\r\n--b--",
    "part's header": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Description: "
    + ADDRESS.encode() + b"\r\n\r\nx\r\n--b--",
    "boundary": b"Content-Type: multipart/mixed; boundary=\"" + ADDRESS.encode() + b"\"\r\n\r\n--" + ADDRESS.encode()
    + b"\r\n\r\nx\r\n--" + ADDRESS.encode() + b"--",
    "file name": b"Content-Type: image/png; name=\"" + ADDRESS.encode() + b".png\"\r\n\r\nx",
}  # fmt: skip


@pytest.mark.parametrize("holder", HOLDERS)
def test_no_token_is_handed_on(holder: str) -> None:
    found = strip(Excerpt(HOLDERS[holder]), {}, MARKS)
    assert found is not None
    assert_no_token(found)


def assert_no_token(content: bytes) -> None:
    """Not as it stands, and not behind any encoding."""
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    seen = [content, quopri.decodestring(content)]
    for part in parsed.walk():
        seen += [f"{name}: {value}".encode("utf-8", "replace") for name, value in part.items()]
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            seen.append(payload if isinstance(payload, bytes) else b"")
            seen.append(str(part.get_content()).encode() if part.get_content_maintype() == "text" else b"")
    for one in seen:
        assert MAC.encode() not in one.replace(b"\0", b"").lower()


def test_who_got_it_secretly_is_not_told() -> None:
    assert stripped(raw(mail(Bcc="boss@example.org")))["Bcc"] is None


def signed(text: str = "I sign this.", **headers: str) -> bytes:
    """A mail as an S/MIME client signs it: the signature is over the first part."""
    head = raw(mail("", **headers)).partition(b"Content-Type")[0]
    inner = raw(mail(text)).partition(b"MIME-Version: 1.0\r\n")[0]
    inner = b'Content-Type: text/plain; charset="utf-8"\r\n\r\n' + text.encode() + b"\r\n"
    return (
        head + b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=s\r\n'
        b"\r\n--s\r\n" + inner + b"\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--s--\r\n"
    )


def test_a_signed_mail_without_a_token_is_untouched() -> None:
    content = signed()
    assert seal(content) is content


def test_what_is_signed_stays_when_a_header_names_a_token() -> None:
    content = signed(To=ADDRESS, References=f"<SUP-1042.7.{MAC}@example.com>", Bcc="boss@example.org")
    found = seal(content)
    assert found is not None
    assert found.partition(b"\r\n\r\n")[2] == content.partition(b"\r\n\r\n")[2]
    assert_no_token(found)
    assert b"boss@example.org" not in found


@pytest.mark.parametrize("text", [f"My address is {ADDRESS}", f"[SUP-1042 7.{MAC}]"])
def test_a_signed_mail_with_a_token_inside_goes_to_nobody(text: str) -> None:
    assert seal(signed(text)) is None


def test_a_token_behind_an_encoding_is_found_in_what_is_signed() -> None:
    inner = base64.encodebytes(f"I answer {ADDRESS}".encode()).replace(b"\n", b"\r\n")
    content = signed("TEXT").replace(
        b'charset="utf-8"\r\n\r\nTEXT', b'charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + inner
    )
    assert seal(content) is None


@pytest.mark.parametrize(
    "hidden",
    [
        ADDRESS.replace(MAC, MAC[:8] + "\n" + MAC[8:]),
        ADDRESS.replace(MAC, MAC[:8] + "\r\n> " + MAC[8:]),
        ADDRESS.replace(MAC, MAC[:8] + "=\n" + MAC[8:]),
        ADDRESS.replace(MAC, MAC[:8] + "<wbr>" + MAC[8:]),
        ADDRESS.replace(MAC, MAC[:8] + "&#8203;" + MAC[8:]),
        ADDRESS.replace("." + MAC, ".\u200b" + MAC),
        "\u200b".join(ADDRESS),
        ADDRESS.replace("SUP-", "SUP\u2011"),
        ADDRESS.replace("SUP-", "SUP\u2013"),
        ADDRESS.replace(".", " (dot) "),
        ADDRESS.replace(".", " dot "),
        ADDRESS.replace(".", "[.]"),
        ADDRESS.replace(".", ". "),
        ADDRESS.replace("-", "-\n"),
    ],
)
def test_a_token_that_a_reader_could_put_together_is_masked(hidden: str) -> None:
    masked = mask_words(f"see {hidden}, please")
    assert "masked" in masked
    assert MAC[-4:] not in masked
    assert masked.endswith(", please")


@pytest.mark.parametrize(
    "piece",
    [
        "a-1 1.",
        "1." + "a" * 16 + " ",
        "a-1 1 1." + "a" * 16,
        "a-1\n> ",
        "a<b>",
        "a\u200b",
        "1 dot ",
        "a \n",
        "a-1 1.a\n> a\n> ",
    ],
)
def test_looking_for_hidden_tokens_takes_linear_time(piece: str) -> None:
    begun = time.process_time()
    mask_words(piece * (1_000_000 // len(piece)))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("dash", DASHES)
@pytest.mark.parametrize("joint", ["", "<b>", "&shy;", "\n> ", " \n", "=\r\n", "\u200b", "\ufeff", "\u00ad", "\u034f"])
def test_a_token_is_looked_for_wherever_it_may_begin(dash: str, joint: str) -> None:
    text = f"--1 SUP{dash}{joint}1042.7.{MAC} SUP{dash}{dash}{joint}1042.7.{MAC}".encode()
    found = [token.span() for token in _find_tokens(text)]
    assert found == [token.span() for token in _TOKEN.finditer(text)]
    assert len(found) == 2


@pytest.mark.parametrize("dash", ["-", "%2D", "=2d", "&#45;", "&#0045;", "&#x2D;", "\\u002d", "\\x2d", "\\'2d"])
def test_a_file_shows_a_token_whose_letters_are_written_as_numbers(dash: str) -> None:
    before, behind = "100%25 &#8217;=\n \\u00e9 &#0; &#1114112; ", " &#x41; %41=41"
    assert file_shows_token(f"{before}SUP{dash}1042.7.=6B7q2abcdefghijkl{behind}".encode())
    assert not file_shows_token(f"{before}SUP{dash}1042.7.=6B7q2{behind}".encode())
