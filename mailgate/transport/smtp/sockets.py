"""Listening sockets: TCP ports, and UNIX socket files with their permissions, their making and their removal.

Fails with OSError. That of a socket file names the path: the folder is not there or closed to us, the name is taken by
something else, another process listens there already, the group does not exist.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import socket
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

BACKLOG = 512  # connections that wait until they are accepted
_PATIENCE = 1.0  # seconds to wait for a connection; only a live listener keeps a client waiting


@dataclass(frozen=True, slots=True)
class Port:
    """A TCP port: 0 takes a free one, host "" all addresses of this machine."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SocketFile:
    """Where the socket stands and who may connect: `mode` as for chmod, `group` "" for our own."""

    path: Path
    mode: int = 0o660
    group: str = ""


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """The sockets that listen at one place: a host may have several addresses."""

    place: Port | SocketFile
    sockets: tuple[socket.socket, ...]
    inode: int = 0  # of the socket file that was made; 0 for a port and for what systemd passed

    def serve(self, place: Port | SocketFile) -> OpenSocket | None:
        """Returns this as the socket of `place`, None where it cannot serve it. A file gets its mode and group."""
        if isinstance(place, SocketFile) and isinstance(self.place, SocketFile) and place.path == self.place.path:
            served = replace(self, place=place)
            served.permit()
            return served
        return self if place == self.place else None

    def permit(self) -> None:
        """Gives a socket file that was made here its mode and group."""
        if isinstance(self.place, SocketFile) and self.inode:
            _let_in(self.place, _find_group(self.place))

    def remove(self) -> None:
        """Takes the file away, unless it is another's by now."""
        if isinstance(self.place, SocketFile) and self.inode:
            with contextlib.suppress(OSError):
                if self.place.path.lstat().st_ino == self.inode:
                    self.place.path.unlink()

    def release(self) -> None:
        """Closes the sockets in this process."""
        for one in self.sockets:
            one.close()


def open_place(place: Port | SocketFile, passed: Iterable[socket.socket] = ()) -> OpenSocket:
    """Opens a place and listens, or takes the sockets among those passed by systemd that listen there."""
    found = tuple(one for one in passed if _is_at(one, place))
    if found:
        return OpenSocket(place, found)
    return open_socket(place) if isinstance(place, SocketFile) else open_port(place)


def open_port(port: Port) -> OpenSocket:
    """Listens at each address of a host."""
    flags = socket.AI_PASSIVE
    found = socket.getaddrinfo(port.host or None, port.port, type=socket.SOCK_STREAM, flags=flags)
    opened: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                one = socket.socket(family, kind, protocol)
            except OSError:  # a resolver may name IPv6 where the kernel has none
                if family == socket.AF_INET6 and len(found) > 1:
                    continue
                raise
            opened.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(BACKLOG)
    except BaseException:
        for one in opened:
            one.close()
        raise
    return OpenSocket(port, tuple(opened))


def _is_at(listening: socket.socket, place: Port | SocketFile) -> bool:
    name = listening.getsockname()
    if isinstance(place, SocketFile) or isinstance(name, str):
        return isinstance(place, SocketFile) and name == str(place.path)
    host = "" if name[0] in ("0.0.0.0", "::") else name[0]
    return (host, name[1]) == ("" if place.host in ("0.0.0.0", "::") else place.host, place.port)


def open_socket(file: SocketFile) -> OpenSocket:
    """Binds the socket, in place of a stale file; only the owner can connect before its permissions are set."""
    path = file.path
    group = _find_group(file)
    _make_way(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _bind(bound, path)
        opened = OpenSocket(file, (bound,), path.lstat().st_ino)
    except BaseException:
        bound.close()
        raise
    try:
        _let_in(file, group)
        bound.listen(BACKLOG)
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
            words = (
                f"only a member can give the socket to group {file.group!r}: add the desk's user to it "
                "(usermod -aG; in a "
                f"unit SupplementaryGroups={file.group} and SystemCallFilter=@chown)"
            )
            raise PermissionError(error.errno, words, str(file.path)) from None
    file.path.chmod(file.mode)


def _bind(bound: socket.socket, path: Path) -> None:
    before = os.umask(0o077)
    try:
        bound.bind(str(path))
    except OSError as error:
        if error.errno is None:  # Python's own: a path of more than about 100 bytes
            raise OSError(errno.ENAMETOOLONG, "too long for a UNIX socket: choose a shorter path", str(path)) from None
        raise OSError(error.errno, f"{_words(error)}: no socket can be created there", str(path)) from None
    finally:
        os.umask(before)


def _find_group(file: SocketFile) -> int | None:
    if not file.group:
        return None
    try:
        return grp.getgrnam(file.group).gr_gid
    except KeyError:
        words = f"there is no group {file.group!r} for the socket: create it (groupadd), or name another"
        raise OSError(errno.EINVAL, words, str(file.path)) from None


def _make_way(path: Path) -> None:
    """Removes the socket of a process that died."""
    if not path.parent.is_dir():
        words = "the folder of the socket does not exist: create it, or name another"
        raise FileNotFoundError(errno.ENOENT, words, str(path.parent))
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        words = "the path exists but is not a socket: move it away, or name another path"
        raise FileExistsError(errno.EEXIST, words, str(path))
    if _is_served(path):
        words = "another process is listening there (address already in use): stop it, or name another path"
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
