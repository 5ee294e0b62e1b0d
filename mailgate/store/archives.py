"""Archives: the closed tickets that are still to be written to the archive folder, and the bundles written there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, insert, inspect, select, update

from mailgate.store.rows import make_rows
from mailgate.store.schema import archives, tickets


class ArchiveRow(NamedTuple):
    """A bundle that was written: the reference of its ticket, its path below the folder, and its digest and size."""

    reference: str
    path: str
    sha256: str
    size: int


class ArchivedFile(NamedTuple):
    """A bundle in the archive folder by its number, with the ticket that it is of."""

    id: int
    ticket_id: int
    path: str


# Statements are built once: building one costs more than running it.
_NEXT = (
    select(tickets.c.id)
    .where(tickets.c.unarchived, tickets.c.id.not_in(bindparam("put_off", expanding=True)))
    .order_by(tickets.c.id)
    .limit(1)
)
_COUNT = select(func.count()).where(archives.c.ticket_id == bindparam("ticket"))
_WAITING = select(func.count()).where(tickets.c.unarchived)
_ADD = insert(archives)
_DONE = (
    update(tickets)
    .where(tickets.c.id == bindparam("ticket"), tickets.c.closed_at == bindparam("closing"))
    .values(unarchived=False)
)
_NO_MORE = (
    update(tickets).where(tickets.c.id == bindparam("ticket"), tickets.c.state != "closed").values(unarchived=False)
)


def next_unarchived(connection: Connection, put_off: Collection[int]) -> int | None:
    """The id of a ticket that closed and is not in the folder yet; none of those that are put off."""
    return connection.execute(_NEXT, {"put_off": list(put_off)}).scalar()


def count_unarchived(connection: Connection) -> int:
    """How many closed tickets are not in the folder yet."""
    return int(connection.execute(_WAITING).scalar_one())


def count_archives(connection: Connection, ticket_id: int) -> int:
    """How many bundles of a ticket were written."""
    return int(connection.execute(_COUNT, {"ticket": ticket_id}).scalar_one())


def note_archive(
    connection: Connection, ticket_id: int, closed_at: datetime, path: str, sha256: str, size: int, now: datetime
) -> None:
    """Records that a closing of a ticket was archived at this path. A ticket that closed again meanwhile remains
    due."""
    values = {"ticket_id": ticket_id, "path": path, "sha256": sha256, "size": size, "written_at": now}
    connection.execute(_ADD, values)
    connection.execute(_DONE, {"ticket": ticket_id, "closing": closed_at})


def drop_unclosed(connection: Connection, ticket_id: int) -> None:
    """Drops the due archiving of a ticket that was reopened before; its next closing makes it due again."""
    connection.execute(_NO_MORE, {"ticket": ticket_id})


def list_archives(connection: Connection) -> list[ArchiveRow]:
    """Lists the bundles that were written and that no erasure removed, from a database of any version."""
    query: Select[Any] = select(tickets.c.reference, archives.c.path, archives.c.sha256, archives.c.size)
    query = query.join(archives, archives.c.ticket_id == tickets.c.id).order_by(archives.c.id)
    tables = inspect(connection)
    if not tables.has_table(archives.name):
        return []
    if any(column["name"] == archives.c.removed_at.name for column in tables.get_columns(archives.name)):
        query = query.where(archives.c.removed_at.is_(None))
    return make_rows(ArchiveRow._make, connection.execute(query))


def list_archived_files(connection: Connection, ticket_ids: Collection[int]) -> list[ArchivedFile]:
    """Lists the bundles of these tickets that no erasure removed."""
    query = select(archives.c.id, archives.c.ticket_id, archives.c.path).order_by(archives.c.id)
    rows = make_rows(ArchivedFile._make, connection.execute(query.where(archives.c.removed_at.is_(None))))
    return [row for row in rows if row.ticket_id in ticket_ids]


def note_removed(connection: Connection, number: int, now: datetime) -> None:
    """Records that an erasure removed a bundle from the folder."""
    connection.execute(update(archives).where(archives.c.id == number).values(removed_at=now))


def count_removed(connection: Connection) -> int:
    """How many bundles erasures have removed."""
    query = select(func.count()).select_from(archives).where(archives.c.removed_at.is_not(None))
    return int(connection.execute(query).scalar_one())
