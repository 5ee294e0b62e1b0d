"""One `serve` per SQLite database: a lock beside the file, held as long as a process of the desk lives.

PostgreSQL needs none: any number of processes share it.
"""

from __future__ import annotations

import fcntl
import os
import time
from io import TextIOWrapper
from pathlib import Path

from mailgate.store.database import Database

_PATIENCE = 2.0  # seconds: the processes of a desk that was killed end a moment after it


class AlreadyServed(Exception):
    """Another `serve` holds this database."""


def lock_database(database: Database, patience: float = _PATIENCE) -> TextIOWrapper | None:
    """Hold the lock of a SQLite database for as long as the returned file is open; AlreadyServed if another does.

    Processes that are forked while it is held hold it too.
    """
    if database.path is None:
        return None
    path = database.path.with_name(database.path.name + ".lock")
    held = Path(path).open("a+", encoding="ascii")  # noqa: SIM115 - open as long as the daemon lives
    if not _lock(held, patience):
        held.seek(0)
        holder = held.read().strip() or "another process"
        held.close()
        raise AlreadyServed(
            f"{database.path} is served by process {holder}: stop it first, or give this desk a database of its own"
        )
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def _lock(file: TextIOWrapper, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
