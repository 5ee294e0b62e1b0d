"""IMAP client: imapclient with its pitfalls avoided (measured on 4.1.0); the only module that imports it.

- Data that arrived together with the answer to IDLE is noticed: imapclient asks the socket, where it no longer is. A
  line in two parts, and one that comes before the answer, are no errors.
- `IDLE` can be ended from another thread at once (`watchdog.Wake`).
- Exceptions of the library and of the network become ConnectionLost or CommandRejected.
"""

from __future__ import annotations

import logging
import select
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailgate.core.domains import to_a_labels
from mailgate.transport.imap.errors import CommandRejected, ConnectionLost, words_of
from mailgate.transport.imap.settings import MailboxSettings
from mailgate.transport.imap.watchdog import Wake

logging.getLogger("imapclient").setLevel(logging.WARNING)  # it logs every end of a connection

_CONNECT = 20.0  # seconds for the connection, and for the greeting
LOST = (IMAPClientAbortError, OSError)
"""Exceptions of the library and of the network that mean a lost connection."""


class Client(IMAPClient):  # type: ignore[misc]  # the library has no types
    """A connection to an IMAP server. Not for several threads."""

    def __init__(self, settings: MailboxSettings, context: ssl.SSLContext | None, wake: Wake) -> None:
        self._wake = wake
        self.busy_since = 0.0  # monotonic seconds, while a command is in progress
        timeout = SocketTimeout(min(_CONNECT, settings.timeout), settings.timeout)
        implicit = settings.tls == "implicit"
        host = to_a_labels(settings.host) or settings.host
        super().__init__(host, settings.port, ssl=implicit, ssl_context=context if implicit else None, timeout=timeout)
        self.normalise_times = False  # dates with their zone

    def idle(self) -> None:
        """Sends IDLE. Overrides imapclient's method, which takes an untagged line before the answer for a rejection."""
        self._idle_tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if self._imap.tagged_commands.get(self._idle_tag):
                raise IMAPClientError("the server refuses IDLE")

    def wait_for_news(self, seconds: float) -> None:
        """Waits until the server sends something, `wake` is triggered or the time is over; reads nothing."""
        if self._has_buffered():
            return
        poller = select.poll()
        poller.register(self.socket().fileno(), select.POLLIN)
        poller.register(self._wake.reading, select.POLLIN)
        poller.poll(seconds * 1000)

    def _has_buffered(self) -> bool:
        """Tells whether data that was read together with the answer to IDLE lies in a buffer."""
        sock = self.socket()
        sock.setblocking(False)
        try:
            return bool(self.idle_check(0))
        finally:
            self._set_read_timeout()

    def _poll_socket(self, _sock: Any, timeout: float | None = None) -> list[Any]:  # noqa: ARG002
        """Reports data as available. Overrides imapclient's method, which asks the socket and misses buffered data."""
        return [True]


def close(client: Client) -> None:
    """Closes the connection without LOGOUT: the server may be gone."""
    client.busy_since = -1.0
    with suppress(Exception):
        client.shutdown()


@contextmanager
def translated_errors(client: Client | None = None) -> Iterator[None]:
    """Raises ConnectionLost or CommandRejected for exceptions of the library; a client's watchdog counts the time."""
    if client is not None and client.busy_since == 0:
        client.busy_since = time.monotonic()
        try:
            with translated_errors():
                yield
        finally:
            client.busy_since = min(client.busy_since, 0.0)
        return
    try:
        yield
    except IMAPClientAbortError as error:
        raise ConnectionLost(words_of(error)) from None
    except IMAPClientError as error:
        raise CommandRejected(words_of(error)) from None
    except (OSError, EOFError) as error:
        raise ConnectionLost(words_of(error)) from None
    except (MemoryError, OverflowError) as error:  # a literal of an impossible size: what follows is unreadable
        raise ConnectionLost(f"the server's answer cannot be read ({type(error).__name__})") from None
    except (ValueError, TypeError, LookupError) as error:  # the library cannot parse a complete answer
        raise CommandRejected(f"the server's answer cannot be understood ({words_of(error)})") from None
