"""Checks that every queue and level in use by open tickets and holds is still configured.

Without one of them the desk could not assign a ticket, and its replies and deadlines would be lost silently. So `serve`
does not start, and `check` reports it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from mailgate.cli.checks.desk import CheckResult, Finding, read_if_there
from mailgate.config import Settings
from mailgate.core.text import counted
from mailgate.store.queries.places import OpenWork, count_asked, describe_place, list_places

_NAMED = 5  # tickets that a line names; the rest is counted


def find_gone(connection: Connection, settings: Settings) -> Iterator[str]:
    """Yields a line for each queue or level in use that is not configured: what uses it, and what to do."""
    wanted: dict[str, list[str]] = {}
    for queue, level in list_places(connection):
        there = settings.queues.get(queue)
        if there is None or level not in there.levels:
            wanted.setdefault(queue, []).append(level)
    for queue, levels in wanted.items():
        if queue not in settings.queues:
            yield _describe_queue(describe_place(connection, queue, levels, _NAMED))
        else:
            for level in levels:
                yield _describe_level(describe_place(connection, queue, [level], _NAMED), settings)
    for queue, count in sorted(count_asked(connection).items()):
        if queue not in settings.queues:
            yield (
                f"queue {queue} has {counted(count, 'open question')} about email that is waiting for an answer; "
                f"keep [queues.{queue}] until they are answered"
            )


def check_queues(settings: Settings, *, connect: bool) -> Iterator[Finding]:
    """Reports queues and levels in use that are gone; reads a SQLite file if it exists, PostgreSQL with `connect`."""
    gone = read_if_there(settings, lambda connection: list(find_gone(connection, settings)), connect=connect)
    yield from (Finding("queues", CheckResult.FAILED, line) for line in gone or ())


def _describe_queue(work: OpenWork) -> str:
    return (
        f"queue {work.queue} has {_name(work)}; keep [queues.{work.queue}] until they are closed, "
        "or move them with #route first"
    )


def _describe_level(work: OpenWork, settings: Settings) -> str:
    is_default = work.queue == settings.default_queue.name
    table = f"[levels.{work.level}]" if is_default else f"[queues.{work.queue}.levels.{work.level}]"
    return (
        f"queue {work.queue} has {_name(work)} at {work.level}; keep {table} until they are closed, "
        "or hand them back with #handback first"
    )


def _name(work: OpenWork) -> str:
    count, named = work.count, ", ".join(work.first)
    more = " …" if count > len(work.first) else ""
    return f"{count} open ticket{'s' if count > 1 else ''} ({named}{more})"
