"""UNIX socket files: their permissions, the removal of a stale one at start, and their own removal at the end.

Fails with OSError that names the path: the folder is not there or closed to us, the name is taken by something else,
another process listens there already, the group does not exist.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 1.0  # seconds to wait for a connection; only a live listener keeps a client waiting


@dataclass(frozen=True, slots=True)
class SocketFile:
    """Where the socket stands and who may connect: `mode` as for chmod, `group` "" for our own."""

    path: Path
    mode: int = 0o660
    group: str = ""


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """A bound socket, with the path and the inode of its file."""

    socket: socket.socket
    path: Path
    inode: int

    def remove(self) -> None:
        """Takes the file away, unless it is another's by now."""
        with contextlib.suppress(OSError):
            if self.path.lstat().st_ino == self.inode:
                self.path.unlink()


def open_socket(file: SocketFile) -> OpenSocket:
    """Binds the socket, in place of a stale file; only the owner can connect before its permissions are set."""
    path = file.path
    group = _find_group(file)
    _make_way(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _bind(bound, path)
        opened = OpenSocket(bound, path, path.lstat().st_ino)
    except BaseException:
        bound.close()
        raise
    try:
        _let_in(file, group)
    except BaseException:
        bound.close()
        opened.remove()
        raise
    return opened


def _let_in(file: SocketFile, group: int | None) -> None:
    if group is not None:
        try:
            os.chown(file.path, -1, group)  # before chmod: the mode is meant for this group, not for the process's own
        except PermissionError as error:
            words = f"only a member may give the socket to group {file.group!r}: add our user to it (usermod -aG)"
            raise PermissionError(error.errno, words, str(file.path)) from None
    file.path.chmod(file.mode)


def _bind(bound: socket.socket, path: Path) -> None:
    before = os.umask(0o077)
    try:
        bound.bind(str(path))
    except OSError as error:
        if error.errno is None:  # Python's own: a path of more than about 100 bytes
            raise OSError(errno.ENAMETOOLONG, "too long for a UNIX socket: name a shorter path", str(path)) from None
        raise OSError(error.errno, f"{_words(error)}: no socket can be made there", str(path)) from None
    finally:
        os.umask(before)


def _find_group(file: SocketFile) -> int | None:
    if not file.group:
        return None
    try:
        return grp.getgrnam(file.group).gr_gid
    except KeyError:
        words = f"there is no group {file.group!r} for the socket: make it (groupadd), or name another"
        raise OSError(errno.EINVAL, words, str(file.path)) from None


def _make_way(path: Path) -> None:
    """Removes the socket of a process that died."""
    if not path.parent.is_dir():
        words = "the folder of the socket is not there: make it, or name another"
        raise FileNotFoundError(errno.ENOENT, words, str(path.parent))
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        words = "something that is no socket stands there: move it away, or name another path"
        raise FileExistsError(errno.EEXIST, words, str(path))
    if _is_served(path):
        words = "another process listens there (address already in use): stop it, or name another path"
        raise OSError(errno.EADDRINUSE, words, str(path))
    path.unlink(missing_ok=True)


def _is_served(path: Path) -> bool:
    """Tells whether a process listens at a socket, or may do so: any error but a refused connection counts."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(_PATIENCE)
        try:
            asking.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True


def _words(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error)
