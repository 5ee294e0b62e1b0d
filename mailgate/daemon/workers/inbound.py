"""Processes the journal: a batch of mails in a few transactions (COMMIT 2); a large mail alone.

If a mail raises, its transaction is rolled back and each of its mails is processed by itself: the one that raises again
is retried alone, with pauses that grow, and parked with its error after five such attempts. A mail that kills the
process is found after the restart by its lease and attempt count, and takes the same path; the last time it is parked
unread. What is parked is reported at once (`inbound.unprocessed`).
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from mailgate.core.backoff import MOST_DOUBLINGS, doubled
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Mail
from mailgate.daemon.desk import Desk
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.prefetch import prefetch
from mailgate.inbound.unprocessed import UnprocessedMail
from mailgate.parsers import read_mail
from mailgate.store.after_commit import do_after_commit
from mailgate.store.blobs import get_blobs
from mailgate.store.database import describe_loss, is_conflict
from mailgate.store.errors import describe_error, log_error
from mailgate.store.journal import SCANNED, JournalRow, find_newest_row, take_fresh, take_tried
from mailgate.store.schema import journal
from mailgate.store.tickets import reference_of
from mailgate.store.work_queue import (
    DONE,
    DUPLICATE,
    IGNORED,
    PARKED,
    finish,
    finish_later,
    is_due,
    next_due,
    postpone,
    release,
    renew,
)

log = logging.getLogger("mailgate.inbound")

_FIRST_PAUSE = timedelta(seconds=1)  # before a mail that failed is tried again
BATCH = 32  # a larger batch gains nothing, a smaller one costs more commits
BATCH_BYTES = 4 * 2**20  # of mails that are read at once; a larger mail is processed alone
# Seconds that a transaction goes on while a sender waits, while one waits and many mails are left, and while none waits
SLICE, LONG_SLICE, WHOLE = 0.005, 0.02, 0.1
BACKLOG = 8  # mails that are left; fewer are done soon
REST = 4  # times as long as a slice that a sender cut short, the database is left to the senders where many are left
LOOK = 0.004  # seconds: as soon as no mail has come in for so long, that ends
_STATES = {
    Disposition.DONE: DONE,
    Disposition.DUPLICATE: DUPLICATE,
    Disposition.IGNORED: IGNORED,
}
_LATER = timedelta(seconds=1)
_DEADLY = "it stopped the worker every time"
_Work = tuple[JournalRow, Mail | Exception]  # a row and its mail, or why it cannot be read


class InboundWorker:
    """The worker that reads the journal."""

    name = "worker"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._receiver = desk.receiver
        self._limits = desk.settings.limits
        self._unprocessed = UnprocessedMail(desk.settings, desk.receiver, desk.system_notices)
        self._may_take = (SCANNED,) if desk.settings.intake.scan is not None else ()
        self._fitting = 1  # mails that the last slice held

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            return next_due(connection, journal, self._clock.now(), *self._may_take)

    def step(self) -> int:
        """Processes one batch and returns how many rows it took."""
        rows = self._take()
        if rows:
            mails = self._read(rows)
            while mails:
                began = time.monotonic()
                was_cut = self._process_slice(mails)
                if was_cut and len(mails) >= BACKLOG:
                    self._leave_to_senders(REST * (time.monotonic() - began))
        return len(rows)

    def _process_slice(self, mails: deque[_Work]) -> bool:
        """Processes at least one mail, and more while time is left, in one transaction; if one raises, each alone.

        Returns whether a sender waited at its end.
        """
        began = time.monotonic()
        slice_: list[_Work] = []
        try:
            with self._database.write() as connection:
                while mails and (not slice_ or self._may_go_on(time.monotonic() - began, len(mails))):
                    slice_.append(mails.popleft())
                    if len(slice_) == 1:
                        self._prefetch(connection, [*slice_, *mails])
                    self._process(connection, *slice_[-1])
                was_cut = self._database.is_urgent()
            self._fitting = len(slice_)
        except Exception:  # which one raised shows when each is alone
            for row, mail in slice_:
                self._process_alone(row, mail)
            was_cut = False
        return was_cut

    def _leave_to_senders(self, seconds: float) -> None:
        """Writes nothing for so long at the most while mail keeps coming in.

        Its senders get their 250s sooner, and longer slices with a rest between them cost less than short ones.
        """
        until, newest = time.monotonic() + seconds, self._find_newest()
        while time.monotonic() < until:
            time.sleep(LOOK)
            before, newest = newest, self._find_newest()
            if newest == before:
                return

    def _find_newest(self) -> int:
        with self._database.read() as connection:
            return find_newest_row(connection)

    def _prefetch(self, connection: Connection, mails: Sequence[_Work]) -> None:
        """Reads what the mails of a slice ask for: while a sender waits, of as many as the last slice held."""
        likely = mails[: self._fitting if self._database.is_urgent() else BATCH]
        prefetch(connection, [(row, mail) for row, mail in likely if isinstance(mail, Mail)])

    def _may_go_on(self, seconds: float, left: int) -> bool:
        if not self._database.is_urgent():
            return seconds < WHOLE
        return seconds < (LONG_SLICE if left >= BACKLOG else SLICE)

    def _take(self) -> Sequence[JournalRow]:
        """Takes new mails together; a mail that failed before, or that a crash left leased, alone."""
        now, lease = self._clock.now(), self._limits.lease.span
        with self._database.read() as connection:
            if not is_due(connection, journal, now, *self._may_take):
                return ()
        with self._database.write() as connection:
            fresh = take_fresh(connection, now, BATCH, lease, *self._may_take)
            kept = fresh[: _count_fitting(fresh)]
            for row in fresh[len(kept) :]:
                release(connection, journal, row, row.due_at)
            return kept or self._take_tried(connection, now)

    def _take_tried(self, connection: Connection, now: datetime) -> Sequence[JournalRow]:
        """Takes one mail that failed, or that was in progress at a crash.

        Its lease grows with each attempt, so that other mails go first, and processes that are killed repeatedly for
        another reason do not park it.
        """
        lease = self._limits.lease.span
        rows = take_tried(connection, now, 1, lease, *self._may_take)
        renew(
            connection,
            journal,
            rows,
            now + doubled(lease, rows[0].attempts - 1, at_most=MOST_DOUBLINGS) if rows else now,
        )
        return rows

    def _read(self, rows: Sequence[JournalRow]) -> deque[_Work]:
        """Reads and parses the mails, before a write transaction begins; each alone if the database cannot read one."""
        try:
            with self._database.read() as connection:
                raws = get_blobs(connection, [row.blob_id for row in rows])
        except DBAPIError as error:
            if describe_loss(error) and not self._database.sqlite:  # SQLite calls bytes that it cannot read so, too
                raise
            if len(rows) == 1:
                return deque([(rows[0], error)])
            return deque(work for row in rows for work in self._read([row]))
        return deque((row, self._parse(row, raws.get(row.blob_id))) for row in rows)

    def _parse(self, row: JournalRow, raw: bytes | None) -> Mail | Exception:
        """Parses a mail; an exception is returned, since it concerns its row alone."""
        if self._is_deadly(row):
            return RuntimeError(_DEADLY)
        try:
            if raw is None:
                return LookupError(f"blob {row.blob_id} is missing or damaged")
            return read_mail(raw, row.sender)
        except Exception as error:  # the worker edge: a parser's bug must not stop the batch
            return error

    def _is_deadly(self, row: JournalRow) -> bool:
        """Tells whether a mail stopped its worker at every attempt: one that fails is parked before it comes here."""
        return row.attempts > self._limits.max_attempts + 1

    def _process(self, connection: Connection, row: JournalRow, mail: Mail | Exception) -> None:
        if self._is_deadly(row):
            self._park(connection, row, None, row.last_error or _DEADLY)
            return
        if isinstance(mail, Exception):
            raise mail
        self._settle(connection, row, mail, self._receiver.receive(connection, row, mail))

    def _process_alone(self, row: JournalRow, mail: Mail | Exception) -> None:
        with self._database.write() as connection:
            try:
                with connection.begin_nested():
                    self._process(connection, row, mail)
            except Exception as error:  # the worker edge: one mail must never stop the next
                if is_conflict(error):
                    release(connection, journal, row, self._clock.now() + _LATER, describe_error(error))
                    return
                log_error(log, error, action="receive", result="failed", journal=row.id, attempt=row.attempts)
                self._give_back(connection, row, mail, describe_error(error))

    def _settle(self, connection: Connection, row: JournalRow, mail: Mail, outcome: Outcome) -> None:
        if outcome.disposition is Disposition.LATER:
            release(connection, journal, row, self._clock.now() + _LATER, outcome.reason)
            return
        error = "" if outcome.disposition is Disposition.DONE else outcome.reason
        values = {"ticket_id": outcome.ticket_id, "outcome": outcome.reason, "last_error": error}
        finish_later(connection, journal, row, _STATES[outcome.disposition], touches=(row.id, row.message_id), **values)
        if outcome.for_level:
            self._unprocessed.hand_over(connection, row, mail, self._clock.now())
        reference = outcome.reference
        if outcome.ticket_id is not None and not reference:  # a bounce knows only the notice
            reference = reference_of(connection, outcome.ticket_id)
        self._log(connection, row, outcome.disposition, reference=reference, reason=outcome.reason)

    def _log(
        self, connection: Connection, row: JournalRow, result: Disposition, *, reason: str, reference: str = ""
    ) -> None:
        """Logs what became of a mail, once that is committed."""
        line = Fields(
            action="receive",
            result=result.value,
            journal=row.id,
            message_id=row.message_id and f"<{row.message_id}>",
            reference=reference,
            source=row.source,
            reason=reason,
        )
        level = logging.ERROR if result is Disposition.PARKED else logging.INFO
        do_after_commit(connection, partial(log.log, level, line))

    def _give_back(self, connection: Connection, row: JournalRow, mail: Mail | Exception, error: str) -> None:
        """Returns a mail to the queue after a pause that doubles; parks it after the last attempt."""
        if row.attempts > self._limits.max_attempts:
            self._park(connection, row, mail, error)
            return
        pause = doubled(_FIRST_PAUSE, row.attempts - 1)
        postpone(connection, journal, row, self._clock.now() + pause, error)

    def _park(self, connection: Connection, row: JournalRow, mail: Mail | Exception | None, error: str) -> None:
        if finish(connection, journal, row, PARKED, last_error=error[:2000]):
            reference = self._unprocessed.report(connection, row, mail, error, self._clock.now())
            self._log(connection, row, Disposition.PARKED, reason=error, reference=reference)


def _count_fitting(rows: Sequence[JournalRow]) -> int:
    """Counts the first rows whose mails may be read at once, at least one."""
    together = 0
    for count, row in enumerate(rows):
        together += row.size
        if together > BATCH_BYTES:
            return max(count, 1)
    return len(rows)
