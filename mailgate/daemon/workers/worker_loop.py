"""Runs a worker in a thread: does what is due, else sleeps until the next row is due or until it is woken.

A step that raises is a bug or a lost resource: it is logged, nothing of it was committed, and the loop tries again
after a pause that grows to half a minute. An outage of the database is one line when it begins and one when it ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from mailgate.core.backoff import Backoff
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.core.outage import Outage
from mailgate.store.errors import describe_known, log_error

log = logging.getLogger("mailgate.workers")

LONGEST_SLEEP = 60.0  # seconds; a lost wake-up costs no more than this
_PAUSES = Backoff(first=0.5, longest=30.0)


class Worker(Protocol):
    """Work of a role: `step` does what is due and returns how much that was; `next_due` returns when there is more."""

    name: str

    def step(self) -> int: ...

    def next_due(self) -> datetime | None: ...


class Loop(threading.Thread):
    """Runs a worker until it is stopped; `worked` is called after each step that did something.

    `wake` may be called from any thread, at any time.
    """

    def __init__(self, worker: Worker, clock: Clock, worked: Callable[[], None]) -> None:
        super().__init__(name=worker.name, daemon=True)
        self._worked = worked
        self._worker = worker
        self._clock = clock
        self._outage = Outage()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self.alive_at = time.monotonic()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Asks for the end; the step in progress is finished."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        pause = 0.0
        while not self._stopped.is_set():
            self.alive_at = time.monotonic()
            self._woken.clear()
            try:
                sleep = self._step()
                pause = 0.0
                if failed := self._outage.end():
                    log.warning(Fields(role=self.name, action="run", result="works_again", failed=failed))
            except Exception as error:  # a worker edge: the loop must survive any failure of a step
                sleep = pause = _PAUSES.longer(pause)
                if not describe_known(error) or self._outage.fail(type(error).__name__):
                    log_error(log, error, role=self.name, action="run", result="failed", again_in=f"{pause:.1f}s")
            if sleep > 0:
                self._woken.wait(sleep)

    def _step(self) -> float:
        if self._worker.step():
            self._worked()
            return 0.0
        return self._time_left(self._worker.next_due())

    def _time_left(self, due: datetime | None) -> float:
        if due is None:
            return LONGEST_SLEEP
        return min(max((due - self._clock.now()).total_seconds(), 0.01), LONGEST_SLEEP)
