"""The temporary desk of the demo: configuration, database, the real daemon, and waiting until nothing is due.

Raises Stuck where work stays undone for `PATIENCE` seconds, OSError where the port is not free.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from mailgate.config import Settings, read_config
from mailgate.core.clock import Clock
from mailgate.daemon.desk import Desk, build_desk
from mailgate.daemon.roles import Daemon
from mailgate.store.events import EventRow, list_events
from mailgate.store.schema import journal, outbox, timers
from mailgate.store.tickets import Ticket, list_tickets
from mailgate.store.work_queue import PARKED, WAITING, list_rows

PATIENCE = 10.0
_QUEUES = (journal, timers, outbox)

_CONFIG = """\
[desk]
name = "Support"
address = "support@example.com"
reference = "SUP"
languages = ["en", "fr"]
timezone = "Europe/Paris"
business_hours = {{ mon-fri = ["09:00-12:30", "13:30-18:00"] }}
holidays = ""
operator = "operator@example.com"
manager = "head@example.com"

[store]
database = "sqlite:///mailgate.db"
processes = 1

[intake.smtp]
listen = "127.0.0.1:{port}"

[relay]
host = "127.0.0.1"
port = {relay}
tls = "none"

[digest]
at = ""

[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com", "bob@example.com"]
resolve_within = "4 business hours"

[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
resolve_within = "2 business days"
"""


class Stuck(Exception):
    """Raised where the desk does not finish work that is due; the text says which."""


class _WatchedDaemon(Daemon):
    """A daemon that calls `worked` after each step that did something, from the thread of the role."""

    def __init__(self, desk: Desk, worked: Callable[[], None]) -> None:
        super().__init__(desk)
        self._worked = worked

    def spread(self, role: str) -> None:
        super().spread(role)
        self._worked()


class Sandbox:
    """A desk in a folder; `with Sandbox(…) as sandbox:` runs it.

    `relay` is the port that its notices go to; `port` 0 takes a free one.
    """

    def __init__(self, folder: Path, relay: int, clock: Clock, port: int = 0) -> None:
        self.config = folder / "mailgate.toml"
        self._write_files(folder, relay, port)
        self.settings: Settings = read_config(self.config, environment={})  # no real relay or mailbox
        self.clock = clock
        self._condition = threading.Condition()
        self._desk = build_desk(self.settings, clock)
        self._daemon = _WatchedDaemon(self._desk, self._notify)

    def _write_files(self, folder: Path, relay: int, port: int) -> None:
        secret = folder / "secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(f"{secrets.token_hex(32)}\n")
        self.config.write_text(_CONFIG.format(port=port, relay=relay))

    def __enter__(self) -> Sandbox:
        self._daemon.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._daemon.stop()

    @property
    def port(self) -> int:
        """The port of the desk's SMTP listener."""
        return self._daemon.smtp_port

    def _notify(self) -> None:
        with self._condition:
            self._condition.notify_all()

    # -- waiting ---------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Waits until the desk has done what is due by its clock. Raises Stuck if that takes too long."""
        self._daemon.wake()
        with self._condition:
            if not self._condition.wait_for(lambda: not self._unfinished(), PATIENCE):
                raise Stuck(f"after {PATIENCE:.0f} s there is still work that is due: {'; '.join(self._unfinished())}")

    def _unfinished(self) -> list[str]:
        now = self.clock.now()
        with self._desk.database.read() as connection:
            return [
                f"{table.name} {row.id} {row.last_error}".strip()
                for table in _QUEUES
                for row in list_rows(connection, table, "id", "due_at", "leased_until", "last_error", states=(WAITING,))
                if row.leased_until is not None or row.due_at <= now
            ]

    # -- looking ---------------------------------------------------------------------------------------------------

    def failures(self) -> list[str]:
        """Lists rows that are parked, or that wait for a retry after an error, in words."""
        with self._desk.database.read() as connection:
            rows = [
                (table.name, row)
                for table in _QUEUES
                for row in list_rows(connection, table, "id", "state", "last_error", states=(WAITING, PARKED))
            ]
        return [f"{name} {row.id} is {row.state}: {row.last_error}" for name, row in rows if row.last_error]

    def next_deadline(self) -> Any:
        """Returns when the next timer is due, None where there is none."""
        with self._desk.database.read() as connection:
            return min((row.due_at for row in list_rows(connection, timers, "due_at", states=(WAITING,))), default=None)

    def ticket(self) -> Ticket | None:
        """Returns the first ticket, which is the scripted one."""
        tickets = self.tickets()
        return tickets[0] if tickets else None

    def tickets(self) -> list[Ticket]:
        with self._desk.database.read() as connection:
            return list(list_tickets(connection))

    def history(self, ticket_id: int) -> list[EventRow]:
        """Lists the events of a ticket, oldest first."""
        with self._desk.database.read() as connection:
            return list_events(connection, ticket_id)
