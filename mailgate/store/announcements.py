"""Announcements of new work to the other processes of a desk, on PostgreSQL: a NOTIFY after the commit.

A transaction that sends NOTIFY keeps all others that do so waiting until its commit is on disk. So what adds work only
notes its queue, and `Database.write` announces the queues after the commit. An announcement that is lost, since its
process was killed in between, costs a sleep of a minute at most, or less where that process is started again: its watch
announces all queues. A row that is leased or postponed is not new work.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine, Table

from mailgate.core.log_fields import Fields

log = logging.getLogger("mailgate.store")

CHANNEL = "mailgate"  # the payload is the name of the queue
NOTIFY = f"SELECT pg_notify('{CHANNEL}', queue) FROM unnest(%s::text[]) AS queue"  # takes a list of names
QUEUES = frozenset({"journal", "outbox", "timers", "hook_calls"})
_NOTED = "mailgate.new_work"  # of a connection: the names of the queues that this transaction has added work to


def note_new_work(connection: Connection, queue: Table) -> None:
    """Notes that this transaction makes a row of a queue due, or due earlier than it was."""
    noted = connection.info.get(_NOTED)
    if noted is not None:
        noted.add(queue.name)


def gather_new_work(connection: Connection) -> set[str]:
    """Begins to note queues; returns the set of their names, which the caller announces after the commit."""
    noted: set[str] = set()
    connection.info[_NOTED] = noted
    return noted


def end_noting(connection: Connection) -> None:
    connection.info.pop(_NOTED, None)


def announce(engine: Engine, queues: Collection[str]) -> None:
    """Announces queues at once. A failure is logged alone: what is announced is committed, and will be found."""
    try:
        with closing(engine.raw_connection()) as pooled:
            connection: Any = pooled.driver_connection
            connection.autocommit = True
            try:
                connection.execute(NOTIFY, (sorted(queues),))
            finally:
                connection.autocommit = False
    except Exception as error:  # whatever it was: the work of the caller is done
        log.warning(Fields(action="announce", result="failed", reason=" ".join(str(error).split())))
