"""Reads of a mail what the standard library can: for mails that `message.read_mail` or the desk failed on.

A second, simpler reader shares no code with the first that a defect could be in, but for the cleaning of its text and
the kind of the mail. It reads headers and the first text; files, pictures and formatting are left to the original.
Never raises; what cannot be read is empty. Memory and time are limited by READ_LIMIT.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from html import unescape
from typing import TypeVar

from mailgate.core.mail import Address, Mail, MessageKind
from mailgate.parsers.classify.evidence import Evidence
from mailgate.parsers.classify.message_kind import find_kind
from mailgate.parsers.message import read_mail

READ_LIMIT = 2**18  # bytes of a mail
BOUNDARIES_LIMIT = 20  # of a mail whose text is read: the library passes each line through all parts around it
TEXT_LIMIT = 100_000  # characters of its text
HEADERS_LIMIT = 200  # headers of a mail
HEADER_LIMIT = 4_000  # characters of one header
ADDRESS_LIMIT = 50  # of one header

_Value = TypeVar("_Value")
_UNREADABLE: Message[str, str] = Message()
_OF_PEOPLE = frozenset({"from", "sender", "to", "cc", "reply-to"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_ID = re.compile(r"<([^<>\s]{1,500})>")
_MAILBOX = re.compile(r"[^\s<>,;:\"()@]{1,128}@[^\s<>,;:\"()@]{1,255}")
_TYPE = re.compile(rb"^content-type:\s*([\w.+-]+/[\w.+-]+)", re.IGNORECASE | re.MULTILINE)
_UNSEEN = re.compile(r"<(?:head|style|script)\b.*?(?:</(?:head|style|script)>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|p|div|tr|li|h[1-6])\b[^<>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(r"<[a-z/!?][^<>]{0,2000}>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def read_plainly(raw: bytes, envelope_from: str | None = None) -> Mail:
    """Reads a mail as far as that is possible; `envelope_from` as for `message.read_mail`.

    Where its kind is not certain it is OTHER: nothing then answers it.
    """
    begin = raw[:READ_LIMIT].lstrip(b"\r\n")
    head = _attempt(lambda: BytesHeaderParser(policy=policy.compat32).parsebytes(begin), _UNREADABLE)
    items = tuple(head.raw_items())
    raws = tuple((_clean(name.lower()), _decode_line(value)) for name, value in items[:HEADERS_LIMIT])
    headers = tuple((name, _read_words(value)) for name, value in raws)
    top = dict(reversed(headers))
    people = {name: _read_people(value) for name, value in reversed(raws) if name in _OF_PEOPLE}
    text = _attempt(lambda: _read_text(begin), "")
    is_cut = len(raw) > READ_LIMIT and _END_OF_HEAD.search(begin) is None
    mail = Mail(
        kind=MessageKind.OTHER,
        subject=top.get("subject", ""),
        sender=next(iter((*people.get("from", ()), *people.get("sender", ()))), None),
        to=people.get("to", ()),
        cc=people.get("cc", ()),
        reply_to=people.get("reply-to", ()),
        message_id=next(iter(_ID.findall(top.get("message-id", ""))), ""),
        in_reply_to=next(iter(_ID.findall(top.get("in-reply-to", ""))), ""),
        references=tuple(_ID.findall(top.get("references", ""))),
        date=_attempt(lambda: _read_date(top.get("date", "")), None),
        text=text,
        new_text=text,
        language="",
        attachments=(),
        bounces=(),
        defects=(),
        headers=headers,
        ambiguous_sender=[name for name, _ in raws].count("from") != 1 or len(people["from"]) != 1,
    )
    if head.defects or is_cut or len(items) > HEADERS_LIMIT:  # what says that the mail is automatic may be left out
        return mail
    types = tuple(one.decode().lower() for one in _TYPE.findall(begin))
    return replace(
        mail, kind=_attempt(lambda: _read_kind(mail, top, head.get_content_type(), types, envelope_from), mail.kind)
    )


def read_somehow(raw: bytes, envelope_from: str | None = None) -> Mail:
    """Reads a mail as `message.read_mail` does, or plainly where that raises: for what shows any mail."""
    return _attempt(lambda: read_mail(raw, envelope_from), None) or read_plainly(raw, envelope_from)


def _attempt(read: Callable[[], _Value], otherwise: _Value) -> _Value:
    try:
        return read()
    except Exception:  # the edge of a mail that was parked: what cannot be read is left out
        return otherwise


def _decode_line(value: str) -> str:
    """Returns a header as it stands; the library keeps bytes that are not ASCII as lone surrogates."""
    return _clean(str(value)[:HEADER_LIMIT].encode("ascii", "surrogateescape").decode("utf-8", "replace"))


def _read_words(value: str) -> str:
    """Reads a header as one line, its encoded words decoded where they can be."""
    decoded = _attempt(lambda: str(make_header(decode_header(value))), value)
    return _clean(" ".join(decoded.split()))


def _read_people(value: str) -> tuple[Address, ...]:
    """Reads the mailboxes of a header, before words are decoded: what is in one separates nothing."""
    found: list[tuple[str, str]] = _attempt(lambda: getaddresses([value]), [])
    people = [Address(_read_words(name), one) for name, one in found if _MAILBOX.fullmatch(one)]
    return tuple(people or (Address("", one) for one in _MAILBOX.findall(value)))[:ADDRESS_LIMIT]


def _read_date(value: str) -> datetime | None:
    moment = parsedate_to_datetime(value)
    return moment if moment.tzinfo is not None else None


def _read_text(raw: bytes) -> str:
    """Returns the first plain text of a mail, else the words of its first HTML."""
    if raw.lower().count(b"boundary") > BOUNDARIES_LIMIT:
        return ""
    mail = BytesParser(policy=policy.compat32).parsebytes(raw)
    leaves = [part for part in mail.walk() if not part.is_multipart() and part.get_filename() is None]
    for kind in ("text/plain", "text/html"):
        for leaf in leaves:
            if leaf.get_content_type() == kind and (text := _decode(leaf)).strip():
                return _clean(text if kind == "text/plain" else _strip_html(text)).strip("\n")
    return ""


def _decode(leaf: Message[str, str]) -> str:
    content = leaf.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    charset = str(leaf.get_content_charset() or "utf-8")
    text = _attempt(lambda: content.decode(charset, "replace"), "") or content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")[:TEXT_LIMIT]


def _strip_html(text: str) -> str:
    words = unescape(_TAG.sub("", _BREAK.sub("\n", _UNSEEN.sub("", text))))
    return _BLANK_LINES.sub("\n\n", words).strip()


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def _read_kind(
    mail: Mail, top: dict[str, str], mime_type: str, types: tuple[str, ...], envelope_from: str | None
) -> MessageKind:
    evidence = Evidence(
        headers=top,
        subject=mail.subject,
        sender=mail.sender,
        message_id=mail.message_id,
        text=mail.text,
        new_text=mail.new_text,
        mime_type=mime_type,
        types=frozenset((mime_type, *types)),
        is_answer=bool(mail.in_reply_to or mail.references),
        answers_invitation=False,
        envelope_from=envelope_from,
    )
    return find_kind(evidence)
