"""Notices what other processes commit: a command, `mailgate pipe`, a role of this desk on another host.

SQLite is asked twice a second whether its file has changed; PostgreSQL delivers what others announce
(`announcements`). On PostgreSQL the watch also sends the announcements of its own process: the first at once, and
those of the next 50 ms together. A watch that has lost its connection reports work, so that nothing is overlooked, and
connects again at the next look.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Protocol

from mailgate.core.log_fields import Fields
from mailgate.store.announcements import CHANNEL, NOTIFY, QUEUES
from mailgate.store.database import Database

log = logging.getLogger("mailgate.store")

_GAP = 0.05  # seconds between announcements of a process: each makes every process of every host look for work
_NOTHING: frozenset[str] = frozenset()


class ChangeWatch(Protocol):
    """Watch for commits of other processes. One thread waits and closes; any other may end its wait."""

    def wait(self, seconds: float) -> Collection[str]:
        """Waits until there may be new work, `seconds` at the most; returns the names of its queues, none otherwise."""

    def end(self) -> None:
        """Ends a `wait` of another thread soon."""

    def close(self) -> None: ...


def open_watch(database: Database) -> ChangeWatch:
    """The watch that suits the database."""
    return _FileWatch(database) if database.sqlite else _ServerWatch(database)


class _FileWatch:
    def __init__(self, database: Database) -> None:
        self._connection = database.engine.raw_connection()
        self._ended = threading.Event()
        self._seen = self._version()

    def wait(self, seconds: float) -> Collection[str]:
        if self._ended.wait(seconds):
            return _NOTHING
        seen, self._seen = self._seen, self._version()
        return QUEUES if seen != self._seen else _NOTHING

    def _version(self) -> int:
        # Outside any transaction: a view that stands still would never change.
        cursor = self._connection.cursor()
        cursor.execute("PRAGMA data_version")
        found = cursor.fetchone()
        cursor.close()
        assert found is not None
        return int(found[0])

    def end(self) -> None:
        self._ended.set()

    def close(self) -> None:
        self._connection.close()


class _ServerWatch:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._ended = threading.Event()
        self._connection: Any = None
        self._complained = False
        self._lock = threading.Lock()
        self._unannounced: set[str] = set()
        self._bell: int | None = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)  # ends a wait; None once closed
        self._announce_at = float("-inf")  # monotonic
        database.announce_by(self._announce)

    def wait(self, seconds: float) -> Collection[str]:
        if self._connection is None:
            if self._connect():
                return QUEUES
            self._ended.wait(seconds)
            return _NOTHING
        try:
            return self._listen(time.monotonic() + seconds)
        except Exception as error:  # the server went away: what it would have told is found by looking
            self._complain(error)
            self._disconnect()
            return QUEUES

    def _listen(self, until: float) -> Collection[str]:
        """Waits for announcements of others, and meanwhile sends those of this process."""
        while True:
            now = time.monotonic()
            if self._unannounced and now >= self._announce_at:
                self._send()
            told = {one.payload for one in self._connection.notifies(timeout=0)}
            if told or now >= until or self._ended.is_set():
                return told
            self._sleep((min(until, self._announce_at) if self._unannounced else until) - now)

    def _sleep(self, seconds: float) -> None:
        """Waits until the server has sent something, or the bell has rung."""
        assert self._bell is not None
        poll = select.poll()
        poll.register(self._connection.fileno(), select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        poll.poll(max(seconds, 0) * 1000)
        with suppress(BlockingIOError):
            os.eventfd_read(self._bell)

    def _announce(self, queues: Collection[str]) -> None:
        """Lets the thread of this watch announce queues; called by any thread."""
        with self._lock:
            self._unannounced.update(queues)
            if self._bell is not None:
                os.eventfd_write(self._bell, 1)

    def _send(self) -> None:
        with self._lock:
            queues, self._unannounced = self._unannounced, set()
        self._connection.execute(NOTIFY, (sorted(queues),))
        self._announce_at = time.monotonic() + _GAP

    def _connect(self) -> bool:
        """Listens on a connection of its own, outside the pool; True if that worked: then work may wait already.

        The others look for work, too: what used this database before may have been killed before it announced some.
        """
        try:
            pooled = self._database.engine.raw_connection()
            connection: Any = pooled.driver_connection
            pooled.detach()
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
        except Exception as error:
            self._complain(error)
            return False
        self._connection = connection
        self._complained = False
        self._announce(QUEUES)
        return True

    def _complain(self, error: Exception) -> None:
        """Logs a lost connection once, until it works again: it is tried twice a second."""
        if not self._complained:
            log.warning(Fields(action="watch", result="failed", reason=" ".join(str(error).split())))
        self._complained = True

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None

    def end(self) -> None:
        self._ended.set()
        self._announce(())

    def close(self) -> None:
        """Ends the watch; the process itself announces what it still commits."""
        self._database.announce_by(None)
        with suppress(Exception):  # a connection that is lost, or was never there: the work is found by looking
            self._send()
        self._disconnect()
        with self._lock:
            if self._bell is not None:
                os.close(self._bell)
            self._bell = None
