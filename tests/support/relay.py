"""Relays for tests: an SMTP sink that keeps what it gets, and a relay whose replies are scripted."""

from __future__ import annotations

import asyncio
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.desk import Delivered


@dataclass(frozen=True)
class ReceivedMail:
    """A mail as the sink received it."""

    sender: str
    recipients: tuple[str, ...]
    options: tuple[str, ...]
    content: bytes


class SmtpSink:
    """A receiving server on a free port; `with SmtpSink() as sink:`. Options go to aiosmtpd."""

    def __init__(self, host: str = "127.0.0.1", **options: Any) -> None:
        self._host = host
        self.received: list[ReceivedMail] = []
        self.arrived = threading.Semaphore(0)
        self.connections = 0
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._protocols: list[SMTP] = []
        self.port = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        sender = (envelope.mail_from or "").removeprefix("<>")
        self.received.append(ReceivedMail(sender, tuple(envelope.rcpt_tos), tuple(envelope.mail_options), content))
        self.arrived.release()
        return "250 2.0.0 ReceivedMail"

    def __enter__(self) -> SmtpSink:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _greet(self) -> SMTP:
        self.connections += 1
        protocol = SMTP(self, hostname="sink", loop=self._loop, **self._options)
        self._protocols.append(protocol)
        return protocol

    async def _listen(self) -> int:
        self._server = await self._loop.create_server(self._greet, self._host, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        for protocol in self._protocols:
            if isinstance(protocol.transport, asyncio.WriteTransport):
                protocol.transport.abort()
        for _ in range(5):
            await asyncio.sleep(0)


class Receiver(SmtpSink):
    """An SMTP sink that a test can wait for, for desks that run as processes or threads of their own."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__(host)
        self._changed = threading.Condition()
        self.mails: list[Delivered] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = await super().handle_DATA(server, session, envelope)
        taken = self.received[-1]
        with self._changed:
            for recipient in taken.recipients:
                self.mails.append(Delivered(taken.sender, recipient, taken.content, datetime.now(UTC)))
            self._changed.notify_all()
        return reply

    def __enter__(self) -> Receiver:
        super().__enter__()
        return self

    def poke(self) -> None:
        """Wake waiters: something other than an arrival has happened."""
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, met: Callable[[list[Delivered]], bool], seconds: float = 20.0) -> bool:
        """Wait until the arrivals meet a condition; False when they do not within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: met(self.mails), seconds)


HANG_UP = "hang up"


@dataclass
class Script:
    """The replies of a relay: by verb, one reply after the other, the last one for ever. "." answers the message.

    A reply HANG_UP closes the connection instead. `heard` is every command line and message, in order.
    """

    replies: dict[str, list[str]] = field(default_factory=dict)
    greeting: list[str] = field(default_factory=lambda: ["220 scripted"])
    extensions: tuple[str, ...] = ()
    heard: list[str] = field(default_factory=list)

    def answer(self, verb: str) -> str:
        if verb == "GREETING":
            return _next(self.greeting)
        if verb in self.replies:
            return _next(self.replies[verb])
        if verb == "EHLO":
            lines = ["scripted", *self.extensions]
            return "\r\n".join([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"])
        return {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 fine")


def _next(replies: list[str]) -> str:
    return replies.pop(0) if len(replies) > 1 else replies[0]


class _LoopbackServer(ABC):
    """Listens on a free loopback port and talks to one connection after the other."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError), connection:
                connection.settimeout(10)
                self._talk(connection)

    @abstractmethod
    def _talk(self, connection: socket.socket) -> None: ...


class PacketRelay(_LoopbackServer):
    """Reads and answers in packets, and keeps what it read.

    `answers` are written one for each read; behind one that ends with HANG_UP it does so.
    """

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self._answers = list(answers)
        self.packets: list[bytes] = []

    def _talk(self, connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        while packet := connection.recv(100_000):
            self.packets.append(packet)
            if packet.startswith(b"ehlo"):
                connection.sendall(b"250-hello\r\n250 PIPELINING\r\n")
            elif packet.startswith((b"rset", b"quit")):
                connection.sendall(b"250 fine\r\n")
            else:
                answer = self._answers.pop(0)
                connection.sendall(answer.removesuffix(HANG_UP).replace("\n", "\r\n").encode())
                if answer.endswith(HANG_UP):
                    return


class ScriptedRelay(_LoopbackServer):
    """Plays a Script."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.script = script

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rwb") as file:
            self._play(file)

    def _play(self, file: Any) -> None:
        verb = "GREETING"
        while self._reply(file, verb):
            if verb in ("DATA",) and self._last.startswith("354"):
                self.script.heard.append(_read_message(file))
                verb = "."
                continue
            line = file.readline().decode("utf-8").rstrip("\r\n")
            if not line:
                return
            self.script.heard.append(line)
            verb = line.partition(" ")[0].upper()

    def _reply(self, file: Any, verb: str) -> bool:
        self._last = self.script.answer(verb)
        if self._last == HANG_UP:
            return False
        file.write(self._last.encode("utf-8") + b"\r\n")
        file.flush()
        return verb != "QUIT"


def _read_message(file: Any) -> str:
    lines: list[bytes] = []
    while (line := file.readline()) not in (b".\r\n", b""):
        lines.append(line)
    return b"".join(lines).decode("utf-8")
