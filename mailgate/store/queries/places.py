"""The queues, levels and signed mails of open tickets and open holds, which a configuration must still know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from mailgate.core.workflow.events import State
from mailgate.store.holds import OPEN
from mailgate.store.schema import holds, outbox, tickets

_OPEN_STATES = tuple(state.value for state in State if state is not State.CLOSED)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The number of open tickets at a place, and the references of the first ones."""

    queue: str
    level: str
    count: int
    first: tuple[str, ...]


def list_places(connection: Connection) -> list[tuple[str, str]]:
    """Each (queue, level) that has open tickets."""
    places = select(tickets.c.queue, tickets.c.level).where(*_is_open()).distinct()
    return sorted((queue, level) for queue, level in connection.execute(places))


def describe_place(connection: Connection, queue: str, levels: Iterable[str], most: int) -> OpenWork:
    """The open tickets of some levels of a queue."""
    here = (*_is_open(), tickets.c.queue == queue, tickets.c.level.in_(list(levels)))
    count = connection.execute(select(func.count()).select_from(tickets).where(*here)).scalar_one()
    named = select(tickets.c.reference).where(*here).order_by(tickets.c.id).limit(most)
    return OpenWork(queue, ", ".join(levels), int(count), tuple(connection.execute(named).scalars()))


def count_asked(connection: Connection) -> dict[str, int]:
    """Counts the open holds of each queue."""
    query = select(holds.c.queue, func.count()).where(holds.c.state == OPEN).group_by(holds.c.queue)
    return {queue: int(count) for queue, count in connection.execute(query)}


def list_open_mails(connection: Connection, most: int) -> list[tuple[str, str]]:
    """Lists (Message-ID, recipient) of the newest notices of the newest open tickets, `most` of either."""
    newest = select(tickets.c.id).where(*_is_open()).order_by(tickets.c.id.desc()).limit(most)
    mails = select(outbox.c.message_id, outbox.c.recipient).where(outbox.c.ticket_id.in_(newest))
    rows = connection.execute(mails.order_by(outbox.c.id.desc()).limit(most))
    return [(message_id, recipient) for message_id, recipient in rows]


def _is_open() -> tuple[ColumnElement[bool], ...]:
    return tickets.c.state.in_(_OPEN_STATES), tickets.c.merged_into.is_(None)
