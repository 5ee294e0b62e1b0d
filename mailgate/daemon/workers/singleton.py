"""Lets a worker run in one process of a desk at a time: it works while it holds a lease (leader lease).

A process that cannot get the lease asks again when it expires, or after a third of its span: a holder that stops frees
it. It does not ask whenever it is woken, since each attempt is a commit.
"""

from __future__ import annotations

from datetime import datetime

from mailgate.daemon.desk import Desk
from mailgate.daemon.workers.worker_loop import Worker
from mailgate.store.locks import find_lease_end, free_lease, hold_lease


class Singleton:
    """Wraps a worker; the lease has its name. `holder` is unique to the process."""

    def __init__(self, worker: Worker, desk: Desk, holder: str) -> None:
        self.name = worker.name
        self._worker = worker
        self._database = desk.database
        self._clock = desk.clock
        self._holder = holder
        self._span = desk.settings.limits.lease.span
        self._until: datetime | None = None  # None while another process holds the lease, and before the first attempt
        self._ask_at: datetime | None = None

    def step(self) -> int:
        """Runs a step of the worker if this process holds the lease; else returns 0."""
        return self._worker.step() if self._hold() else 0

    def next_due(self) -> datetime | None:
        """Returns when the worker is due, or when to renew the lease or ask for it again."""
        again = self._clock.now() + self._span / 3
        due = self._worker.next_due() if self._until is not None else self._ask_at
        return again if due is None else min(due, again)

    def _hold(self) -> bool:
        now = self._clock.now()
        # A time that is further ahead is from before the clock was set back.
        if self._ask_at is not None and now < self._ask_at <= now + self._span:
            return False
        if self._until is None or now >= self._until - self._span * 2 / 3:
            with self._database.write() as connection:
                held = hold_lease(connection, self.name, self._holder, now, now + self._span)
                end = None if held else find_lease_end(connection, self.name)
            self._until = now + self._span if held else None
            self._ask_at = None if held else min(end or now, now + self._span / 3)
        return self._until is not None

    def close(self) -> None:
        """Returns the lease, once no step runs any more."""
        if self._until is None:
            return
        with self._database.write() as connection:
            free_lease(connection, self.name, self._holder)
        self._until = None
