"""The sink of the demo: an SMTP server on loopback that accepts all mail, into a Maildir for each address.

A mail is in its mailbox before the sink answers 250.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import mailbox
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from mailgate.parsers.mime.clean_text import undo_flow

_LARGEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class DeliveredMail:
    """A mail in the mailbox of `owner`."""

    owner: str
    message: EmailMessage

    @property
    def notice(self) -> str:
        """The kind of the notice, by the desk's X-Mailgate header."""
        return str(self.message["X-Mailgate"] or "").rpartition("notice=")[2].strip()

    @property
    def text(self) -> str:
        """The text as a mail client shows it."""
        part = self.message.get_body(("plain",))
        if part is None:
            return ""
        text = str(part.get_content()).replace("\r\n", "\n")
        if part.get_param("format") != "flowed":
            return text
        return undo_flow(text, delete_space=part.get_param("delsp") == "yes")

    @property
    def reply_to(self) -> str:
        """The address that a reply goes to."""
        return str(self.message["Reply-To"] or self.message["From"])


class Mailboxes:
    """All mailboxes; `with Mailboxes(folder) as mailboxes:` listens on `port`.

    `arrived` is called with each mail, from the thread that receives.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arrived: Callable[[DeliveredMail], None] = lambda _mail: None
        self.port = 0
        self._mails: list[DeliveredMail] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mailboxes", daemon=True)
        self._sessions: list[SMTP] = []
        self._server: asyncio.Server | None = None
        folder.mkdir(parents=True)

    def __enter__(self) -> Mailboxes:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # -- looking ---------------------------------------------------------------------------------------------------

    def count(self) -> int:
        """Counts the mails that have arrived."""
        return len(self._mails)

    def since(self, count: int) -> list[DeliveredMail]:
        """Returns the mails after the first `count`, in the order of arrival."""
        return self._mails[count:]

    def newest(self, owner: str, notice: str) -> DeliveredMail | None:
        """Returns the newest notice of that kind in a mailbox."""
        found = (mail for mail in reversed(self._mails) if (mail.owner, mail.notice) == (owner, notice))
        return next(found, None)

    def path(self, owner: str) -> Path:
        """Returns the Maildir of an address."""
        return self.folder / re.sub(r"[^\w.@+-]", "_", owner.lower()).lstrip(".")

    # -- receiving -------------------------------------------------------------------------------------------------

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        for owner in envelope.rcpt_tos:
            self._file(owner, content)
        return "250 2.0.0 In the mailbox"

    def _file(self, owner: str, content: bytes) -> None:
        mailbox.Maildir(self.path(owner)).add(content.replace(b"\r\n", b"\n"))
        message = email.message_from_bytes(content, policy=email.policy.default)
        delivered = DeliveredMail(owner, message)
        self._mails.append(delivered)
        self.arrived(delivered)

    def _greet(self) -> SMTP:
        session = SMTP(
            self, hostname="mailboxes.example", loop=self._loop, enable_SMTPUTF8=True, data_size_limit=_LARGEST
        )
        self._sessions.append(session)
        return session

    async def _listen(self) -> int:
        self._server = await self._loop.create_server(self._greet, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            if isinstance(session.transport, asyncio.WriteTransport):
                session.transport.abort()
        for _ in range(5):  # the sessions' tasks see the end of their connections
            await asyncio.sleep(0)
