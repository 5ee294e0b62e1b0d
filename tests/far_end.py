"""A sink whose arrivals a test can wait for, for desks that run as processes or threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.desk import Delivered
from tests.sinks import Sink


class Receiver(Sink):
    """Keeps what arrives as delivered mails."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self.mails: list[Delivered] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = await super().handle_DATA(server, session, envelope)
        taken = self.taken[-1]
        with self._changed:
            for recipient in taken.recipients:
                self.mails.append(Delivered(taken.sender, recipient, taken.content, datetime.now(UTC)))
            self._changed.notify_all()
        return reply

    def __enter__(self) -> Receiver:
        super().__enter__()
        return self

    def poke(self) -> None:
        """Let who waits look again: something else than an arrival has happened."""
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, met: Callable[[list[Delivered]], bool], seconds: float = 20.0) -> bool:
        """Wait until the arrivals meet a condition; False when they do not within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: met(self.mails), seconds)
