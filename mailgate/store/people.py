"""Whom the desk writes with: the people of a ticket, and what is known of an address whatever the ticket."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select

from mailgate.core.mail import Address
from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import absences, contacts, participants
from mailgate.store.upsert import Statements, for_engine, overwrite


class ParticipantRow(NamedTuple):
    """The requester of a ticket or a person in copy: the columns of the table."""

    ticket_id: int
    address: str
    name: str


class ContactRow(NamedTuple):
    """An address as known to the desk, whatever the ticket: the columns of the table."""

    address: str
    language: str
    known: bool
    blocked: bool
    accepted: bool
    rating_asked_at: datetime | None


class AbsenceRow(NamedTuple):
    """An agent who is away, and until when."""

    address: str
    until: datetime


_ADD = insert(participants)
_LIST = (
    select(*columns_of(participants, ParticipantRow))
    .where(participants.c.ticket_id == bindparam("ticket"))
    .order_by(participants.c.address)
)
_REMOVE = delete(participants).where(
    participants.c.ticket_id == bindparam("ticket"), participants.c.address == bindparam("person")
)
_GET = select(*columns_of(contacts, ContactRow)).where(contacts.c.address == bindparam("key"))


def add_participants(
    connection: Connection, ticket_id: int, people: Iterable[Address], limit: int, *, known: Iterable[str] = ()
) -> None:
    """Add people to a ticket that `known` are in already, at most `limit` in all (rule 6)."""
    taken = set(known)
    rows: list[dict[str, object]] = []
    for person in people:
        if person.key not in taken and len(taken) < limit:
            taken.add(person.key)
            rows.append({"ticket_id": ticket_id, "address": person.key, "name": person.name})
    if rows:
        connection.execute(_ADD, rows)


def remove_participant(connection: Connection, ticket_id: int, address: str) -> None:
    """Take somebody out of a ticket."""
    connection.execute(_REMOVE, {"ticket": ticket_id, "person": address.casefold()})


def list_participants(connection: Connection, ticket_id: int) -> list[ParticipantRow]:
    """The requester and the people in copy, in the order of the alphabet."""
    return make_rows(ParticipantRow._make, connection.execute(_LIST, {"ticket": ticket_id}))


def get_contact(connection: Connection, address: str) -> ContactRow | None:
    """What is known of an address, None for a stranger."""
    return make_first(ContactRow._make, connection.execute(_GET, {"key": address.casefold()}))


def is_known(connection: Connection, address: str) -> bool:
    """Whether a token came back from an address, or an agent answered it (rule 13)."""
    contact = get_contact(connection, address)
    return contact is not None and bool(contact.known)


def note_contact(connection: Connection, address: str, **values: object) -> None:
    """Remember something of an address: `language`, `known`, `blocked` or `rating_asked_at`."""
    statement = for_engine(_noting(*values), connection)
    connection.execute(statement, {"address": address.casefold(), **values})


@cache
def _noting(*columns: str) -> Statements:
    return overwrite(contacts, ["address"], columns)


_PUT = overwrite(absences, ["address"], ["until"])
_RUNNING = (
    select(*columns_of(absences, AbsenceRow)).where(absences.c.until > bindparam("now")).order_by(absences.c.address)
)
_GET_ABSENCE = select(absences.c.until).where(
    absences.c.address == bindparam("person"), absences.c.until > bindparam("now")
)
_END = delete(absences).where(absences.c.address == bindparam("person"))


def put_absence(connection: Connection, address: str, until: datetime) -> None:
    """Somebody is away until then, whatever was said before."""
    connection.execute(for_engine(_PUT, connection), {"address": address.casefold(), "until": until})


def get_absence(connection: Connection, address: str, now: datetime) -> datetime | None:
    """Until when somebody is away, None for one who is here."""
    found: datetime | None = connection.execute(_GET_ABSENCE, {"person": address.casefold(), "now": now}).scalar()
    return found


def list_absences(connection: Connection, now: datetime) -> list[AbsenceRow]:
    """Everybody who is away: (address, until), in the order of the alphabet."""
    return make_rows(AbsenceRow._make, connection.execute(_RUNNING, {"now": now}))


def end_absence(connection: Connection, address: str) -> None:
    """Somebody is back."""
    connection.execute(_END, {"person": address.casefold()})
