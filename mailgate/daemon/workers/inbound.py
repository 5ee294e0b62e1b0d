"""Works the journal off: a batch of mails in a few transactions (COMMIT 2); a large mail alone.

If a mail raises, its transaction is undone and each of its mails worked by itself: the one that raises again comes back
alone, later and later, and after five attempts alone it is parked with its error. A mail that kills the process is
found leased and counted after the restart: same path.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from mailgate.config import Limits
from mailgate.core.clock import Clock
from mailgate.core.mail import Mail
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.receiver import Receiver
from mailgate.parsers import read_mail
from mailgate.store.blobs import get_blob
from mailgate.store.database import Database, is_conflict
from mailgate.store.queue import (
    DONE,
    DUPLICATE,
    IGNORED,
    PARKED,
    finish,
    is_due,
    next_due,
    postpone,
    release,
    renew,
    take,
)
from mailgate.store.schema import journal

log = logging.getLogger("mailgate.inbound")

BATCH = 32  # more brings nothing, fewer cost a commit each
BATCH_BYTES = 4 * 2**20  # of mails that are read at once; a larger mail is worked alone
SLICE, WHOLE = 0.005, 0.1  # seconds that a transaction goes on while a sender waits, and while none does
_STATES = {
    Disposition.DONE: DONE,
    Disposition.DUPLICATE: DUPLICATE,
    Disposition.IGNORED: IGNORED,
    Disposition.PARKED: PARKED,
}
_LATER = timedelta(seconds=1)
_Work = tuple[Row[Any], Mail | Exception]  # a row and its mail, or why it cannot be read
_FRESH, _TRIED = journal.c.attempts == 0, journal.c.attempts > 0


class LostLease(Exception):
    """Another worker has taken the row meanwhile: what was done for it here must not be committed."""


class InboundWorker:
    """The worker of the journal."""

    name = "worker"

    def __init__(self, database: Database, clock: Clock, receiver: Receiver, limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self._reception = receiver
        self._limits = limits

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            return next_due(connection, journal, self._clock.now())

    def step(self) -> int:
        """Work one batch off; how many rows it took."""
        rows = self._take()
        if rows:
            mails = self._read(rows)
            while mails:
                self._work_slice(mails)
        return len(rows)

    def _work_slice(self, mails: deque[_Work]) -> None:
        """Work off what a moment is enough for, at least one, in one transaction; if one raises, each by itself."""
        began = time.monotonic()
        slice_: list[_Work] = []
        try:
            with self._database.write() as connection:
                while mails and (not slice_ or self._may_go_on(time.monotonic() - began)):
                    slice_.append(mails.popleft())
                    self._work(connection, *slice_[-1])
        except Exception:  # which one it was, and whether the others are well, shows when each is alone
            for row, mail in slice_:
                self._work_alone(row, mail)

    def _may_go_on(self, seconds: float) -> bool:
        return seconds < SLICE or (seconds < WHOLE and not self._database.is_urgent())

    def _take(self) -> Sequence[Row[Any]]:
        """Fresh mails together; a mail that failed before, or that a crash left behind, alone."""
        now, lease = self._clock.now(), self._limits.lease.span
        with self._database.read() as connection:
            if not is_due(connection, journal, now):
                return ()
        with self._database.write() as connection:
            fresh = take(connection, journal, now, BATCH, lease, _FRESH)
            kept = fresh[: _count_fitting(fresh)]
            for row in fresh[len(kept) :]:
                release(connection, journal, row, row.due_at)
            return kept or self._take_tried(connection, now)

    def _take_tried(self, connection: Connection, now: datetime) -> Sequence[Row[Any]]:
        """One that failed, or that was under way at a crash. If it is again, it waits longer each time, so that others
        go first, and processes that are killed again and again for another reason do not park it."""
        lease = self._limits.lease.span
        rows = take(connection, journal, now, 1, lease, _TRIED)
        renew(connection, journal, rows, now + lease * 2 ** min(rows[0].attempts - 1, 6) if rows else now)
        return rows

    def _read(self, rows: Sequence[Row[Any]]) -> deque[_Work]:
        """The mails, read and parsed before a write begins."""
        with self._database.read() as connection:
            raws = deque(_get_raw(connection, row) for row in rows)
        return deque((row, _parse(raws.popleft(), row.sender)) for row in rows)

    def _work(self, connection: Connection, row: Row[Any], mail: Mail | Exception) -> None:
        if row.attempts > self._limits.max_attempts + 1:
            finish(connection, journal, row, PARKED, last_error=row.last_error or "it stopped the worker every time")
            return
        if isinstance(mail, Exception):
            raise mail
        self._settle(connection, row, self._reception.receive(connection, row, mail))

    def _work_alone(self, row: Row[Any], mail: Mail | Exception) -> None:
        with self._database.write() as connection:
            try:
                with connection.begin_nested():
                    self._work(connection, row, mail)
            except Exception as error:  # the worker edge: one mail must never stop the next
                if is_conflict(error):
                    release(connection, journal, row, self._clock.now() + _LATER, str(error))
                    return
                log.exception("action=receive result=failed journal=%d attempt=%d", row.id, row.attempts)
                self._give_back(connection, row, f"{type(error).__name__}: {error}")

    def _settle(self, connection: Connection, row: Row[Any], received: Outcome) -> None:
        if received.fate is Disposition.LATER:
            release(connection, journal, row, self._clock.now() + _LATER, received.reason)
            return
        error = "" if received.fate is Disposition.DONE else received.reason
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


def _get_raw(connection: Connection, row: Row[Any]) -> bytes | Exception:
    try:
        return get_blob(connection, row.blob_id)
    except KeyError as error:
        return error


def _parse(raw: bytes | Exception, sender: str | None) -> Mail | Exception:
    """The mail; what went wrong with it counts for its row alone."""
    try:
        return raw if isinstance(raw, Exception) else read_mail(raw, sender)
    except Exception as error:  # the worker edge: a parser's bug must not stop the batch
        return error


def _count_fitting(rows: Sequence[Row[Any]]) -> int:
    """How many of the first rows may be read at once: at least one of them."""
    together = 0
    for count, row in enumerate(rows):
        together += row.size
        if together > BATCH_BYTES:
            return max(count, 1)
    return len(rows)
