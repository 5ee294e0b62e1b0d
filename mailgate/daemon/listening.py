"""Listening sockets of a desk: the parent process opens and keeps them, and the intake that it starts accepts.

While an intake ends and the next one starts, connections wait in the queue of the socket (backlog), and none is
refused. Sockets that systemd passes (socket activation, sd_listen_fds) are taken where a listener has their address.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator

from mailgate.config import Listen, Settings
from mailgate.transport.smtp.sockets import OpenSocket, Port, SocketFile, open_place


class ListeningSockets:
    """The open sockets by protocol. What `open` replaces stays open until `settle`, so that `revert` can go back."""

    def __init__(self, passed: Iterable[socket.socket] = ()) -> None:
        self._passed = list(passed)
        self._open: dict[str, OpenSocket] = {}
        self._former: dict[str, OpenSocket] = {}

    def open(self, settings: Settings) -> None:
        """Opens the sockets of a configuration; those that it shares with the one before stay.

        Raises OSError that names the endpoint; then nothing has changed.
        """
        opened: dict[str, OpenSocket] = {}
        try:
            for protocol, place, endpoint in _list_places(settings):
                try:
                    opened[protocol] = self._keep(protocol, place) or open_place(place, self._passed)
                except OSError as error:
                    raise _name_endpoint(error, endpoint) from error
        except OSError:
            _close(opened, self._open)
            raise
        self._former, self._open = self._open, opened

    def find(self, protocol: str) -> OpenSocket | None:
        """Returns the open socket of a protocol, `smtp` or `lmtp`."""
        return self._open.get(protocol)

    def settle(self) -> None:
        """Closes what the last `open` replaced."""
        _close(self._former, self._open)
        self._former = {}

    def revert(self) -> None:
        """Goes back to the sockets before the last `open`, which must not be settled."""
        self._open, self._former = self._former, self._open
        for opened in self._open.values():
            opened.permit()
        self.settle()

    def remove_files(self) -> None:
        """Removes the socket files, so that nobody connects any more where nobody will answer."""
        for opened in self._open.values():
            opened.remove()

    def close(self) -> None:
        """Closes every socket and removes the socket files."""
        self._former, self._open = {**self._former, **self._open}, {}
        self.settle()

    def release(self, *, listens: bool) -> None:
        """Closes in a child what it does not accept from: all, or where it listens only what `open` replaced."""
        kept = {one for opened in self._open.values() for one in opened.sockets} if listens else set()
        for opened in (*self._former.values(), *self._open.values()):
            for one in set(opened.sockets) - kept:
                one.close()

    def _keep(self, protocol: str, place: Port | SocketFile) -> OpenSocket | None:
        """Returns the open socket if it serves `place`; a socket file gets the mode and group of `place`."""
        held = self._open.get(protocol)
        return held.serve(place) if held is not None else None


def _list_places(settings: Settings) -> Iterator[tuple[str, Port | SocketFile, Listen]]:
    smtp, lmtp = settings.intake.smtp, settings.intake.lmtp
    if smtp is not None:
        yield "smtp", Port(smtp.listen.host, smtp.listen.port), smtp.listen
    if lmtp is not None and lmtp.listen.path is not None:
        yield "lmtp", SocketFile(lmtp.listen.path, lmtp.mode, lmtp.group), lmtp.listen
    elif lmtp is not None:
        yield "lmtp", Port(lmtp.listen.host, lmtp.listen.port), lmtp.listen


def _close(sockets: dict[str, OpenSocket], kept: dict[str, OpenSocket]) -> None:
    """Closes the sockets that are not among those kept, and removes their files."""
    for opened in sockets.values():
        if all(opened.sockets != other.sockets for other in kept.values()):
            opened.remove()
            opened.release()


def _name_endpoint(error: OSError, endpoint: Listen) -> OSError:
    """Returns an error that names the endpoint, in the system's words."""
    if error.filename is not None:
        return error
    known = error.errno is not None and error.errno > 0
    words = os.strerror(error.errno) if known and error.errno else error.strerror or str(error)
    return OSError(error.errno, words, f"cannot listen on {endpoint}")
