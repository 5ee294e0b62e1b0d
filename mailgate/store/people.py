"""People: the participants of a ticket, the contacts of the desk whatever the ticket, and absences of agents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from mailgate.core.domains import fold_address
from mailgate.core.mail import Address, Contact
from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import absences, contacts, participants
from mailgate.store.upsert import Statements, for_engine, overwrite
from mailgate.store.write_behind import ReadCache, write_later


class ParticipantRow(NamedTuple):
    """The requester of a ticket or a person in copy: the columns of the table."""

    ticket_id: int
    address: str
    name: str
    left_at: datetime | None


class ContactRow(NamedTuple):
    """An address as known to the desk, whatever the ticket: the columns of the table."""

    address: str
    language: str
    known: bool
    blocked: bool
    blocked_at: datetime | None
    accepted: bool
    set_aside_at: datetime | None
    set_aside_reason: str
    refusals: int
    rating_asked_at: datetime | None


class AbsenceRow(NamedTuple):
    """An agent who is away, and until when."""

    address: str
    until: datetime


# Statements are built once: building one costs more than running it.
_ADD_PARTICIPANT = insert(participants)
_PARTICIPANTS = (
    select(*columns_of(participants, ParticipantRow))
    .where(participants.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(participants.c.address)
)
_PEOPLE = ReadCache[int, list[ParticipantRow]](participants)
_REMOVE_PARTICIPANT = delete(participants).where(
    participants.c.ticket_id == bindparam("ticket"), participants.c.address == bindparam("person")
)
_NOTE_LEFT = (
    update(participants)
    .where(participants.c.ticket_id == bindparam("ticket"), participants.c.address == bindparam("person"))
    .values(left_at=bindparam("at"))
)
_GET_CONTACT = select(*columns_of(contacts, ContactRow)).where(contacts.c.address == bindparam("key"))
_GET_CONTACTS = select(*columns_of(contacts, ContactRow)).where(
    contacts.c.address.in_(bindparam("keys", expanding=True))
)
_CONTACTS = ReadCache[str, ContactRow | None](contacts)
_LIST_BLOCKED = (
    select(*columns_of(contacts, ContactRow))
    .where(or_(contacts.c.blocked.is_(True), contacts.c.set_aside_at.is_not(None)))
    .order_by(contacts.c.address)
)
_PUT_ABSENCE = overwrite(absences, ["address"], ["until"])
_ABSENCES = (
    select(*columns_of(absences, AbsenceRow)).where(absences.c.until > bindparam("now")).order_by(absences.c.address)
)
_GET_ABSENCE = select(absences.c.until).where(
    absences.c.address == bindparam("person"), absences.c.until > bindparam("now")
)
_END_ABSENCE = delete(absences).where(absences.c.address == bindparam("person"))


def add_participants(
    connection: Connection, ticket_id: int, people: Iterable[Address], limit: int, *, known: Iterable[str] = ()
) -> None:
    """Adds people to a ticket that `known` are in already, at most `limit` in all (rule 6)."""
    taken = set(known)
    rows: list[dict[str, object]] = []
    for person in people:
        if person.key not in taken and len(taken) < limit:
            taken.add(person.key)
            rows.append({"ticket_id": ticket_id, "address": person.key, "name": person.name})
    if rows:
        write_later(connection, _ADD_PARTICIPANT, rows, touches=(ticket_id,))


def note_left(connection: Connection, ticket_id: int, address: str, at: datetime | None) -> None:
    """Notes that a person in copy left a ticket, with None that they are back."""
    values = {"ticket": ticket_id, "person": fold_address(address), "at": at}
    write_later(connection, _NOTE_LEFT, [values], touches=(ticket_id,))


def remove_participant(connection: Connection, ticket_id: int, address: str) -> None:
    """Removes a person from a ticket."""
    connection.execute(_REMOVE_PARTICIPANT, {"ticket": ticket_id, "person": fold_address(address)})


def list_participants(connection: Connection, ticket_id: int) -> list[ParticipantRow]:
    """Lists the requester and the people in copy of a ticket, by address, also those who left."""
    return _PEOPLE.read(
        connection,
        ticket_id,
        lambda: make_rows(ParticipantRow._make, connection.execute(_PARTICIPANTS, {"tickets": [ticket_id]})),
    )


def prefetch_participants(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Reads the participants of tickets for which the transaction will ask, in one statement."""
    found: dict[int, list[ParticipantRow]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in make_rows(ParticipantRow._make, connection.execute(_PARTICIPANTS, {"tickets": list(found)})):
        found[row.ticket_id].append(row)
    _PEOPLE.values(connection).update(found)


def get_contact(connection: Connection, address: str) -> ContactRow | None:
    """Returns the contact of an address; None for one that is not known."""
    key = fold_address(address)
    return _CONTACTS.read(
        connection, key, lambda: make_first(ContactRow._make, connection.execute(_GET_CONTACT, {"key": key}))
    )


def prefetch_contacts(connection: Connection, addresses: Iterable[str]) -> None:
    """Reads the contacts of addresses that the transaction will ask for, in one statement."""
    keys = sorted(set(map(fold_address, addresses)))
    rows = make_rows(ContactRow._make, connection.execute(_GET_CONTACTS, {"keys": keys})) if keys else ()
    _CONTACTS.values(connection).update({**dict.fromkeys(keys), **{row.address: row for row in rows}})


def read_contact(connection: Connection, address: str) -> Contact:
    """Returns the record of an address; an empty one for an address that the desk has never seen."""
    row = get_contact(connection, address)
    if row is None:
        return Contact()
    return Contact(row.language, row.known, row.accepted, row.blocked, row.set_aside_at is not None, row.refusals)


def is_known(connection: Connection, address: str) -> bool:
    """Tells whether a token came back from an address, or an agent answered it (rule 13)."""
    contact = get_contact(connection, address)
    return contact is not None and bool(contact.known)


def note_contact(connection: Connection, address: str, **values: object) -> None:
    """Remembers something of an address: the values of columns of the table."""
    statement, key = for_engine(_noting(*values), connection), fold_address(address)
    known = _CONTACTS.values(connection)
    is_known, before = key in known, known.get(key)
    write_later(connection, statement, [{"address": key, **values}], touches=(key,))
    if is_known and not any(isinstance(value, datetime) for value in values.values()):  # a time is read as it is stored
        known[key] = (before or _unknown(key))._replace(**values)  # type: ignore[arg-type]


def list_blocked(connection: Connection) -> list[ContactRow]:
    """Lists the senders blocked as spam and the addresses set aside, by address."""
    return make_rows(ContactRow._make, connection.execute(_LIST_BLOCKED))


def count_refusal(connection: Connection, address: str, reason: str, now: datetime, *, most: int) -> datetime | None:
    """Counts that the server of an address says that it does not take mail; sets it aside at the count of `most`.

    Returns since when it is set aside, None where it is not.
    """
    row = get_contact(connection, address)
    if row is not None and row.set_aside_at is not None:
        return row.set_aside_at
    refusals = (row.refusals if row is not None else 0) + 1
    if refusals < most:
        note_contact(connection, address, refusals=refusals)
        return None
    note_contact(connection, address, refusals=refusals, set_aside_at=now, set_aside_reason=reason)
    return now


def take_back(connection: Connection, address: str) -> None:
    """Lets an address that was set aside get notices again."""
    note_contact(connection, address, set_aside_at=None, set_aside_reason="", refusals=0)


def unblock(connection: Connection, address: str) -> ContactRow | None:
    """Lifts the block of a sender, and takes back an address that was set aside; None where neither is the case."""
    row = get_contact(connection, address)
    if row is None or not (row.blocked or row.set_aside_at is not None):
        return None
    note_contact(
        connection, address, blocked=False, blocked_at=None, set_aside_at=None, set_aside_reason="", refusals=0
    )
    return row


def _unknown(key: str) -> ContactRow:
    """Returns a new contact with the values that its columns have by default."""
    return ContactRow(key, "", False, False, None, False, None, "", 0, None)


@cache
def _noting(*columns: str) -> Statements:
    return overwrite(contacts, ["address"], columns)


def put_absence(connection: Connection, address: str, until: datetime) -> None:
    """Stores that an agent is away until then; replaces an earlier absence."""
    connection.execute(for_engine(_PUT_ABSENCE, connection), {"address": fold_address(address), "until": until})


def get_absence(connection: Connection, address: str, now: datetime) -> datetime | None:
    """Returns until when an agent is away; None for one who is not."""
    found: datetime | None = connection.execute(_GET_ABSENCE, {"person": fold_address(address), "now": now}).scalar()
    return found


def list_absences(connection: Connection, now: datetime) -> list[AbsenceRow]:
    """Lists the agents who are away, by address."""
    return make_rows(AbsenceRow._make, connection.execute(_ABSENCES, {"now": now}))


def end_absence(connection: Connection, address: str) -> None:
    """Ends the absence of an agent."""
    connection.execute(_END_ABSENCE, {"person": fold_address(address)})
