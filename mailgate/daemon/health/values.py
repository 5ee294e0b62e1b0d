"""Values of the health of a desk. Pure; raises nothing. `measurement` fills them in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """The load of a queue. The age is in seconds; for timers, the time since the oldest was due.

    `untried` rows have been due for five minutes and more, the first of them for `untried_seconds`. `failed` notices
    were given up and reported: that is no reason to be unwell. `quarantined` mails wait for the operator.
    """

    waiting: int
    parked: int
    oldest_waiting_seconds: int | None
    untried: int = 0
    untried_seconds: int | None = None
    failed: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """The health of a source, the relay, the archive or the desk.

    Ages are in seconds, None where there was no such event; `error` is the last one while it fails; `alarmed` is True
    while the operator has an alarm without a recovery; `figures` are the counters of the source.
    """

    name: str
    healthy: bool
    last_success_seconds: int | None
    failing_seconds: int | None
    error: str
    alarmed: bool
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DirectoryHealth:
    """A file of the directory: its entries, its lines with a mistake, and why it cannot be used ("" where it can)."""

    name: str
    count: int
    odd_lines: int
    error: str


@dataclass(frozen=True, slots=True)
class RoleHealth:
    """A role on a host, with the age of its last sign and of its process; a role that is nowhere has host ""."""

    role: str
    healthy: bool
    host: str = ""
    pid: int | None = None
    up_seconds: int | None = None
    last_sign_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """The disk of a folder: what is free, and its size, in bytes."""

    folder: str
    healthy: bool
    free: int
    size: int
    percent: int


@dataclass(frozen=True, slots=True)
class SendingHealth:
    """The obstacles to sending: a hold by the operator, a dry run, `only_to`."""

    held_seconds: int | None = None
    """How long the operator has held sending; None where they do not."""
    held_by: str = ""
    held_reason: str = ""
    dry_run_seconds: int | None = None
    """How long a dry run has worked here; None where none does."""
    parked_by_dry_run: int = 0
    only_to: int = 0
    """Patterns of `only_to`; 0 where mail goes to everybody."""
    parked_by_only_to: int = 0


@dataclass(frozen=True, slots=True)
class LevelHealth:
    """A level of a queue: how many tickets it has, and how many of them are late."""

    queue: str
    level: str
    tickets: int
    late: int


@dataclass(frozen=True, slots=True)
class ClockJump:
    """A jump of the clock within the last day: when, by the new time, and by how much; back is negative."""

    at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Health:
    """The health of the desk. The size of the database is in bytes."""

    at: datetime
    version: str
    size: int
    queues: dict[str, LoadFigures]
    tickets: dict[str, int]
    ways: tuple[SourceHealth, ...]
    relay: SourceHealth
    desk: SourceHealth
    directory: tuple[DirectoryHealth, ...] = ()
    archive: SourceHealth | None = None
    hooks: tuple[SourceHealth, ...] = ()
    scanner: SourceHealth | None = None

    roles: tuple[RoleHealth, ...] = ()
    """Empty where no role ever gave a sign."""
    disks: tuple[DiskHealth, ...] = ()
    levels: tuple[LevelHealth, ...] = ()
    jump: ClockJump | None = None
    received: int = 0
    """Mails of the last hour, and notices that went out in it."""
    sent: int = 0
    held_alarms: int = 0
    """Alarms that wait until an hour is over since the last of their kind."""
    sending: SendingHealth = SendingHealth()
    reasons: tuple[str, ...] = ()
    """Why the desk is not well, each with what helps; empty where it is."""

    @property
    def healthy(self) -> bool:
        return not self.reasons
