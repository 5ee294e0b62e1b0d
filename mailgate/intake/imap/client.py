"""imapclient with its traps closed (measured on 4.1.0); the only module that imports it.

- What came in behind the answer to IDLE is reported: imapclient asks the socket, where it no longer is.
- `IDLE` can be ended from another thread at once, by a byte into a pipe.
- What the library and the network raise comes out as Gone, Refused or Unready.
"""

from __future__ import annotations

import os
import select
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailgate.intake.imap.outcomes import Gone, Refused, Unready, words_of
from mailgate.intake.imap.settings import MailboxSettings
from mailgate.oauth import Mechanism, NoToken, Tokens, choose

_CONNECT = 20.0  # seconds for the connection, and for the greeting


class Wake:
    """Ends the waiting of a client from another thread; stays rung until it is closed."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()

    def ring(self) -> None:
        with suppress(OSError):
            os.write(self._writing, b".")

    def close(self) -> None:
        writing, self._writing = self._writing, -1  # a ring that comes later must not meet another file
        for end in (self.reading, writing):
            with suppress(OSError):
                os.close(end)


class Client(IMAPClient):  # type: ignore[misc]  # the library has no types
    """A connection to an IMAP server. Not for several threads."""

    def __init__(self, settings: MailboxSettings, context: ssl.SSLContext | None, wake: Wake) -> None:
        self._wake = wake
        self._unread = False
        timeout = SocketTimeout(min(_CONNECT, settings.timeout), settings.timeout)
        implicit = settings.tls == "implicit"
        super().__init__(
            settings.host, settings.port, ssl=implicit, ssl_context=context if implicit else None, timeout=timeout
        )
        self.normalise_times = False  # dates with their zone

    def idle(self) -> None:
        super().idle()
        self._unread = True

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> list[Any]:
        """Overrides imapclient's own: see the module."""
        if self._unread:
            self._unread = False
            return [True]
        poller = select.poll()
        poller.register(sock.fileno(), select.POLLIN)
        poller.register(self._wake.reading, select.POLLIN)
        ready = poller.poll(None if timeout is None else timeout * 1000)
        return [event for event in ready if event[0] != self._wake.reading]


def connect(settings: MailboxSettings, wake: Wake) -> Client:
    """A connection that is encrypted as asked and logged in. Raises Gone or Unready; nothing is left open then."""
    with spoken():
        context = None if settings.tls == "none" else ssl.create_default_context(cafile=settings.ca_file)
        client = Client(settings, context, wake)
    try:
        if settings.tls == "starttls":
            _encrypt(client, context)
        _log_in(client, settings)
    except BaseException:
        close(client)
        raise
    return client


def close(client: Client) -> None:
    """End the connection without a word: the server may not be there to hear it."""
    with suppress(Exception):
        client.shutdown()


@contextmanager
def spoken() -> Iterator[None]:
    """What the library and the network raise, as Gone or Refused."""
    try:
        yield
    except IMAPClientAbortError as error:
        raise Gone(words_of(error)) from None
    except IMAPClientError as error:
        raise Refused(words_of(error)) from None
    except (OSError, EOFError) as error:
        raise Gone(words_of(error)) from None


def _encrypt(client: Client, context: ssl.SSLContext | None) -> None:
    try:
        with spoken():
            client.starttls(context)
    except Refused as refused:
        raise Unready(f"the server does not switch to TLS: {refused}") from None


def _log_in(client: Client, settings: MailboxSettings) -> None:
    access = settings.access
    if access is None:
        _say_password(client, settings)
        return
    token = _get_token(access)
    try:
        _say_token(client, settings, token)
    except Unready:
        access.forget(token)  # it may have been revoked, or a clock is wrong: a fresh one tells
        _say_token(client, settings, _get_token(access))


def _get_token(access: Tokens) -> str:
    try:
        return access.token()
    except NoToken as none:
        raise Unready(str(none)) from None


def _say_password(client: Client, settings: MailboxSettings) -> None:
    with _login():
        if settings.password.isascii() and settings.user.isascii():
            client.login(settings.user, settings.password)
        else:  # only SASL says in which charset (RFC 4616)
            client.plain_login(settings.user, settings.password)


def _say_token(client: Client, settings: MailboxSettings, token: str) -> None:
    with spoken():
        offered = [one.decode("ascii", "replace").removeprefix("AUTH=") for one in client.capabilities()]
    mechanism = choose(offered)
    if mechanism is None:
        raise Unready("the server takes no access token: neither XOAUTH2 nor OAUTHBEARER; use password_file")
    with _login():
        if mechanism is Mechanism.XOAUTH2:
            client.oauth2_login(settings.user, token)
        else:
            client.oauthbearer_login(settings.user, token)


@contextmanager
def _login() -> Iterator[None]:
    """A login that fails because the connection does is no word on the password."""
    try:
        with spoken():
            yield
    except Refused as refused:
        cause = refused.__context__
        while cause is not None and not isinstance(cause, IMAPClientAbortError | OSError):
            cause = cause.__context__
        if cause is not None:
            raise Gone(words_of(cause)) from None
        raise Unready(f"the login is refused: {refused}") from None
