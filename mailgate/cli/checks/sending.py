"""Checks whether sending is held, and whether a dry run left notices that nobody got. `serve` says it as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.core.clock import Clock
from mailgate.daemon.health.measurement import measure_sending
from mailgate.daemon.health.reasons import describe_sending
from mailgate.store.database import Database, WrongDatabase


def find_unsent(connection: Connection, settings: Settings, now: datetime) -> list[str]:
    """Returns a line for a hold and one for a dry run that works here, or whose notices are parked."""
    return list(describe_sending(measure_sending(connection, settings, now)))


def check_sending(settings: Settings, clock: Clock, *, connect: bool) -> Iterator[Finding]:
    """Reports what keeps notices from being sent; reads a SQLite file if it exists, PostgreSQL with `connect`."""
    try:
        with closing(Database(settings.store.database)) as database:
            if not (connect if database.path is None else database.path.exists()):
                return
            database.require()
            with database.read() as connection:
                unsent = find_unsent(connection, settings, clock.now())
    except (SQLAlchemyError, WrongDatabase, ImportError, OSError):
        return  # `check --connect` reports errors of the database
    yield from (Finding("sending", CheckResult.WARNING, line) for line in unsent)
