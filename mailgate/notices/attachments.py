"""Selects the files that a notice carries, and those left out to stay below the relay's limit (rules 16 and 17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from mailgate.config import RELAY, Limits
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Files, Notice
from mailgate.store.messages import list_attachments
from mailgate.store.source_status import get_status
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.values import FileRef, LeftOutFile, as_file

# Signatures are no files of a person, and prove nothing beside a text sent anew: the original has them (rule 21)
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
# They name the signer: an agent's address is in the certificate, and that never goes outside (rule 16).
IDENTITIES = _SIGNATURES | {"application/pgp-keys"}
_ENVELOPE = 64 * 1024  # room for the words of a notice beside its files


def files_to_carry(
    connection: Connection, tickets: Iterable[int], notice: Notice, ticket_event: TicketEvent, *, internal: bool
) -> tuple[FileRef, ...]:
    """Selects the files of the mail that a notice carries, or for a recipient new to a ticket each of its files once.

    `tickets` are the ids of the ticket and of those merged into it, for the latter.
    """
    carried = notice.info.files
    if carried is Files.AGENTS_MAIL and not ticket_event.event.info.by_agent:
        return ()  # the files of the requester's yes are not for everybody in copy
    if carried in (Files.MAIL, Files.MAIL_AND_ORIGINAL, Files.AGENTS_MAIL):
        if not internal:
            return tuple(file for file in ticket_event.files if file.mime_type not in IDENTITIES and not file.quoted)
        original = (ticket_event.original,) if ticket_event.original and carried is Files.MAIL_AND_ORIGINAL else ()
        return (*(file for file in ticket_event.files if file.mime_type not in _SIGNATURES), *original)
    if is_bundle(notice, ticket_event):
        held = [row for ticket_id in tickets for row in list_attachments(connection, ticket_id)]
        rows = {row.sha256: row for row in reversed(held)}
        return tuple(as_file(row) for row in reversed(rows.values()))
    return ()


def is_bundle(notice: Notice, ticket_event: TicketEvent) -> bool:
    """Tells whether a notice brings the whole ticket.

    A manager who gets a notice again every few days has it already.
    """
    return notice.info.files is Files.BUNDLE and ticket_event.event is not Event.OVERDUE


def fit(
    connection: Connection, files: Sequence[FileRef], limits: Limits
) -> tuple[tuple[FileRef, ...], tuple[LeftOutFile, ...], int]:
    """Splits files into those that fit into a notice, and the largest ones, which do not; with the limit in bytes."""
    sizes = [_sent_size(file) for file in files]
    most = limits.notice_max_size
    if sum(sizes) > _ENVELOPE:  # what every relay takes (RFC 5321 section 4.5.3.1.7) needs no look at the database
        row = get_status(connection, RELAY)
        most = min(most, (row.figures.get("size") if row is not None else 0) or most)
    room = most - _ENVELOPE - sum(sizes)
    left_out: list[int] = []
    for position in sorted(range(len(files)), key=sizes.__getitem__, reverse=True):
        if room >= 0:
            break
        room += sizes[position]
        left_out.append(position)
    kept = tuple(file for at, file in enumerate(files) if at not in left_out)
    return kept, tuple(LeftOutFile(files[at].filename, files[at].size) for at in sorted(left_out)), most


def _sent_size(file: FileRef) -> int:
    """Size of a file in the message: base64 with line ends and part headers; an attached message stands as it is."""
    if file.verbatim:
        return file.size + 512
    return file.size * 4 // 3 + file.size // 38 + 512
