"""The far end of the wire for tests with real sockets: an SMTP receiver whose arrivals can be waited for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.desk import Delivered


@dataclass(frozen=True)
class Arrived:
    """A notice as the relay took it, and when."""

    mail: Delivered
    at: float


class Receiver:
    """An SMTP server on a free port of the loopback."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="far-end", daemon=True)
        self._server: asyncio.Server | None = None
        self.arrived: list[Arrived] = []

    def __enter__(self) -> Receiver:
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(
            self._loop.create_server(lambda: SMTP(self, loop=self._loop), "127.0.0.1", 0), self._loop
        )
        self._server = starting.result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        sender = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        with self._changed:
            for recipient in envelope.rcpt_tos:
                mail = Delivered(sender, recipient, content, datetime.now(UTC))
                self.arrived.append(Arrived(mail, time.perf_counter()))
            self._changed.notify_all()
        return "250 2.0.0 kept"

    async def handle_exception(self, error: Exception) -> str:
        return f"451 4.3.0 {type(error).__name__}"

    def poke(self) -> None:
        """Let who waits look again: something else than an arrival has happened."""
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, met: Callable[[list[Arrived]], bool], seconds: float = 20.0) -> bool:
        """Wait until the arrivals meet a condition; False when they do not within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: met(self.arrived), seconds)
