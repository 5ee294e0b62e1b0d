"""The queries `#list` and `#find`: tickets under headings, as far as the author may see them. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import QueryAccess
from mailgate.core.workflow.events import LEVEL_NAMES
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
    list_put_off,
    list_tagged,
    list_unassigned,
    list_waiting,
)

KINDS = ("mine", "unassigned", "level1", "level2", "level3", "breaching", "waiting", "later", "all")


def list_for(
    connection: Connection, settings: Settings, access: QueryAccess, address: str, args: str, now: datetime
) -> QueryReply:
    """Answers `#list ARGS`; a bare one lists the author's own tickets, then those that nobody of their levels took."""
    wanted = read_listing(args)
    line = f"#list {args}".strip()
    queues = _queues(access, wanted.rest)
    if queues is None or (wanted.what in LEVEL_NAMES and not _places(settings, queues, wanted.what)):
        return QueryReply("what_to_list", line, choices=_choices(settings, access), sections=_names(access))
    if wanted.tag:
        found = list_tagged(connection, _places(settings, queues), wanted.tag, settings.limits.list_lines)
        return QueryReply("list", line, sections=(_section(settings, access, "found", found, now),))
    what = wanted.what or ("all" if wanted.rest else "")
    if what:
        found = _look(connection, settings, queues, what, address, now)
        return QueryReply("list", line, sections=(_section(settings, access, what, found, now),))
    most = settings.limits.list_lines
    own = [(queue, level) for queue, levels in access.levels.items() for level in levels]
    sections = [
        _section(settings, access, "mine", _look(connection, settings, queues, "mine", address, now), now),
        _section(settings, access, "fresh", list_unassigned(connection, own, most), now),
    ]
    return QueryReply("list", line, sections=tuple(sections))


def find_for(connection: Connection, settings: Settings, access: QueryAccess, args: str, now: datetime) -> QueryReply:
    """Answers `#find WORDS` as far as tickets go."""
    found = find_tickets(connection, access.queues, args.split(), settings.limits.list_lines)
    return QueryReply("find", f"#find {args}", sections=(_section(settings, access, "found", found, now),))


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
        case "later":
            return list_put_off(connection, places, most)
        case "all":
            return list_open(connection, places, most)
        case _:
            return list_at(connection, places, most)


def _queues(access: QueryAccess, named: str) -> tuple[str, ...] | None:
    """Returns the queues to search; None where the author sees no queue of that name."""
    if not named:
        return access.queues
    found = next((queue for queue in access.queues if queue.casefold() == named.casefold()), None)
    return (found,) if found is not None else None


def _places(settings: Settings, queues: Iterable[str], level: str = "") -> Places:
    return [
        (queue, name)
        for queue in queues
        for name in settings.queues[queue].levels
        if level in ("", name)
    ]  # fmt: skip


def _choices(settings: Settings, access: QueryAccess) -> tuple[str, ...]:
    there = {level for queue in access.queues for level in settings.queues[queue].levels}
    return tuple(kind for kind in KINDS if kind not in LEVEL_NAMES or kind in there)


def _names(access: QueryAccess) -> tuple[ListSection, ...]:
    """Returns the names of the queues, where there is a choice."""
    return tuple(ListSection(queue, ()) for queue in access.queues) if len(access.queues) > 1 else ()


def _section(settings: Settings, access: QueryAccess, what: str, found: Worklist, now: datetime) -> ListSection:
    many = len(access.queues) > 1
    lines = tuple(
        ticket_line(one, settings.queues[one.queue].display_name if many else "", now) for one in found.tickets
    )
    return ListSection(what, lines, found.more)
