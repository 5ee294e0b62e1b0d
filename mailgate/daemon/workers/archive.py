"""Writes every ticket that closes into the folder of archives, as a bundle: FOLDER/2026/11/SUP-1042.zip.

A ticket that was opened again has a further file for each closing (SUP-1042-2.zip); a file that is there is never
touched. Written beside, synced, then renamed, then noted in the database: killed in between, the same bundle is found
in its place and noted, or written anew. What cannot be written stays due and is tried again after pauses that grow; the
operator is told once, until it works again. Fails with the database alone.
"""

from __future__ import annotations

import errno
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mailgate.config import ARCHIVE, Settings
from mailgate.core.clock import Clock
from mailgate.core.workflow.events import State
from mailgate.notices.alarms import NOT_ARCHIVED, Alarm
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.archives import (
    count_archives,
    count_unarchived,
    drop_unclosed,
    next_unarchived,
    note_archive,
)
from mailgate.store.database import Database, describe_loss, is_conflict
from mailgate.store.source_status import get_way, hold_way, note_alarm, note_failure, note_success
from mailgate.store.tickets import Ticket, get_ticket
from mailgate.tickets.archive.export import TicketExport, gather
from mailgate.tickets.archive.writer import digest_file, write_bundle

log = logging.getLogger("mailgate.archive")

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Something that failed: how long it waits, and until when."""

    pause: timedelta
    until: datetime


class ArchiveWorker:
    """The worker that archives; one for each desk at a time."""

    name = "archive"

    def __init__(self, database: Database, clock: Clock, system_notices: SystemNotices, settings: Settings) -> None:
        assert settings.archive.folder is not None
        self._database = database
        self._clock = clock
        self._system_notices = system_notices
        self._folder = settings.archive.folder
        self._desk = settings.default_queue.address
        self._zone = settings.default_queue.zone
        self._trial: _Trial | None = None  # of the folder
        self._trials: dict[int, _Trial] = {}  # of tickets that cannot be written though the folder can
        self._said = ""

    def next_due(self) -> datetime | None:
        if self._trial is not None:
            return self._trial.until
        if self._find() is not None:
            return self._clock.now()
        return min((trial.until for trial in self._trials.values()), default=None)

    def step(self) -> int:
        """Write one ticket, if one is due; how many that was."""
        now = self._clock.now()
        if self._trial is not None and now < self._trial.until:
            return 0
        ticket_id = self._find()
        if ticket_id is None:
            return 0
        try:
            written = self._archive(ticket_id, now)
        except OSError as error:
            trial = _put_off(self._trials.get(ticket_id) if error.errno == errno.EFBIG else self._trial, now)
            if error.errno == errno.EFBIG:  # too large for this disk: the others are not
                self._trials[ticket_id] = trial
            else:
                self._trial = trial
            self._fail(f"{error.filename or self._folder}: {(error.strerror or str(error)).lower()}", now, trial)
            return 0
        except Exception as error:  # one ticket must not keep the others out
            if is_conflict(error) or describe_loss(error):
                raise
            log.exception("action=archive result=failed ticket=%d", ticket_id)
            self._trials[ticket_id] = _put_off(self._trials.get(ticket_id), now)
            self._fail(f"ticket {ticket_id}: {type(error).__name__}: {error}", now, self._trials[ticket_id])
            return 0
        self._trials.pop(ticket_id, None)
        self._trial = None
        if written:
            self._recover(now)
        return 1

    def _find(self) -> int | None:
        now = self._clock.now()
        put_off = [ticket_id for ticket_id, trial in self._trials.items() if now < trial.until]
        with self._database.read() as connection:
            return next_unarchived(connection, put_off)

    def _archive(self, ticket_id: int, now: datetime) -> bool:
        """Put one closing into the folder and note that; False where the ticket is open again."""
        with self._database.read() as connection:
            ticket = get_ticket(connection, ticket_id)
            count = count_archives(connection, ticket_id)
            closed_at = ticket.closed_at if ticket is not None and ticket.state == State.CLOSED.value else None
            if ticket is not None and closed_at is not None:
                temporary = self._folder / f".{ticket.reference}.part"
                _require(self._folder)
                _write(temporary, gather(connection, ticket, self._desk))
        if ticket is None or closed_at is None:
            with self._database.write() as connection:
                drop_unclosed(connection, ticket_id)
            return False
        digest, size = digest_file(temporary), temporary.stat().st_size
        path = self._place(temporary, ticket, closed_at, count, digest)
        with self._database.write() as connection:
            note_archive(connection, ticket_id, closed_at, str(path.relative_to(self._folder)), digest, size, now)
        log.info("action=archive result=ok ticket=%s file=%r size=%d", ticket.reference, str(path), size)
        return True

    def _place(self, temporary: Path, ticket: Ticket, closed_at: datetime, count: int, digest: str) -> Path:
        """Give the finished file its name, the next one that is free; where it stands already, after a crash, it does
        not come twice."""
        month = self._folder / f"{closed_at.astimezone(self._zone):%Y/%m}"
        for folder in (month.parent, month):
            with suppress(FileExistsError):
                folder.mkdir()
                _sync(folder.parent)
        while True:
            count += 1
            path = month / (f"{ticket.reference}.zip" if count == 1 else f"{ticket.reference}-{count}.zip")
            if not os.path.lexists(path):
                os.rename(temporary, path)
                break
            if path.is_file() and digest_file(path) == digest:
                temporary.unlink()
                break
        _sync(month)
        return path

    # -- failures --------------------------------------------------------------------------------------------------

    def _fail(self, reason: str, now: datetime, trial: _Trial) -> None:
        """Log it once, and see that the operator is told."""
        if reason != self._said:
            log.error("action=archive result=failed reason=%r again_at=%s", reason, trial.until.isoformat())
        self._said = reason
        with self._database.write() as connection:
            row = hold_way(connection, ARCHIVE)
            note_failure(connection, ARCHIVE, now, reason)
            if row is not None and row.alarmed_at is not None:
                return
            alarm = Alarm(NOT_ARCHIVED, (count_unarchived(connection), reason))
            self._system_notices.tell(connection, alarm, now)
            note_alarm(connection, ARCHIVE, now)

    def _recover(self, now: datetime) -> None:
        """It works, and if it did not before, that is over."""
        self._said = "" if not self._trials else self._said
        with self._database.read() as connection:
            row = get_way(connection, ARCHIVE)
        if row is None or row.failing_since is None or self._trials:
            return
        log.info("action=archive result=works since=%s", row.failing_since.isoformat())
        with self._database.write() as connection:
            note_success(connection, ARCHIVE, now)
            note_alarm(connection, ARCHIVE, None)


def _put_off(before: _Trial | None, now: datetime) -> _Trial:
    pause = min(before.pause * 2, _LONGEST_PAUSE) if before is not None else _FIRST_PAUSE
    return _Trial(pause, now + pause)


def _require(folder: Path) -> None:
    """Nobody makes a folder in a place that may be misspelled, or where a disk is not mounted."""
    if not folder.is_dir():
        raise FileNotFoundError(0, "the folder is not there: make it, or mend archive.folder", str(folder))


def _write(path: Path, gathered: TicketExport) -> None:
    """A bundle beside the others, durable; what a crash left of an earlier one is written over, what cannot be finished
    gives its room back."""
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "w+b") as file:
        try:
            write_bundle(file, gathered)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _sync(folder: Path) -> None:
    """What was named in a folder stays so after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
