"""One connection to the relay and the dialogue that sends a notice over it.

Where the relay announces PIPELINING (RFC 2920), MAIL, RCPT and DATA go in one packet; the first refusal among the
replies decides, as it does where the commands go one by one.

A connection that was lost while idle is reopened once. So is one that breaks between the replies to such a packet, and
then the commands go one by one: what a relay says before it hangs up can be lost with the commands that it did not
read. One that is lost after the message was on its way leaves the outcome unknown: Deferred; the next attempt may
double the notice, with the same bytes and Message-ID.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import threading
import time
from collections.abc import Callable

from mailgate.transport.errors import describe_connecting
from mailgate.transport.relay.addresses import spell
from mailgate.transport.relay.handshake import RelaySettings, RelayUnavailable, announced_size, open_session
from mailgate.transport.relay.message import Streamed, stuff
from mailgate.transport.relay.outcomes import (
    Deferred,
    Outcome,
    Rejected,
    Sent,
    SmtpReply,
    clean,
    read_data_reply,
    read_mail_reply,
    read_rcpt_reply,
)

IDLE_LIMIT = 30.0  # seconds; relays close idle connections themselves, and a fresh one costs little
_TAKEN_BY_ALL = 64_000  # bytes of a message: RFC 5321 section 4.5.3.1.7 asks for 64K octets at least
_GOODBYE = 1.0  # seconds that QUIT may take
_GO_ON = 354  # the reply to a DATA that is accepted


class _Lost(Exception):
    """The relay ended the connection, or it broke, before the message was on its way."""


class Connection:
    """A connection for one thread; only `close` may come from another."""

    def __init__(self, settings: RelaySettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._smtp: smtplib.SMTP | None = None
        self._used = 0.0
        self._busy = threading.Lock()
        self._cut = False
        self._at_once = True  # not once a packet of commands broke, until the next notice
        self.size_limit: int | None = None
        """The most bytes that the relay takes in a message: 0 where it names no limit, None before the first EHLO."""

    def send(self, sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        """Sends one notice; connects where it is not connected."""
        with self._busy:
            self._cut, self._at_once = False, True
            self._quit_if_idle()
            reused = self._smtp is not None
            try:
                return self._attempt(sender, recipient, message)
            except _Lost as lost:
                if self._cut or (self._at_once and not reused):
                    return Deferred(str(lost))
            try:
                return self._attempt(sender, recipient, message)
            except _Lost as lost:
                return Deferred(str(lost))

    def close_idle(self) -> None:
        """Closes the connection if nothing was sent on it for 30 seconds."""
        with self._busy:
            self._quit_if_idle()

    def close(self) -> None:
        """Closes the connection; a dialogue in another thread is cut and ends as Deferred."""
        if self._busy.acquire(blocking=False):
            try:
                self._quit()
            finally:
                self._busy.release()
            return
        self._cut = True
        smtp = self._smtp
        if smtp is not None and smtp.sock is not None:
            with contextlib.suppress(OSError):
                # Closing the socket here would close smtplib's file while the other thread uses it.
                smtp.sock.shutdown(socket.SHUT_RDWR)

    def _attempt(self, sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        """One try. Raises _Lost where another connection may succeed at once."""
        try:
            if self._smtp is None:
                self._smtp = open_session(self._settings)
                most = announced_size(self._smtp)
                self.size_limit = most if most >= _TAKEN_BY_ALL else 0  # no notice is planned by a mistake
            outcome = self._transmit(self._smtp, sender, recipient, message)
        except RelayUnavailable as unready:
            return Deferred(str(unready))
        except OSError as error:
            self._drop()
            relay = self._settings
            words = describe_connecting(error, relay.host, relay.port, relay.tls) or str(error)
            raise _Lost(clean(f"the relay cannot be reached: {words}")) from None
        self._used = self._monotonic()
        if not isinstance(outcome, Sent):
            self._reset()
        return outcome

    def _transmit(self, smtp: smtplib.SMTP, sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        """The dialogue of one notice, up to the reply that decides."""
        utf8 = smtp.has_extn("smtputf8")
        origin, target = spell(sender, utf8), spell(recipient, utf8)
        if isinstance(target, Rejected):
            return target
        if isinstance(origin, Rejected):
            return origin
        if (too_large := _exceeds(smtp, message)) is not None:
            return too_large
        options = _options(smtp, message, utf8=not (origin + target).isascii())
        mail, rcpt = f"MAIL FROM:<{origin}>{options}", f"RCPT TO:<{target}>"
        if self._at_once and smtp.has_extn("pipelining"):
            return self._transmit_at_once(smtp, mail, rcpt, message)
        reply = self._say(smtp, mail)
        if not reply.is_good:
            return read_mail_reply(reply)
        reply = self._say(smtp, rcpt)
        if not reply.is_good:
            return read_rcpt_reply(reply)
        return self._deliver(smtp, message, self._say(smtp, "DATA"))

    def _transmit_at_once(self, smtp: smtplib.SMTP, mail: str, rcpt: str, message: bytes | Streamed) -> Outcome:
        """Says the three commands in one packet, and reads every reply before anything else is sent."""
        refused: Deferred | Rejected | None = None
        self._send_lines(smtp, mail, rcpt, "DATA")
        try:
            begun = self._hear(smtp)
            refused = None if begun.is_good else read_mail_reply(begun)
            named = self._hear(smtp)
            refused = refused if refused or named.is_good else read_rcpt_reply(named)
            ready = self._hear(smtp)
        except (OSError, _Lost) as error:
            self._at_once = isinstance(error, _Lost)
            if refused is None:
                raise
            self._drop()
            return refused
        if refused is None:
            return self._deliver(smtp, message, ready)
        if ready.code == _GO_ON:
            self._withdraw(smtp, named)
        return refused

    def _withdraw(self, smtp: smtplib.SMTP, named: SmtpReply) -> None:
        """Gets out of a DATA that the relay has accepted after a refusal.

        With no recipient, an empty message ends it and goes to nobody (RFC 2920 section 3.1). With one, it could.
        """
        try:
            if named.is_good:
                self._drop()
            else:
                self._say(smtp, ".")
        except (OSError, _Lost):
            self._drop()

    def _deliver(self, smtp: smtplib.SMTP, message: bytes | Streamed, ready: SmtpReply) -> Outcome:
        """Sends the message if DATA was accepted; once it is sent, a lost connection leaves the outcome unknown."""
        if ready.code != _GO_ON:
            return read_data_reply(ready)
        try:
            # Its end in a packet of its own would cost both sides another turn.
            for piece in (b"".join(stuff(message)),) if isinstance(message, bytes) else stuff(message):
                smtp.send(piece)
            reply = SmtpReply.read(*smtp.getreply())
        except OSError as error:
            self._drop()
            return Deferred(clean(f"the connection was lost before the relay acknowledged: {error}"))
        except BaseException:  # half a message cannot be taken back, only never be ended
            self._drop()
            raise
        if reply.code == 421:
            self._drop()
        return Sent(reply.words) if reply.is_good else read_data_reply(reply)

    def _say(self, smtp: smtplib.SMTP, line: str) -> SmtpReply:
        self._send_lines(smtp, line)
        return self._hear(smtp)

    def _send_lines(self, smtp: smtplib.SMTP, *lines: str) -> None:
        # Not putcmd: smtplib encodes commands as ASCII, and raises on an address that SMTPUTF8 allows.
        smtp.send("".join(f"{line}\r\n" for line in lines).encode("utf-8"))

    def _hear(self, smtp: smtplib.SMTP) -> SmtpReply:
        reply = SmtpReply.read(*smtp.getreply())
        if reply.code in (421, -1):
            self._drop()
            raise _Lost(reply.words)
        return reply

    def _reset(self) -> None:
        """Sends RSET, so that the next notice can follow; drops the connection where that fails."""
        if self._smtp is None:
            return
        try:
            good = self._smtp.rset()[0] == 250
        except OSError:
            good = False
        if not good:
            self._drop()

    def _quit_if_idle(self) -> None:
        if self._smtp is not None and self._monotonic() - self._used > IDLE_LIMIT:
            self._quit()

    def _quit(self) -> None:
        """Closes politely, without waiting for a relay that has gone away."""
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                if self._smtp.sock is not None:
                    self._smtp.sock.settimeout(_GOODBYE)
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                self._smtp.close()
        self._smtp = None


def _exceeds(smtp: smtplib.SMTP, message: bytes | Streamed) -> Rejected | Deferred | None:
    """Rejected where the relay has said that it takes no message of that size (RFC 1870).

    Deferred for one that every server must take: the limit is a mistake, and ends when the operator mends it.
    """
    most = announced_size(smtp)
    if not 0 < most < len(message):
        return None
    words = f"the relay accepts {most} bytes, but the message has {len(message)}"
    if len(message) <= _TAKEN_BY_ALL:
        return Deferred(f"{words}: every mail server must accept that many, check its message_size_limit")
    return Rejected(words, too_large=True, most=most)


def _options(smtp: smtplib.SMTP, message: bytes | Streamed, utf8: bool) -> str:
    """The parameters of MAIL that this relay knows and this notice needs."""
    options = ""
    if smtp.has_extn("size"):
        options += f" SIZE={len(message)}"
    if smtp.has_extn("8bitmime") and not message.isascii():
        options += " BODY=8BITMIME"
    return options + (" SMTPUTF8" if utf8 else "")
