"""The rows of one ticket, for bundles: read whole, and put whole into another desk.

What is put must be checked before: the rows come from a file. A text that no database takes is a ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, bindparam, insert, select

from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import (
    articles,
    attachments,
    contacts,
    events,
    imports,
    journal,
    links,
    message_ids,
    messages,
    outbox,
    participants,
    ticket_articles,
    tickets,
)
from mailgate.store.ticket_numbers import note_number, raise_counter
from mailgate.store.upsert import for_engine, keep_first

_Values = Mapping[str, Any]


class ExportedPerson(NamedTuple):
    """A person of a ticket; `language` and `known` are None for an address that the desk does not know."""

    address: str
    name: str
    language: str | None
    known: bool | None


class ExportedLink(NamedTuple):
    """A link of a ticket with the reference of the other one; `ticket_id` was linked with `other_id`."""

    ticket_id: int
    other_id: int
    kind: str
    reference: str


class ExportedArticle(NamedTuple):
    """An article that a ticket's requester was given."""

    kind: str
    source: str
    title: str
    at: datetime
    by: str


class ExportedNotice(NamedTuple):
    """A notice of the outbox without its bytes and files."""

    id: int
    state: str
    due_at: datetime
    last_error: str
    created_at: datetime
    number: int
    notice: str
    lane: str
    queue: str
    recipient: str
    return_path: str
    message_id: str
    human: bool
    size: int
    sent_at: datetime | None
    relay_reply: str


class ImportRow(NamedTuple):
    """An imported ticket: `source` is where it stood and its reference there, `reference` its reference here."""

    source: str
    ticket_id: int
    sha256: str
    imported_at: datetime
    reference: str


_PEOPLE: Select[Any] = (
    select(participants.c.address, participants.c.name, contacts.c.language, contacts.c.known)
    .join(contacts, contacts.c.address == participants.c.address, isouter=True)
    .where(participants.c.ticket_id == bindparam("ticket"), participants.c.left_at.is_(None))
    .order_by(participants.c.address)
)
_LINKS: Select[Any] = (
    select(links.c.ticket_id, links.c.other_id, links.c.kind, tickets.c.reference)
    .join(
        tickets,
        (tickets.c.id == links.c.other_id) & (links.c.ticket_id == bindparam("ticket"))
        | (tickets.c.id == links.c.ticket_id) & (links.c.other_id == bindparam("ticket")),
    )
    .order_by(tickets.c.id, links.c.ticket_id)
)
_GIVEN: Select[Any] = (
    select(articles.c.kind, articles.c.source, articles.c.title, ticket_articles.c.at, ticket_articles.c.by)
    .join(articles, articles.c.id == ticket_articles.c.article_id)
    .where(ticket_articles.c.ticket_id == bindparam("ticket"))
    .order_by(ticket_articles.c.at, articles.c.source)
)
_SENT = (
    select(*columns_of(outbox, ExportedNotice)).where(outbox.c.ticket_id == bindparam("ticket")).order_by(outbox.c.id)
)


# -- reading ---------------------------------------------------------------------------------------------------------


def list_people(connection: Connection, ticket_id: int) -> list[ExportedPerson]:
    """Lists the people of a ticket with their contacts, by address, but for those who left."""
    return make_rows(ExportedPerson._make, connection.execute(_PEOPLE, {"ticket": ticket_id}))


def list_linked(connection: Connection, ticket_id: int) -> list[ExportedLink]:
    """The links of a ticket, whichever of the two was linked with the other, and the other's reference."""
    return make_rows(ExportedLink._make, connection.execute(_LINKS, {"ticket": ticket_id}))


def list_given_articles(connection: Connection, ticket_id: int) -> list[ExportedArticle]:
    """The articles that a ticket's requester was given."""
    return make_rows(ExportedArticle._make, connection.execute(_GIVEN, {"ticket": ticket_id}))


def list_sent(connection: Connection, ticket_id: int) -> list[ExportedNotice]:
    """The notices of a ticket, oldest first, without their bytes."""
    return make_rows(ExportedNotice._make, connection.execute(_SENT, {"ticket": ticket_id}))


# -- what came already -----------------------------------------------------------------------------------------------


