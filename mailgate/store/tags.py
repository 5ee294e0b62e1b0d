"""Tags: the words by which tickets are sorted, in small letters."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from mailgate.store.schema import tags
from mailgate.store.upsert import for_engine, keep_first

_ADD = keep_first(tags)
_LIST = select(tags.c.tag).where(tags.c.ticket_id == bindparam("ticket")).order_by(tags.c.tag)


def add_tags(connection: Connection, ticket_id: int, words: Iterable[str]) -> None:
    """Adds tags to a ticket; those that it has already stay."""
    rows = [{"ticket_id": ticket_id, "tag": word} for word in dict.fromkeys(word.casefold() for word in words)]
    if rows:
        connection.execute(for_engine(_ADD, connection), rows)


def list_tags(connection: Connection, ticket_id: int) -> tuple[str, ...]:
    """Returns the tags of a ticket, by the alphabet."""
    return tuple(connection.execute(_LIST, {"ticket": ticket_id}).scalars())
