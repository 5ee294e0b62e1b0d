"""Works the journal off: a batch of mails in one transaction, a savepoint each (COMMIT 2).

A mail that raises loses its savepoint only; it comes back alone, later and later, and after five attempts alone it
is parked with its error. A mail that kills the process is found leased and counted after the restart: same path.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from mailgate.clock import Clock
from mailgate.config import Limits
from mailgate.mail import Mail
from mailgate.parsers import read_mail
from mailgate.reception import Fate, Received, Reception
from mailgate.store.blobs import get_blob
from mailgate.store.database import Database
from mailgate.store.queue import DONE, DUPLICATE, IGNORED, PARKED, finish, is_due, next_due, postpone, release, take
from mailgate.store.schema import journal

log = logging.getLogger("mailgate.inbound")

BATCH = 32  # more brings nothing, fewer cost a commit each
SMALL_BATCH = 2  # while mails pour in: the intake waits for the database no longer than this takes
_STATES = {Fate.DONE: DONE, Fate.DUPLICATE: DUPLICATE, Fate.IGNORED: IGNORED, Fate.PARKED: PARKED}
_LATER = timedelta(seconds=1)


class LostLease(Exception):
    """Another worker has taken the row meanwhile: what was done for it here must not be committed."""


class Inbound:
    """The worker of the journal."""

    name = "worker"

    def __init__(self, database: Database, clock: Clock, reception: Reception, limits: Limits) -> None:
        self.is_pressed: Callable[[], bool] = lambda: False
        self._database = database
        self._clock = clock
        self._reception = reception
        self._limits = limits

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            return next_due(connection, journal)

    def step(self) -> int:
        """Work one batch off; how many rows it took."""
        rows = self._take()
        if not rows:
            return 0
        mails = [(row, self._read(row)) for row in rows]
        with self._database.write() as connection:
            for row, mail in mails:
                self._work(connection, row, mail)
        return len(rows)

    def _take(self) -> Sequence[Row[Any]]:
        """Fresh mails together; a mail that failed before, or that a crash left behind, alone."""
        now, lease = self._clock.now(), self._limits.lease.span
        size = SMALL_BATCH if self.is_pressed() else BATCH
        with self._database.read() as connection:
            if not is_due(connection, journal, now):
                return ()
        with self._database.write() as connection:
            fresh = take(connection, journal, now, size, lease, journal.c.attempts == 0)
            return fresh or take(connection, journal, now, 1, lease, journal.c.attempts > 0)

    def _read(self, row: Row[Any]) -> Mail | Exception:
        """The mail, parsed before the write transaction begins; what went wrong counts for this row alone."""
        try:
            with self._database.read() as connection:
                raw = get_blob(connection, row.blob_id)
            return read_mail(raw, row.sender)
        except Exception as error:  # the worker edge: a parser's bug must not stop the batch
            return error

    def _work(self, connection: Connection, row: Row[Any], mail: Mail | Exception) -> None:
        if row.attempts > self._limits.max_attempts + 1:
            finish(connection, journal, row, PARKED, last_error=row.last_error or "it stopped the worker every time")
            return
        try:
            if isinstance(mail, Exception):
                raise mail
            with connection.begin_nested():
                received = self._reception.receive(connection, row, mail)
                self._settle(connection, row, received)
        except Exception as error:  # the worker edge: one mail must never stop the next
            log.exception("action=receive result=failed journal=%d attempt=%d", row.id, row.attempts)
            self._give_back(connection, row, f"{type(error).__name__}: {error}")

    def _settle(self, connection: Connection, row: Row[Any], received: Received) -> None:
        if received.fate is Fate.LATER:
            release(connection, journal, row, self._clock.now() + _LATER, received.reason)
            return
        error = "" if received.fate is Fate.DONE else received.reason
        values = {"ticket_id": received.ticket_id, "outcome": received.reason, "last_error": error}
        if not finish(connection, journal, row, _STATES[received.fate], **values):
            raise LostLease(f"journal row {row.id}")
        log.info(
            "action=receive result=%s journal=%d ticket=%s reason=%r",
            received.fate.value, row.id, received.ticket_id, received.reason,
        )  # fmt: skip

    def _give_back(self, connection: Connection, row: Row[Any], error: str) -> None:
        """Alone again after a pause that doubles; parked after the last attempt, and shown by `mailgate journal`."""
        if row.attempts > self._limits.max_attempts:
            finish(connection, journal, row, PARKED, last_error=error[:2000])
            return
        pause = timedelta(seconds=2 ** (row.attempts - 1))
        postpone(connection, journal, row, self._clock.now() + pause, error)