def find_import(connection: Connection, source: str) -> ImportRow | None:
    """Finds the import of a ticket by its source, with its reference here; None for none."""
    query: Select[Any] = select(
        imports.c.source, imports.c.ticket_id, imports.c.sha256, imports.c.imported_at, tickets.c.reference
    )
    query = query.join(tickets, tickets.c.id == imports.c.ticket_id).where(imports.c.source == source)
    return make_first(ImportRow._make, connection.execute(query))


def note_import(connection: Connection, source: str, ticket_id: int, sha256: str, at: datetime) -> None:
    """Remembers where a ticket came from, so that it comes once."""
    _put(connection, imports, [{"source": source, "ticket_id": ticket_id, "sha256": sha256, "imported_at": at}])


def is_taken(connection: Connection, reference: str) -> bool:
    """Tells whether a ticket of this desk has that reference."""
    return connection.execute(select(tickets.c.id).where(tickets.c.reference == reference)).first() is not None


# -- putting ---------------------------------------------------------------------------------------------------------


def put_ticket(connection: Connection, values: _Values, number: int | None) -> int | None:
    """Inserts a ticket, with the id `number` if given, and returns its id; None where another ticket has it.

    The tickets that follow are counted on from the highest id that was ever given.
    """
    if number is None:
        given = _put_one(connection, tickets, values)
        note_number(connection, given)
        return given
    if connection.execute(select(tickets.c.id).where(tickets.c.id == number)).first() is not None:
        return None
    raise_counter(connection, number)
    note_number(connection, number)
    return _put_one(connection, tickets, {**values, "id": number})


def put_mail(connection: Connection, values: _Values) -> int:
    """Inserts a mail of the journal that is processed, and returns its id."""
    return _put_one(connection, journal, values)


def put_sent(connection: Connection, rows: Sequence[_Values]) -> None:
    """Inserts notices that are not to be sent."""
    _put(connection, outbox, rows)


def put_message(connection: Connection, values: _Values, files: Sequence[_Values]) -> None:
    """Inserts a message of a ticket, and its files."""
    message = _put_one(connection, messages, values)
    _put(connection, attachments, [{**file, "message_id": message} for file in files])


def put_history(connection: Connection, rows: Sequence[_Values]) -> None:
    """Inserts the event history of a ticket, oldest first."""
    _put(connection, events, rows)


def put_people(connection: Connection, ticket_id: int, people: Sequence[_Values]) -> None:
    """Inserts the people of a ticket; the contacts that this desk has already stay as they are."""
    mine = [{"ticket_id": ticket_id, "address": one["address"], "name": one["name"]} for one in people]
    _put_first(connection, participants, mine)
    names = ("address", "language", "known")
    _put_first(connection, contacts, [{name: one[name] for name in names} for one in people])


def put_seen(connection: Connection, rows: Sequence[_Values]) -> None:
    """Inserts the Message-IDs that people have seen; one of another ticket stays with that one."""
    _put_first(connection, message_ids, rows)


def put_links(connection: Connection, rows: Sequence[_Values]) -> None:
    """Inserts links between tickets."""
    _put_first(connection, links, rows)


def put_given(connection: Connection, ticket_id: int, given: Sequence[_Values]) -> None:
    """Notes the articles that a ticket's requester was given, as far as this desk has them."""
    for one in given:
        same = (articles.c[name] == one[name] for name in ("kind", "source", "title"))
        article = connection.execute(select(articles.c.id).where(*same)).scalar()
        if article is not None:
            row = {"ticket_id": ticket_id, "article_id": article, "at": one["at"], "by": one["by"]}
            _put_first(connection, ticket_articles, [row])


def _put_one(connection: Connection, table: Table, values: _Values) -> int:
    return int(connection.execute(insert(table).returning(table.c.id), _clean(values)).scalar_one())


def _put(connection: Connection, table: Table, rows: Sequence[_Values]) -> None:
    if rows:
        connection.execute(insert(table), [_clean(row) for row in rows])


def _put_first(connection: Connection, table: Table, rows: Sequence[_Values]) -> None:
    if rows:
        connection.execute(for_engine(keep_first(table), connection), [_clean(row) for row in rows])


def _clean(values: _Values) -> dict[str, Any]:
    for name, value in values.items():
        if isinstance(value, str) and "\0" in value:
            raise ValueError(f"{name} contains a NUL character, which no desk stores")
    return dict(values)
