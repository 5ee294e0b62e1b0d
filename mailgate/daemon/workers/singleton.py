"""A worker of which only one at a time may run, among all processes of a desk: it works while it holds a lease.

Who cannot get the lease looks again later; a holder that is killed is followed by another when its lease runs out.
"""

from __future__ import annotations

from datetime import datetime

from mailgate.config import Limits
from mailgate.core.clock import Clock
from mailgate.daemon.workers.loop import Worker
from mailgate.store.database import Database
from mailgate.store.locks import free_lease, hold_lease


class Singleton:
    """Wraps a worker; the lease has its name."""

    def __init__(self, worker: Worker, database: Database, clock: Clock, holder: str, limits: Limits) -> None:
        self.name = worker.name
        self._worker = worker
        self._database = database
        self._clock = clock
        self._holder = holder
        self._span = limits.lease.span
        self._until: datetime | None = None

    def step(self) -> int:
        """A step of the worker, if it is this process's turn; else 0."""
        return self._worker.step() if self._hold() else 0

    def next_due(self) -> datetime | None:
        """When the worker has something to do, or when the lease is to be renewed or asked for again."""
        again = self._clock.now() + self._span / 3
        due = self._worker.next_due() if self._until is not None else None
        return again if due is None else min(due, again)

    def _hold(self) -> bool:
        now = self._clock.now()
        if self._until is None or now >= self._until - self._span * 2 / 3:
            with self._database.write() as connection:
                held = hold_lease(connection, self.name, self._holder, now, now + self._span)
            self._until = now + self._span if held else None
        return self._until is not None

    def close(self) -> None:
        """Give the lease back, once no step runs any more."""
        if self._until is None:
            return
        with self._database.write() as connection:
            free_lease(connection, self.name, self._holder)
        self._until = None
