"""Measures the health of the desk from its database. Reads only; raises errors of the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mailgate.config import (
    ARCHIVE,
    CLOCK,
    DESK,
    RELAY,
    SCANNER,
    SENDING,
    Settings,
    name_hook,
    name_listeners,
    name_sources,
)
from mailgate.core.clock import Clock
from mailgate.core.workflow.events import State
from mailgate.daemon.health.reasons import STALE, WITHOUT, find_reasons
from mailgate.daemon.health.values import (
    ClockJump,
    DirectoryHealth,
    DiskHealth,
    Health,
    LevelHealth,
    LoadFigures,
    RoleHealth,
    SendingHealth,
    SourceHealth,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mailgate.store.source_status import SourceStatusRow

SILENT = timedelta(minutes=3)  # without a sign of life, which each role writes each minute
NEVER = "no success yet"
NEVER_SERVED = "`mailgate serve` has not run on this database yet"
NOT_SERVED = "`mailgate serve` with the role clock has stopped reporting"
FULL = "`mailgate serve` has stopped reporting: it cannot write while the disk is full"
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def measure_health(connection: Connection, settings: Settings, clock: Clock) -> Health:
    """Measures the health of the desk now."""
    from mailgate.config.directory.watcher import look_at_directory
    from mailgate.store.database import sqlite_file
    from mailgate.store.disk_space import measure_disks
    from mailgate.store.queries.listings import (
        QUEUES,
        count_levels,
        count_tickets,
        count_traffic,
        measure_load,
        measure_size,
    )
    from mailgate.store.schema import VERSION
    from mailgate.store.source_status import held_alarms, list_statuses

    now = clock.now()
    after, least_free = settings.intake.alarm_after.span, settings.limits.disk_free_percent
    loads = {name: measure_load(connection, name, now, STALE) for name in QUEUES}
    counts = count_tickets(connection)
    known = {row.name: row for row in list_statuses(connection)}
    file = sqlite_file(settings.store.database)
    disks = tuple(
        DiskHealth(str(disk.folder), not disk.is_low(least_free), disk.free, disk.size, disk.percent)
        for disk in measure_disks((file.parent if file is not None else None, settings.archive.folder))
    )
    levels = count_levels(connection, now)
    received, sent = count_traffic(connection, now - _HOUR)
    roles = _roles(known, now, has_sources=settings.intake.has_sources)
    health = Health(
        at=now,
        version=VERSION,
        size=measure_size(connection),
        queues={
            name: LoadFigures(
                load.waiting,
                load.parked,
                _age(load.oldest, now),
                load.untried,
                _age(load.first_due, now),
                load.failed,
                load.quarantined,
            )
            for name, load in loads.items()
        },
        tickets={state.value: counts.get(state.value, 0) for state in State},
        ways=(
            *(_way(name, known.get(name), now, after) for name in name_sources(settings)),
            *(_unless_failing(name, known.get(name), now, timedelta(0)) for name in name_listeners(settings)),
        ),
        relay=_unless_failing(RELAY, known.get(RELAY), now, after),
        archive=_unless_failing(ARCHIVE, known.get(ARCHIVE), now, after) if settings.archive.folder else None,
        hooks=tuple(_unless_failing(name, known.get(name), now, after) for name in map(name_hook, settings.hooks)),
        scanner=_unless_failing(SCANNER, known.get(SCANNER), now, timedelta(0)) if settings.intake.scan else None,
        desk=_desk(known.get(DESK), roles, now, is_full=any(not disk.healthy for disk in disks)),
        directory=tuple(
            DirectoryHealth(look.name, look.count, len(look.remarks), look.error)
            for look in look_at_directory(settings.directory, settings.limits.directory_size, clock)
        ),
        roles=roles,
        disks=disks,
        levels=tuple(
            LevelHealth(queue.name, level, *levels.pop((queue.name, level), (0, 0)))
            for queue in settings.queues.values()
            for level in queue.levels
        )
        + tuple(LevelHealth(*place, *counts) for place, counts in sorted(levels.items())),
        jump=_jump(known.get(CLOCK), now),
        received=received,
        sent=sent,
        sending=_sending(connection, settings, known, now),
        held_alarms=sum(len(held_alarms(row)) for row in known.values()),
    )
    return replace(health, reasons=find_reasons(health))


def measure_sending(connection: Connection, settings: Settings, now: datetime) -> SendingHealth:
    """Measures what keeps notices from being sent."""
    from mailgate.store.source_status import list_statuses

    return _sending(connection, settings, {row.name: row for row in list_statuses(connection)}, now)


def describe_obstacle(connection: Connection, queue: str, now: datetime) -> str:
    """Returns why nobody tries what is due in a queue: sending is held, or what would try it does not run; else ""."""
    from mailgate.store.sending import find_hold
    from mailgate.store.source_status import list_statuses, read_signs

    if queue in ("outbox", "hooks") and (hold := find_hold(connection)) is not None:
        return f"sending is held by {hold.by}: {hold.reason}"
    signs = (sign for row in list_statuses(connection) for sign in read_signs(row))
    living = {sign.role for sign in signs if abs(now - sign.at) < SILENT}
    role = {"journal": "worker", "outbox": "courier", "timers": "clock", "hooks": "courier"}[queue]
    if role in living:
        return ""
    return f"no {role} is running" if living else "`mailgate serve` is not running"


def _sending(
    connection: Connection, settings: Settings, known: dict[str, SourceStatusRow], now: datetime
) -> SendingHealth:
    """Returns what keeps notices from being sent; a dry run that was killed counts until its courier is silent."""
    from mailgate.store.outbox import count_skipped
    from mailgate.store.source_status import read_signs
    from mailgate.transport.relay import DRY_RUN, NOT_IN_ONLY_TO

    row = known.get(SENDING)
    figures = row.figures if row is not None else {}
    since = figures.get("dry_run_since")
    signs = (sign for other in known.values() for sign in read_signs(other) if sign.role == "courier")
    is_dry = since is not None and any(abs(now - sign.at) < SILENT for sign in signs)
    by_dry_run, by_only_to = count_skipped(connection, DRY_RUN, NOT_IN_ONLY_TO)
    is_held = row is not None and row.failing_since is not None
    return SendingHealth(
        held_seconds=_age(row.failing_since, now) if row is not None else None,
        held_by=str(figures.get("by", "")) if is_held else "",
        held_reason=row.last_error if row is not None and is_held else "",
        dry_run_seconds=_age(datetime.fromisoformat(since), now) if since is not None and is_dry else None,
        parked_by_dry_run=by_dry_run,
        only_to=len(settings.relay.only_to),
        parked_by_only_to=by_only_to,
    )


def _way(name: str, row: SourceStatusRow | None, now: datetime, after: timedelta) -> SourceHealth:
    """Returns the health of a source, which must have a success often enough."""
    succeeded_at = row.succeeded_at if row is not None else None
    healthy = succeeded_at is not None and abs(now - succeeded_at) < after
    return _shown(name, row, now, healthy=healthy, otherwise="" if succeeded_at is not None else NEVER)


def _desk(row: SourceStatusRow | None, roles: tuple[RoleHealth, ...], now: datetime, *, is_full: bool) -> SourceHealth:
    """Returns the health of `serve`, which writes a sign each minute; before its first run there is none.

    One that ended in order has taken back the sign of its clock.
    """
    if row is None:
        return _shown(DESK, row, now, healthy=True, otherwise=NEVER_SERVED)
    ended = any(role.role == "clock" and not role.healthy for role in roles)
    healthy = row.succeeded_at is not None and abs(now - row.succeeded_at) < SILENT and not ended
    return _shown(DESK, row, now, healthy=healthy, otherwise="" if healthy else FULL if is_full else NOT_SERVED)


def _roles(known: dict[str, SourceStatusRow], now: datetime, *, has_sources: bool) -> tuple[RoleHealth, ...]:
    """Returns the roles that live, by host, and those that no host has; an intake must be where there is a way in.

    A time to come is no sign of now: a clock that was ahead wrote it.
    """
    from mailgate.store.source_status import read_signs, role_of

    signs = [sign for row in known.values() for sign in read_signs(row)]
    signed_at = {role: row.succeeded_at for row in known.values() if (role := role_of(row)) is not None}
    living = [sign for sign in signs if abs(now - sign.at) < SILENT]
    wanted = {role for role in WITHOUT if role != "intake" or has_sources} if signed_at else set()
    missing = wanted - {sign.role for sign in living}
    found = [
        RoleHealth(sign.role, True, sign.host, sign.pid, _age(sign.since, now), _age(sign.at, now)) for sign in living
    ]
    for role in missing:
        last = max((sign.at for sign in signs if sign.role == role), default=signed_at.get(role))
        found.append(RoleHealth(role, False, last_sign_seconds=_age(last, now)))
    return tuple(sorted(found, key=lambda one: (list(WITHOUT).index(one.role), one.host)))


def _jump(row: SourceStatusRow | None, now: datetime) -> ClockJump | None:
    """Returns the last jump of the clock if it is of the last day."""
    if row is None or "jumped_at" not in row.figures:
        return None
    at = datetime.fromisoformat(row.figures["jumped_at"])
    return ClockJump(at, int(row.figures["jumped_seconds"])) if abs(now - at) < _DAY else None


def _unless_failing(name: str, row: SourceStatusRow | None, now: datetime, after: timedelta) -> SourceHealth:
    """Returns the health of what is healthy until it fails, for `after` at least: the relay, the archive, SMTP, LMTP.

    Without notices to send, tickets to archive or mails to take there is no success to record.
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
