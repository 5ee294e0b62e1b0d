"""State of an IMAP folder: its UIDVALIDITY, the last UID that was looked at, and its first contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, null, select, update

from mailgate.store.schema import mailboxes

_GET = select(mailboxes).where(mailboxes.c.name == bindparam("folder"))
_REACHED = (
    update(mailboxes)
    .where(mailboxes.c.name == bindparam("folder"), mailboxes.c.last_uid < bindparam("reached"))
    .values(last_uid=bindparam("reached"))
)


@dataclass(frozen=True, slots=True)
class MailboxRecord:
    """`planned` are the UIDs up to `top_uid` that are taken, None for all; `contacted_at` is the first contact."""

    uidvalidity: int
    last_uid: int
    contacted_at: datetime
    top_uid: int
    planned: frozenset[int] | None

    def is_wanted(self, uid: int) -> bool:
        """Tells whether a mail is to be taken, or was left by the first contact (rule 28)."""
        return uid > self.top_uid or self.planned is None or uid in self.planned


def get_mailbox(connection: Connection, name: str) -> MailboxRecord | None:
    """Returns the state of a folder; None before the first contact."""
    row = connection.execute(_GET, {"folder": name}).first()
    if row is None:
        return None
    planned = None if row.planned is None else frozenset(row.planned)
    return MailboxRecord(row.uidvalidity, row.last_uid, row.contacted_at, row.top_uid, planned)


def put_mailbox(connection: Connection, name: str, known: MailboxRecord) -> None:
    """Stores the state of a folder at its first contact, or with a new UIDVALIDITY."""
    connection.execute(delete(mailboxes).where(mailboxes.c.name == name))
    values = {
        "name": name,
        "uidvalidity": known.uidvalidity,
        "last_uid": known.last_uid,
        "contacted_at": known.contacted_at,
        "top_uid": known.top_uid,
        "planned": null() if known.planned is None else sorted(known.planned),
    }
    connection.execute(insert(mailboxes).values(values))


def note_reached(connection: Connection, name: str, uid: int) -> None:
    """Records that every mail up to this UID was looked at."""
    connection.execute(_REACHED, {"folder": name, "reached": uid})
