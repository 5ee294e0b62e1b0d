"""Queries of the export of a person: their emails in tickets of others and of no ticket, and holds about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, or_, select

from mailgate.core.domains import fold_address
from mailgate.store.rows import columns_of, make_rows
from mailgate.store.schema import holds, journal, messages, outbox, tickets


class PersonMessage(NamedTuple):
    """An email to or from a person in another person's ticket.

    `blob_id` is that of an email as it came in; `outbox_id` is that of a notice. Either may be None.
    """

    reference: str
    direction: str
    sender: str
    recipients: list[str]
    subject: str
    at: datetime
    text: str
    blob_id: int | None
    outbox_id: int | None


class PersonMail(NamedTuple):
    """An email of a person that became no ticket, with its outcome."""

    id: int
    received_at: datetime
    subject: str
    state: str
    outcome: str
    blob_id: int


class PersonHold(NamedTuple):
    """A question to staff about emails of a person."""

    kind: str
    state: str
    subject: str
    created_at: datetime
    due_at: datetime


def list_person_messages(connection: Connection, ticket_ids: Collection[int], address: str) -> list[PersonMessage]:
    """Lists the emails of these tickets that a folded address wrote or got, without internal ones, oldest first."""
    query: Select[Any] = (
        select(messages, tickets.c.reference, journal.c.blob_id, outbox.c.id.label("outbox_id"))
        .join(tickets, tickets.c.id == messages.c.ticket_id)
        .outerjoin(journal, journal.c.id == messages.c.journal_id)
        .outerjoin(
            outbox,
            (outbox.c.ticket_id == messages.c.ticket_id)
            & (outbox.c.message_id == messages.c.message_id)
            & (messages.c.direction == "out"),
        )
        .where(messages.c.internal.is_(False))
        .order_by(messages.c.id)
    )
    found = []
    ids = sorted(ticket_ids)
    for at in range(0, len(ids), 500):
        for row in connection.execute(query.where(messages.c.ticket_id.in_(ids[at : at + 500]))).all():
            if address not in map(fold_address, (row.sender, *row.recipients)):
                continue
            blob = row.blob_id if row.direction == "in" else None
            found.append(
                PersonMessage(
                    row.reference, row.direction, row.sender, row.recipients, row.subject, row.at, row.text, blob,
                    row.outbox_id,
                )
            )  # fmt: skip
    return found


def list_person_mails(connection: Connection, spellings: Collection[str]) -> list[PersonMail]:
    """Lists the emails of no ticket that an address sent, in any of its spellings in lower case, oldest first."""
    theirs = or_(func.lower(journal.c.author).in_(spellings), func.lower(journal.c.sender).in_(spellings))
    query = select(*columns_of(journal, PersonMail)).where(journal.c.ticket_id.is_(None), theirs)
    return make_rows(PersonMail._make, connection.execute(query.order_by(journal.c.id)))


def list_person_holds(connection: Connection, spellings: Collection[str]) -> list[PersonHold]:
    """Lists the holds about an address, in any of its spellings in lower case, oldest first."""
    query = select(*columns_of(holds, PersonHold)).where(func.lower(holds.c.subject).in_(spellings))
    return make_rows(PersonHold._make, connection.execute(query.order_by(holds.c.id)))
