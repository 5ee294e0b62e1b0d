"""Recognizing a mail that was received before (docs/rules.md#12), and those that it answers. Pure."""

from __future__ import annotations

import hashlib

from mailgate.core.mail import Mail

FINGERPRINT_TEXT = 2_000  # characters of the text that count
_READ = 2 * FINGERPRINT_TEXT  # characters in which they are looked for first


def fingerprint(mail: Mail, *, whole: bool = True) -> str:
    """Returns what is alike in all copies of a mail, whatever their way: trace headers and list footers do not count.

    The head of a mail (`whole` is False) differs from the mail itself: that the head was turned away must not keep
    the mail out.
    """
    sender = mail.sender.key if mail.sender else ""
    text = "".join(mail.text[:_READ].split())[:FINGERPRINT_TEXT]
    if len(text) < FINGERPRINT_TEXT < len(mail.text):  # much of it is blank
        text = "".join(mail.text.split())[:FINGERPRINT_TEXT]
    date = mail.date.isoformat() if mail.date else ""
    parts = "\0".join((mail.message_id, sender, date, mail.subject, text, *(() if whole else ("head",))))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()


def answered_by(mail: Mail) -> list[str]:
    """Lists the Message-IDs of the mails that a mail answers."""
    return [one for one in (mail.in_reply_to, *mail.references) if one]
