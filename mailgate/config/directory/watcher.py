"""Both files of the directory: checked on use, at most once a second, and read again when they change.

What was read replaces what was there, for every thread at the same moment. A file that is gone, or that cannot be used,
leaves what was read before in its place: that is logged once, with what to do. Each process reads for itself. Never
fails; nothing is read before it is asked for.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic

from mailgate.config.directory.csv_rows import UnreadableFile
from mailgate.config.directory.entries import Directory, Equipment, Person
from mailgate.config.directory.reader import Entries, Entry, read_equipment, read_people
from mailgate.config.tables import DirectoryTable
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields

log = logging.getLogger("mailgate.directory")

_PAUSE = timedelta(seconds=1)  # between two looks at the files
_LOGGED = 5  # remarks that are logged; `mailgate check` shows all
_Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class DirectoryFileStatus:
    """The result of reading one file.

    `name` is its key in the configuration; `error` says why it cannot be used, "" where it can.
    """

    name: str
    path: Path
    count: int
    remarks: tuple[str, ...] = ()
    error: str = ""


class _File(Generic[Entry]):
    """One file, and what was last read of it that could be used."""

    def __init__(
        self, name: str, path: Path, most: int, read: Callable[[bytes], Entries[Entry]], *, quiet: bool
    ) -> None:
        self._name = name
        self._quiet = quiet
        self._path = path
        self._most = most
        self._read = read
        self._signature: _Signature | None = None
        self._error = ""
        self.found: Entries[Entry] | None = None

    @property
    def status(self) -> DirectoryFileStatus:
        count, remarks = (len(self.found.entries), self.found.remarks) if self.found is not None else (0, ())
        return DirectoryFileStatus(self._name, self._path, count, remarks, self._error)

    def refresh(self) -> bool:
        """Reads the file if it has changed since the last time; True for new content."""
        try:
            signature = self._sign()
            if signature == self._signature:
                return False
            self._signature = signature  # before reading: what is written meanwhile shows at the next look
            found = self._read(self._load())
        except (UnreadableFile, OSError) as error:
            self._note_error((error.strerror or str(error)) if isinstance(error, OSError) else str(error))
            return False
        self.found, self._error = found, ""
        self._note_success(found)
        return True

    def _sign(self) -> _Signature:
        """Returns the stat values that show a change of the file; its ctime also shows that it became readable."""
        before, self._signature = self._signature, None  # a file that comes back the same is read again
        status = os.stat(self._path)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile("it is not a file")
        self._signature = before
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def _load(self) -> bytes:
        with open(self._path, "rb") as file:
            raw = file.read(self._most + 1)
        if len(raw) > self._most:
            raise UnreadableFile(
                f"it is larger than limits.directory_size allows ({self._most} bytes); raise that limit"
            )
        return raw

    def _note_error(self, error: str) -> None:
        if error == self._error:
            return
        self._error = error
        if self._quiet:
            return
        kept = "the entries read before stay in use" if self.found is not None else "no entry is known from it"
        log.error(
            Fields(
                action="read",
                result="failed",
                file=str(self._path),
                reason=error,
                message=f"{kept}; correct the file, or remove directory.{self._name} from the configuration",
            )
        )

    def _note_success(self, found: Entries[Entry]) -> None:
        if self._quiet:
            return
        log.info(Fields(action="read", result="ok", file=str(self._path), rows=len(found.entries)))
        for remark in found.remarks[:_LOGGED]:
            log.warning(Fields(action="read", file=str(self._path), warning=remark))
        if len(found.remarks) > _LOGGED:
            more = len(found.remarks) - _LOGGED
            log.warning(Fields(action="read", file=str(self._path), message=f"{more} more: mailgate check shows them"))


class DirectoryFiles:
    """The directory as it is now. `most` bytes of a file are read; a path that is None is a file that is not used.

    `quiet` is for a caller that shows errors itself: nothing is logged.
    """

    def __init__(
        self, people: Path | None, equipment: Path | None, most: int, clock: Clock, *, quiet: bool = False
    ) -> None:
        self._people: _File[Person] | None = None
        self._equipment: _File[Equipment] | None = None
        if people is not None:
            self._people = _File("people", people, most, read_people, quiet=quiet)
        if equipment is not None:
            self._equipment = _File("equipment", equipment, most, read_equipment, quiet=quiet)
        self._files = tuple(file for file in (self._people, self._equipment) if file is not None)
        self._clock = clock
        self._looked_at: datetime | None = None
        self._turn = threading.Lock()
        self._directory = Directory()

    def current(self) -> Directory:
        """The directory; the same object until a file changes."""
        if not self._files:
            return self._directory
        now, looked_at = self._clock.now(), self._looked_at
        if looked_at is not None and abs(now - looked_at) < _PAUSE:
            return self._directory
        if self._turn.acquire(blocking=looked_at is None):  # while another thread reads, take the old one
            try:
                self._refresh()
            finally:
                self._looked_at = now
                self._turn.release()
        return self._directory

    def statuses(self) -> tuple[DirectoryFileStatus, ...]:
        """Returns the result of each configured file, as it is now."""
        with self._turn:
            self._refresh()
        return tuple(file.status for file in self._files)

    def _refresh(self) -> None:
        news = [file.refresh() for file in self._files]
        if not any(news):
            return
        people = self._people.found if self._people is not None else None
        equipment = self._equipment.found if self._equipment is not None else None
        self._directory = Directory(
            people.entries if people is not None else (),
            equipment.entries if equipment is not None else (),
            people_known=people is not None,
        )


def look_at_directory(table: DirectoryTable, most: int, clock: Clock) -> tuple[DirectoryFileStatus, ...]:
    """Reads each configured file of at most so many bytes, and returns its status; logs nothing."""
    return DirectoryFiles(table.people, table.equipment, most, clock, quiet=True).statuses()
