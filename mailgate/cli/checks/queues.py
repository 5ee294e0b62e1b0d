"""Whether the configuration still has every queue and level that open tickets and open questions need.

A desk that started without one could not even say whose a ticket is: its answers and deadlines would come to nothing,
one by one and unseen. So `serve` does not start, and `check` tells the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.store.database import Database, WrongDatabase
from mailgate.store.queries.places import OpenWork, count_asked, describe_place, list_places

_NAMED = 5  # tickets that a line names; the rest is counted


def find_gone(connection: Connection, settings: Settings) -> Iterator[str]:
    """A line for each queue or level that is still needed and is not configured: what needs it, and what to do."""
    wanted: dict[str, list[str]] = {}
    for queue, level in list_places(connection):
        there = settings.queues.get(queue)
        if there is None or level not in there.levels:
            wanted.setdefault(queue, []).append(level)
    for queue, levels in wanted.items():
        if queue not in settings.queues:
            yield _tell_queue(describe_place(connection, queue, levels, _NAMED))
        else:
            for level in levels:
                yield _tell_level(describe_place(connection, queue, [level], _NAMED), settings)
    for queue, count in sorted(count_asked(connection).items()):
        if queue not in settings.queues:
            waits = "1 question" if count == 1 else f"{count} questions"
            yield (
                f"queue {queue} has {waits} open about mail that waits for an answer; "
                f"keep [queues.{queue}] until they are answered"
            )


def probe_places(settings: Settings, *, connect: bool) -> Iterator[Finding]:
    """The same for `check`, where there is a database: a file of SQLite always, PostgreSQL where it may `connect`."""
    try:
        with closing(Database(settings.store.database)) as database:
            if not (connect if database.path is None else database.path.exists()):
                return
            database.require()
            with database.read() as connection:
                gone = list(find_gone(connection, settings))
    except (SQLAlchemyError, WrongDatabase, ImportError, OSError):
        return  # what is wrong with the database, `check --connect` tells
    yield from (Finding("queues", CheckResult.FAILED, line) for line in gone)


def _tell_queue(standing: OpenWork) -> str:
    return (
        f"queue {standing.queue} has {_name(standing)}; keep [queues.{standing.queue}] until they are closed, "
        "or move them with #route first"
    )


def _tell_level(standing: OpenWork, settings: Settings) -> str:
    is_default = standing.queue == settings.default_queue.name
    table = f"[levels.{standing.level}]" if is_default else f"[queues.{standing.queue}.levels.{standing.level}]"
    return (
        f"queue {standing.queue} has {_name(standing)} at {standing.level}; keep {table} until they are closed, "
        "or hand them back with #handback first"
    )


def _name(standing: OpenWork) -> str:
    count, named = standing.count, ", ".join(standing.first)
    more = " …" if count > len(standing.first) else ""
    return f"{count} open ticket{'s' if count > 1 else ''} ({named}{more})"
