"""Delivery reports: whom a mail did not reach, and whether for good.

Answers for standard reports (RFC 3464) and for the text of those that are none: first by the shapes of `refusals`,
then by flufl.bounce, at last by whom the enclosed original was for. Nothing here fails: what is no report gives no
bounces.
"""

from __future__ import annotations

import email
import logging
from collections.abc import Mapping, Sequence
from email.message import Message

from flufl.bounce import scan_message

from mailgate.core.mail import Address, Bounce
from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.classify.bounce_text import FailedRecipient, find_status, is_delayed, read_mentions, read_refusals
from mailgate.parsers.classify.returned_message import find_addressees, split_copy
from mailgate.parsers.mime.attachments import AttachedPart
from mailgate.parsers.mime.headers import HeaderBlock, HeaderLine, decode_header, split_headers

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # it logs whatever its detectors raise

RECIPIENTS_LIMIT = 200
BLOCKS_LIMIT = 1_000  # of one report
SCAN_LIMIT = 100_000  # bytes that are searched for other forms
SCAN_LINES = 1_000
LINE_LIMIT = 1_000  # bytes of a line, near what SMTP allows (RFC 5321, 4.5.3.1.6)

_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RECEIPT = "message/disposition-notification"  # by which a mailbox's own rules refuse a mail (RFC 5429, 2.2)
_ASCII = bytes(code if 0 < code < 128 else ord("?") for code in range(256))  # others make its detectors raise


def read_report(files: Sequence[AttachedPart], original: str) -> tuple[Bounce, ...]:
    """The recipients of a delivery report, from the parts of a multipart/report (RFC 3464, 2.3). `original` is the
    Message-ID of the mail that is reported."""
    reports = [part for part in files if part.mime_type in _REPORTS or part.mime_type == _RECEIPT]
    if not reports:
        return ()
    report = min(reports, key=lambda part: part.mime_type == _RECEIPT)
    unstated = "failed" if report.mime_type == _RECEIPT else ""
    found: dict[str, Bounce] = {}
    content = report.content[: 4 * SCAN_LIMIT]
    position = 0
    for _ in range(BLOCKS_LIMIT):
        if position >= len(content):
            break
        block = split_headers(content[position : position + SCAN_LIMIT])
        for recipient in _split_recipients(block):
            bounce = _as_bounce(recipient, original, unstated)
            if bounce is not None and len(found) < RECIPIENTS_LIMIT:
                found.setdefault(bounce.recipient.casefold(), bounce)
        position += block.body_at or content[position:].find(b"\n") + 1 or len(content)
    return tuple(found.values())


def scan_report(
    raw: bytes, headers: Mapping[str, str], text: str, files: Sequence[AttachedPart], original: str
) -> tuple[Bounce, ...]:
    """The recipients of a report in one of the many forms that are no standard; `text` is its whole text."""
    lines, copy = split_copy(text)
    others = {address.address.casefold() for name in ("to", "from", "reply-to") for address in _named(headers, name)}
    refusals = read_refusals(lines, others)
    declared = [one.address for one in _named(headers, "x-failed-recipients") if "@" in one.address]
    if declared:
        known = {refusal.recipient.casefold(): refusal for refusal in refusals}
        status = find_status("\n".join(lines)) if len(declared) == 1 else ""
        refusals = tuple(known.get(one.casefold()) or FailedRecipient(one, status) for one in declared)
    if not refusals:
        status = find_status("\n".join(lines))
        meant = _ask_flufl(raw) or tuple(one for one in find_addressees(files, copy) if one.casefold() not in others)
        refusals = tuple(FailedRecipient(recipient, status) for recipient in meant) or read_mentions(
            [*lines, headers.get("subject", "")], others
        )
    delayed = is_delayed(headers.get("subject", ""), "\n".join(lines))
    return tuple(_judge(refusal, delayed, original) for refusal in refusals[:RECIPIENTS_LIMIT])


def _judge(refusal: FailedRecipient, delayed: bool, original: str) -> Bounce:
    action = "delayed" if delayed and not refusal.status.startswith("5") else "failed"
    return Bounce(refusal.recipient, refusal.status, action, _is_permanent(action, refusal.status), original)


def _split_recipients(block: HeaderBlock) -> list[HeaderBlock]:
    """The recipients of a block: some systems leave out the blank line between them."""
    starts = [at for at, line in enumerate(block.lines) if line.key == "final-recipient"]
    if len(starts) < 2:
        return [block]
    ends = [*starts[1:], len(block.lines)]
    return [HeaderBlock(block.lines[start:end], 0) for start, end in zip(starts, ends, strict=True)]


def _as_bounce(block: HeaderBlock, original: str, unstated: str) -> Bounce | None:
    """The bounce of one recipient, None without one; `unstated` is the action where the report names none."""
    recipient = next((found for line in _recipient_lines(block) if (found := _recipient_of(line))), "")
    if not recipient:
        return None
    action = decode_header(block.first("action")).partition(" ")[0].lower() or unstated
    status = decode_header(block.first("status")).partition(" ")[0].strip("()")
    if not status[:1].isdigit():
        status = find_status(decode_header(block.first("diagnostic-code"))[:1_000])
    return Bounce(recipient, status, action, _is_permanent(action, status), original)


def _recipient_lines(block: HeaderBlock) -> list[HeaderLine]:
    """The fields that name the recipient, one with an address first, as the report calls it last of all."""
    names = ("final-recipient", "original-recipient", "x-actual-recipient")
    lines = [line for name in names for line in block.lines if line.key == name]
    return sorted(lines, key=lambda line: b"@" not in line.value)


def _recipient_of(line: HeaderLine) -> str:
    return decode_header(line.value.partition(b";")[2] or line.value).strip("<>\"' ")


def _is_permanent(action: str, status: str) -> bool | None:
    """RFC 3464, 2.3.3 and 2.3.4: failed with a status of class 5, or failed and given up with none."""
    if action in ("delayed", "delivered", "relayed", "expanded"):
        return False
    if action == "failed":
        return not status.startswith(("2", "4"))
    return True if status.startswith("5") else (False if status[:1] in ("2", "4") else None)


def _ask_flufl(raw: bytes) -> tuple[str, ...]:
    """The recipients that flufl.bounce finds; it knows some systems whose forms follow no shape."""
    lines = raw[:SCAN_LIMIT].translate(_ASCII).splitlines()[:SCAN_LINES]
    head = b"\n".join(line[:LINE_LIMIT] for line in lines) + b"\n"  # its time grows by the square of a line
    if not read_addresses(split_headers(head).first("from")):
        head = b"From: mailer-daemon@localhost\n" + head  # one detector raises without it
    try:
        message: Message[str, str] = email.message_from_bytes(head)
        recipients = sorted(item.decode("ascii", "replace") for item in scan_message(message))
    except Exception:  # flufl.bounce raises on unforeseen shapes
        return ()
    return tuple(one for item in recipients if "@" in (one := decode_header(item.encode())))


def _named(headers: Mapping[str, str], name: str) -> tuple[Address, ...]:
    return read_addresses(headers.get(name, "").encode("utf-8", "replace"))
