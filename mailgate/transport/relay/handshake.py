"""Opening a session with the relay: connect, greet, encrypt, log in.

With OAuth2 a token that the relay refuses is renewed once, on a session of its own, since relays may hang up behind it.

Fails with `RelayUnavailable` where the relay answers and does not take us, in its words, and with OSError (smtplib's
and ssl's exceptions are such) where it does not answer. The socket is closed then.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from mailgate.config.types import is_this_machine
from mailgate.core.domains import to_a_labels
from mailgate.transport.oauth.account import Tokens
from mailgate.transport.oauth.grants import NoToken
from mailgate.transport.relay.oauth_login import offer_token
from mailgate.transport.relay.outcomes import SmtpReply


class Tls(StrEnum):
    """Encryption on the way to the relay. OPPORTUNISTIC takes what is offered and checks no certificate."""

    OPPORTUNISTIC = "opportunistic"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Settings of the relay. `timeout` is in seconds, for each reply; `connections` is how many couriers may use it.

    `only_to` holds `@domain` entries and whole addresses; empty: everybody. `ca_file` replaces the system's
    certificate authorities. `local_hostname` is what EHLO says. `access` gives tokens to log in with, in place of a
    password.
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
    access: Tokens | None = field(default=None, repr=False)


class RelayUnavailable(Exception):
    """Raised where the relay answers but accepts nothing from the desk; the text says why."""


class _TokenRefused(RelayUnavailable):
    """Raised where the relay rejects the access token; a fresh one may be accepted."""

    def __init__(self, words: str, token: str) -> None:
        super().__init__(words)
        self.token = token


def open_session(settings: RelaySettings) -> smtplib.SMTP:
    """A session ready for MAIL."""
    try:
        return _open_as_asked(settings)
    except _TokenRefused as refused:
        if settings.access is None:
            raise
        # Not after the second refusal: then the token is not what is wrong, and fetching more of them mends nothing.
        settings.access.forget(refused.token)
    return _open_as_asked(settings)


def announced_size(smtp: smtplib.SMTP) -> int:
    """Returns the most bytes of a message that the relay has announced (RFC 1870); 0 for no limit, or none named."""
    most = smtp.esmtp_features.get("size", "").strip()
    return int(most) if most.isascii() and most.isdigit() and len(most) <= 20 else 0


def _open_as_asked(settings: RelaySettings) -> smtplib.SMTP:
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
            raise RelayUnavailable(SmtpReply.read(refused.smtp_code, refused.smtp_error).words) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except (smtplib.SMTPException, UnicodeError) as error:
            raise RelayUnavailable(f"the relay cannot be used: {error}") from None
        on_failure.pop_all()
        return smtp


def _connect(settings: RelaySettings, tls: Tls) -> smtplib.SMTP:
    place = (to_a_labels(settings.host) or settings.host, settings.port, settings.local_hostname)
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
            raise RelayUnavailable(SmtpReply.read(code, text).words)
        smtp.ehlo_or_helo_if_needed()
    elif tls is Tls.STARTTLS:
        raise RelayUnavailable("the relay does not offer STARTTLS")


def _trusting(settings: RelaySettings, tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if tls is Tls.OPPORTUNISTIC:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _log_in(smtp: smtplib.SMTP, settings: RelaySettings) -> None:
    is_private = isinstance(smtp.sock, ssl.SSLSocket) or is_this_machine(settings.host)
    if settings.access is not None:
        if not is_private:  # not even where it is asked for: RFC 6750 section 5.3
            raise RelayUnavailable(
                "the relay offers no encryption, so the access token was not sent; set relay.tls to starttls"
            )
        _log_in_by_token(smtp, settings, settings.access)
        return
    if not is_private and settings.tls is not Tls.NONE:
        raise RelayUnavailable("the relay offers no encryption, so the password was not sent")
    smtp.login(settings.user, settings.password)


def _log_in_by_token(smtp: smtplib.SMTP, settings: RelaySettings, access: Tokens) -> None:
    try:
        token = access.token()
    except NoToken as error:
        raise RelayUnavailable(f"no access token: {error}") from None
    login = offer_token(smtp, settings.user, token, settings.host, settings.port)
    if login is None:
        raise RelayUnavailable(
            "the relay accepts no OAuth2 login here: it offers neither XOAUTH2 nor OAUTHBEARER; check its port"
        )
    if login.is_token_refused:
        raise _TokenRefused(login.reply.words, token)
    if not login.reply.is_good:
        raise RelayUnavailable(login.reply.words)
