"""Recognizing a mail that was received before (docs/rules.md#12), and those that it answers. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache

from mailgate.core.mail import Mail

FINGERPRINT_TEXT = 2_000  # characters of the text that count
_READ = 2 * FINGERPRINT_TEXT  # characters in which they are looked for first


def fingerprint(mail: Mail, *, whole: bool = True) -> str:
    """Returns what is alike in all copies of a mail, whatever their way: trace headers and list footers do not count.

    The head of a mail (`whole` is False) differs from the mail itself: that the head was turned away must not keep
    the mail out.
    """
    sender = mail.sender.key if mail.sender else ""
    text = mail.text[:_READ]
    if len(mail.text) > _READ and len(_squeeze(text)) < FINGERPRINT_TEXT:  # much of it is blank
        text = _squeeze(mail.text)
    return _fingerprint(mail.message_id, sender, mail.date, mail.subject, text, whole)


@lru_cache(maxsize=64)  # asked for when mails are prefetched, and again when each is received
def _fingerprint(message_id: str, sender: str, date: datetime | None, subject: str, text: str, whole: bool) -> str:
    moment = date.isoformat() if date else ""
    parts = "\0".join((message_id, sender, moment, subject, _squeeze(text), *(() if whole else ("head",))))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()


def _squeeze(text: str) -> str:
    """The characters of a text that count, without white space."""
    return "".join(text.split())[:FINGERPRINT_TEXT]


def answered_by(mail: Mail) -> list[str]:
    """Lists the Message-IDs of the mails that a mail answers."""
    return [one for one in (mail.in_reply_to, *mail.references) if one]
