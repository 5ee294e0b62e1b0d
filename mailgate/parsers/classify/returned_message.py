"""Finds the mail that a delivery report is about: its copy, its Message-ID, its recipients.

Reads copies that are parts (message/rfc822, text/rfc822-headers), copies pasted below the report, quoted or not, and
reports that name the mail only in their own headers. Pure, linear, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.mime.attachments import AttachedPart
from mailgate.parsers.mime.headers import HeaderBlock, decode_header, read_ids, split_headers

SCAN_LIMIT = 100_000  # bytes or letters that are searched
SCAN_LINES = 1_500

_TYPES = frozenset({"text/rfc822-headers", "message/rfc822", "message/rfc822-headers", "message/global",
                    "message/global-headers", "text/rfc822", "message/partial"})  # fmt: skip
_NAME = re.compile(r"[> \t|]{0,12}([A-Za-z][A-Za-z0-9-]{1,40}):(?:\s|$)")
_TRACE = frozenset({"received", "return-path", "mime-version", "delivered-to", "x-mailer", "dkim-signature",
                    "x-received", "domainkey-signature"})  # fmt: skip
_KNOWN = _TRACE | {"message-id", "content-type", "from", "to", "date", "subject", "cc",
                   "reply-to", "sender", "references", "in-reply-to",
                   "content-transfer-encoding", "x-originating-ip", "user-agent", "auto-submitted",
                   "envelope-to", "x-priority", "organization", "importance"}  # fmt: skip
_ID_HEADERS = ("x-original-message-id", "original-message-id", "x-ms-exchange-original-message-id",
               "x-riferimento-message-id")  # fmt: skip


def find_message_id(headers: Mapping[str, str], files: Sequence[AttachedPart], text: str, raw: bytes) -> str:
    """Finds the Message-ID of the original, without angle brackets; "" if unknown."""
    for block in _blocks(files):
        if found := read_ids(decode_header(block.first("message-id"))):
            return found[0]
    for name in _ID_HEADERS:
        if found := read_ids(headers.get(name, "")):
            return found[0]
    for lines in (text[:SCAN_LIMIT].splitlines(), _body_lines(raw)):
        if identifier := _id_in_lines(lines[:SCAN_LINES]):
            return identifier
    return next(iter(read_ids(headers.get("in-reply-to", ""))), "") or next(
        iter(reversed(read_ids(headers.get("references", "")))), ""
    )


def find_addressees(files: Sequence[AttachedPart], copy: Sequence[str]) -> tuple[str, ...]:
    """Finds the recipients of the original: by X-Failed-Recipients, X-Original-To, else To."""
    for block in (*_blocks(files), split_headers(_undent(copy))):
        for name in ("x-failed-recipients", "x-original-to", "to"):
            found = read_addresses(block.first(name))
            if found:
                return tuple(address.address for address in found if "@" in address.address)
    return ()


def split_copy(text: str) -> tuple[list[str], list[str]]:
    """Splits a report into its own lines and those of the pasted original below."""
    lines = text[:SCAN_LIMIT].splitlines()[:SCAN_LINES]
    for at, line in enumerate(lines):
        name = _header_name(line)
        if name in _TRACE and _has_neighbour(lines, at):
            start = at
            while start and _header_name(lines[start - 1]) in _KNOWN:
                start -= 1
            return lines[:start], lines[start:]
    return lines, []


def _has_neighbour(lines: Sequence[str], at: int) -> bool:
    """Tells whether a line is part of a header block: one line that looks like a header proves nothing."""
    before = _header_name(lines[at - 1]) if at else ""
    after = [_header_name(line) for line in lines[at + 1 : at + 8]]
    return before in _KNOWN or any(name in _KNOWN for name in after)


def _header_name(line: str) -> str:
    found = _NAME.match(line[:60])
    return found[1].lower() if found else ""


def _blocks(files: Sequence[AttachedPart]) -> list[HeaderBlock]:
    """The headers of every enclosed original, the last one first: a report about a report encloses both."""
    return [split_headers(part.content[:SCAN_LIMIT].lstrip()) for part in reversed(files) if part.mime_type in _TYPES]


def _id_in_lines(lines: Sequence[str]) -> str:
    for at, line in enumerate(lines):
        head, colon, rest = line.partition(":")
        name = head[-40:].strip("> \t|*").lower()
        if colon and name in ("message-id", "message id", "original message-id", "original-message-id",
                              "messageid", "internet message-id", "x-original-message-id"):  # fmt: skip
            value = rest if "@" in rest else rest + " " + (lines[at + 1] if at + 1 < len(lines) else "")
            found = read_ids(value[:1_200])
            if found:
                return found[0]
    return ""


def _body_lines(raw: bytes) -> list[str]:
    start = split_headers(raw[:SCAN_LIMIT]).body_at
    return raw[start : start + SCAN_LIMIT].decode("ascii", "replace").splitlines()


def _undent(lines: Sequence[str]) -> bytes:
    """Turns a pasted copy into a header block, without the quote marks or blanks before its lines."""
    marks = 0
    if lines:
        marks = len(lines[0]) - len(lines[0].lstrip("> \t|"))
    return "\n".join(line[marks:] for line in lines[:200]).encode("utf-8", "replace")
