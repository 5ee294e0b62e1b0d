"""Computes the deadlines of open tickets again after a change of the configuration that they depend on.

The settings that a queue's deadlines depend on have a fingerprint (`tickets/sla/terms.fingerprint`); the table `plans`
holds the one by which its tickets were last planned. A pass goes through the open tickets in small transactions, each
of which records the last ticket, so that a killed desk continues from there. A ticket whose deadlines do not change is
not written. A ticket that fails is logged and left to its timers, which look at the configuration before they fire.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk
from mailgate.notices.alarms import REPLANNED, Alarm
from mailgate.store.database import is_conflict
from mailgate.store.errors import log_error
from mailgate.store.sla_plans import PlanRow, begin_plan, list_open, list_plans, note_planned
from mailgate.store.tickets import lock_ticket
from mailgate.tickets.sla.terms import fingerprint

log = logging.getLogger("mailgate.plans")

BATCH = 64  # tickets in one transaction: a mail that arrives meanwhile waits for no more


class ReplanningWorker:
    """The worker that computes deadlines again."""

    name = "plans"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._tickets = desk.tickets
        self._system_notices = desk.system_notices
        self._queues = desk.settings.queues
        self._fingerprints = {name: fingerprint(queue) for name, queue in self._queues.items()}
        self._is_done = False

    def next_due(self) -> datetime | None:
        """Returns None once all queues are done: the configuration changes only with a restart."""
        return None if self._is_done else self._clock.now()

    def step(self) -> int:
        """Plans the next tickets and returns how many were looked at."""
        while not self._is_done:
            with self._database.read() as connection:
                rows = {row.queue: row for row in list_plans(connection)}
            name = next((name for name in self._queues if not self._is_planned(rows.get(name), name)), None)
            if name is None:
                self._is_done = True
                break
            looked_at = self._continue(self._queues[name], rows.get(name))
            if looked_at:
                return looked_at
        return 0

    def _is_planned(self, row: PlanRow | None, name: str) -> bool:
        return row is not None and row.fingerprint == self._fingerprints[name] and row.cursor is None

    def _continue(self, queue: Queue, row: PlanRow | None) -> int:
        now, wanted = self._clock.now(), self._fingerprints[queue.name]
        with self._database.write() as connection:
            if row is None or row.fingerprint != wanted:
                begin_plan(connection, queue.name, wanted, now)
                cursor, changed, late = 0, 0, 0
            else:
                cursor, changed, late = row.cursor or 0, row.changed, row.late
            found = list_open(connection, queue.name, cursor, BATCH)
            for ticket_id in found:
                is_changed, is_late = self._plan(connection, ticket_id, now)
                changed, late = changed + is_changed, late + (is_changed and is_late)
            is_last = len(found) < BATCH
            note_planned(connection, queue.name, None if is_last else found[-1], changed, late)
            if is_last:
                self._report(connection, queue, changed, late, now)
        return len(found)

    def _plan(self, connection: Connection, ticket_id: int, now: datetime) -> tuple[bool, bool]:
        """Plans one ticket: (True if its deadlines changed, True if it is late)."""
        try:
            with connection.begin_nested():
                replanned = self._tickets.replan(connection, lock_ticket(connection, ticket_id), now)
        except Exception as error:  # the worker edge: one ticket must not hold up the others
            if is_conflict(error):
                raise
            log_error(log, error, action="plan", result="failed", ticket_id=ticket_id)
            return False, False
        plan = replanned.plan
        return (plan.moves, plan.late) if plan is not None and replanned.changed else (False, False)

    def _report(self, connection: Connection, queue: Queue, changed: int, late: int, now: datetime) -> None:
        log.info(Fields(action="plan", result="ok", queue=queue.name, changed=changed, late=late))
        if changed:
            self._system_notices.tell(connection, Alarm(REPLANNED, (queue.display_name, changed, late)), now)
