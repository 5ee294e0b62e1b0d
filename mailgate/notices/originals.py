"""Attaches mails of a ticket as they came: all of them to a bundle, a signed or encrypted one to its forward.

A bundle has them without the files that it carries itself (`forwarded.strip`). Large files are skipped while a mail is
read, so that none is whole in memory; the result is stored as a blob of its own, the same at each attempt. A signed or
encrypted mail goes as it came where no token of the desk is in it (`forwarded.seal`), since a person who has the
requester's token could answer as the requester. What cannot be attached is named; `mailgate export` has it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from mailgate.config import Limits
from mailgate.core.mail import Address, InboundMessage
from mailgate.core.workflow.events import events_that
from mailgate.notices.mime.forwarded import Excerpt, Marks, is_seven_bit, seal, strip
from mailgate.notices.mime.headers import clean_line, mailbox, unstructured
from mailgate.store.blobs import DamagedBlob, get_blob, put_blob, read_blob
from mailgate.store.errors import log_error
from mailgate.store.events import EventRow
from mailgate.store.messages import AttachmentRow, OriginalRow, list_attachments, list_originals
from mailgate.tickets.values import FileRef

_LOG = logging.getLogger("mailgate.notices.originals")

MOST = 20  # originals in one bundle, the first and the newest: with more of them nobody finds anything on a phone
LARGEST_EXCERPT = 8 * 2**20  # bytes of a mail without its large files; a larger one is left out unread
SEALED = "original.eml"
_AUTOMATIC = frozenset(event.value for event in events_that(lambda info: info.is_automatic))
_BY_AGENT = frozenset(event.value for event in events_that(lambda info: info.by_agent))


@dataclass(frozen=True, slots=True)
class Originals:
    """Messages that a bundle attaches, and the names of those that it cannot."""

    files: tuple[FileRef, ...] = ()
    left_out: tuple[str, ...] = ()


def bundle_originals(
    connection: Connection, histories: Mapping[int, Sequence[EventRow]], zone: ZoneInfo, marks: Marks
) -> Originals:
    """Attaches the mails that people wrote on a ticket and on those merged into it, oldest first.

    `histories` are those of these tickets, by their ids. Linear in their mails and files.
    """
    found: dict[int, OriginalRow] = {}  # by the row of the journal: a mail may stand in two of the tickets
    for ticket_id, history in histories.items():
        spoken = _by_people(history)
        for row in list_originals(connection, ticket_id):
            if _belongs(row, spoken.get(row.journal_id)):
                found.setdefault(row.journal_id, row)
    rows = sorted(found.values(), key=lambda row: row.at)
    passed_over: list[OriginalRow] = []
    if len(rows) > MOST:
        rows, passed_over = [rows[0], *rows[1 - MOST :]], rows[1 : 1 - MOST]
    left_out = [_name(row, zone) for row in passed_over]
    files: list[FileRef] = []
    held: dict[int, list[AttachmentRow]] = {}
    for ticket_id in histories:
        for file in list_attachments(connection, ticket_id):
            held.setdefault(file.message_id, []).append(file)
    for row in rows:
        own = held.get(row.id, [])
        excerpt = _write_excerpt(row) if row.is_of_several else _read_excerpt(connection, row, own)
        content = _strip(row, excerpt, {file.sha256: file.filename for file in own}, marks) if excerpt else None
        if content is None:
            left_out.append(_name(row, zone))
        else:
            files.append(_message(_name(row, zone), put_blob(connection, content), len(content)))
    return Originals(tuple(files), tuple(left_out))


def seal_original(connection: Connection, message: InboundMessage, limits: Limits) -> FileRef | None:
    """Returns a signed or encrypted mail as a file to attach to its forward; None where it may not be passed on.

    As a message where it is 7-bit, else as a file: a message/rfc822 must not be encoded (RFC 2046, 5.2.1), and a
    signature over changed bytes proves nothing.
    """
    raw = get_blob(connection, message.blob_id)
    if len(raw) > limits.notice_max_size:
        return None
    sealed = seal(raw)
    if sealed is None:
        return None
    blob = message.blob_id if sealed is raw else put_blob(connection, sealed)
    if is_seven_bit(sealed):
        return _message(SEALED, blob, len(sealed))
    return FileRef(SEALED, "application/octet-stream", blob, len(sealed))


def _strip(row: OriginalRow, excerpt: Excerpt, carried: Mapping[str, str], marks: Marks) -> bytes | None:
    try:
        return strip(excerpt, carried, marks)
    except Exception as error:  # the edge of a mail that was parked: an escalation must not fail on it, too
        log_error(_LOG, error, action="bundle", result="failed", journal=row.journal_id)
        return None


def _by_people(history: Sequence[EventRow]) -> Mapping[int, frozenset[str]]:
    """Maps each mail, by its row of the journal, to the events that it caused."""
    found: dict[int, set[str]] = {}
    for event in history:
        if event.journal_id is not None:
            found.setdefault(event.journal_id, set()).add(event.event)
    return {journal_id: frozenset(events) for journal_id, events in found.items()}


def _belongs(row: OriginalRow, events: frozenset[str] | None) -> bool:
    """Tells whether a person wrote the mail, and an agent more than commands."""
    if not events:
        return True
    if events & _AUTOMATIC:
        return False
    return not events <= _BY_AGENT or _has_prose(row.new_text)


def _has_prose(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def _name(row: OriginalRow, zone: ZoneInfo) -> str:
    return f"{row.at.astimezone(zone):%Y-%m-%d %H%M} {row.sender}.eml"


def _message(name: str, blob: int, size: int) -> FileRef:
    return FileRef(name, "message/rfc822", blob, size, verbatim=True)


def _write_excerpt(row: OriginalRow) -> Excerpt:
    """Writes what a mail for several tickets said in this one as a mail."""
    head = (
        mailbox("From", Address("", row.sender)),
        unstructured("Subject", clean_line(row.subject)),
        f"Date: {format_datetime(row.at)}",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: 8bit",
    )
    return Excerpt("\r\n".join((*head, "", row.new_text)).encode("utf-8", "replace"))


def _read_excerpt(connection: Connection, row: OriginalRow, files: Sequence[AttachmentRow]) -> Excerpt | None:
    """Reads a mail without the base64 text of its files; None where it is still too large, or damaged."""
    spans = sorted({(*file.span, file.filename) for file in files if file.span is not None})
    if row.size - sum(end - start for start, end, _name in spans) > LARGEST_EXCERPT:
        return None
    if row.raw is not None and not spans:
        return Excerpt(row.raw)
    places: list[tuple[int, int]] = []
    cuts: list[tuple[int, str]] = []
    done = length = 0
    for start, end, name in spans:
        if start < done:
            continue  # two files that share a place: bytes are taken once
        places.append((done, start))
        length += start - done
        cuts.append((length, name))
        done = end
    places.append((done, max(done, row.size)))
    try:
        pieces = [
            piece for place in places for piece in read_blob(lambda: nullcontext(connection), row.blob_id, *place)
        ]
    except DamagedBlob as error:
        log_error(_LOG, error, action="bundle", result="failed", journal=row.journal_id)
        return None
    return Excerpt(b"".join(pieces), cuts)
