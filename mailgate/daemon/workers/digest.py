"""Gives everybody in the house his digest: one mail each morning in his own time zone, nothing where there is nothing.

What the table `digests` has is given once for each address and day, also after a restart and by two processes. A
morning that was missed by more than four hours is left out: what it would tell has changed. Who is away gets none.
One digest that fails is tried again later and keeps nobody else's back. Fails with the database alone.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from mailgate.config import Settings
from mailgate.config.directory.entries import Directory
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.clock import Clock
from mailgate.notices.digest import DigestRecipient, Digests, address_of, language_of, list_risers, zone_of
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.database import Database, describe_loss
from mailgate.store.people import get_absence
from mailgate.store.schedules import claim_day, last_day

log = logging.getLogger("mailgate.digest")

_TOO_LATE = timedelta(hours=4)
_AGAIN = timedelta(minutes=5)  # after a failure


class DigestWorker:
    """The worker of the mornings; one for each desk at a time."""

    name = "digest"

    def __init__(
        self,
        database: Database,
        clock: Clock,
        system_notices: SystemNotices,
        directory: DirectoryFiles,
        settings: Settings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._system_notices = system_notices
        self._files = directory
        self._mornings = Digests(settings)
        self._risers = list_risers(settings) if settings.digest.at is not None else ()
        self._planned_by: Directory | None = None
        self._dues: dict[str, datetime] = {}  # the next morning of each
        self._looks: dict[str, datetime] = {}  # when to look at it: then, or later where it failed

    def next_due(self) -> datetime | None:
        return min(self._looks.values(), default=None)

    def step(self) -> int:
        """Give the digests that are due; how many mails that was."""
        now, directory = self._clock.now(), self._files.current()
        if directory is not self._planned_by:  # at the start, and when a zone may have changed
            self._planned_by = directory
            self._plan(self._risers, now - _TOO_LATE, directory)
        due = [riser for riser in self._risers if self._looks.get(riser.key, now + _AGAIN) <= now]
        return sum(self._try(riser, directory, now) for riser in due)

    def _plan(self, risers: tuple[DigestRecipient, ...], after: datetime, directory: Directory) -> None:
        for riser in risers:
            due = self._mornings.next(riser, after, directory)
            for table in (self._dues, self._looks):
                table.pop(riser.key, None)
                if due is not None:
                    table[riser.key] = due

    def _try(self, riser: DigestRecipient, directory: Directory, now: datetime) -> int:
        due = self._dues[riser.key]
        if now - due <= _TOO_LATE:
            try:
                sent = self._give(riser, due, directory, now)
            except Exception as error:  # the worker edge: one digest must never keep back the others
                if describe_loss(error):
                    raise
                log.exception("action=digest result=failed to=%s", riser.address)
                self._looks[riser.key] = now + _AGAIN
                return 0
        else:
            log.info("action=digest result=left_out to=%s due=%s", riser.address, due.isoformat())
            sent = False
        self._plan((riser,), max(due, now - _TOO_LATE), directory)
        return int(sent)

    def _give(self, riser: DigestRecipient, due: datetime, directory: Directory, now: datetime) -> bool:
        """Give the digest of the day on which it is due; whether there was one to give."""
        day = due.astimezone(zone_of(riser, directory)).date()
        with self._database.read() as connection:
            last = last_day(connection, riser.address)
            if last is not None and last >= day:
                return False
            away = get_absence(connection, riser.address, now) is not None
            morning = None if away else self._mornings.gather(connection, riser, last, directory, now)
        with self._database.write() as connection:
            if not claim_day(connection, riser.address, day) or morning is None or morning.is_empty:
                return False
            person, language = address_of(riser, directory), language_of(riser, directory)
            self._system_notices.tell_morning(connection, person, language, riser.queue, morning, now)
        log.info("action=digest result=ok to=%s day=%s", riser.address, day.isoformat())
        return True
