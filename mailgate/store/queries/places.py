"""The queues and levels of open tickets and open holds, which a configuration must still have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from mailgate.core.workflow.events import State
from mailgate.store.holds import OPEN
from mailgate.store.schema import holds, tickets

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


def _is_open() -> tuple[ColumnElement[bool], ...]:
    return tickets.c.state.in_(_OPEN_STATES), tickets.c.merged_into.is_(None)
