"""imapclient with its traps closed (measured on 4.1.0); the only module that imports it.

- What came in behind the answer to IDLE is noticed: imapclient asks the socket, where it no longer is. A line in two
  parts, and one that comes before the answer, are no mistakes.
- `IDLE` can be ended from another thread at once, by a byte into a pipe; so can a command that never ends.
- What the library and the network raise comes out as Gone, Refused or Unready, without the password.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailgate.intake.imap.outcomes import Gone, Refused, Unready, words_of
from mailgate.intake.imap.settings import MailboxSettings
from mailgate.oauth import Mechanism, NoToken, Tokens, choose

_CONNECT = 20.0  # seconds for the connection, and for the greeting
_COMMANDS = 5  # times the timeout, which is for each piece of an answer, may one command take
_LOOK, _MERCY = 5.0, 1.0  # seconds: between two looks of the guard, and for a command to end after the ring


class Wake:
    """Ends the waiting of a client from another thread; stays rung until it is closed."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()

    def wait(self, seconds: float) -> bool:
        """Whether somebody has rung, or it is closed, within that time."""
        try:
            return self._writing < 0 or bool(select.select([self.reading], [], [], seconds)[0])
        except (OSError, ValueError):
            return True

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
        self.busy_since = 0.0  # monotonic seconds, while a command is under way
        timeout = SocketTimeout(min(_CONNECT, settings.timeout), settings.timeout)
        implicit = settings.tls == "implicit"
        super().__init__(
            settings.host, settings.port, ssl=implicit, ssl_context=context if implicit else None, timeout=timeout
        )
        self.normalise_times = False  # dates with their zone

    def idle(self) -> None:
        """Overrides imapclient's own, which takes an untagged line before the answer for a refusal."""
        self._idle_tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if self._imap.tagged_commands.get(self._idle_tag):
                raise IMAPClientError("IDLE is refused")

    def wait_for_news(self, seconds: float) -> None:
        """Until the server says something, the time is over, or somebody rings; nothing is read here, so that no line
        can be cut."""
        if self._has_buffered():
            return
        poller = select.poll()
        poller.register(self.socket().fileno(), select.POLLIN)
        poller.register(self._wake.reading, select.POLLIN)
        poller.poll(seconds * 1000)

    def _has_buffered(self) -> bool:
        """Whether something of what was read together with the answer to IDLE lies in a buffer."""
        sock = self.socket()
        sock.setblocking(False)
        try:
            return bool(self.idle_check(0))
        finally:
            self._set_read_timeout()

    def _poll_socket(self, _sock: Any, timeout: float | None = None) -> list[Any]:  # noqa: ARG002
        """Overrides imapclient's own, which asks the socket; `idle_check` is to read what there is."""
        return [True]


def connect(settings: MailboxSettings, wake: Wake) -> Client:
    """A connection that is encrypted as asked and logged in. Raises Gone or Unready; nothing is left open then."""
    with spoken():
        context = None if settings.tls == "none" else ssl.create_default_context(cafile=settings.ca_file)
        client = Client(settings, context, wake)
    _Guard(client, wake, settings.timeout * _COMMANDS).start()
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
    client.busy_since = -1.0
    with suppress(Exception):
        client.shutdown()


class _Guard(threading.Thread):
    """Cuts the connection at which one command takes too long, whatever the server goes on sending, and that of whoever
    rings, if the command then under way does not end."""

    def __init__(self, client: Client, wake: Wake, longest: float) -> None:
        super().__init__(name="imap guard", daemon=True)
        self._client = client
        self._wake = wake
        self._longest = longest

    def run(self) -> None:
        while self._client.busy_since >= 0:
            ringing = self._wake.wait(min(_LOOK, self._longest))
            if ringing:
                time.sleep(_MERCY)
            since = self._client.busy_since
            if since > 0 and (ringing or time.monotonic() - since > self._longest):
                with suppress(Exception):
                    self._client.socket().shutdown(socket.SHUT_RDWR)
                return
            if ringing:
                return


@contextmanager
def spoken(client: Client | None = None) -> Iterator[None]:
    """What the library and the network raise, as Gone or Refused; with a client, its guard counts the time."""
    if client is not None and client.busy_since == 0:
        client.busy_since = time.monotonic()
        try:
            with spoken():
                yield
        finally:
            client.busy_since = min(client.busy_since, 0.0)
        return
    try:
        yield
    except IMAPClientAbortError as error:
        raise Gone(words_of(error)) from None
    except IMAPClientError as error:
        raise Refused(words_of(error)) from None
    except (OSError, EOFError) as error:
        raise Gone(words_of(error)) from None
    except (MemoryError, OverflowError) as error:  # of a literal that cannot be: what follows cannot be read either
        raise Gone(f"the server's answer cannot be read ({type(error).__name__})") from None
    except (ValueError, TypeError, LookupError) as error:  # of the library's reading of a whole answer
        raise Refused(f"the server's answer cannot be understood ({words_of(error)})") from None


def _encrypt(client: Client, context: ssl.SSLContext | None) -> None:
    try:
        with spoken(client):
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
    with _login(client, settings.password):
        if settings.password.isascii() and settings.user.isascii():
            client.login(settings.user, settings.password)
        else:  # only SASL says in which charset (RFC 4616)
            client.plain_login(settings.user, settings.password)


def _say_token(client: Client, settings: MailboxSettings, token: str) -> None:
    with spoken(client):
        offered = [one.decode("ascii", "replace").removeprefix("AUTH=") for one in client.capabilities()]
    mechanism = choose(offered)
    if mechanism is None:
        raise Unready("the server takes no access token: neither XOAUTH2 nor OAUTHBEARER; use password_file")
    with _login(client, token):
        if mechanism is Mechanism.XOAUTH2:
            client.oauth2_login(settings.user, token)
        else:
            client.oauthbearer_login(settings.user, token)


@contextmanager
def _login(client: Client, secret: str) -> Iterator[None]:
    """A login that fails because the connection does is no word on the password. Some servers repeat what they do not
    understand: the secret never gets into the words."""
    try:
        with spoken(client):
            yield
    except Refused as refused:
        cause = refused.__context__
        while cause is not None and not isinstance(cause, IMAPClientAbortError | OSError):
            cause = cause.__context__
        if cause is not None:
            raise Gone(words_of(cause).replace(secret, "[secret]")) from None
        raise Unready(f"the login is refused: {refused}".replace(secret, "[secret]")) from None
