"""Mail from a delivery agent (Postfix, Exim, Dovecot) by LMTP, RFC 2033: at a port or, better, at a UNIX socket.

Fails at start with OSError: the address is taken, the socket's folder or group does not exist. After that no peer can
make it fail: what happens in a session stays there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailgate.core.clock import Clock
from mailgate.transport.acceptance import Accept
from mailgate.transport.smtp.listener import Listener
from mailgate.transport.smtp.session import ListenerContext, SmtpSession
from mailgate.transport.smtp.sockets import Port, SocketFile

_UNKNOWN = "500 5.5.1 This is LMTP: say LHLO"


@dataclass(frozen=True, slots=True)
class LmtpSettings:
    """Settings of the LMTP listener: at `path` where one is set, else at host and port (0 takes a free one).

    `mode` and `group` are those of the socket file, "" for our own group. `max_size` is in bytes, `idle_timeout` in
    seconds. `hostname` is what the greeting says.
    """

    host: str = "127.0.0.1"
    port: int = 8024
    path: Path | None = None
    mode: int = 0o660
    group: str = ""
    max_size: int = 25 * 2**20
    max_connections: int = 200
    hostname: str = "localhost"
    idle_timeout: float = 300.0


class LmtpIntake(Listener):
    """LMTP listener. `accept` stores a mail, `is_ours` tells whether an address is the desk's.

    Both are called in the event loop and must not block; `accept` answers with a future.
    """

    def __init__(self, settings: LmtpSettings, accept: Accept, is_ours: Callable[[str], bool], clock: Clock) -> None:
        context = ListenerContext(
            accept=accept,
            is_ours=is_ours,
            clock=clock,
            hostname=settings.hostname,
            max_size=settings.max_size,
            idle_timeout=settings.idle_timeout,
        )
        super().__init__(_place(settings), context, LmtpSession, settings.max_connections)


class LmtpSession(SmtpSession):
    """LMTP differs from SMTP in its greeting, and in one reply for each recipient after DATA (RFC 2033 section 4)."""

    protocol = "LMTP"
    source = "lmtp"

    async def smtp_LHLO(self, arg: str | None) -> None:
        await self.greet("LHLO", arg)

    async def smtp_EHLO(self, arg: str | None) -> None:  # noqa: ARG002 - section 4.1: not in LMTP, whatever it says
        await self.push(_UNKNOWN)

    async def smtp_HELO(self, arg: str | None) -> None:  # noqa: ARG002
        await self.push(_UNKNOWN)

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:  # noqa: ARG002
        return await super().check_helo_needed("LHLO")

    def count_replies(self, recipients: int) -> int:
        """One for each RCPT that was accepted, also where two named the same address (section 4.2)."""
        return recipients


def _place(settings: LmtpSettings) -> Port | SocketFile:
    if settings.path is None:
        return Port(settings.host, settings.port)
    return SocketFile(settings.path, settings.mode, settings.group)
