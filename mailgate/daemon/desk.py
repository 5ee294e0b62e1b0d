"""Builds a desk from its settings: the services that decide, the database, and the relay.

Shared by `serve`, the command line, the demo and the tests. Building opens no file and no connection; a database that
cannot be used fails at its first use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People
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
from mailgate.transport.relay import DRY_RUN, Outcome, Relay, RelaySettings, Skipped, Streamed, Tls


class NoticeSender(Protocol):
    """Sends notices: `mailgate.transport.relay.Relay`, `DryRun`, or a relay that a test plays."""

    @property
    def size_limit(self) -> int | None:
        """The most bytes that it takes in a message: 0 where it names no limit, None while that is unknown."""

    def send(self, sender: str, recipient: str, message: bytes | Streamed) -> Outcome: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The settings, the database, the relay and the services that decide. Every worker is built from one."""

    settings: Settings
    database: Database
    clock: Clock
    relay: NoticeSender
    directory: DirectoryFiles
    templates: Templates
    system_notices: SystemNotices
    tickets: TicketService
    failures: DeliveryFailures
    holds: HoldService
    receiver: Receiver


def build_desk(settings: Settings, clock: Clock | None = None, relay: NoticeSender | None = None) -> Desk:
    """Builds a desk on its database, which is not opened yet; by default with the configured relay."""
    clock = clock or SystemClock()
    directory = DirectoryFiles(
        settings.directory.people, settings.directory.equipment, settings.limits.directory_size, clock
    )
    templates = Templates(settings.desk.templates, settings.desk.languages[0], settings.countries)
    system_notices = SystemNotices(settings, templates, directory)
    tickets = TicketService(settings, Dispatcher(settings, templates, system_notices, directory), directory)
    failures = DeliveryFailures(tickets, system_notices, People(settings), settings.desk.operator)
    holds = HoldService(settings, templates, tickets, system_notices, directory)
    return Desk(
        settings=settings,
        database=Database(settings.store.database),
        clock=clock,
        relay=relay or Relay(relay_settings(settings, clock)),
        directory=directory,
        templates=templates,
        system_notices=system_notices,
        tickets=tickets,
        failures=failures,
        holds=holds,
        receiver=Receiver(settings, tickets, failures, system_notices, directory, holds),
    )


def load_ahead(settings: Settings, clock: Clock) -> None:
    """Loads now what is large or slow to load, so that processes forked afterwards share it."""
    year = clock.now().year
    for queue in settings.queues.values():
        queue.hours.holidays(year)  # asked for by name: `is_open` needs no holidays on a day that is closed anyway
    read_words_ahead(settings.desk.languages)


def relay_settings(settings: Settings, clock: Clock) -> RelaySettings:
    """Returns the configured relay as its client takes it."""
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
    """Takes the place of the relay: every notice is parked, nothing leaves (docs/rules.md#31)."""

    size_limit = None

    def send(self, _sender: str, _recipient: str, _message: bytes | Streamed) -> Outcome:
        return Skipped(DRY_RUN)

    def close(self) -> None: ...
