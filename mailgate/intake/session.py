"""One SMTP session: the dialogue with one peer, from greeting to the end of the connection (RFC 5321).

The promise it keeps: 250 after DATA is said only when `Service.accept` reports the mail durable. Whatever goes wrong
with storing is 451 with a fixed sentence, so that the peer tries again and reads nothing about our insides. A peer
that hangs up does not stop the storing; it is not acknowledged, sends again, and is recognised (rule 12).

aiosmtpd runs the connection, STARTTLS and the small commands. MAIL, RCPT, DATA, EHLO and AUTH are ours: aiosmtpd
refuses parameters that relays do send, lets control characters into addresses, and reads a mail line by line.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import ssl
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, TLSSetupException

from mailgate.clock import Clock
from mailgate.intake.claims import Claim, ask_claim
from mailgate.intake.content import TooLarge, read_content
from mailgate.intake.logins import Logins
from mailgate.intake.paths import Refusal, read_recipient, read_sender
from mailgate.mail import Envelope
from mailgate.store.spool import Spool

log = logging.getLogger("mailgate.intake")

Accept = Callable[[Envelope, bytes | Spool], "concurrent.futures.Future[Any]"]
"""Takes a mail and promises to store it. The future resolves when it is durable and raises when it cannot be."""

MOST_RECIPIENTS = 100
_MOST_FAILED_LOGINS = 3
_COMMAND_LIMIT = 2048  # octets of a command line
_PIECE = 64 * 1024  # octets the reader holds before it must hand them on; bounds a command line's memory too

CLOSING = "421 4.3.2 This server is closing the connection, try again later"
TOO_LARGE = "552 5.3.4 The mail is larger than this server takes"
NOT_OURS = "550 5.1.1 No such address here"
NOT_STORED = "451 4.3.0 The mail could not be stored, try again later"
STORED = "250 2.0.0 The mail is stored"
BAD_LOGIN = "535 5.7.8 Address or password is wrong"


@dataclass(frozen=True, slots=True)
class Service:
    """What every session of a listener shares. `idle_timeout` is in seconds, `max_size` in bytes."""

    accept: Accept
    is_ours: Callable[[str], bool]
    clock: Clock
    hostname: str
    max_size: int
    idle_timeout: float
    tls: ssl.SSLContext | None
    logins: Logins | None
    sessions: set[SmtpSession]
    stopping: asyncio.Event


class SmtpSession(SMTP):
    """The protocol object of one connection; asyncio drives it."""

    line_length_limit = _PIECE
    command_size_limit = _COMMAND_LIMIT

    def __init__(self, service: Service) -> None:
        # aiosmtpd shares this between all connections and clears it at each new one.
        self.command_size_limits = defaultdict(lambda: _COMMAND_LIMIT)
        super().__init__(
            object(),
            data_size_limit=service.max_size,
            enable_SMTPUTF8=True,
            hostname=service.hostname,
            ident="ESMTP",
            tls_context=service.tls,
            timeout=service.idle_timeout,
        )
        self._service = service
        self._user = ""
        self._failed_logins = 0
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._service.sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._service.sessions.discard(self)
        super().connection_lost(error)
        self.ended.set()

    def cut(self) -> None:
        """End the connection now, whatever is under way, with a word to the peer where it still listens."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(CLOSING.encode("ascii") + b"\r\n")
            self.transport.abort()  # closing TLS politely would wait half a minute for the peer

    async def smtp_EHLO(self, hostname: str | None) -> None:
        if not hostname:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        assert self.session is not None
        self.envelope = self._create_envelope()
        self.session.extended_smtp = True
        self.session.host_name = hostname
        offers = [self.hostname, f"SIZE {self._service.max_size}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if self._service.tls is not None and not self._is_encrypted():
            offers.append("STARTTLS")
        if self._service.logins is not None and self._is_encrypted():
            offers.append("AUTH PLAIN LOGIN")
        lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
        await self.push("\r\n".join(lines))

    async def smtp_MAIL(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if self.envelope.mail_from is not None:
            await self.push("503 5.5.1 A mail is already begun")
            return
        path = read_sender(arg)
        if isinstance(path, Refusal):
            await self.push(path.reply)
        elif path.size > self._service.max_size:
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
        if isinstance(address, Refusal):
            await self.push(address.reply)
        elif not self._service.is_ours(address):
            await self.push(NOT_OURS)
        elif len(self.envelope.rcpt_tos) >= MOST_RECIPIENTS:
            await self.push("452 4.5.3 Too many recipients")
        else:
            if address not in self.envelope.rcpt_tos:
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
        await self.push("354 End the mail with a line that holds a single dot")
        try:
            content = await read_content(self._reader, self._service.max_size, self._reset_timeout)
        except asyncio.IncompleteReadError:
            self._leave()
            return
        envelope = self._take_envelope()
        reply = TOO_LARGE if isinstance(content, TooLarge) else await self._store(envelope, content)
        if self._service.stopping.is_set():
            await self._end(f"{reply}\r\n{CLOSING}")
        else:
            await self.push(reply)

    def _take_envelope(self) -> Envelope:
        """The envelope of the mail just read; the session is ready for the next one."""
        assert self.envelope is not None
        done, self.envelope = self.envelope, self._create_envelope()
        return Envelope(
            sender=done.mail_from,
            recipients=tuple(done.rcpt_tos),
            source="smtp",
            received_at=self._service.clock.now(),
            auth_user=self._user,
            peer=self._peer(),
        )

    async def _store(self, envelope: Envelope, content: bytes | Spool) -> str:
        """Hand the mail on and wait until it is durable. Returns the reply."""
        try:
            waiting = asyncio.wrap_future(self._service.accept(envelope, content))
        except Exception:
            log.exception("not stored peer=%s size=%d", envelope.peer, len(content))
            return NOT_STORED
        waiting.add_done_callback(lambda done: _log_outcome(done, envelope, len(content)))
        await asyncio.wait([waiting])  # unlike awaiting it, this leaves it alone when the peer hangs up
        failed = waiting.cancelled() or waiting.exception() is not None
        return NOT_STORED if failed else STORED

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
        if self._service.logins is None:
            await self.push("502 5.5.1 There are no logins here")
        elif not self._is_encrypted():
            await self.push("538 5.7.11 STARTTLS comes first")
        elif self._user:
            await self.push("503 5.5.1 Already logged in")
        else:
            claim = await ask_claim(self, arg)
            if claim is not None:
                await self._log_in(self._service.logins, claim)

    async def _log_in(self, logins: Logins, claim: Claim) -> None:
        if await asyncio.to_thread(logins.verify, claim.address, claim.password):
            self._user = claim.address
            await self.push("235 2.7.0 Logged in")
            return
        log.warning("login failed peer=%s", self._peer())
        self._failed_logins += 1
        if self._failed_logins < _MOST_FAILED_LOGINS:
            await self.push(BAD_LOGIN)
        else:
            await self._end(f"{BAD_LOGIN}\r\n{CLOSING}")

    def _is_encrypted(self) -> bool:
        return self.session is not None and self.session.ssl is not None

    def _peer(self) -> str:
        """The IP address of the peer."""
        name = self.session.peer if self.session is not None else None
        return str(name[0]) if isinstance(name, tuple) else ""

    async def _end(self, reply: str) -> None:
        await self.push(reply)
        self._leave()

    def _leave(self) -> None:
        """Close, and do nothing more of what the peer may have sent ahead."""
        self._writer.close()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours: 451 and a fresh transaction. aiosmtpd would say 500 and the exception's text."""
        if isinstance(error, TLSSetupException):
            log.info("no handshake peer=%s reason=%s", self._peer(), error.__cause__)
        elif not isinstance(error, asyncio.IncompleteReadError):
            log.error("session failed peer=%s", self._peer(), exc_info=error)
        self.envelope = self._create_envelope()
        return NOT_STORED


def _log_outcome(done: asyncio.Future[object], envelope: Envelope, size: int) -> None:
    """One line per mail; also where the peer is gone and nobody waits for the outcome."""
    error = None if done.cancelled() else done.exception()
    if done.cancelled() or error is not None:
        log.error("not stored peer=%s size=%d", envelope.peer, size, exc_info=error)
    else:
        count = len(envelope.recipients)
        log.info("accepted peer=%s sender=<%s> recipients=%d size=%d", envelope.peer, envelope.sender, count, size)
