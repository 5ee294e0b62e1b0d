"""Applies the retention periods: removes parts of closed tickets whose time is over, in small transactions.

Tickets that were merged into one follow it. Nothing is removed under a legal hold, or while a mail of the ticket is
still to be processed or a notice of it is at the relay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import People
from mailgate.config.settings import RetainTable
from mailgate.core.stand_ins import stand_in_of_ticket
from mailgate.store.database import Database
from mailgate.store.erasures import (
    RETENTION,
    begin_erasure,
    note_certificate,
    note_parts,
    open_history,
    read_certificate,
)
from mailgate.store.legal_holds import find_held_tickets
from mailgate.store.removal import (
    Names,
    find_unfinished,
    list_mails,
    lock_row,
    remove_files,
    remove_names,
    remove_raw_mails,
    remove_texts,
)
from mailgate.store.retention import (
    PARTS,
    count_loose,
    empty_loose,
    is_archived,
    is_due,
    list_addresses,
    list_due_tickets,
    list_merged_into,
    remove_contacts,
)
from mailgate.store.tickets import get_ticket

_LOOSE_AT_ONCE = 50  # emails of no ticket in one transaction


@dataclass(frozen=True, slots=True)
class DueParts:
    """Findings of a look: tickets by their ids with their references, by part; and counts of what is of no ticket."""

    tickets: dict[str, dict[int, str]]
    mails: int = 0
    notices: int = 0

    @property
    def is_empty(self) -> bool:
        """Tells whether nothing is due."""
        return not (any(self.tickets.values()) or self.mails or self.notices)


class Retention:
    """Applies the retention periods of one desk."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        people = People(settings)
        self._stays = lambda one: people.is_staff(one) or people.is_system_address(one)

    @property
    def is_enabled(self) -> bool:
        """Tells whether anything has an end."""
        return is_enabled(self._settings)

    def find_due(self, now: datetime, limit: int | None = None) -> DueParts:
        """Finds what is over at `now`; with `limit` at most so many tickets for each part and queue."""
        found: dict[str, dict[int, str]] = {}
        default, queues = self._settings.default_queue, self._settings.queues
        with self._database.read() as connection:
            for part in PARTS:
                due: dict[int, str] = {}
                for queue in queues.values():
                    period = queue.retain.parts.get(part)
                    if period is None:
                        continue
                    # Tickets of a queue that is no longer configured belong to the desk's own.
                    own = [name for name in queues if name != default.name] if queue is default else [queue.name]
                    before = now - period.span
                    due |= list_due_tickets(connection, part, own, before, limit, others=queue is default)
                found[part] = due
            period = default.retain.mails
            loose = count_loose(connection, now - period.span) if period is not None else (0, 0)
        return DueParts(found, *loose)

    def remove_part(self, ticket_id: int, part: str, now: datetime) -> bool:
        """Removes a part of a ticket and of those merged into it; False where that has to wait."""
        with self._database.write() as connection:
            lock_row(connection, ticket_id)
            # Since it was listed it may have been reopened, and closed again, moved to another queue, or merged.
            if not self._is_due(connection, ticket_id, part, now):
                return False
            merged = list_merged_into(connection, ticket_id)
            every = (ticket_id, *merged)
            if find_unfinished(connection, every, notices=False):
                return False
            if find_held_tickets(connection, every):
                return False
            if self._retain_of(connection, ticket_id).bundle_first:
                waiting = [one for one in every if not is_archived(connection, one)]  # now due to be written
                if waiting:
                    return False
            number = begin_erasure(connection, RETENTION, RETENTION, now)
            people = list_addresses(connection, every)
            counts: Counter[str] = Counter()
            for one in every:
                counts += self._remove(connection, number, one, part, now)
                note_parts(connection, one, (part,), now)
            if part == "tickets":
                counts["contacts"] += remove_contacts(connection, people)
            counts[f"{part} of tickets"] += len(every)
            _count(connection, number, counts)
        return True

    def empty_loose(self, now: datetime) -> int:
        """Empties some emails and notices of no ticket that are over; returns how many, 0 once none is left."""
        period = self._settings.default_queue.retain.mails
        if period is None:
            return 0
        names = Names(self._stays, stand_in_of_ticket(0))
        with self._database.write() as connection:
            return empty_loose(connection, now - period.span, names, _LOOSE_AT_ONCE)

    def _is_due(self, connection: Connection, ticket_id: int, part: str, now: datetime) -> bool:
        ticket, period = get_ticket(connection, ticket_id), self._retain_of(connection, ticket_id).parts.get(part)
        if ticket is None or period is None:
            return False
        return is_due(connection, ticket_id, part, ticket.queue, now - period.span)

    def _retain_of(self, connection: Connection, ticket_id: int) -> RetainTable:
        ticket = get_ticket(connection, ticket_id)
        name = ticket.queue if ticket is not None else ""
        return self._settings.queues.get(name, self._settings.default_queue).retain

    def _remove(self, connection: Connection, number: int, ticket_id: int, part: str, now: datetime) -> Counter[str]:
        if part == "raw_mails":
            mails = list_mails(connection, ticket_id)
            return remove_raw_mails(connection, ticket_id, mails, keep_files=True)
        if part == "attachments":
            return remove_files(connection, ticket_id)
        names = Names(self._stays, stand_in_of_ticket(ticket_id))
        with open_history(connection, number, ticket_id):
            if part == "texts":
                return remove_texts(connection, ticket_id)
            removed = remove_files(connection, ticket_id) + remove_texts(connection, ticket_id)
            return removed + remove_names(connection, ticket_id, names, now)


def is_enabled(settings: Settings) -> bool:
    """Tells whether a retention period is configured."""
    default = settings.default_queue.retain
    return default.mails is not None or any(queue.retain.parts for queue in settings.queues.values())


def _count(connection: Connection, number: int, counts: Counter[str]) -> None:
    certificate = read_certificate(connection, number)
    certificate["counts"] = dict(sorted((Counter(certificate.get("counts", {})) + counts).items()))
    note_certificate(connection, number, certificate)
