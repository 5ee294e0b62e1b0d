"""A real listener on a loopback port for tests: it runs in a thread, the test talks to it as a client."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.store.spool import HEAD, Spool
from mailgate.transport.acceptance import StoredMail
from mailgate.transport.smtp.lmtp import LmtpIntake, LmtpSettings
from mailgate.transport.smtp.server import SmtpIntake, SmtpSettings

BODY = b"Subject: Printer\r\n\r\nIt is broken.\r\n"
SENDER = "jo@customer.example"
DESK = "support@example.com"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class FakeJournal:
    """Accepts mails as the journal would. `failure` is raised by the future, `refusal` by the call itself.

    While `open` is not set, mails wait: nothing is durable yet.
    """

    stored: list[tuple[Envelope, bytes]] = field(default_factory=list)
    failure: BaseException | None = None
    refusal: Exception | None = None
    open: threading.Event = field(default_factory=threading.Event)
    began: threading.Event = field(default_factory=threading.Event)
    threads: concurrent.futures.ThreadPoolExecutor = field(
        default_factory=lambda: concurrent.futures.ThreadPoolExecutor(4)
    )

    def __post_init__(self) -> None:
        self.open.set()

    def accept(self, envelope: Envelope, raw: bytes | Spool) -> concurrent.futures.Future[StoredMail]:
        if self.refusal is not None:
            raise self.refusal
        return self.threads.submit(self._store, envelope, raw)

    def _store(self, envelope: Envelope, raw: bytes | Spool) -> StoredMail:
        self.began.set()
        self.open.wait(20)
        if self.failure is not None:
            raise self.failure
        self.stored.append((envelope, hold(raw)))
        return StoredMail(len(self.stored))


def hold(raw: bytes | Spool) -> bytes:
    """The bytes of a mail; a file of them is closed, as the intake does."""
    if isinstance(raw, bytes):
        return raw
    content = b"".join(raw.pieces())
    assert len(raw) == len(content)
    assert raw.head == content[:HEAD]
    raw.close()
    return content


def is_ours(address: str) -> bool:
    """The desk's address with any extension, one beyond ASCII, and the postmaster."""
    local, _, domain = address.casefold().rpartition("@")
    if address.casefold() == "postmaster":
        return True
    return domain == "example.com" and local.partition("+")[0] in ("support", "dépannage")


class ListenerThread:
    """`with ListenerThread(journal) as desk:` runs an SmtpIntake at 127.0.0.1:`desk.port`.

    With LmtpSettings it is an LmtpIntake, at their socket where they name one: `desk.place` is where to connect.
    """

    def __init__(
        self,
        journal: FakeJournal,
        settings: SmtpSettings | LmtpSettings | None = None,
        grace: float = 0.2,
        *,
        is_free: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._settings = replace(settings or SmtpSettings(), port=0)
        self._mailroom = journal
        self._grace = grace
        self._is_free = is_free
        self.clock = HandClock(NOON)
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.intake: SmtpIntake | LmtpIntake
        self.place: int | Path

    def __enter__(self) -> ListenerThread:
        if isinstance(self._settings, LmtpSettings):
            self.intake = LmtpIntake(self._settings, self._mailroom.accept, is_ours, self.clock)
        else:
            self.intake = SmtpIntake(self._settings, self._mailroom.accept, is_ours, self.clock, self._is_free)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.intake.start(), self._loop).result(10)
        except OSError:
            self._end()
            raise
        self.place = getattr(self._settings, "path", None) or self.intake.port
        return self

    @property
    def port(self) -> int:
        assert isinstance(self.place, int)
        return self.place

    def stop(self, grace: float) -> concurrent.futures.Future[None]:
        """Begin to stop: nobody can connect any more. The future is done when the last session has ended."""
        stopping = asyncio.run_coroutine_threadsafe(self.intake.stop(grace), self._loop)
        asyncio.run_coroutine_threadsafe(_pass_turns(), self._loop).result(10)
        return stopping

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mailroom.open.set()
        self.stop(self._grace).result(15)
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self._mailroom.threads.shutdown()


async def _pass_turns() -> None:
    """Returns when whatever the loop had begun before has gone some steps on."""
    for _ in range(10):
        await asyncio.sleep(0)


class Client:
    """A client that sends exactly the given bytes."""

    def __init__(self, place: int | Path) -> None:
        if isinstance(place, int):
            self.socket = socket.create_connection(("127.0.0.1", place), timeout=20)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(20)
            self.socket.connect(str(place))
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read_reply(self) -> str:
        """One reply, its last line; "" where the server closed."""
        while True:
            line = self._file.readline().decode("utf-8")
            if line[3:4] != "-":
                return line.rstrip("\r\n")

    def say(self, command: bytes) -> str:
        """Send a command line and read its reply."""
        self.send(command + b"\r\n")
        return self.read_reply()

    def greet(self, command: bytes = b"EHLO") -> None:
        """Read the greeting, say EHLO or LHLO."""
        assert self.read_reply().startswith("220 ")
        assert self.say(command + b" client.example.net").startswith("250 ")

    def begin(self) -> None:
        """MAIL, RCPT, DATA."""
        assert self.say(b"MAIL FROM:<jo@customer.example>").startswith("250 ")
        assert self.say(b"RCPT TO:<support@example.com>").startswith("250 ")
        assert self.say(b"DATA").startswith("354 ")


def stuff(body: bytes) -> bytes:
    """A body as it goes over the wire, with its end (RFC 5321 section 4.5.2); the body ends with CR LF or is empty."""
    return b"".join(b"." + line if line.startswith(b".") else line for line in _lines(body)) + b".\r\n"


def _lines(body: bytes) -> list[bytes]:
    return [line + b"\r\n" for line in body.split(b"\r\n")[:-1]]
