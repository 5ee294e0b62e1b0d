"""Opens the small files beside a database (its lock, its turns, its high-water mark), and makes names durable.

A link is never followed: a user who may write to the folder could have put it there, and what root runs would write to
the file behind it, or give it away. Raises OSError.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_PRIVATE = 0o600
# A pipe is opened without waiting for its other end, and refused.
_SAFELY = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def open_beside(path: Path, like: Path) -> int:
    """Opens a file of the desk for reading and writing; one that is not there is created with mode 0600.

    What root creates gets the owner of `like`, or of its folder where that is not there, as SQLite does it for its
    write-ahead log: else the desk, which runs as that user, could not open it.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _SAFELY, _PRIVATE)
    except FileExistsError:
        return _require_plain(os.open(path, os.O_RDWR | _SAFELY), path)
    if not os.geteuid():
        with suppress(OSError):
            owner = (like if like.exists() else like.parent).stat()
            os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def read_beside(path: Path, most: int) -> bytes:
    """Reads at most so many bytes at the beginning of a file of the desk."""
    file = _require_plain(os.open(path, os.O_RDONLY | _SAFELY), path)
    try:
        return os.read(file, most)
    finally:
        os.close(file)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable, after a file in it was made or renamed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _require_plain(file: int, path: Path) -> int:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return file
