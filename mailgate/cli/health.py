"""Measures the health of the desk from its database, for `status`. Reads only; raises errors of the database."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailgate import __version__
from mailgate.cli.checks.directory import look_at_directory
from mailgate.cli.context import DeskView
from mailgate.cli.output import iso
from mailgate.config import ARCHIVE, DESK, RELAY, name_sources
from mailgate.core.clock import Clock
from mailgate.core.workflow.events import State

if TYPE_CHECKING:
    from mailgate.store.source_status import SourceStatusRow

STALE = timedelta(minutes=5)  # a mail that waits longer than this is not being processed
SILENT = timedelta(minutes=3)  # without a heartbeat of the desk, which writes one each minute
NEVER = "no success yet"
NEVER_SERVED = "no `mailgate serve` has worked on this database yet"
NOT_SERVED = "no `mailgate serve` works on this database, or none with the role clock: start it"


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """The load of a queue. The age is in seconds; for timers, the time since the oldest was due."""

    waiting: int
    parked: int
    oldest_waiting_seconds: int | None


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

    @property
    def healthy(self) -> bool:
        parked = any(load.parked for load in self.queues.values())
        stale = (self.queues["journal"].oldest_waiting_seconds or 0) > STALE.total_seconds()
        ways = all(way.healthy for way in (*self.ways, self.relay, self.desk, self.archive) if way is not None)
        return not parked and not stale and ways and not any(source.error for source in self.directory)


def measure_health(view: DeskView, clock: Clock) -> Health:
    """Measures the health of the desk now."""
    from mailgate.store.queries.listings import QUEUES, count_tickets, measure_load, measure_size
    from mailgate.store.schema import VERSION
    from mailgate.store.source_status import list_statuses

    now, after = clock.now(), view.settings.intake.alarm_after.span
    loads = {name: measure_load(view.connection, name) for name in QUEUES}
    counts = count_tickets(view.connection)
    known = {row.name: row for row in list_statuses(view.connection)}
    return Health(
        at=now,
        version=VERSION,
        size=measure_size(view.connection),
        queues={name: LoadFigures(load.waiting, load.parked, _age(load.oldest, now)) for name, load in loads.items()},
        tickets={state.value: counts.get(state.value, 0) for state in State},
        ways=tuple(_way(name, known.get(name), now, after) for name in name_sources(view.settings)),
        relay=_unless_failing(RELAY, known.get(RELAY), now, after),
        archive=_unless_failing(ARCHIVE, known.get(ARCHIVE), now, after) if view.settings.archive.folder else None,
        desk=_desk(known.get(DESK), now),
        directory=tuple(
            DirectoryHealth(look.name, look.count, len(look.remarks), look.error)
            for look in look_at_directory(view.settings, clock)
        ),
    )


def as_json(health: Health) -> dict[str, object]:
    """Returns the health as `status` prints it, for programs."""
    return {
        "healthy": health.healthy,
        "at": iso(health.at),
        "mailgate": __version__,
        "database": {"version": health.version, "size": health.size},
        "queues": {name: asdict(load) for name, load in health.queues.items()},
        "tickets": health.tickets,
        "ways": [asdict(way) for way in health.ways],
        "relay": asdict(health.relay),
        "serve": _as_serve(health.desk),
        "archive": asdict(health.archive) if health.archive is not None else None,
        "directory": [asdict(source) for source in health.directory],
    }


def _as_serve(desk: SourceHealth) -> dict[str, object]:
    return {"healthy": desk.healthy, "last_sign_seconds": desk.last_success_seconds, "error": desk.error}


def _way(name: str, row: SourceStatusRow | None, now: datetime, after: timedelta) -> SourceHealth:
    """Returns the health of a source, which must have a success often enough."""
    succeeded_at = row.succeeded_at if row is not None else None
    healthy = succeeded_at is not None and now - succeeded_at < after
    return _shown(name, row, now, healthy=healthy, otherwise="" if succeeded_at is not None else NEVER)


def _desk(row: SourceStatusRow | None, now: datetime) -> SourceHealth:
    """Returns the health of `serve`, which writes a heartbeat each minute; before its first run there is none."""
    if row is None:
        return _shown(DESK, row, now, healthy=True, otherwise=NEVER_SERVED)
    healthy = row.succeeded_at is not None and now - row.succeeded_at < SILENT
    return _shown(DESK, row, now, healthy=healthy, otherwise="" if healthy else NOT_SERVED)


def _unless_failing(name: str, row: SourceStatusRow | None, now: datetime, after: timedelta) -> SourceHealth:
    """Returns the health of the relay or the archive, which are healthy until they fail.

    Without notices to send, or tickets to archive, there is no success to record.
    """
    failing_since = row.failing_since if row is not None else None
    healthy = failing_since is None or now - failing_since < after
    return _shown(name, row, now, healthy=healthy, otherwise="")


def _shown(name: str, row: SourceStatusRow | None, now: datetime, *, healthy: bool, otherwise: str) -> SourceHealth:
    if row is None:
        return SourceHealth(name, healthy, None, None, otherwise, False, {})
    figures = {key: value for key, value in row.figures.items() if value is not None}
    ages = _age(row.succeeded_at, now), _age(row.failing_since, now)
    return SourceHealth(name, healthy, *ages, row.last_error or otherwise, row.alarmed_at is not None, figures)


def _age(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment is not None else None
