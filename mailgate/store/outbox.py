"""The outbox: notices as they will be sent, until the relay has them.

A notice's bytes are final when it is put here; files are references into the blobs, put together identically at
each attempt. Order is kept per ticket and addressee: a later notice waits while an earlier one to the same address
waits; a parked one blocks nothing (rule 22).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, insert, select, update

from mailgate.store.queue import WAITING, take
from mailgate.store.schema import outbox

_PUT = insert(outbox).returning(outbox.c.id)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice to be sent. `number` counts the notices of a ticket; `lane` says as what the addressee gets it;
    `inserts` are the places of its files: [position, blob, start, end, encoded]."""

    notice: str
    number: int
    lane: str
    queue: str
    recipient: str
    return_path: str
    message_id: str
    human: bool
    size: int
    body: bytes = field(repr=False)
    inserts: tuple[tuple[int, int, int | None, int | None, bool], ...] = ()
    ticket_id: int | None = None
    reference: str = ""


def put_notice(connection: Connection, outgoing: Outgoing, now: datetime, *, due_at: datetime | None = None) -> int:
    """Add a notice, to be sent now or when it is due."""
    values: dict[str, object] = asdict(outgoing) | {"inserts": [list(place) for place in outgoing.inserts]}
    values |= {"due_at": due_at or now, "created_at": now}
    return int(connection.execute(_PUT, values).scalar_one())


def take_notices(connection: Connection, now: datetime, limit: int, lease: timedelta) -> Sequence[Row[Any]]:
    """Lease due notices, at most one per ticket and addressee."""
    return take(connection, outbox, now, limit, lease, ~_follows_another())


def next_notice_due(connection: Connection) -> datetime | None:
    """When the next notice may be tried; one that waits for an earlier one does not count."""
    free = outbox.c.state == WAITING, outbox.c.leased_until.is_(None), ~_follows_another()
    return connection.execute(select(func.min(outbox.c.due_at)).where(*free)).scalar()


def _follows_another() -> ColumnElement[bool]:
    """Whether an earlier notice of the same ticket to the same address still waits."""
    before = outbox.alias()
    return exists().where(
        before.c.ticket_id == outbox.c.ticket_id,
        before.c.recipient == outbox.c.recipient,
        before.c.state == WAITING,
        before.c.id < outbox.c.id,
    )


def get_notice(connection: Connection, ticket_id: int, number: int) -> Row[Any] | None:
    """A notice of a ticket by its number, without its bytes: whom it went to, as what, and when."""
    query: Select[Any] = select(
        outbox.c.id, outbox.c.ticket_id, outbox.c.number, outbox.c.notice, outbox.c.lane, outbox.c.queue,
        outbox.c.recipient, outbox.c.message_id, outbox.c.created_at,
    )  # fmt: skip
    return connection.execute(query.where(and_(outbox.c.ticket_id == ticket_id, outbox.c.number == number))).first()


def find_notice(connection: Connection, message_id: str) -> Row[Any] | None:
    """The notice that carries this Message-ID."""
    query: Select[Any] = select(
        outbox.c.ticket_id, outbox.c.number, outbox.c.notice, outbox.c.lane, outbox.c.queue, outbox.c.recipient
    )
    return connection.execute(query.where(outbox.c.message_id == message_id)).first()


def count_automatic(
    connection: Connection,
    since: datetime,
    *,
    recipient: str = "",
    domain: str = "",
    ticket_id: int | None = None,
    lane: str = "",
) -> int:
    """How many notices that no human wrote were put since then: to an address, a domain, of a ticket (rule 24)."""
    where = [outbox.c.created_at > since, outbox.c.human.is_(False)]
    if recipient:
        where.append(outbox.c.recipient == recipient)
    if domain:
        where.append(outbox.c.recipient.endswith(f"@{domain}", autoescape=True))
    if ticket_id is not None:
        where.append(outbox.c.ticket_id == ticket_id)
    if lane:
        where.append(outbox.c.lane == lane)
    return int(connection.execute(select(func.count()).select_from(outbox).where(*where)).scalar_one())


def was_sent(connection: Connection, notice: str, recipient: str, since: datetime) -> bool:
    """Whether such a notice was put for that address since then."""
    same = outbox.c.notice == notice, outbox.c.recipient == recipient, outbox.c.created_at > since
    return bool(connection.execute(select(exists().where(*same))).scalar())


def find_draft(connection: Connection, message_id: str) -> int | None:
    """A notice with this Message-ID that no attempt was made to send yet."""
    draft = outbox.c.message_id == message_id, outbox.c.state == WAITING, outbox.c.attempts == 0
    return connection.execute(select(outbox.c.id).where(*draft)).scalar()


def rewrite_notice(connection: Connection, row_id: int, body: bytes, size: int) -> None:
    """Replace a notice's bytes by ones without files, before it is tried again."""
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(body=body, inserts=[], size=size))
