"""Delivery reports: whom a mail did not reach, and whether for good.

Answers for standard reports (RFC 3464) and, by flufl.bounce, for those that are none. Nothing here fails: what is
no report gives no bounces.
"""

from __future__ import annotations

import email
import logging
from collections.abc import Sequence
from email.message import Message

from flufl.bounce import scan_message

from mailgate.mail import Bounce
from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.attachments import Part
from mailgate.parsers.headers import Block, decode_header, read_ids, split_headers

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # it logs whatever its detectors raise

RECIPIENTS_LIMIT = 200
SCAN_LIMIT = 100_000  # bytes that are searched for other forms
SCAN_LINES = 1_000

_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ASCII = bytes(code if 0 < code < 128 else ord("?") for code in range(256))  # others make its detectors raise
_ORIGINALS = frozenset({"text/rfc822-headers", "message/rfc822", "message/rfc822-headers", "message/global"})


def read_report(files: Sequence[Part]) -> tuple[Bounce, ...]:
    """The recipients of a delivery report, from the parts of a multipart/report (RFC 3464, 2.3)."""
    report = next((part for part in files if part.mime_type in _REPORTS), None)
    if report is None:
        return ()
    original = _original_id(files)
    found: dict[str, Bounce] = {}
    content = report.content[: 4 * SCAN_LIMIT]
    position = 0
    while position < len(content) and len(found) < RECIPIENTS_LIMIT:
        block = split_headers(content[position : position + SCAN_LIMIT])
        bounce = _as_bounce(block, original)
        if bounce is not None:
            found.setdefault(bounce.recipient.casefold(), bounce)
        position += max(block.body_at, 1)
    return tuple(found.values())


def scan_report(raw: bytes, files: Sequence[Part]) -> tuple[Bounce, ...]:
    """The recipients of a report in one of the many forms that are no standard. Which status they had it does not
    say, but only permanent failures are found so."""
    head = b"\n".join(raw[:SCAN_LIMIT].translate(_ASCII).splitlines()[:SCAN_LINES]) + b"\n"
    if not read_addresses(split_headers(head).first("from")):
        head = b"From: mailer-daemon@localhost\n" + head  # one detector raises without it
    try:
        message: Message[str, str] = email.message_from_bytes(head)
        recipients = sorted(item.decode("ascii", "replace") for item in scan_message(message))
    except Exception:  # flufl.bounce raises on unforeseen shapes
        return ()
    original = _original_id(files) or _id_in_text(raw)
    clean = (decode_header(item.encode()) for item in recipients[:RECIPIENTS_LIMIT])
    return tuple(Bounce(recipient, "", "failed", True, original) for recipient in clean if "@" in recipient)


def _as_bounce(block: Block, original: str) -> Bounce | None:
    address = block.first("final-recipient") or block.first("original-recipient")
    if not address:
        return None
    recipient = decode_header(address.rpartition(b";")[2]).strip("<> ")
    action = decode_header(block.first("action")).partition(" ")[0].lower()
    status = decode_header(block.first("status")).partition(" ")[0].strip("()")
    status = status if status[:1].isdigit() else ""
    return Bounce(recipient, status, action, _is_permanent(action, status), original)


def _is_permanent(action: str, status: str) -> bool | None:
    """RFC 3464, 2.3.3 and 2.3.4: failed with a status of class 5, or failed and given up with none."""
    if action in ("delayed", "delivered", "relayed", "expanded"):
        return False
    if action == "failed":
        return not status.startswith(("2", "4"))
    return True if status.startswith("5") else (False if status[:1] in ("2", "4") else None)


def _original_id(files: Sequence[Part]) -> str:
    part = next((part for part in reversed(files) if part.mime_type in _ORIGINALS), None)
    if part is None:
        return ""
    return next(iter(read_ids(decode_header(split_headers(part.content[:SCAN_LIMIT]).first("message-id")))), "")


def _id_in_text(raw: bytes) -> str:
    """The Message-ID of an original that stands in the text of a report, below the report's own headers."""
    body = raw[split_headers(raw[:SCAN_LIMIT]).body_at :][:SCAN_LIMIT]
    for line in body.splitlines()[:SCAN_LINES]:
        if line[:40].lstrip(b"> \t").lower().startswith(b"message-id:"):
            return next(iter(read_ids(decode_header(line.partition(b":")[2]))), "")
    return ""
