"""The counter of ticket numbers, and its high-water mark: no number is given twice, whatever backup is restored.

The mark is a small file beside a SQLite database, `mailgate.db.highest`, or in $STATE_DIRECTORY where the database is
PostgreSQL; a database in memory has none, nor has PostgreSQL without that folder. It is written after the commit that
opened a ticket, and never lowered. It is a precaution: a mark that cannot be read or written is a line in the log.
"""

from __future__ import annotations

import fcntl
import logging
import os
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, func, select, text, update

from mailgate.core.log_fields import Fields
from mailgate.store.after_commit import do_after_commit
from mailgate.store.files_beside import open_beside, read_beside
from mailgate.store.schema import tickets

log = logging.getLogger("mailgate.store")

SKIPPED_NOTICES = 100  # of each ticket, where an older backup was restored
_BEYOND = 10**11  # no desk has given so many; behind it a reference would be longer than a token can name
_DIGITS = 19  # of the number in the file: always as many, so that a longer one never stands behind a shorter one


class HighWaterMark:
    """The highest ticket number that was ever given on a database; `path` is None where nothing keeps it.

    A file that root creates gets the owner of `like`; without it, of the folder.
    """

    def __init__(self, path: Path | None, like: Path | None = None) -> None:
        self.path = path
        self._like = like

    def read(self) -> int:
        """Returns the mark; 0 where there is none, or none that can be read."""
        try:
            return _number(read_beside(self.path, _DIGITS)) if self.path is not None else 0
        except FileNotFoundError:
            return 0
        except OSError as error:
            log.warning(Fields(action="mark", file=self.path, result="failed", reason=error.strerror))
            return 0

    def raise_to(self, number: int) -> None:
        """Raises the mark; one that is as high stays. Other processes may do so at the same moment."""
        if self.path is None:
            return
        try:
            file = open_beside(self.path, self._like or self.path.parent)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if number > _number(os.pread(file, _DIGITS, 0)):
                    os.pwrite(file, f"{number:0{_DIGITS}}\n".encode(), 0)
            finally:
                os.close(file)
        except OSError as error:
            log.warning(Fields(action="mark", file=self.path, result="failed", reason=error.strerror))


def mark_of(url: URL) -> HighWaterMark:
    """Returns the high-water mark of a database."""
    name = url.database or ""
    if url.get_backend_name() == "sqlite":
        is_file = name not in ("", ":memory:")
        return HighWaterMark(Path(f"{name}.highest"), Path(name)) if is_file else HighWaterMark(None)
    folder = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]  # systemd.exec(5), StateDirectory=
    return HighWaterMark(Path(folder) / f"{Path(name).name}.highest" if folder else None)


def _number(content: bytes) -> int:
    digits = content[:_DIGITS].strip()
    number = int(digits) if digits.isdigit() else 0
    return number if number < _BEYOND else 0


# -- the counter -------------------------------------------------------------------------------------------------------


def last_number(connection: Connection) -> int:
    """Returns the highest number that the counter of tickets has reached, also that of a ticket that is gone."""
    if connection.dialect.name == "sqlite":
        given = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'tickets'")).scalar()
    else:
        given = connection.execute(text("SELECT last_value FROM tickets_id_seq WHERE is_called")).scalar()
    return max(given or 0, connection.execute(select(func.max(tickets.c.id))).scalar() or 0)


def raise_counter(connection: Connection, number: int) -> bool:
    """Counts new tickets on from behind `number`; returns False where the counter is there already."""
    if number <= last_number(connection):
        return False
    if connection.dialect.name == "sqlite":
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = 'tickets'"))
        connection.execute(text("INSERT INTO sqlite_sequence VALUES ('tickets', :number)"), {"number": number})
    else:  # never back, though others open tickets at this moment: no transaction holds a sequence
        higher = text("SELECT setval('tickets_id_seq', greatest(last_value, :number)) FROM tickets_id_seq")
        connection.execute(higher, {"number": number})
    return True


def skip_notices(connection: Connection) -> None:
    """Counts the notices of every ticket on behind those that a restored backup may have lost.

    A notice of the same number to the same person would have the Message-ID of the lost one, which mail servers and
    clients take for a copy, and an answer to the lost one would count as an answer to the new one.
    """
    connection.execute(update(tickets).values(notices=tickets.c.notices + SKIPPED_NOTICES))


# -- what a transaction has given --------------------------------------------------------------------------------------


def note_number(connection: Connection, number: int) -> None:
    """Raises the mark to a ticket that the transaction at hand opens, after its commit.

    SQLite gives a number that was rolled back to the next ticket.
    """
    do_after_commit(connection, partial(mark_of(connection.engine.url).raise_to, number))
