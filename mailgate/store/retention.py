"""Finds what the retention periods have ended, and empties emails and notices of no ticket.

A row is never deleted: the journal recognises a mail that is offered again by its row, and a report counts tickets.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select, update

from mailgate.core.domains import fold_address
from mailgate.core.workflow.events import State
from mailgate.store.legal_holds import is_held
from mailgate.store.mentions import empty_mails
from mailgate.store.removal import EMPTY_NOTICE, Names
from mailgate.store.schema import (
    archives,
    contacts,
    erased_parts,
    journal,
    legal_holds,
    messages,
    outbox,
    participants,
    tickets,
)
from mailgate.store.work_queue import PARKED, WAITING

PARTS = ("raw_mails", "attachments", "texts", "tickets")
"""Parts of a ticket, as the configuration names them; the last one is all of it."""
_INCLUDED = {
    "raw_mails": ("raw_mails", "texts", "tickets"),
    "attachments": ("attachments", "tickets"),
    "texts": ("texts", "tickets"),
    "tickets": ("tickets",),
}
_REMOVED = "removed"  # outcome of a mail of no ticket that was emptied


def _due(part: str, queues: Collection[str], before: datetime, *, others: bool) -> tuple[ColumnElement[bool], ...]:
    """The condition that a part of a ticket is over; with `others` in all queues but these."""
    gone = exists().where(
        erased_parts.c.ticket_id == tickets.c.id,
        erased_parts.c.part.in_(_INCLUDED[part]),
        erased_parts.c.at >= tickets.c.closed_at,
    )
    of_queue = tickets.c.queue.not_in(list(queues)) if others else tickets.c.queue.in_(list(queues))
    return (
        of_queue,
        tickets.c.state == State.CLOSED.value,
        tickets.c.merged_into.is_(None),
        tickets.c.closed_at <= before,
        ~gone,
        ~is_held(),
    )


def list_due_tickets(
    connection: Connection, part: str, queues: Collection[str], before: datetime, limit: int | None, *, others: bool
) -> dict[int, str]:
    """Lists tickets that closed by then and still have a part, with their references, earliest closed first.

    With `others` those of all queues but these.
    """
    query: Select[Any] = select(tickets.c.id, tickets.c.reference).where(*_due(part, queues, before, others=others))
    rows = connection.execute(query.order_by(tickets.c.closed_at, tickets.c.id).limit(limit))
    return {int(row[0]): str(row[1]) for row in rows}


def is_due(connection: Connection, ticket_id: int, part: str, queue: str, before: datetime) -> bool:
    """Tells whether a ticket is in this queue, closed by then, and still has a part."""
    query = select(tickets.c.id).where(tickets.c.id == ticket_id, *_due(part, [queue], before, others=False))
    return connection.execute(query).first() is not None


def list_merged_into(connection: Connection, ticket_id: int) -> list[int]:
    """Lists the tickets that were merged into a ticket, or into one of those."""
    found, asked = list[int](), [ticket_id]
    while asked:
        rows = connection.execute(
            select(tickets.c.id).where(tickets.c.merged_into.in_(asked), tickets.c.id.not_in(found))
        )
        asked = [int(one) for one in rows.scalars()]
        found += asked
    return found


def is_archived(connection: Connection, ticket_id: int) -> bool:
    """Tells whether the last closing of a ticket is in the archive; if not, it is due to be written there."""
    row = connection.execute(select(tickets.c.unarchived).where(tickets.c.id == ticket_id)).one()
    written = connection.execute(select(archives.c.id).where(archives.c.ticket_id == ticket_id).limit(1)).first()
    if not row.unarchived and written is None:
        connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(unarchived=True))
    return not row.unarchived and written is not None


def list_addresses(connection: Connection, ticket_ids: Collection[int]) -> set[str]:
    """Lists the requesters of tickets and the people in copy, folded."""
    requesters = select(tickets.c.requester).where(tickets.c.id.in_(ticket_ids))
    people = select(participants.c.address).where(participants.c.ticket_id.in_(ticket_ids))
    found = (*connection.execute(requesters).scalars(), *connection.execute(people).scalars())
    return {fold_address(one) for one in found}


def remove_contacts(connection: Connection, addresses: Collection[str]) -> int:
    """Removes the contact records of addresses that no ticket names any more; blocked ones stay blocked."""
    used = select(participants.c.address).where(participants.c.address == contacts.c.address)
    asked = select(tickets.c.id).where(func.lower(tickets.c.requester) == contacts.c.address)
    gone = delete(contacts).where(
        contacts.c.address.in_(sorted(addresses)), contacts.c.blocked.is_(False), ~used.exists(), ~asked.exists()
    )
    return connection.execute(gone).rowcount


# -- of no ticket ------------------------------------------------------------------------------------------------------


def _loose_mails(before: datetime) -> tuple[ColumnElement[bool], ...]:
    held = exists().where(
        legal_holds.c.lifted_at.is_(None),
        legal_holds.c.address != "",
        or_(
            legal_holds.c.address == func.lower(journal.c.author), legal_holds.c.address == func.lower(journal.c.sender)
        ),
    )
    return (
        journal.c.ticket_id.is_(None),
        journal.c.received_at <= before,
        journal.c.state.not_in((WAITING, PARKED)),
        journal.c.outcome != _REMOVED,
        ~exists().where(messages.c.journal_id == journal.c.id),
        ~held,
    )


def _loose_notices(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        outbox.c.ticket_id.is_(None),
        outbox.c.created_at <= before,
        outbox.c.state.not_in((WAITING, PARKED)),
        outbox.c.size > 0,
    )


def count_loose(connection: Connection, before: datetime) -> tuple[int, int]:
    """Counts the mails and the notices of no ticket from before then that still have their bytes."""
    mails = select(func.count()).select_from(journal).where(and_(*_loose_mails(before)))
    notices = select(func.count()).select_from(outbox).where(and_(*_loose_notices(before)))
    return int(connection.execute(mails).scalar_one()), int(connection.execute(notices).scalar_one())


def empty_loose(connection: Connection, before: datetime, names: Names, limit: int) -> int:
    """Empties mails and notices of no ticket from before then, at most so many of each; returns how many."""
    query = select(journal.c.id).where(*_loose_mails(before)).order_by(journal.c.id).limit(limit)
    mails: Sequence[int] = connection.execute(query).scalars().all()
    empty_mails(connection, mails, names.stand_in)
    connection.execute(update(journal).where(journal.c.id.in_(mails)).values(outcome=_REMOVED))
    sent = select(outbox.c.id, outbox.c.recipient).where(*_loose_notices(before)).order_by(outbox.c.id).limit(limit)
    rows = connection.execute(sent).all()
    for row in rows:
        values = {
            "body": EMPTY_NOTICE,
            "inserts": [],
            "size": 0,
            "recipient": names.replace(row.recipient),
            "last_error": "",
            "relay_reply": "",
        }
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(values))
    return len(mails) + len(rows)
