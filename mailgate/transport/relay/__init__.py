"""Relay: sends notices to the operator's mail server by SMTP (RFC 5321).

The four outcomes are values: `Sent`, `Deferred` (try again), `Rejected` (never, for this recipient and message),
`Skipped` (the desk does not write to that address yet, rule 31). The network never makes this package raise; reading
the message piece by piece may.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from mailgate.transport.relay.addresses import is_allowed
from mailgate.transport.relay.connection import Connection
from mailgate.transport.relay.handshake import RelaySettings, Tls
from mailgate.transport.relay.message import Streamed
from mailgate.transport.relay.outcomes import DRY_RUN, NOT_IN_ONLY_TO, Deferred, Outcome, Rejected, Sent, Skipped

__all__ = [
    "DRY_RUN",
    "NOT_IN_ONLY_TO",
    "RETRY_GAPS",
    "Connection",
    "Deferred",
    "Outcome",
    "Rejected",
    "Relay",
    "RelaySettings",
    "Sent",
    "Skipped",
    "Streamed",
    "Tls",
]


class Relay:
    """The relay, for any number of threads: each that sends has a connection of its own, kept open between sends."""

    def __init__(self, settings: RelaySettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._own = threading.local()
        self._all: list[Connection] = []
        self._lock = threading.Lock()

    def send(self, sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        """Sends one notice to one recipient. `sender` "" is the null sender; `message` has CR LF line ends.

        Raises what reading a Streamed message raises; the relay has no message then.
        """
        if not is_allowed(recipient, self._settings.only_to):
            return Skipped(f"{recipient}{NOT_IN_ONLY_TO}")
        return self._connection().send(sender, recipient, message)

    @property
    def size_limit(self) -> int | None:
        """The most bytes that the relay takes in a message: 0 where it names no limit, None before the first EHLO."""
        with self._lock:
            said = [one.size_limit for one in self._all if one.size_limit is not None]
        return said[-1] if said else None

    def close_idle(self) -> None:
        """Closes this thread's connection if nothing was sent on it for 30 s."""
        self._connection().close_idle()

    def close(self) -> None:
        """Closes every connection; a notice that is being sent ends as Deferred. A later send connects anew."""
        with self._lock:
            connections = list(self._all)
        for connection in connections:
            connection.close()

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = Connection(self._settings, self._monotonic)
            with self._lock:
                self._all.append(found)
        return found
