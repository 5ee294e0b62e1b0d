"""Writes every ticket that closes into the folder of archives, as a bundle: FOLDER/2026/11/SUP-1042.zip.

A ticket that was reopened has a further file for each closing (SUP-1042-2.zip); an existing file is never touched. A
bundle is written to a temporary file, synced, renamed and then recorded in the database: after a crash in between, the
same bundle is found in its place and recorded, or written again. A ticket that cannot be written stays due and is tried
again after pauses that grow; the operator gets one alarm until it works again. Raises only for a lost database.
"""

from __future__ import annotations

import errno
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mailgate.config import ARCHIVE
from mailgate.config.permissions import describe_os_error
from mailgate.core.backoff import Backoff
from mailgate.core.log_fields import Fields
from mailgate.core.workflow.events import State
from mailgate.daemon.desk import Desk
from mailgate.notices.alarms import NOT_ARCHIVED, Alarm
from mailgate.store.archives import (
    count_archives,
    count_unarchived,
    drop_unclosed,
    next_unarchived,
    note_archive,
)
from mailgate.store.database import describe_loss, is_conflict
from mailgate.store.errors import describe_error, log_error
from mailgate.store.files_beside import sync_folder
from mailgate.store.source_status import get_status, lock_status, note_alarm, note_failure, note_success
from mailgate.store.tickets import Ticket, get_ticket
from mailgate.tickets.archive.export import TicketExport, gather
from mailgate.tickets.archive.writer import digest_file, write_bundle

log = logging.getLogger("mailgate.archive")

_PAUSES = Backoff(first=60.0, longest=3600.0)


@dataclass(frozen=True, slots=True)
class _Retry:
    """When to try again what has failed, and the pause before that."""

    pause: float  # seconds
    until: datetime


