"""Mails the reports of the configuration: of the week that is over on Monday, of the month on its first.

What the table `bulletins` has is sent once for each report and period, also after a restart and by two processes. A
machine that slept through it sends the newest period on waking, and none before it. A report that is new in the
configuration begins with the next period. One that fails is tried again later and keeps no other back. Fails with the
database alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailgate.config import ReportTable as Configured
from mailgate.config import Settings
from mailgate.core.clock import Clock
from mailgate.core.mail import Address
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.system_notices import SystemNotices
from mailgate.reports.counting import count
from mailgate.reports.mail import write_letter
from mailgate.reports.periods import Period, at_clock, begins, following, period_before
from mailgate.store.database import Database, describe_loss
from mailgate.store.schedules import claim_period, last_period

log = logging.getLogger("mailgate.reports")

_AGAIN = timedelta(minutes=5)  # after a failure
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Issue:
    """One sending of a report: the period that it tells of, and when the next one is due."""

    period: Period
    next_due: datetime

    @property
    def key(self) -> str:
        return self.period.first.isoformat()


class ReportWorker:
    """The worker of the mailed reports; one for each desk at a time."""

    name = "reports"

    def __init__(self, database: Database, clock: Clock, system_notices: SystemNotices, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._system_notices = system_notices
        self._templates = Templates(settings.desk.templates, settings.desk.languages[0])
        self._settings = settings
        self._zone = settings.default_queue.zone
        self._looks: dict[str, datetime] = {name_of(one): clock.now() for one in settings.reports}

    def next_due(self) -> datetime | None:
        return min(self._looks.values(), default=None)

    def step(self) -> int:
        """Send the reports that are due; how many mails that was."""
        now = self._clock.now()
        return sum(self._try(one, now) for one in self._settings.reports if self._looks[name_of(one)] <= now)

    def _try(self, report: Configured, now: datetime) -> int:
        name, issue = name_of(report), find_issue(report, now, self._zone)
        try:
            sent = self._send(report, name, issue, now)
        except Exception as error:  # the worker edge: one report must never keep back the others
            if describe_loss(error):
                raise
            log.exception("action=report result=failed report=%r", name)
            self._looks[name] = now + _AGAIN
            return 0
        self._looks[name] = issue.next_due
        return sent

    def _send(self, report: Configured, name: str, issue: _Issue, now: datetime) -> int:
        """Counting takes a while, so that it is done before the transaction that claims the period."""
        settings, letter = self._settings, None
        language = report.language or settings.default_queue.language
        with self._database.read() as connection:
            last = last_period(connection, name)
            if last is not None and last >= issue.key:
                return 0
            if last is not None:
                counted = count(connection, settings, issue.period, now, report.queues or None)
                letter = write_letter(counted, self._templates.words(language))
        with self._database.write() as connection:
            if not claim_period(connection, name, issue.key) or letter is None:
                return 0
            people = [Address("", address) for address in dict.fromkeys(report.to)]
            self._system_notices.tell_report(connection, people, language, letter, now, name)
        log.info("action=report result=ok report=%r period=%s", name, issue.key)
        return len(people)


def name_of(report: Configured) -> str:
    """What a report is known by: all that makes it this one."""
    parts: Sequence[str] = (report.every, ",".join(report.queues), ",".join(report.to), report.language)
    return " · ".join(part for part in parts if part)


def find_issue(report: Configured, now: datetime, zone: ZoneInfo) -> _Issue:
    """The newest sending that is due by now."""
    start = begins(report.every, now.astimezone(zone).date())
    if at_clock(start, report.at, zone) > now:
        start = begins(report.every, start - _DAY)
    return _Issue(period_before(report.every, start, zone), at_clock(following(report.every, start), report.at, zone))
