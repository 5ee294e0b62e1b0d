"""Opening a session with the relay: connect, greet, encrypt, log in.

Fails with `Unready` where the relay answers and does not take us, in its words, and with OSError (smtplib's and ssl's
exceptions are such) where it does not answer. The socket is closed then.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from mailgate.relay.outcomes import Reply


class Tls(StrEnum):
    """Encryption on the way to the relay. OPPORTUNISTIC takes what is offered and checks no certificate."""

    OPPORTUNISTIC = "opportunistic"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Where the relay is. `timeout` is in seconds, for each reply. `connections` is how many couriers may use it.

    `only_to` holds `@domain` entries and whole addresses; empty: everybody. `ca_file` replaces the system's
    certificate authorities. `local_hostname` is what EHLO says.
    """

    host: str = "127.0.0.1"
    port: int = 25
    tls: Tls = Tls.OPPORTUNISTIC
    user: str = ""
    password: str = field(default="", repr=False)
    connections: int = 8
    timeout: float = 10.0
    only_to: tuple[str, ...] = ()
    local_hostname: str = "localhost"
    ca_file: Path | None = None


class Unready(Exception):
    """The relay answers and takes nothing from us; the words say why."""


def open_session(settings: RelaySettings) -> smtplib.SMTP:
    """A session ready for MAIL."""
    try:
        return _open(settings, settings.tls)
    except ssl.SSLError:
        if settings.tls is not Tls.OPPORTUNISTIC:
            raise
        return _open(settings, Tls.NONE)


def _open(settings: RelaySettings, tls: Tls) -> smtplib.SMTP:
    with contextlib.ExitStack() as on_failure:
        try:
            smtp = _connect(settings, tls)
            on_failure.callback(smtp.close)
            smtp.ehlo_or_helo_if_needed()
            if tls in (Tls.OPPORTUNISTIC, Tls.STARTTLS):
                _encrypt(smtp, settings, tls)
            if settings.user:
                _log_in(smtp, settings)
        except smtplib.SMTPResponseException as refused:
            raise Unready(Reply.read(refused.smtp_code, refused.smtp_error).words) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except (smtplib.SMTPException, UnicodeError) as error:
            raise Unready(f"the relay cannot be used: {error}") from None
        on_failure.pop_all()
        return smtp


def _connect(settings: RelaySettings, tls: Tls) -> smtplib.SMTP:
    place = (settings.host, settings.port, settings.local_hostname)
    if tls is Tls.IMPLICIT:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=settings.timeout, context=_trusting(settings, tls))
    else:
        smtp = smtplib.SMTP(*place, timeout=settings.timeout)
    if smtp.sock is not None:
        # The last piece of a message would wait for the acknowledgement of the piece before it.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp


def _encrypt(smtp: smtplib.SMTP, settings: RelaySettings, tls: Tls) -> None:
    if smtp.has_extn("starttls"):
        code, text = smtp.starttls(context=_trusting(settings, tls))
        if code != 220 and tls is Tls.STARTTLS:
            raise Unready(Reply.read(code, text).words)
        smtp.ehlo_or_helo_if_needed()
    elif tls is Tls.STARTTLS:
        raise Unready("the relay does not offer STARTTLS")


def _trusting(settings: RelaySettings, tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if tls is Tls.OPPORTUNISTIC:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _log_in(smtp: smtplib.SMTP, settings: RelaySettings) -> None:
    asked_for_none = settings.tls is Tls.NONE or _is_this_machine(settings.host)
    if not asked_for_none and not isinstance(smtp.sock, ssl.SSLSocket):
        raise Unready("the relay offers no encryption, so the password was not sent")
    smtp.login(settings.user, settings.password)


def _is_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
