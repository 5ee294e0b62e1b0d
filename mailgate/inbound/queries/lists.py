"""`#list` and `#find`: tickets under headings, as the asker may see them. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.workflow.events import LEVEL_NAMES
from mailgate.inbound.queries.access import QueryAccess
from mailgate.notices.rendering.replies import ListSection, QueryReply, ticket_line
from mailgate.parsers.commands.query_arguments import read_listing
from mailgate.store.queries.search import find_tickets
from mailgate.store.queries.worklists import (
    Places,
    Worklist,
    list_assigned,
    list_at,
    list_breaching,
    list_open,
    list_unassigned,
    list_waiting,
)

KINDS = ("mine", "unassigned", "level1", "level2", "level3", "breaching", "waiting", "all")


def list_for(
    connection: Connection, settings: Settings, rights: QueryAccess, address: str, args: str, now: datetime
) -> QueryReply:
    """The answer to `#list ARGS`: a bare one shows what is the asker's, then what nobody of his levels has taken."""
    wanted = read_listing(args)
    line = f"#list {args}".strip()
    queues = _queues(rights, wanted.rest)
    if queues is None or (wanted.what in LEVEL_NAMES and not _places(settings, queues, wanted.what)):
        return QueryReply("what_to_list", line, choices=_choices(settings, rights), sections=_names(rights))
    what = wanted.what or ("all" if wanted.rest else "")
    if what:
        found = _look(connection, settings, queues, what, address, now)
        return QueryReply("list", line, sections=(_section(settings, rights, what, found, now),))
    most = settings.limits.list_lines
    own = [(queue, level) for queue, levels in rights.levels.items() for level in levels]
    sections = [
        _section(settings, rights, "mine", _look(connection, settings, queues, "mine", address, now), now),
        _section(settings, rights, "fresh", list_unassigned(connection, own, most), now),
    ]
    return QueryReply("list", line, sections=tuple(sections))


def find_for(connection: Connection, settings: Settings, rights: QueryAccess, args: str, now: datetime) -> QueryReply:
    """The answer to `#find WORDS`, the part of the tickets."""
    found = find_tickets(connection, rights.queues, args.split(), settings.limits.list_lines)
    return QueryReply("find", f"#find {args}", sections=(_section(settings, rights, "found", found, now),))


def _look(
    connection: Connection, settings: Settings, queues: Iterable[str], what: str, address: str, now: datetime
) -> Worklist:
    most = settings.limits.list_lines
    places = _places(settings, queues, what if what in LEVEL_NAMES else "")
    match what:
        case "mine":
            return list_assigned(connection, places, address, most)
        case "unassigned":
            return list_unassigned(connection, places, most)
        case "breaching":
            return list_breaching(connection, places, now, most)
        case "waiting":
            return list_waiting(connection, places, most)
        case "all":
            return list_open(connection, places, most)
        case _:
            return list_at(connection, places, most)


def _queues(rights: QueryAccess, named: str) -> tuple[str, ...] | None:
    """The queues to look at; None where that name is none that the asker sees."""
    if not named:
        return rights.queues
    found = next((queue for queue in rights.queues if queue.casefold() == named.casefold()), None)
    return (found,) if found is not None else None


def _places(settings: Settings, queues: Iterable[str], level: str = "") -> Places:
    return [
        (queue, name)
        for queue in queues
        for name in settings.queues[queue].levels
        if level in ("", name)
    ]  # fmt: skip


def _choices(settings: Settings, rights: QueryAccess) -> tuple[str, ...]:
    there = {level for queue in rights.queues for level in settings.queues[queue].levels}
    return tuple(kind for kind in KINDS if kind not in LEVEL_NAMES or kind in there)


def _names(rights: QueryAccess) -> tuple[ListSection, ...]:
    """The names of the queues, where there is a choice."""
    return tuple(ListSection(queue, ()) for queue in rights.queues) if len(rights.queues) > 1 else ()


def _section(settings: Settings, rights: QueryAccess, what: str, found: Worklist, now: datetime) -> ListSection:
    many = len(rights.queues) > 1
    lines = tuple(
        ticket_line(one, settings.queues[one.queue].display_name if many else "", now) for one in found.tickets
    )
    return ListSection(what, lines, found.more)
