"""The probes in the outbox: mails that the desk writes to itself. `lane` tells whether one has come back.

Not the row's state: a probe may be back before the relay's answer to it is committed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from mailgate.core.workflow.notices import Notice
from mailgate.store.schema import outbox

RETURNED = "returned"

_SHOWN = (
    outbox.c.id, outbox.c.state, outbox.c.attempts, outbox.c.leased_until, outbox.c.lane, outbox.c.created_at,
    outbox.c.last_error,
)  # fmt: skip
_PROBES: Select[Any] = select(*_SHOWN).where(outbox.c.notice == Notice.PROBE.value)
_LAST = (
    _PROBES.where(outbox.c.recipient == bindparam("address"))  # has an index, and hardly another notice
    .order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
    .limit(1)
)
_FIND = _PROBES.where(outbox.c.message_id == bindparam("carried"))
_RETURN = update(outbox).where(outbox.c.id == bindparam("probe"), outbox.c.lane != RETURNED).values(lane=RETURNED)


def last_probe(connection: Connection, address: str) -> Row[Any] | None:
    """The newest probe to that address of the desk."""
    return connection.execute(_LAST, {"address": address}).first()


def find_probe(connection: Connection, message_id: str) -> Row[Any] | None:
    """The probe that was sent with this Message-ID."""
    return connection.execute(_FIND, {"carried": message_id}).first()


def note_return(connection: Connection, row_id: int) -> bool:
    """Note that a probe came back; False where that is known already."""
    return connection.execute(_RETURN, {"probe": row_id}).rowcount == 1
