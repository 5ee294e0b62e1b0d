"""Probes in the outbox: mails that the desk sends to itself. `lane` tells whether one has come back.

Not the row's state: a probe may be back before the relay's answer to it is committed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select, update

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.store.outbox import SAME_RECIPIENT
from mailgate.store.rows import columns_of, make_first
from mailgate.store.schema import outbox

RETURNED = "returned"


class ProbeRow(NamedTuple):
    """A probe in the outbox; `lane` is RETURNED once it came back."""

    id: int
    state: str
    attempts: int
    leased_until: datetime | None
    lane: str
    created_at: datetime
    last_error: str
    requeued_at: datetime | None

    @property
    def waits_since(self) -> datetime:
        """When it was queued, or last put back by the operator."""
        return self.requeued_at or self.created_at


_PROBES: Select[Any] = select(*columns_of(outbox, ProbeRow)).where(outbox.c.notice == Notice.PROBE.value)
_LAST = (
    _PROBES.where(SAME_RECIPIENT)  # has an index, and hardly another notice
    .order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
    .limit(1)
)
_FIND = _PROBES.where(outbox.c.message_id == bindparam("carried"))
_RETURN = update(outbox).where(outbox.c.id == bindparam("probe"), outbox.c.lane != RETURNED).values(lane=RETURNED)


def last_probe(connection: Connection, address: str) -> ProbeRow | None:
    """The newest probe to that address of the desk."""
    return make_first(ProbeRow._make, connection.execute(_LAST, {"address": address}))


def find_probe(connection: Connection, message_id: str) -> ProbeRow | None:
    """The probe that was sent with this Message-ID."""
    return make_first(ProbeRow._make, connection.execute(_FIND, {"carried": message_id}))


def note_return(connection: Connection, row_id: int) -> bool:
    """Notes that a probe came back; False where that is known already."""
    return connection.execute(_RETURN, {"probe": row_id}).rowcount == 1
