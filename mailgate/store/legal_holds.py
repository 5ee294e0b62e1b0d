"""Legal holds: addresses and tickets of which nothing is erased or removed until the hold is lifted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, exists, func, insert, or_, select, update

from mailgate.store.schema import legal_holds, participants, tickets


class LegalHoldRow(NamedTuple):
    """A legal hold: of an address, or of a ticket (`reference`; "" for an address)."""

    id: int
    address: str
    ticket_id: int | None
    reason: str
    set_at: datetime
    lifted_at: datetime | None
    reference: str


_LIST: Select[Any] = (
    select(
        legal_holds.c.id,
        legal_holds.c.address,
        legal_holds.c.ticket_id,
        legal_holds.c.reason,
        legal_holds.c.set_at,
        legal_holds.c.lifted_at,
        tickets.c.reference,
    )
    .outerjoin(tickets, tickets.c.id == legal_holds.c.ticket_id)
    .order_by(legal_holds.c.id)
)
_IN_FORCE = legal_holds.c.lifted_at.is_(None)


def list_legal_holds(connection: Connection, *, lifted: bool = False) -> list[LegalHoldRow]:
    """Lists the legal holds in force, oldest first; with `lifted` also those that were lifted."""
    rows = connection.execute(_LIST if lifted else _LIST.where(_IN_FORCE)).all()
    return [LegalHoldRow._make((*row[:-1], row[-1] or "")) for row in rows]


def set_legal_hold(connection: Connection, address: str, ticket_id: int | None, reason: str, now: datetime) -> None:
    """Sets a hold on a folded address, or on a ticket."""
    values = {"address": address, "ticket_id": ticket_id, "reason": reason, "set_at": now}
    connection.execute(insert(legal_holds), values)


def lift_legal_holds(connection: Connection, address: str, ticket_id: int | None, now: datetime) -> int:
    """Lifts the holds in force on an address, or on a ticket; returns how many there were."""
    mine = legal_holds.c.ticket_id == ticket_id if ticket_id is not None else legal_holds.c.address == address
    return connection.execute(update(legal_holds).where(mine, _IN_FORCE).values(lifted_at=now)).rowcount


def find_held_tickets(connection: Connection, ticket_ids: Collection[int]) -> dict[int, str]:
    """Finds which of these tickets are under a hold of their own, or of one of their people, each with its reason."""
    own = {row.ticket_id: row.reason for row in list_legal_holds(connection) if row.ticket_id is not None}
    held = connection.execute(select(tickets.c.id).where(is_held())).scalars()
    return {one: own.get(one, "one of its people is under a hold") for one in held if one in ticket_ids}


def find_held_address(connection: Connection, address: str) -> str:
    """Returns the reason why a folded address is under a hold; "" where it is not."""
    return next((row.reason for row in list_legal_holds(connection) if row.address == address), "")


def is_held() -> ColumnElement[bool]:
    """The condition that a ticket, or one of its people, is under a legal hold."""
    ticket = legal_holds.c.ticket_id == tickets.c.id
    people = select(participants.c.address).where(participants.c.ticket_id == tickets.c.id).correlate(tickets)
    person = or_(legal_holds.c.address == func.lower(tickets.c.requester), legal_holds.c.address.in_(people))
    return exists().where(_IN_FORCE, or_(ticket, (legal_holds.c.address != "") & person))
