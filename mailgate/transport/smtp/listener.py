"""Listening for SMTP and LMTP: at a port or a UNIX socket, how many sessions at a time, and an orderly end.

Fails at start with OSError (the address is taken, a socket file cannot be made). After that no peer can make it fail:
what happens in a session stays there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from mailgate.transport.smtp.session import CLOSING, ListenerContext, SmtpSession
from mailgate.transport.smtp.sockets import SocketFile, open_socket

log = logging.getLogger("mailgate.intake")
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes every address and every line there

_BACKLOG = 512
_FULL = "421 4.7.0 Too many connections, try again later"


@dataclass(frozen=True, slots=True)
class Port:
    """A TCP port: 0 takes a free one, host "" all addresses of this machine."""

    host: str
    port: int


class Listener:
    """Listens at one place. `session` makes the protocol object of a connection; at most `most` are there at a time."""

    def __init__(
        self, place: Port | SocketFile, context: ListenerContext, session: type[SmtpSession], most: int
    ) -> None:
        self._place = place
        self._context = context
        self._session = session
        self._most = most
        self._server: asyncio.Server | None = None
        self._remove: Callable[[], None] = lambda: None

    @property
    def port(self) -> int:
        """The port in use, after start."""
        assert self._server is not None, "not started"
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Starts to listen, in the running event loop. Raises OSError where the address or socket cannot be used."""
        loop = asyncio.get_running_loop()
        if isinstance(self._place, Port):
            host, port = self._place.host, self._place.port
            self._server = await loop.create_server(self._greet, host, port, backlog=_BACKLOG)
            log.info("action=listen protocol=%s host=%s port=%d", self._session.source, host or "*", self.port)
            return
        opened = open_socket(self._place)
        self._remove = opened.remove
        self._server = await loop.create_unix_server(self._greet, sock=opened.socket, backlog=_BACKLOG)
        log.info("action=listen protocol=%s path=%s", self._session.source, self._place.path)

    async def stop(self, grace: float = 10.0) -> None:
        """Stops listening, gives sessions `grace` seconds to end their mail, then closes them (rule 30)."""
        if self._server is None:
            return
        self._remove()  # first: a client that finds the file expects a listener behind it
        self._server.close()
        self._context.stopping.set()
        await self._wait_for_sessions(grace)
        for session in list(self._context.sessions):
            session.cut()
        await self._wait_for_sessions(1.0)
        self._server = None

    async def _wait_for_sessions(self, most: float) -> None:
        """Waits until every session has ended, for at most that many seconds."""
        ends = [asyncio.ensure_future(session.ended.wait()) for session in self._context.sessions]
        if not ends:
            return
        _, pending = await asyncio.wait(ends, timeout=most)
        for end in pending:
            end.cancel()
        await asyncio.sleep(0)

    def _greet(self) -> asyncio.Protocol:
        if len(self._context.sessions) >= self._most:
            log.warning("connection refused most=%d", self._most)
            return _Rejecting(_FULL)
        if self._context.stopping.is_set():
            return _Rejecting(CLOSING)
        return self._session(self._context)


class _Rejecting(asyncio.Protocol):
    """Protocol that sends one rejection and closes the connection, without a session."""

    def __init__(self, reply: str) -> None:
        self._reply = reply.encode("ascii") + b"\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        with contextlib.suppress(OSError):
            transport.write(self._reply)
        transport.close()
