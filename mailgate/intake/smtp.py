"""Mail from other servers and from agents by SMTP: listening, how many at a time, and an orderly end.

Fails at start with OSError (the address is taken, a file cannot be read), ssl.SSLError (certificate and key) or
ValueError (the users file). After that no peer can make it fail: what happens in a session stays there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailgate.clock import Clock
from mailgate.intake.logins import Logins
from mailgate.intake.session import CLOSING, Accept, Service, SmtpSession

log = logging.getLogger("mailgate.intake")
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes every address and every line there

_BACKLOG = 512
_FULL = "421 4.7.0 Too many connections, try again later"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to listen. Port 0 takes a free one. `max_size` is in bytes, `idle_timeout` in seconds.

    `certificate` and `key` (PEM files; the key may stand in the certificate's file) switch STARTTLS on. `users` is
    the file of agents' logins, offered after STARTTLS only. `hostname` is what the greeting says.
    """

    host: str = "127.0.0.1"
    port: int = 8025
    max_size: int = 25 * 2**20
    max_connections: int = 200
    hostname: str = "localhost"
    certificate: Path | None = None
    key: Path | None = None
    users: Path | None = None
    idle_timeout: float = 300.0


class SmtpIntake:
    """A listener. `accept` stores a mail, `is_ours` tells whether an address is a desk's: there is no relaying.

    Both are called in the event loop and must not block; `accept` answers with a future.
    """

    def __init__(
        self, settings: SmtpSettings, accept: Accept, is_ours: Callable[[str], bool], clock: Clock
    ) -> None:
        self._settings = settings
        self._service = Service(
            accept=accept,
            is_ours=is_ours,
            clock=clock,
            hostname=settings.hostname,
            max_size=settings.max_size,
            idle_timeout=settings.idle_timeout,
            tls=_read_certificate(settings),
            logins=Logins.from_file(settings.users) if settings.users else None,
            sessions=set(),
            stopping=asyncio.Event(),
        )
        if settings.users and not settings.certificate:
            log.warning("no certificate, so nobody can log in users=%s", settings.users)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port in use, after start."""
        assert self._server is not None, "not started"
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen, in the running event loop. Raises OSError where the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._greet, self._settings.host, self._settings.port, backlog=_BACKLOG
        )
        log.info("listening host=%s port=%d", self._settings.host, self.port)

    async def stop(self, grace: float = 10.0) -> None:
        """Stop listening; give sessions `grace` seconds to end their mail, then close them (rule 30)."""
        if self._server is None:
            return
        self._server.close()
        self._service.stopping.set()
        await self._wait_for_sessions(grace)
        for session in list(self._service.sessions):
            session.cut()
        await self._wait_for_sessions(1.0)
        self._server = None

    async def _wait_for_sessions(self, most: float) -> None:
        """Wait until every session has ended, for at most that many seconds."""
        ends = [asyncio.ensure_future(session.ended.wait()) for session in self._service.sessions]
        if not ends:
            return
        _, pending = await asyncio.wait(ends, timeout=most)
        for end in pending:
            end.cancel()
        await asyncio.sleep(0)

    def _greet(self) -> asyncio.Protocol:
        if len(self._service.sessions) >= self._settings.max_connections:
            log.warning("connection refused most=%d", self._settings.max_connections)
            return _Turned(_FULL)
        if self._service.stopping.is_set():
            return _Turned(CLOSING)
        return SmtpSession(self._service)


class _Turned(asyncio.Protocol):
    """Says why at once and closes: no session, no state."""

    def __init__(self, reply: str) -> None:
        self._reply = reply.encode("ascii") + b"\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        with contextlib.suppress(OSError):
            transport.write(self._reply)
        transport.close()


def _read_certificate(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.certificate, settings.key)
    return context
