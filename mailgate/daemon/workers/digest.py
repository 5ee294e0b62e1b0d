"""Sends the digests: one mail each morning to each agent and level, in the recipient's time zone; none if empty.

The table `digests` holds one row for each address and day, so that a digest is sent once, also after a restart and by
two processes. A digest that is more than four hours late is left out, and so is one that was due before the desk ran,
where its recipient has had none yet. A recipient who is absent gets none, and afterwards what came meanwhile. One that
fails is tried again later and does not hold up the others. Raises only for a lost database.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from mailgate.config.directory.entries import Directory
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk
from mailgate.notices.digest import DigestRecipient, Digests, address_of, choose_language, list_recipients, zone_of
from mailgate.store.database import describe_loss
from mailgate.store.errors import log_error
from mailgate.store.people import get_absence
from mailgate.store.schedules import claim_day, last_day, with_digest

log = logging.getLogger("mailgate.digest")

_TOO_LATE = timedelta(hours=4)
_AGAIN = timedelta(minutes=5)  # after a failure


class DigestWorker:
    """The worker that sends the digests."""

    name = "digest"

    def __init__(self, desk: Desk) -> None:
        settings = desk.settings
        self._database = desk.database
        self._clock = desk.clock
        self._system_notices = desk.system_notices
        self._directory_files = desk.directory
        self._digests = Digests(settings)
        self._recipients = list_recipients(settings) if settings.digest.at is not None else ()
        self._began = desk.clock.now()
        self._planned_by: Directory | None = None
        self._dues: dict[str, datetime] = {}  # the next digest of each recipient
        self._looks: dict[str, datetime] = {}  # when to try it: when it is due, or later where it failed

    def next_due(self) -> datetime | None:
        return min(self._looks.values(), default=None)

    def step(self) -> int:
        """Sends the digests that are due and returns how many mails that was."""
        now, directory = self._clock.now(), self._directory_files.current()
        if directory is not self._planned_by:  # at the start, and when a zone may have changed
            self._planned_by = directory
            with self._database.read() as connection:
                known = with_digest(connection, {recipient.key for recipient in self._recipients})
            for recipient in self._recipients:
                earliest = now - _TOO_LATE
                after = earliest if recipient.key in known else max(earliest, self._began)
                self._plan((recipient,), after, directory)
        due = [recipient for recipient in self._recipients if self._looks.get(recipient.key, now + _AGAIN) <= now]
        return sum(self._try(recipient, directory, now) for recipient in due)

    def _plan(self, recipients: tuple[DigestRecipient, ...], after: datetime, directory: Directory) -> None:
        for recipient in recipients:
            due = self._digests.next(recipient, after, directory)
            for table in (self._dues, self._looks):
                table.pop(recipient.key, None)
                if due is not None:
                    table[recipient.key] = due

    def _try(self, recipient: DigestRecipient, directory: Directory, now: datetime) -> int:
        due = self._dues[recipient.key]
        if now - due <= _TOO_LATE:
            try:
                sent = self._send(recipient, due, directory, now)
            except Exception as error:  # the worker edge: one digest must never hold up the others
                if describe_loss(error):
                    raise
                log_error(log, error, action="digest", result="failed", to=recipient.address)
                self._looks[recipient.key] = now + _AGAIN
                return 0
        else:
            log.info(Fields(action="digest", result="left_out", to=recipient.address, due=due.isoformat()))
            sent = False
        self._plan((recipient,), max(due, now - _TOO_LATE), directory)
        return int(sent)

    def _send(self, recipient: DigestRecipient, due: datetime, directory: Directory, now: datetime) -> bool:
        """Sends the digest of the day on which it is due; False where there is none to send."""
        day = due.astimezone(zone_of(recipient, directory)).date()
        with self._database.read() as connection:
            last = last_day(connection, recipient.address)
            if last is not None and last >= day:
                return False
            if get_absence(connection, recipient.address, now) is not None:
                return False
            digest = self._digests.gather(connection, recipient, last, directory, now)
        with self._database.write() as connection:
            if not claim_day(connection, recipient.address, day) or digest.is_empty:
                return False
            person, language = address_of(recipient, directory), choose_language(connection, recipient, directory)
            self._system_notices.send_digest(connection, person, language, recipient.queue, digest, now)
        log.info(Fields(action="digest", result="ok", to=recipient.address, day=day.isoformat()))
        return True
