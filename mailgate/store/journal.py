"""The journal: every mail that was accepted, before anyone looked at it.

`append` is the durable instant of an intake (COMMIT 1 is its transaction). A mail that its source offers again under
the same key is not stored twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, insert, select, update

from mailgate.mail import Envelope
from mailgate.store.blobs import put_blob
from mailgate.store.queue import WAITING
from mailgate.store.schema import journal

# Statements are built once: building one costs more than running it.
_APPEND = insert(journal).returning(journal.c.id)


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail for the journal: `message_id` as its raw header has it, "" where there is none."""

    envelope: Envelope
    raw: bytes
    message_id: str


def append(connection: Connection, entry: Entry) -> int:
    """Store a mail; the id of the row, which is the earlier row where the source offers a mail again."""
    envelope = entry.envelope
    if envelope.source_key is not None:
        known = connection.execute(select(journal.c.id).where(journal.c.source_key == envelope.source_key)).scalar()
        if known is not None:
            return int(known)
    values = {
        "due_at": envelope.received_at,
        "created_at": envelope.received_at,
        "received_at": envelope.received_at,
        "source": envelope.source,
        "source_key": envelope.source_key,
        "sender": envelope.sender,
        "recipients": list(envelope.recipients),
        "auth_user": envelope.auth_user,
        "peer": envelope.peer,
        "message_id": entry.message_id,
        "size": len(entry.raw),
        "blob_id": put_blob(connection, entry.raw),
    }
    return int(connection.execute(_APPEND, values).scalar_one())


def is_duplicate(connection: Connection, journal_id: int, fingerprint: str, since: datetime | None) -> bool:
    """Whether an earlier mail had this fingerprint; `since` limits how far back (mails without Message-ID)."""
    same = journal.c.fingerprint == fingerprint, journal.c.id < journal_id
    recent = (journal.c.received_at >= since,) if since is not None else ()
    return bool(connection.execute(select(exists().where(*same, *recent))).scalar())


def note_fingerprint(connection: Connection, journal_id: int, fingerprint: str) -> None:
    """Remember what the mail looks like, so that the next one like it is known as the same."""
    connection.execute(update(journal).where(journal.c.id == journal_id).values(fingerprint=fingerprint))


def awaits(connection: Connection, journal_id: int, references: Sequence[str], wait: timedelta, now: datetime) -> bool:
    """Whether a mail that this one answers still waits to be worked off (rule 29); not after `wait`."""
    if not references:
        return False
    pending = (
        journal.c.message_id.in_(references),
        journal.c.state == WAITING,
        journal.c.id != journal_id,
        journal.c.received_at > now - wait,
    )
    return bool(connection.execute(select(exists().where(*pending))).scalar())
