"""A connection that is encrypted as asked and logged in, by password or access token.

Raises ConnectionLost where the connection fails, MailboxUnavailable where the server rejects the login, in its own
words without the secret. Nothing is left open then.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from mailgate.transport.errors import describe_connecting
from mailgate.transport.imap.client import LOST, Client, close, translated_errors
from mailgate.transport.imap.errors import CommandRejected, ConnectionLost, MailboxUnavailable, words_of
from mailgate.transport.imap.settings import MailboxSettings
from mailgate.transport.imap.watchdog import Wake, Watchdog
from mailgate.transport.oauth.account import Tokens
from mailgate.transport.oauth.grants import NoToken
from mailgate.transport.oauth.sasl import Mechanism, choose

_COMMANDS = 5  # times the timeout, which is for each piece of an answer, may one command take


def connect(settings: MailboxSettings, wake: Wake) -> Client:
    """Connects, encrypts as configured and logs in.

    Raises ConnectionLost or MailboxUnavailable; nothing is left open then.
    """
    with translated_errors(), _connecting(settings):
        context = None if settings.tls == "none" else ssl.create_default_context(cafile=settings.ca_file)
        client = Client(settings, context, wake)
    Watchdog(client, wake, settings.timeout * _COMMANDS).start()
    try:
        if settings.tls == "starttls":
            _encrypt(client, context, settings)
        _log_in(client, settings)
    except BaseException:
        close(client)
        raise
    return client


@contextmanager
def _connecting(settings: MailboxSettings) -> Iterator[None]:
    """Converts an OSError into ConnectionLost, described for the operator."""
    try:
        yield
    except OSError as error:
        words = describe_connecting(error, settings.host, settings.port, settings.tls)
        raise ConnectionLost(words or words_of(error)) from None


def _encrypt(client: Client, context: ssl.SSLContext | None, settings: MailboxSettings) -> None:
    try:
        with translated_errors(client), _connecting(settings):
            client.starttls(context)
    except CommandRejected as refused:
        raise MailboxUnavailable(f"the server does not switch to TLS: {refused}") from None


def _log_in(client: Client, settings: MailboxSettings) -> None:
    access = settings.access
    if access is None:
        _log_in_by_password(client, settings)
        return
    token = _get_token(access)
    try:
        _log_in_by_token(client, settings, token)
    except MailboxUnavailable:
        access.forget(token)  # it may have been revoked, or a clock is wrong: a fresh one tells
        _log_in_by_token(client, settings, _get_token(access))


def _get_token(access: Tokens) -> str:
    try:
        return access.token()
    except NoToken as none:
        raise MailboxUnavailable(str(none)) from None


def _log_in_by_password(client: Client, settings: MailboxSettings) -> None:
    with _login(client, settings.password):
        if settings.password.isascii() and settings.user.isascii():
            client.login(settings.user, settings.password)
        else:  # only SASL says in which charset (RFC 4616)
            client.plain_login(settings.user, settings.password)


def _log_in_by_token(client: Client, settings: MailboxSettings, token: str) -> None:
    with translated_errors(client):
        offered = [one.decode("ascii", "replace").removeprefix("AUTH=") for one in client.capabilities()]
    mechanism = choose(offered)
    if mechanism is None:
        raise MailboxUnavailable(
            "the server accepts no access token: neither XOAUTH2 nor OAUTHBEARER; use password_file"
        )
    with _login(client, token):
        if mechanism is Mechanism.XOAUTH2:
            client.oauth2_login(settings.user, token)
        else:
            client.oauthbearer_login(settings.user, token)


@contextmanager
def _login(client: Client, secret: str) -> Iterator[None]:
    """Raises MailboxUnavailable for a rejected login, or ConnectionLost where the connection was lost meanwhile. Masks
    the secret, since some servers repeat what they do not understand."""
    try:
        with translated_errors(client):
            yield
    except CommandRejected as refused:
        cause = refused.__context__
        while cause is not None and not isinstance(cause, LOST):
            cause = cause.__context__
        if cause is not None:
            raise ConnectionLost(words_of(cause).replace(secret, "[secret]")) from None
        raise MailboxUnavailable(f"the login is refused: {refused}".replace(secret, "[secret]")) from None
