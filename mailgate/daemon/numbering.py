"""Goes on with ticket numbers behind the highest that was ever given, where the database is older than its mark."""

from __future__ import annotations

import logging

from mailgate.config import Settings
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import build_desk
from mailgate.notices.alarms import RESTORED, Alarm
from mailgate.store.database import Database
from mailgate.store.ticket_numbers import last_number, mark_of, raise_counter, skip_notices

log = logging.getLogger("mailgate.serve")


def continue_numbers(settings: Settings, database: Database, clock: Clock) -> None:
    """Raises the counter of tickets to the high-water mark of its database, and the mark to the counter.

    The operator gets an alarm where an older backup was restored: once, since the counter then is where the mark is.
    """
    with database.read() as connection:
        last = last_number(connection)
    kept = mark_of(database.engine.url)
    mark = kept.read()
    if mark <= last:
        if mark < last:
            kept.raise_to(last)
        return
    alarm = Alarm(RESTORED, (last, f"{settings.desk.reference}-{mark}", mark - last))
    system_notices = build_desk(settings, clock).system_notices
    with database.write() as connection:
        if raise_counter(connection, mark):
            skip_notices(connection)
            system_notices.tell(connection, alarm, clock.now())
    log.warning(Fields(action="number", message=str(alarm)))
