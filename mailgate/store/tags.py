"""Tags: the words by which tickets are sorted, in small letters.

A ticket is read with its tags in one statement (`TAGS`), and `store.tickets.save_ticket` writes what changed of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Text,
    TypeDecorator,
    delete,
    exists,
    func,
    select,
    type_coerce,
)

from mailgate.store.schema import tags, tickets
from mailgate.store.upsert import for_engine, keep_first

_ADD = keep_first(tags)


class _Words(TypeDecorator[tuple[str, ...]]):
    """Words between blanks, read as a tuple by the alphabet."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002
        return tuple(sorted(value.split())) if value else ()


_JOINED = select(func.aggregate_strings(tags.c.tag, " ")).where(tags.c.ticket_id == tickets.c.id).correlate(tickets)
TAGS: ColumnElement[Any] = type_coerce(_JOINED.scalar_subquery(), _Words()).label("tags")
"""The tags of a ticket, as a column of a query of the table `tickets`: a tuple by the alphabet."""


def add_tags(connection: Connection, ticket_id: int, words: Iterable[str]) -> None:
    """Adds tags to a ticket; those that it has already stay."""
    rows = [{"ticket_id": ticket_id, "tag": word} for word in dict.fromkeys(word.casefold() for word in words)]
    if rows:
        connection.execute(for_engine(_ADD, connection), rows)


def remove_tags(connection: Connection, ticket_id: int, words: Iterable[str]) -> None:
    """Takes tags off a ticket; one that it has not got is passed over."""
    gone = list(words)
    if gone:
        connection.execute(delete(tags).where(tags.c.ticket_id == ticket_id, tags.c.tag.in_(gone)))


def has_tag(word: str) -> ColumnElement[bool]:
    """Condition of a query of the table `tickets`: the ticket has this tag, without case."""
    return exists().where(tags.c.ticket_id == tickets.c.id, tags.c.tag == word.casefold())
