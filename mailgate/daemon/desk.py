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
from mailgate.inbound.delivery_failures import DeliveryFailures
from mailgate.inbound.holds.service import HoldService
from mailgate.inbound.receiver import Receiver
from mailgate.notices.dispatcher import Dispatcher
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.system_notices import SystemNotices
from mailgate.parsers.preload import read_words_ahead
from mailgate.store.database import Database
from mailgate.tickets.service import TicketService
from mailgate.transport.oauth.account import OAuthAccount
from mailgate.transport.relay import Outcome, RelaySettings, Skipped, Streamed, Tls


@dataclass(frozen=True, slots=True)
class Desk:
    """The settings, the database and the rooms that decide."""

    settings: Settings
    database: Database
    clock: Clock
    directory: DirectoryFiles
    system_notices: SystemNotices
    tickets: TicketService
    failures: DeliveryFailures
    holds: HoldService
    receiver: Receiver


def build_desk(settings: Settings, clock: Clock | None = None) -> Desk:
    """A desk on its database, which is not opened yet."""
    clock = clock or SystemClock()
    directory = DirectoryFiles(
        settings.directory.people, settings.directory.equipment, settings.limits.directory_size, clock
    )
    templates = Templates(settings.desk.templates, settings.desk.languages[0])
    system_notices = SystemNotices(settings, templates, directory)
    tickets = TicketService(settings, Dispatcher(settings, templates, system_notices, directory), directory)
    failures = DeliveryFailures(tickets, system_notices)
    database = Database(settings.store.database)
    holds = HoldService(settings, templates, tickets, system_notices, directory)
    receiver = Receiver(settings, tickets, failures, system_notices, directory, holds)
    return Desk(
        settings=settings,
        database=database,
        clock=clock,
        directory=directory,
        system_notices=system_notices,
        tickets=tickets,
        failures=failures,
        holds=holds,
        receiver=receiver,
    )


def load_ahead(settings: Settings) -> None:
    """Have what is slow to load and large loaded now: processes that are forked afterwards share it."""
    for queue in settings.queues.values():
        is_open(datetime.now(UTC), queue.hours)
    read_words_ahead(settings.desk.languages)


def relay_settings(settings: Settings, clock: Clock) -> RelaySettings:
    """The relay as configured."""
    relay = settings.relay
    access = OAuthAccount(relay.oauth2, relay.user, clock) if relay.oauth2 else None
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
        return Skipped("dry run")

    def close(self) -> None: ...
