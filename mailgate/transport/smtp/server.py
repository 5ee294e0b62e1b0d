"""Mail from other servers and from agents by SMTP: a listener, certificates and logins.

Fails at start with OSError (the address is taken, a file cannot be read), ssl.SSLError (certificate and key) or
ValueError (the users file). After that no peer can make it fail: what happens in a session stays there.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.core.networks import is_loopback
from mailgate.transport.acceptance import Accept
from mailgate.transport.smtp.listener import Listener
from mailgate.transport.smtp.peer_limits import PeerLimits
from mailgate.transport.smtp.session import ListenerContext, SmtpSession
from mailgate.transport.smtp.sockets import Port
from mailgate.transport.smtp.users import SmtpUsers

log = logging.getLogger("mailgate.intake")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Settings of the SMTP listener. Port 0 takes a free one. `max_size` is in bytes, `idle_timeout` in seconds.

    One IP address may have `per_address` connections at a time, and try as many `wrong_passwords` in an hour.
    `certificate` and `key` (PEM files; the key may stand in the certificate's file) switch STARTTLS on. `users` is
    the file of agents' logins, offered after STARTTLS only. `hostname` is what the greeting says.
    """

    host: str = "127.0.0.1"
    port: int = 8025
    max_size: int = 25 * 2**20
    max_connections: int = 200
    per_address: int = 20
    wrong_passwords: int = 10
    hostname: str = "localhost"
    certificate: Path | None = None
    key: Path | None = None
    users: Path | None = None
    idle_timeout: float = 300.0


class SmtpIntake(Listener):
    """SMTP listener. `accept` stores a mail, `is_ours` tells whether an address is the desk's: there is no relaying.

    `is_free` tells of an IP address whether a mail server stands there, which may have any number of connections. All
    three are called in the event loop and must not block; `accept` answers with a future.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        accept: Accept,
        is_ours: Callable[[str], bool],
        clock: Clock,
        is_free: Callable[[str], bool] = is_loopback,
    ) -> None:
        context = ListenerContext(
            accept=accept,
            is_ours=is_ours,
            clock=clock,
            hostname=settings.hostname,
            max_size=settings.max_size,
            idle_timeout=settings.idle_timeout,
            tls=_read_certificate(settings),
            users=SmtpUsers.from_file(settings.users) if settings.users else None,
            limits=PeerLimits(
                connections=settings.per_address,
                wrong_passwords=settings.wrong_passwords,
                is_free=is_free,
                clock=clock,
            ),
        )
        if settings.users and not settings.certificate:
            log.warning(Fields(action="login", message=f"no certificate, so no user of {settings.users} can log in"))
        super().__init__(Port(settings.host, settings.port), context, SmtpSession, settings.max_connections)


def _read_certificate(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.certificate, settings.key)
    return context
