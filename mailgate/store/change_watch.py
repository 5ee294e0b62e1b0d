"""Notices what other processes commit: a command, `mailgate pipe`, a role of this desk on another host.

SQLite is asked twice a second whether its file has changed; PostgreSQL announces it by NOTIFY, sent by the triggers of
the queues (`ddl/notify`). A watch that has lost its connection reports work, so that nothing is overlooked, and
connects again at the next look.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import Any, Protocol

from mailgate.core.log_fields import Fields
from mailgate.store.database import Database
from mailgate.store.ddl.notify import CHANNEL

log = logging.getLogger("mailgate.store")


class ChangeWatch(Protocol):
    """Watch for commits of other processes. One thread waits and closes; any other may end its wait."""

    def wait(self, seconds: float) -> bool:
        """Waits until there may be new work, `seconds` at the most; False where the time is over."""

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

    def wait(self, seconds: float) -> bool:
        if self._ended.wait(seconds):
            return False
        seen, self._seen = self._seen, self._version()
        return seen != self._seen

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

    def wait(self, seconds: float) -> bool:
        if self._connection is None:
            if self._connect():
                return True
            self._ended.wait(seconds)
            return False
        try:
            return bool(list(self._connection.notifies(timeout=seconds, stop_after=1)))
        except Exception as error:  # the server went away: what it would have told is found by looking
            self._complain(error)
            self.close()
            return True

    def _connect(self) -> bool:
        """Listens on a connection of its own, outside the pool; True if that worked: then work may wait already."""
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
        return True

    def _complain(self, error: Exception) -> None:
        """Logs a lost connection once, until it works again: it is tried twice a second."""
        if not self._complained:
            log.warning(Fields(action="watch", result="failed", reason=" ".join(str(error).split())))
        self._complained = True

    def end(self) -> None:
        self._ended.set()  # it notices within the seconds of its wait

    def close(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None
