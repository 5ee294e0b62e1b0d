"""Mails the configured reports: of the past week on Monday, of the past month on the first of the next.

The table `bulletins` holds one row for each report and period, so that a report is sent once, also after a restart and
by two processes. A machine that slept through it sends the newest period on waking and none before. A report that is
new in the configuration begins with the next period. One that fails is tried again later and does not hold up the
others. Raises only for a lost database.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailgate.config import ReportTable
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Address
from mailgate.daemon.desk import Desk
from mailgate.notices.rendering.branding import look_of
from mailgate.reports.counting import count
from mailgate.reports.mail import write_report_mail
from mailgate.reports.periods import Period, at_clock, begins, following, period_before, preceding
from mailgate.store.database import describe_loss
from mailgate.store.errors import log_error
from mailgate.store.schedules import claim_period, last_period

log = logging.getLogger("mailgate.reports")

_AGAIN = timedelta(minutes=5)  # after a failure
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Issue:
    """One issue of a report: its period, and when the next one is due."""

    period: Period
    next_due: datetime

    @property
    def key(self) -> str:
        return self.period.first.isoformat()


class ReportWorker:
    """The worker that mails the reports."""

    name = "reports"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._system_notices = desk.system_notices
        self._templates = desk.templates
        self._settings = desk.settings
        self._zone = desk.settings.default_queue.zone
        self._looks: dict[str, datetime] = {name_of(one): desk.clock.now() for one in desk.settings.reports}

    def next_due(self) -> datetime | None:
        return min(self._looks.values(), default=None)

    def step(self) -> int:
        """Sends the reports that are due and returns how many mails that was."""
        now = self._clock.now()
        return sum(self._try(one, now) for one in self._settings.reports if self._looks[name_of(one)] <= now)

    def _try(self, report: ReportTable, now: datetime) -> int:
        name, issue = name_of(report), find_issue(report, now, self._zone)
        try:
            sent = self._send(report, name, issue, now)
        except Exception as error:  # the worker edge: one report must never hold up the others
            if describe_loss(error):
                raise
            log_error(log, error, action="report", result="failed", report=name)
            self._looks[name] = now + _AGAIN
            return 0
        self._looks[name] = issue.next_due
        return sent

    def _send(self, report: ReportTable, name: str, issue: _Issue, now: datetime) -> int:
        """Sends one issue; counting takes a while and comes before the transaction that claims the period."""
        settings, report_mail = self._settings, None
        language = report.language or settings.default_queue.language
        with self._database.read() as connection:
            last = last_period(connection, name)
            if last is not None and last >= issue.key:
                return 0
            if last is not None:
                counted = count(connection, settings, issue.period, now, report.queues or None)
                before = count(connection, settings, preceding(issue.period), now, report.queues or None)
                palette = look_of(settings.default_queue).colours
                report_mail = write_report_mail(counted, self._templates.words(language), before, palette)
        with self._database.write() as connection:
            if not claim_period(connection, name, issue.key) or report_mail is None:
                return 0
            people = [Address("", address) for address in dict.fromkeys(report.to)]
            self._system_notices.send_report(connection, people, language, report_mail, now, name)
        log.info(Fields(action="report", result="ok", report=name, period=issue.key))
        return len(people)


def name_of(report: ReportTable) -> str:
    """Returns the name by which the table `bulletins` knows a report, made of its settings."""
    parts: Sequence[str] = (report.every, ",".join(report.queues), ",".join(report.to), report.language)
    return " · ".join(part for part in parts if part)


def find_issue(report: ReportTable, now: datetime, zone: ZoneInfo) -> _Issue:
    """Returns the newest issue that is due by now."""
    start = begins(report.every, now.astimezone(zone).date())
    if at_clock(start, report.at, zone) > now:
        start = begins(report.every, start - _DAY)
    return _Issue(period_before(report.every, start, zone), at_clock(following(report.every, start), report.at, zone))
