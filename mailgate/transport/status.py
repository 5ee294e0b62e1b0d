"""Source status: sources report success or failure, which is stored for `mailgate status` and for alarms.

A report never fails its source: while the database does not answer, a mail could not be stored either, and the log has
that.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.store.database import Database
from mailgate.store.errors import describe_error
from mailgate.store.source_status import note_failure, note_figures, note_success

log = logging.getLogger("mailgate.intake")

_RARELY = timedelta(seconds=15)  # the same is not written more often


class StatusListener(Protocol):
    """Receives the reports of sources, from any thread."""

    def succeeded(self, name: str) -> None: ...

    def failed(self, name: str, error: str) -> None: ...

    def counted(self, name: str, **figures: object) -> None: ...


class SourceStatus:
    """Stores the reports of sources by their names, from any thread; repeated ones at most every 15 seconds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._reported: dict[str, tuple[str, datetime]] = {}  # by name: the error, "" for a success, and when

    def succeeded(self, name: str) -> None:
        """Reports that a source works."""
        if self._is_news(name, ""):
            self._write(name, lambda connection, now: note_success(connection, name, now))

    def failed(self, name: str, error: str) -> None:
        """Reports that a source fails, and why."""
        if self._is_news(name, error):
            self._write(name, lambda connection, now: note_failure(connection, name, now, error))

    def counted(self, name: str, **figures: object) -> None:
        """Reports counts of a source, which say nothing on whether it works."""
        self._write(name, lambda connection, _: note_figures(connection, name, **figures))

    def _is_news(self, name: str, error: str) -> bool:
        now = self._clock.now()
        with self._lock:
            said = self._reported.get(name)
            news = said is None or said[0] != error or abs(now - said[1]) >= _RARELY  # a clock may go back
            if news:
                self._reported[name] = (error, now)
        return news

    def _write(self, name: str, note: Callable[[Connection, datetime], object]) -> None:
        try:
            with self._database.write() as connection:
                note(connection, self._clock.now())
        except Exception as error:  # the edge of the source: see above
            with self._lock:
                self._reported.pop(name, None)
            log.error(Fields(way=name, action="report", result="failed", reason=describe_error(error)))
