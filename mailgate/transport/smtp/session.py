"""One SMTP session: the dialogue with one peer, from greeting to the end of the connection (RFC 5321).

250 is sent after DATA only when `Acceptor.accept` reports the mail durable. A failure to store it is 451 with a fixed
sentence, so that the peer tries again and learns nothing of internal errors. A peer that hangs up does not stop the
storing; it is not acknowledged, sends again, and is recognised (rule 12).

aiosmtpd runs the connection, STARTTLS and the small commands. MAIL, RCPT, DATA, EHLO and AUTH are ours: aiosmtpd
refuses parameters that relays do send, lets control characters into addresses, and reads a mail line by line.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, TLSSetupException
from aiosmtpd.smtp import Envelope as Transaction

from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Envelope
from mailgate.core.networks import is_loopback
from mailgate.core.outage import Outage
from mailgate.store.errors import log_error
from mailgate.store.spool import Spool
from mailgate.transport.acceptance import Accept
from mailgate.transport.smtp.auth import Credentials, ask_credentials
from mailgate.transport.smtp.completions import Completions
from mailgate.transport.smtp.data import TooLarge, read_content
from mailgate.transport.smtp.envelope_paths import PathRejection, read_recipient, read_sender
from mailgate.transport.smtp.peer_limits import PeerLimits
from mailgate.transport.smtp.users import SmtpUsers
from mailgate.transport.smtp.xforward import OFFER, read_forward

log = logging.getLogger("mailgate.intake")

MOST_RECIPIENTS = 100
_MOST_FAILED_LOGINS = 3
_COMMAND_LIMIT = 2048  # octets of a command line
_PIECE = 64 * 1024  # octets the reader holds before it must hand them on; bounds a command line's memory too

_SLOWEST = 1024  # bytes a second that a mail must come in with, on the average, once `idle_timeout` is over

CLOSING = "421 4.3.2 This server is closing the connection, try again later"
TOO_LARGE = "552 5.3.4 The mail is larger than this server takes"
NOT_OURS = "550 5.1.1 No such address here"
NOT_STORED = "451 4.3.0 The mail could not be stored, try again later"
STORED = "250 2.0.0 Stored as journal"  # with the number of its row behind it
BAD_LOGIN = "535 5.7.8 Address or password is wrong"
TOO_MANY = "421 4.7.0 Too many connections, try again later"
TOO_SLOW = "421 4.4.2 This took too long, try again later"
TOO_MANY_LOGINS = "421 4.7.0 Too many wrong passwords, try again in an hour"


@dataclass(frozen=True, slots=True)
class ListenerContext:
    """Settings and state that the sessions of a listener share.

    `idle_timeout` is in seconds: how long a peer may take for a command as a whole. `max_size` is in bytes. `limits`
    holds what one peer may do; None sets no limit.
    """

    accept: Accept
    is_ours: Callable[[str], bool]
    clock: Clock
    hostname: str
    max_size: int
    idle_timeout: float
    tls: ssl.SSLContext | None = None
    users: SmtpUsers | None = None
    limits: PeerLimits | None = None
    outage: Outage = field(default_factory=Outage)
    sessions: set[SmtpSession] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    completions: Completions = field(default_factory=Completions)

    def note_failure(self, error: BaseException, peer: str) -> None:
        """Logs why mails do not get as far as the store: one line for each kind of reason until a mail is stored."""
        if self.outage.fail(type(error).__name__):
            log_error(log, error, action="store", result="failed", peer=peer)


class SmtpSession(SMTP):
    """SMTP protocol of one connection, driven by asyncio; LmtpSession overrides what has no leading underscore."""

    line_length_limit = _PIECE
    command_size_limit = _COMMAND_LIMIT
    protocol = "ESMTP"  # as the greeting calls it
    source = "smtp"  # as the journal calls it

    def __init__(self, context: ListenerContext) -> None:
        # aiosmtpd shares this between all connections and clears it at each new one.
        self.command_size_limits = defaultdict(lambda: _COMMAND_LIMIT)
        super().__init__(
            object(),
            data_size_limit=context.max_size,
            enable_SMTPUTF8=True,
            hostname=context.hostname,
            ident=self.protocol,
            tls_context=context.tls,
            timeout=context.idle_timeout,
        )
        self._context = context
        self._user = ""
        self._failed_logins = 0
        self._counted = False  # among the connections of this peer
        self._forwarded: str | None = None  # the client of the next mail by XFORWARD; "" is unknown
        self._owed = 1  # replies that the peer waits for
        self._due = 0.0  # by the loop's clock: when the peer has taken too long
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._context.sessions.add(self)
        super().connection_made(transport)  # at STARTTLS once more, for the encrypted transport
        if self._context.limits is not None and not self._counted:
            self._counted = self._context.limits.open_connection(self._peer())
            if not self._counted:
                log.warning(
                    Fields(action="connect", result="refused", peer=self._peer(), reason="too many connections")
                )
                self.cut(TOO_MANY)

    def connection_lost(self, error: Exception | None) -> None:
        self._context.sessions.discard(self)
        if self._context.limits is not None and self._counted:
            self._counted = False
            self._context.limits.close_connection(self._peer())
        super().connection_lost(error)
        self.ended.set()

    def cut(self, reply: str = CLOSING) -> None:
        """Ends the connection now, even in the middle of a command, with a reply to a peer that still listens."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(reply.encode("ascii") + b"\r\n")
            self.transport.abort()  # closing it politely would wait for a peer that reads nothing

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Gives the peer so many seconds from now on. A timer that is due earlier stays, and is set anew then."""
        self._due = self.loop.time() + (duration or self._context.idle_timeout)
        if self._timeout_handle is not None:
            if self._timeout_handle.when() <= self._due:
                return
            self._timeout_handle.cancel()
        self._timeout_handle = self.loop.call_at(self._due, self._timeout_cb)

    def _timeout_cb(self) -> None:
        """Ends the connection of a peer that has taken too long for a command."""
        if self._due > self.loop.time():
            self._timeout_handle = self.loop.call_at(self._due, self._timeout_cb)
        else:
            self.cut(TOO_SLOW)

    async def smtp_EHLO(self, arg: str | None) -> None:
        await self.greet("EHLO", arg)

    async def greet(self, command: str, hostname: str | None) -> None:
        """Answers the greeting with the extensions on offer, and resets the transaction."""
        if not hostname:
            await self.push(f"501 5.5.4 Syntax: {command} hostname")
            return
        assert self.session is not None
        self.envelope = self._create_envelope()
        self.session.extended_smtp = True
        self.session.host_name = hostname
        offers = [self.hostname, f"SIZE {self._context.max_size}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if self._context.tls is not None and not self._is_encrypted():
            offers.append("STARTTLS")
        if self._context.users is not None and self._is_encrypted():
            offers.append("AUTH PLAIN LOGIN")
        if self._is_local():
            offers.append(OFFER)
        lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
        await self.push("\r\n".join(lines))

    async def smtp_XFORWARD(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self._is_local():
            await self.push("550 5.7.0 XFORWARD is for mail servers on this machine")
            return
        if self.envelope.mail_from is not None:
            await self.push("503 5.5.1 A mail is already begun")
            return
        told = read_forward(arg)
        if isinstance(told, PathRejection):
            await self.push(told.reply)
            return
        if told is not None:
            self._forwarded = told
        await self.push("250 2.0.0 Noted for the next mail")

    async def smtp_MAIL(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if self.envelope.mail_from is not None:
            await self.push("503 5.5.1 A mail is already begun")
            return
        path = read_sender(arg)
        if isinstance(path, PathRejection):
            await self.push(path.reply)
        elif path.size > self._context.max_size:
            await self.push(TOO_LARGE)
        else:
            self.envelope.mail_from = path.address
            self.envelope.smtp_utf8 = path.smtputf8
            await self.push("250 2.1.0 Sender noted")

    async def smtp_RCPT(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if self.envelope.mail_from is None:
            await self.push("503 5.5.1 MAIL comes first")
            return
        address = read_recipient(arg, self.envelope.smtp_utf8)
        if isinstance(address, PathRejection):
            await self.push(address.reply)
        elif not self._context.is_ours(address):
            await self.push(NOT_OURS)
        elif len(self.envelope.rcpt_tos) >= MOST_RECIPIENTS:
            await self.push("452 4.5.3 Too many recipients")
        else:
            self.envelope.rcpt_tos.append(address)
            await self.push("250 2.1.5 Recipient noted")

    async def smtp_DATA(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT comes first")
            return
        self._owed = self.count_replies(len(self.envelope.rcpt_tos))
        await self.push("354 End the mail with a line that holds a single dot")
        try:
            content = await read_content(self._reader, self._context.max_size, self._expect_progress())
        except asyncio.IncompleteReadError:
            self._leave()
            return
        envelope = self._take_envelope()
        outcome = TOO_LARGE if isinstance(content, TooLarge) else await self._store(envelope, content)
        reply = self._pay(outcome)
        if self._context.stopping.is_set():
            await self._end(f"{reply}\r\n{CLOSING}")
        else:
            await self.push(reply)

    def _expect_progress(self) -> Callable[[int], None]:
        """Returns what is called with the size of each piece of a mail, and ends a connection that is too slow.

        A peer has `idle_timeout` for each piece, and no less than _SLOWEST for the mail as a whole: one that sends a
        byte now and then would hold its connection for ever.
        """
        began, received = self.loop.time(), 0

        def progress(count: int) -> None:
            nonlocal received
            received += count
            left = began + self._context.idle_timeout + received / _SLOWEST - self.loop.time()
            self._reset_timeout(max(min(self._context.idle_timeout, left), 0.001))

        return progress

    def count_replies(self, recipients: int) -> int:  # noqa: ARG002 - LMTP has one for each of them
        """How many replies a mail with so many accepted RCPT commands gets."""
        return 1

    def _pay(self, reply: str) -> str:
        """Repeats a reply as often as the peer expects one."""
        owed, self._owed = self._owed, 1
        return "\r\n".join([reply] * owed)

    def _create_envelope(self) -> Transaction:
        """Starts a fresh transaction, and forgets the XFORWARD client of the last one."""
        self._forwarded = None
        return super()._create_envelope()

    def _take_envelope(self) -> Envelope:
        """The envelope of the mail just read; the session is ready for the next one."""
        assert self.envelope is not None
        peer = self._peer() if self._forwarded is None else self._forwarded
        done, self.envelope = self.envelope, self._create_envelope()
        return Envelope(
            sender=done.mail_from,
            recipients=tuple(dict.fromkeys(done.rcpt_tos)),
            source=self.source,
            received_at=self._context.clock.now(),
            auth_user=self._user,
            peer=peer,
        )

    async def _store(self, envelope: Envelope, content: bytes | Spool) -> str:
        """Stores the mail, waits until it is durable and returns the reply."""
        try:
            stored = self._context.accept(envelope, content)
        except Exception as error:
            self._context.note_failure(error, envelope.peer)
            return NOT_STORED
        await self._context.completions.wait(stored)
        if stored.cancelled() or stored.exception() is not None:  # logged where mails are stored
            return NOT_STORED
        self._context.outage.end()
        return f"{STORED} {stored.result().journal_id}"

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: ARG002 - the answer is the same for every address
        await self.push("252 2.5.0 Send the mail and see")

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        if self._is_encrypted():
            await self.push("503 5.5.1 TLS is on already")
            return
        await super().smtp_STARTTLS(arg or "")

    async def smtp_AUTH(self, arg: str | None) -> None:
        if await self.check_helo_needed("EHLO"):
            return
        if self._context.users is None:
            await self.push("502 5.5.1 There are no logins here")
        elif not self._is_encrypted():
            await self.push("538 5.7.11 STARTTLS comes first")
        elif self._user:
            await self.push("503 5.5.1 Already logged in")
        else:
            credentials = await ask_credentials(self, arg)
            if credentials is not None:
                await self._log_in(self._context.users, credentials)

    async def _log_in(self, users: SmtpUsers, credentials: Credentials) -> None:
        limits = self._context.limits
        if limits is not None and not limits.begin_login(self._peer()):
            log.warning(Fields(action="login", result="refused", peer=self._peer(), reason="too many wrong passwords"))
            await self._end(TOO_MANY_LOGINS)
            return
        if await asyncio.to_thread(users.verify, credentials.address, credentials.password):
            if limits is not None:
                limits.pass_login(self._peer())
            self._user = credentials.address
            await self.push("235 2.7.0 Logged in")
            return
        log.warning(Fields(action="login", result="failed", peer=self._peer()))
        self._failed_logins += 1
        if self._failed_logins < _MOST_FAILED_LOGINS:
            await self.push(BAD_LOGIN)
        else:
            await self._end(f"{BAD_LOGIN}\r\n{CLOSING}")

    def _is_encrypted(self) -> bool:
        return self.session is not None and self.session.ssl is not None

    def _peer(self) -> str:
        """The IP address of the peer, "" at a UNIX socket."""
        name = self.session.peer if self.session is not None else None
        return str(name[0]) if isinstance(name, tuple) else ""

    def _is_local(self) -> bool:
        """Tells whether the peer runs on this machine: only then is its XFORWARD trusted."""
        transport = self._original_transport or self.transport
        connection = transport.get_extra_info("socket") if transport is not None else None
        if connection is not None and connection.family == socket.AF_UNIX:
            return True
        return is_loopback(self._peer())

    async def _end(self, reply: str) -> None:
        await self.push(reply)
        self._leave()

    def _leave(self) -> None:
        """Closes the connection and ignores the commands that the peer has pipelined."""
        self._writer.close()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    async def handle_exception(self, error: Exception) -> str:
        """Replies 451 to an internal error and starts a fresh transaction; aiosmtpd would send the exception's text."""
        if isinstance(error, TLSSetupException):
            log.info(Fields(action="starttls", result="failed", peer=self._peer(), reason=error.__cause__))
        elif not isinstance(error, asyncio.IncompleteReadError):
            self._context.note_failure(error, self._peer())
        self.envelope = self._create_envelope()
        return self._pay(NOT_STORED)