class ArchiveWorker:
    """The worker that archives closed tickets."""

    name = "archive"

    def __init__(self, desk: Desk) -> None:
        settings = desk.settings
        assert settings.archive.folder is not None
        self._database = desk.database
        self._clock = desk.clock
        self._system_notices = desk.system_notices
        self._folder = settings.archive.folder
        self._address = settings.default_queue.address
        self._zone = settings.default_queue.zone
        self._retry: _Retry | None = None  # of the folder
        self._retries: dict[int, _Retry] = {}  # of tickets that cannot be written although the folder can
        self._logged = ""  # the last reason

    def next_due(self) -> datetime | None:
        if self._retry is not None:
            return self._retry.until
        if self._find() is not None:
            return self._clock.now()
        return min((retry.until for retry in self._retries.values()), default=None)

    def step(self) -> int:
        """Writes one ticket, if one is due, and returns how many were written."""
        now = self._clock.now()
        if self._retry is not None and now < self._retry.until:
            return 0
        ticket_id = self._find()
        if ticket_id is None:
            return 0
        try:
            written = self._archive(ticket_id, now)
        except OSError as error:
            retry = _put_off(self._retries.get(ticket_id) if error.errno == errno.EFBIG else self._retry, now)
            if error.errno == errno.EFBIG:  # too large for this disk: the others are not
                self._retries[ticket_id] = retry
            else:
                self._retry = retry
            self._fail(describe_os_error(error, self._folder), now, retry)
            return 0
        except Exception as error:  # one ticket must not hold up the others
            if is_conflict(error) or describe_loss(error):
                raise
            log_error(log, error, action="archive", result="failed", ticket_id=ticket_id)
            self._retries[ticket_id] = _put_off(self._retries.get(ticket_id), now)
            self._fail(f"ticket {ticket_id}: {describe_error(error)}", now, self._retries[ticket_id])
            return 0
        self._retries.pop(ticket_id, None)
        self._retry = None
        if written:
            self._recover(now)
        return 1

    def _find(self) -> int | None:
        now = self._clock.now()
        put_off = [ticket_id for ticket_id, retry in self._retries.items() if now < retry.until]
        with self._database.read() as connection:
            return next_unarchived(connection, put_off)

    def _archive(self, ticket_id: int, now: datetime) -> bool:
        """Archives one closing and records that; False where the ticket is open again."""
        with self._database.read() as connection:
            ticket = get_ticket(connection, ticket_id)
            count = count_archives(connection, ticket_id)
            closed_at = ticket.closed_at if ticket is not None and ticket.state == State.CLOSED.value else None
            if ticket is not None and closed_at is not None:
                temporary = self._folder / f".{ticket.reference}.part"
                _require(self._folder)
                _write(temporary, gather(connection, ticket, self._address))
        if ticket is None or closed_at is None:
            with self._database.write() as connection:
                drop_unclosed(connection, ticket_id)
            return False
        digest, size = digest_file(temporary), temporary.stat().st_size
        path = self._place(temporary, ticket, closed_at, count, digest)
        with self._database.write() as connection:
            note_archive(connection, ticket_id, closed_at, str(path.relative_to(self._folder)), digest, size, now)
        log.info(Fields(action="archive", result="ok", reference=ticket.reference, file=str(path), size=size))
        return True

    def _place(self, temporary: Path, ticket: Ticket, closed_at: datetime, count: int, digest: str) -> Path:
        """Moves the finished file to the next free name; a copy that a crash left there is not doubled."""
        month = self._folder / f"{closed_at.astimezone(self._zone):%Y/%m}"
        for folder in (month.parent, month):
            with suppress(FileExistsError):
                folder.mkdir()
                sync_folder(folder.parent)
        while True:
            count += 1
            path = month / (f"{ticket.reference}.zip" if count == 1 else f"{ticket.reference}-{count}.zip")
            if not os.path.lexists(path):
                os.rename(temporary, path)
                break
            if path.is_file() and digest_file(path) == digest:
                temporary.unlink()
                break
        sync_folder(month)
        return path

    # -- failures --------------------------------------------------------------------------------------------------

    def _fail(self, reason: str, now: datetime, retry: _Retry) -> None:
        """Logs a reason once and sends the operator one alarm until archiving works again."""
        if reason != self._logged:
            log.error(Fields(action="archive", result="failed", reason=reason, again_at=retry.until.isoformat()))
        self._logged = reason
        with self._database.write() as connection:
            row = lock_status(connection, ARCHIVE)
            note_failure(connection, ARCHIVE, now, reason)
            if row is not None and row.alarmed_at is not None:
                return
            alarm = Alarm(NOT_ARCHIVED, (count_unarchived(connection), reason))
            self._system_notices.tell(connection, alarm, now)
            note_alarm(connection, ARCHIVE, now)

    def _recover(self, now: datetime) -> None:
        """Records that archiving works again, if it had failed."""
        self._logged = "" if not self._retries else self._logged
        with self._database.read() as connection:
            row = get_status(connection, ARCHIVE)
        if row is None or row.failing_since is None or self._retries:
            return
        log.info(Fields(action="archive", result="works", since=row.failing_since.isoformat()))
        with self._database.write() as connection:
            note_success(connection, ARCHIVE, now)
            note_alarm(connection, ARCHIVE, None)


def _put_off(before: _Retry | None, now: datetime) -> _Retry:
    pause = _PAUSES.longer(before.pause if before is not None else 0.0)
    return _Retry(pause, now + timedelta(seconds=pause))


def _require(folder: Path) -> None:
    """Raises FileNotFoundError for a missing folder: its path may be misspelled, or its disk not mounted."""
    if not folder.is_dir():
        raise FileNotFoundError(0, "the folder does not exist: create it, or correct archive.folder", str(folder))


def _write(path: Path, gathered: TicketExport) -> None:
    """Writes a bundle durably, over what a crash may have left; a file that cannot be finished is removed."""
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "w+b") as file:
        try:
            write_bundle(file, gathered)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
