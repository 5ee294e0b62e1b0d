"""Reads delivery reports: the recipients that a mail did not reach, and whether for good.

Standard reports (RFC 3464) are read by their fields; others by the shapes of `bounce_text`, then by the recipients of
the enclosed original. Never fails: a mail that is no report gives no bounces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mailgate.core.mail import Address, Bounce
from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.classify.bounce_text import (
    FailedRecipient,
    find_any_recipient,
    find_failed_recipients,
    find_status,
    is_delayed,
)
from mailgate.parsers.classify.returned_message import find_addressees, split_copy
from mailgate.parsers.mime.attachments import AttachedPart
from mailgate.parsers.mime.headers import HeaderBlock, HeaderLine, decode_header, split_headers

RECIPIENTS_LIMIT = 200
BLOCKS_LIMIT = 1_000  # of one report
BLOCK_BYTES = 100_000

_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RECEIPT = "message/disposition-notification"  # by which a mailbox's own rules refuse a mail (RFC 5429, 2.2)


def read_report(files: Sequence[AttachedPart], original: str) -> tuple[Bounce, ...]:
    """Reads the recipients of a delivery report from the parts of a multipart/report (RFC 3464 section 2.3).

    `original` is the Message-ID of the reported mail.
    """
    reports = [part for part in files if part.mime_type in _REPORTS or part.mime_type == _RECEIPT]
    if not reports:
        return ()
    report = min(reports, key=lambda part: part.mime_type == _RECEIPT)
    unstated = "failed" if report.mime_type == _RECEIPT else ""
    found: dict[str, Bounce] = {}
    content = report.content[: 4 * BLOCK_BYTES]
    position = 0
    for _ in range(BLOCKS_LIMIT):
        if position >= len(content):
            break
        block = split_headers(content[position : position + BLOCK_BYTES])
        for recipient in _split_recipients(block):
            bounce = _as_bounce(recipient, original, unstated)
            if bounce is not None and len(found) < RECIPIENTS_LIMIT:
                found.setdefault(bounce.recipient.casefold(), bounce)
        position += block.body_at or content[position:].find(b"\n") + 1 or len(content)
    return tuple(found.values())


def scan_report(
    headers: Mapping[str, str], text: str, files: Sequence[AttachedPart], original: str
) -> tuple[Bounce, ...]:
    """Reads the recipients of a report in no standard form; `text` is its whole text."""
    lines, copy = split_copy(text)
    others = {address.address.casefold() for name in ("to", "from", "reply-to") for address in _named(headers, name)}
    failures = find_failed_recipients(lines, others)
    declared = [one.address for one in _named(headers, "x-failed-recipients") if "@" in one.address]
    if declared:
        known = {failure.recipient.casefold(): failure for failure in failures}
        status = find_status("\n".join(lines)) if len(declared) == 1 else ""
        failures = tuple(known.get(one.casefold()) or FailedRecipient(one, status) for one in declared)
    if not failures:
        status = find_status("\n".join(lines))
        meant = (one for one in find_addressees(files, copy) if one.casefold() not in others)
        failures = tuple(FailedRecipient(recipient, status) for recipient in meant) or find_any_recipient(
            [*lines, headers.get("subject", "")], others
        )
    delayed = is_delayed(headers.get("subject", ""), "\n".join(lines))
    return tuple(_judge(failure, delayed, original) for failure in failures[:RECIPIENTS_LIMIT])


def _judge(failure: FailedRecipient, delayed: bool, original: str) -> Bounce:
    action = "delayed" if delayed and not failure.status.startswith("5") else "failed"
    return Bounce(failure.recipient, failure.status, action, _is_permanent(action, failure.status), original)


def _split_recipients(block: HeaderBlock) -> list[HeaderBlock]:
    """Splits a block into recipients: some systems leave out the blank line between them."""
    starts = [at for at, line in enumerate(block.lines) if line.key == "final-recipient"]
    if len(starts) < 2:
        return [block]
    ends = [*starts[1:], len(block.lines)]
    return [HeaderBlock(block.lines[start:end], 0) for start, end in zip(starts, ends, strict=True)]


def _as_bounce(block: HeaderBlock, original: str, unstated: str) -> Bounce | None:
    """Builds the bounce of one recipient, None without one; `unstated` is the action if none is given."""
    recipient = next((found for line in _recipient_lines(block) if (found := _recipient_of(line))), "")
    if not recipient:
        return None
    action = decode_header(block.first("action")).partition(" ")[0].lower() or unstated
    status = decode_header(block.first("status")).partition(" ")[0].strip("()")
    if not status[:1].isdigit():
        status = find_status(decode_header(block.first("diagnostic-code"))[:1_000])
    return Bounce(recipient, status, action, _is_permanent(action, status), original)


def _recipient_lines(block: HeaderBlock) -> list[HeaderLine]:
    """The fields that name the recipient: those with an address first, then in the order of RFC 3464."""
    names = ("final-recipient", "original-recipient", "x-actual-recipient")
    lines = [line for name in names for line in block.lines if line.key == name]
    return sorted(lines, key=lambda line: b"@" not in line.value)


def _recipient_of(line: HeaderLine) -> str:
    return decode_header(line.value.partition(b";")[2] or line.value).strip("<>\"' ")


def _is_permanent(action: str, status: str) -> bool | None:
    """Tells whether a failure is permanent (RFC 3464 sections 2.3.3 and 2.3.4); None if unknown."""
    if action in ("delayed", "delivered", "relayed", "expanded"):
        return False
    if action == "failed":
        return not status.startswith(("2", "4"))
    return True if status.startswith("5") else (False if status[:1] in ("2", "4") else None)


def _named(headers: Mapping[str, str], name: str) -> tuple[Address, ...]:
    return read_addresses(headers.get(name, "").encode("utf-8", "replace"))
