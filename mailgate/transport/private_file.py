"""A file with a secret: held by one process and thread at a time, and replaced whole or not at all.

Fails with OSError where the file or its folder cannot be used.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailgate.store.files_beside import sync_folder

_PRIVATE = 0o600


class PrivateFile:
    """A private file while `hold` has it locked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, most: int = -1) -> str:
        """The text, of a long file the first `most` characters; "" where there is no file yet."""
        try:
            handle = _open_plain(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return ""
        with open(handle, encoding="utf-8", errors="replace") as file:
            return file.read(most)

    def write(self, text: str) -> None:
        """Replaces the text durably: a crash leaves the old text or the new one; after the return, the new one.

        The file keeps its mode, and if root writes its owner; a new one is readable for its owner only.
        """
        # Always the same name, since only the holder writes here: what a crash leaves, the next write replaces.
        new = self.path.with_name(self.path.name + ".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "w", encoding="utf-8") as file:
            _make_alike(file.fileno(), self.path)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.path)
        sync_folder(self.path.parent)


@contextmanager
def hold(path: Path) -> Iterator[PrivateFile]:
    """Locks the file, after waiting for another holder."""
    path = _resolve(path)
    lock = _open_plain(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT)
    try:
        _make_alike(lock, path)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield PrivateFile(path)
    finally:
        os.close(lock)


def _resolve(path: Path) -> Path:
    """Follows a symbolic link to the file; as root, raises OSError for a link of another user."""
    if os.geteuid() == 0 and path.is_symlink() and os.lstat(path).st_uid != 0:
        raise OSError(errno.ELOOP, "a link owned by another user is not followed: name the file itself", str(path))
    return path.resolve()


def _open_plain(path: Path, flags: int) -> int:
    """Opens a regular file with one name. Raises OSError for links, pipes and hard links: they may be an attack."""
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, _PRIVATE)
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        return handle
    os.close(handle)
    raise OSError(errno.EINVAL, "it is not a regular file with a single name: delete it", str(path))


def _make_alike(file: int, model: Path) -> None:
    """Gives a file the mode of `model`, private if that is missing; as root also its owner, else the folder's.

    Root may call the command that writes it, and the desk that runs as another user must read what it leaves.
    """
    exists = model.exists()
    like = os.stat(model if exists else model.parent)
    if os.geteuid() in (0, os.fstat(file).st_uid):
        os.fchmod(file, stat.S_IMODE(like.st_mode) & 0o666 if exists else _PRIVATE)
    if os.geteuid() == 0:
        os.fchown(file, like.st_uid, like.st_gid)
