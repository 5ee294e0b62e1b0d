"""Checks whether sending is held, and whether a dry run left notices that nobody got. `serve` says it as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from mailgate.cli.checks.desk import CheckResult, Finding, read_if_there
from mailgate.config import Settings
from mailgate.core.clock import Clock
from mailgate.daemon.health.measurement import measure_sending
from mailgate.daemon.health.reasons import describe_sending


def find_unsent(connection: Connection, settings: Settings, now: datetime) -> list[str]:
    """Returns a line for a hold and one for a dry run that works here, or whose notices are parked."""
    return list(describe_sending(measure_sending(connection, settings, now)))


def check_sending(settings: Settings, clock: Clock, *, connect: bool) -> Iterator[Finding]:
    """Reports what keeps notices from being sent; reads a SQLite file if it exists, PostgreSQL with `connect`."""
    unsent = read_if_there(settings, lambda one: find_unsent(one, settings, clock.now()), connect=connect)
    yield from (Finding("sending", CheckResult.WARNING, line) for line in unsent or ())
