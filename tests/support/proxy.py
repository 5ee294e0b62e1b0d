"""A proxy between a client and a real server on the loopback that breaks connections where a test says so.

It looks at the client's lines only. A fault is met once for each time it was set.
"""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum


class Fault(Enum):
    """A fault that takes the place of passing a line on."""

    CUT = "the connection ends"
    CUT_AFTER = "the server gets the line, and the connection ends before its answer"
    HANG = "nothing happens any more"
    BYE = "the server says that it goes away, and does"
    REFUSE = "the server does not do that, and stays"


@dataclass
class FaultyProxy:
    """`with FaultyProxy(port) as proxy:` listens at 127.0.0.1:`proxy.port`.

    `seen` holds the client's lines. While `closed`, every connection ends at once.
    """

    server: int
    port: int = 0
    connections: int = 0
    seen: list[bytes] = field(default_factory=list)
    closed: bool = False
    _faults: list[tuple[re.Pattern[bytes], Fault]] = field(default_factory=list)

    def __enter__(self) -> FaultyProxy:
        self._changed = threading.Condition()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def break_at(self, pattern: str, fault: Fault, times: int = 1) -> None:
        """At the next lines of the client that hold this; "" is the connection itself."""
        with self._changed:
            self._faults += [(re.compile(pattern.encode(), re.IGNORECASE), fault)] * times

    def cut(self) -> None:
        """End every connection."""
        with self._changed:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @property
    def broken(self) -> bool:
        """True if every fault that was set has been met."""
        return not self._faults

    def wait_broken(self, seconds: float = 20.0) -> bool:
        """Wait until every fault has been met."""
        with self._changed:
            return self._changed.wait_for(lambda: self.broken, seconds)

    def wait_for(self, pattern: str, count: int = 1, seconds: float = 20.0) -> bool:
        """Wait until so many of the client's lines hold this."""
        wanted = re.compile(pattern.encode(), re.IGNORECASE)
        with self._changed:
            return self._changed.wait_for(lambda: sum(bool(wanted.search(one)) for one in self.seen) >= count, seconds)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self.connections += 1
                self._sockets.append(client)
                self._changed.notify_all()
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        fault = None if self.closed else self._fault(b"")
        if self.closed or fault in (Fault.CUT, Fault.CUT_AFTER):
            _close(client)
            return
        if fault is Fault.BYE:
            with suppress(OSError):
                client.sendall(b"* BYE too many of you\r\n")
            _close(client)
            return
        if fault is Fault.HANG:
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.server), timeout=20)
        except OSError:
            _close(client)
            return
        server.settimeout(None)
        with self._changed:
            self._sockets.append(server)
        muted = threading.Event()
        threading.Thread(target=_pump, args=(server, client, muted), daemon=True).start()
        with suppress(OSError):
            self._listen(client, server, muted)
        _close(server)
        _close(client)

    def _listen(self, client: socket.socket, server: socket.socket, muted: threading.Event) -> None:
        while data := client.recv(65536):
            fault = self._fault(data)
            with self._changed:
                self.seen += data.splitlines()
                self._changed.notify_all()
            if fault is Fault.CUT:
                return
            if fault is Fault.HANG:
                muted.set()
                continue
            if fault is Fault.CUT_AFTER:
                muted.set()
                server.sendall(data)
                server.settimeout(5)
                server.recv(1)  # the server has answered, so it has done it
                return
            if fault is Fault.BYE:
                muted.set()
                client.sendall(b"* BYE going down for maintenance\r\n")
                return
            if fault is Fault.REFUSE:
                client.sendall(data.split(b" ")[0] + b" NO [SERVERBUG] not this one\r\n")
            elif not muted.is_set():
                server.sendall(data)

    def _fault(self, data: bytes) -> Fault | None:
        with self._changed:
            for place, (pattern, fault) in enumerate(self._faults):
                if (not data and not pattern.pattern) or (data and pattern.pattern and pattern.search(data)):
                    del self._faults[place]
                    self._changed.notify_all()
                    return fault
        return None


def _pump(server: socket.socket, client: socket.socket, muted: threading.Event) -> None:
    with suppress(OSError):
        while True:
            if muted.is_set():
                return
            data = server.recv(65536)
            if not data or muted.is_set():
                break
            client.sendall(data)
    if not muted.is_set():
        _close(client)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()
