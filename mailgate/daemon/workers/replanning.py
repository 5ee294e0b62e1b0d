"""Plans the deadlines of open tickets anew where the configuration that they were planned by has changed.

What a queue's deadlines depend on has a fingerprint (`promises.fingerprint`), and the table `plans` knows the one that
its tickets were last planned by. A pass goes through the open tickets in small transactions, each with the ticket that
it has come to: a desk that is killed goes on from there. A ticket whose deadlines stay as they were is left alone. A
ticket that fails is left to its timers, which look at the configuration before they fire, and is logged.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailgate.config import Queue, Settings
from mailgate.core.clock import Clock
from mailgate.notices.alarms import REPLANNED, Alarm
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.database import Database, is_conflict
from mailgate.store.sla_plans import begin_plan, list_open, list_plans, note_planned
from mailgate.store.tickets import lock_ticket
from mailgate.tickets.service import TicketService
from mailgate.tickets.sla.terms import fingerprint

log = logging.getLogger("mailgate.plans")

BATCH = 64  # tickets in one transaction: a mail that comes meanwhile waits for no more


class ReplanningWorker:
    """The worker of new planning; one for each desk at a time."""

    name = "plans"

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tickets: TicketService,
        system_notices: SystemNotices,
        settings: Settings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._tickets = tickets
        self._system_notices = system_notices
        self._fingerprints = {name: fingerprint(queue) for name, queue in settings.queues.items()}
        self._queues = settings.queues
        self._through = False

    def next_due(self) -> datetime | None:
        """Only a start brings another configuration: once through, there is nothing to wait for."""
        return None if self._through else self._clock.now()

    def step(self) -> int:
        """Plan the next tickets; how many that were."""
        while not self._through:
            with self._database.read() as connection:
                rows = {row.queue: row for row in list_plans(connection)}
            name = next((name for name in self._queues if not self._is_through(rows.get(name), name)), None)
            if name is None:
                self._through = True
                break
            looked = self._go_on(self._queues[name], rows.get(name))
            if looked:
                return looked
        return 0

    def _is_through(self, row: Row[Any] | None, name: str) -> bool:
        return row is not None and row.fingerprint == self._fingerprints[name] and row.cursor is None

    def _go_on(self, queue: Queue, row: Row[Any] | None) -> int:
        now, wanted = self._clock.now(), self._fingerprints[queue.name]
        with self._database.write() as connection:
            if row is None or row.fingerprint != wanted:
                begin_plan(connection, queue.name, wanted, now)
                cursor, changed, late = 0, 0, 0
            else:
                cursor, changed, late = row.cursor, row.changed, row.late
            found = list_open(connection, queue.name, cursor, BATCH)
            for ticket_id in found:
                is_changed, is_late = self._plan(connection, ticket_id, now)
                changed, late = changed + is_changed, late + (is_changed and is_late)
            is_last = len(found) < BATCH
            note_planned(connection, queue.name, None if is_last else found[-1], changed, late)
            if is_last:
                self._tell(connection, queue, changed, late, now)
        return len(found)

    def _plan(self, connection: Connection, ticket_id: int, now: datetime) -> tuple[bool, bool]:
        """Whether a ticket has other deadlines now, and whether it is late."""
        try:
            with connection.begin_nested():
                replanned = self._tickets.replan(connection, lock_ticket(connection, ticket_id), now)
        except Exception as error:  # the worker edge: one ticket must not keep the others from their new deadlines
            if is_conflict(error):
                raise
            log.exception("action=plan result=failed ticket=%d", ticket_id)
            return False, False
        plan = replanned.plan
        return (plan.moves, plan.late) if plan is not None and replanned.changed else (False, False)

    def _tell(self, connection: Connection, queue: Queue, changed: int, late: int, now: datetime) -> None:
        log.info("action=plan result=ok queue=%s changed=%d late=%d", queue.name, changed, late)
        if changed:
            self._system_notices.tell(connection, Alarm(REPLANNED, (queue.display_name, changed, late)), now)
