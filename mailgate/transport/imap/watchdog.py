"""Wake-up and watchdog of an IMAP connection: they end a wait, and a command that the server never completes.

Nothing here raises: a connection that cannot be cut has ended.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any, Protocol

_LOOK, _GRACE = 5.0, 1.0  # seconds: between two looks, and for a command to end after the ring


class Wake:
    """Wake-up that ends a client's wait from another thread; once triggered, it stays so."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()

    def wait(self, seconds: float) -> bool:
        """Waits up to `seconds`; True if the wake-up is triggered or closed."""
        poller = select.poll()
        poller.register(self.reading, select.POLLIN)
        return self._writing < 0 or bool(poller.poll(seconds * 1000))

    def trigger(self) -> None:
        with suppress(OSError):
            os.write(self._writing, b".")

    def close(self) -> None:
        writing, self._writing = self._writing, -1  # a ring that comes later must not meet another file
        for end in (self.reading, writing):
            with suppress(OSError):
                os.close(end)


class WatchedConnection(Protocol):
    """A connection. `busy_since` is the monotonic time at which its command began; 0 without one, -1 when closed."""

    busy_since: float

    def socket(self) -> Any: ...


class Watchdog(threading.Thread):
    """Cuts a connection whose command takes too long, whatever the server goes on sending.

    After a wake-up it also cuts the connection if the command in progress does not end within a second.
    """

    def __init__(self, client: WatchedConnection, wake: Wake, longest: float) -> None:
        super().__init__(name="imap guard", daemon=True)
        self._client = client
        self._wake = wake
        self._longest = longest

    def run(self) -> None:
        while self._client.busy_since >= 0:
            ringing = self._wake.wait(min(_LOOK, self._longest))
            if ringing:
                time.sleep(_GRACE)
            since = self._client.busy_since
            if since > 0 and (ringing or time.monotonic() - since > self._longest):
                with suppress(Exception):
                    self._client.socket().shutdown(socket.SHUT_RDWR)
                return
            if ringing:
                return
