"""A desk, built from its settings: everything that decides, and the relay that its notices go to.

What `serve`, the command line, the demo and the tests share. Building opens nothing; the database says by itself
when it cannot be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.calendar.business_time import is_open
from mailgate.core.clock import Clock, SystemClock
from mailgate.inbound.delivery_failures import Failures
from mailgate.inbound.holds.service import Holds
from mailgate.inbound.receiver import Reception
from mailgate.notices.dispatcher import Dispatch
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.system_notices import Circulars
from mailgate.parsers.preload import read_words_ahead
from mailgate.store.database import Database
from mailgate.tickets.service import Advance
from mailgate.transport.oauth.account import Account
from mailgate.transport.relay import Held, Outcome, RelaySettings, Streamed, Tls


@dataclass(frozen=True, slots=True)
class Desk:
    """The settings, the database and the rooms that decide."""

    settings: Settings
    database: Database
    clock: Clock
    directory: DirectoryFiles
    circulars: Circulars
    advance: Advance
    failures: Failures
    holds: Holds
    reception: Reception


def build_desk(settings: Settings, clock: Clock | None = None) -> Desk:
    """A desk on its database, which is not opened yet."""
    clock = clock or SystemClock()
    directory = DirectoryFiles(
        settings.directory.people, settings.directory.equipment, settings.limits.directory_size, clock
    )
    templates = Templates(settings.desk.templates, settings.desk.languages[0])
    circulars = Circulars(settings, templates, directory)
    advance = Advance(settings, Dispatch(settings, templates, circulars, directory), directory)
    failures = Failures(advance, circulars)
    database = Database(settings.store.database)
    holds = Holds(settings, templates, advance, circulars, directory)
    reception = Reception(settings, advance, failures, circulars, directory, holds)
    return Desk(settings, database, clock, directory, circulars, advance, failures, holds, reception)


def load_ahead(settings: Settings) -> None:
    """Have what is slow to load and large loaded now: processes that are forked afterwards share it."""
    for queue in settings.queues.values():
        is_open(datetime.now(UTC), queue.hours)
    read_words_ahead(settings.desk.languages)


def relay_settings(settings: Settings, clock: Clock) -> RelaySettings:
    """The relay as configured."""
    relay = settings.relay
    access = Account(relay.oauth2, relay.user, clock) if relay.oauth2 else None
    return RelaySettings(
        host=relay.host,
        port=relay.port,
        tls=Tls(relay.tls),
        user=relay.user,
        password=relay.password,
        only_to=tuple(relay.only_to),
        ca_file=relay.ca_file,
        access=access,
    )


class DryRun:
    """In place of the relay: every notice is parked, nothing leaves (rule 31)."""

    def send(self, _sender: str, _recipient: str, _message: bytes | Streamed) -> Outcome:
        return Held("dry run")

    def close(self) -> None: ...
