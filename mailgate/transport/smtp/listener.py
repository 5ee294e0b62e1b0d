"""Listening for SMTP and LMTP: at a port or a UNIX socket, how many sessions at a time, and an orderly end.

Fails at start with OSError (the address is taken, a socket file cannot be made). After that no peer can make it fail:
what happens in a session stays there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from mailgate.core.log_fields import Fields
from mailgate.transport.smtp.session import CLOSING, ListenerContext, SmtpSession
from mailgate.transport.smtp.sockets import BACKLOG, OpenSocket, Port, SocketFile, open_place

log = logging.getLogger("mailgate.intake")
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes every address and every line there

# asyncio accepts a connection in one turn of its loop, makes its protocol object in the next and hands it the
# connection in the one after that. Only then is it among the sessions.
_TURNS_TO_A_SESSION = 3

_FULL = "421 4.7.0 Too many connections, try again later"


class Listener:
    """Listens at one place. `session` makes the protocol object of a connection; at most `most` are there at a time."""

    def __init__(
        self, place: Port | SocketFile, context: ListenerContext, session: type[SmtpSession], most: int
    ) -> None:
        self._place = place
        self._context = context
        self._session = session
        self._most = most
        self._opened: OpenSocket | None = None
        self._servers: list[asyncio.Server] = []
        self._owns = False

    @property
    def protocol(self) -> str:
        """`smtp` or `lmtp`."""
        return self._session.source

    @property
    def port(self) -> int:
        """The port in use, after start."""
        assert self._opened is not None, "not started"
        return int(self._opened.sockets[0].getsockname()[1])

    async def start(self, opened: OpenSocket | None = None) -> None:
        """Accepts connections, in the running event loop: of a socket that is open already, else of one of its own.

        Raises OSError where the address or the socket file cannot be used. A file that was there stays at the end.
        """
        loop = asyncio.get_running_loop()
        self._owns = opened is None
        self._opened = opened or open_place(self._place)
        # Not create_unix_server: it removes the file at its end (Python 3.13).
        self._servers = [
            await loop.create_server(self._greet, sock=one, backlog=BACKLOG) for one in self._opened.sockets
        ]
        if isinstance(self._place, Port):
            log.info(Fields(action="listen", protocol=self.protocol, host=self._place.host or "*", port=self.port))
        else:
            log.info(Fields(action="listen", protocol=self.protocol, path=self._place.path))

    async def stop(self, grace: float = 10.0) -> None:
        """Accepts no more, gives sessions `grace` seconds to end their mail, then closes them (rule 30)."""
        if self._opened is None:
            return
        if self._owns:
            self._opened.remove()  # first: a client that finds the file expects a listener behind it
        for one in self._opened.sockets:
            asyncio.get_running_loop().remove_reader(one)
        for _ in range(_TURNS_TO_A_SESSION):  # what was accepted a moment ago becomes a session: nobody is refused
            await asyncio.sleep(0)
        for server in self._servers:  # not before: a connection whose server is closed gets no protocol object
            server.close()
        self._context.stopping.set()
        await self._wait_for_sessions(grace)
        for session in list(self._context.sessions):
            session.cut()
        await self._wait_for_sessions(1.0)
        self._opened = None

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
            log.warning(Fields(action="connect", result="refused", reason=f"{self._most} connections are open"))
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
