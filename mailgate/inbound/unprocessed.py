"""Mails that were parked: the operator gets an alarm at once and Level 1 the mail itself. No request is forgotten.

A mail is parked by a defect of the desk. One that names no sender goes to Level 1 alone. What reports a mail must not
be able to fail the parking: each step is a savepoint, and what raises is logged.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.people import People
from mailgate.core.mail import Address, Mail
from mailgate.core.text import ellipsis
from mailgate.notices.alarms import MAIL_PARKED, Alarm
from mailgate.notices.mime.forwarded import is_seven_bit, mail_shows_token, mask
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.blobs import get_blob, put_blob
from mailgate.store.errors import log_error
from mailgate.store.journal import JournalRow
from mailgate.tickets.values import FileRef

log = logging.getLogger("mailgate.inbound")

_LINE_END = re.compile(rb"\r\n|\r|\n")
_NAME = "original.eml"
_SHOWN = 200  # characters of a subject, and of an error, in the alarm


class UnprocessedMail:
    """Reports parked mails, for one desk."""

    def __init__(self, settings: Settings, system_notices: SystemNotices) -> None:
        self._settings = settings
        self._people = People(settings)
        self._system_notices = system_notices

    def report(
        self, connection: Connection, row: JournalRow, mail: Mail | Exception | None, reason: str, now: datetime
    ) -> None:
        """Reports a mail in the transaction that parks it. Never raises.

        `mail` is why it cannot be parsed, or None where it must not be looked at: it stopped the worker every time.
        """
        author, subject = _author_and_subject(row, mail)

        def alarm() -> None:
            who = author.address if author is not None else "<>"
            told = row.id, who, ellipsis(subject, _SHOWN), ellipsis(" ".join(reason.split()), _SHOWN)
            self._system_notices.alarm(connection, Alarm(MAIL_PARKED, told), now)

        _try(connection, row.id, alarm)
        self.hand_over(connection, row, mail, now)

    def hand_over(self, connection: Connection, row: JournalRow, mail: Mail | Exception | None, now: datetime) -> None:
        """Sends Level 1 a mail that no ticket can be opened for, attached where that is possible. Never raises."""
        author, subject = _author_and_subject(row, mail)

        def forward(original: FileRef | None) -> None:
            self._system_notices.send_unprocessed(
                connection, self._queue_of(row), row.id, author, subject, row.received_at, now, original
            )

        attached = mail is not None and _try(connection, row.id, lambda: forward(self._attach(connection, row)))
        if not attached:
            _try(connection, row.id, lambda: forward(None))

    def _queue_of(self, row: JournalRow) -> Queue:
        found = (self._people.queue_of(address) for address in row.recipients)
        return next((queue for queue in found if queue is not None), self._settings.default_queue)

    def _attach(self, connection: Connection, row: JournalRow) -> FileRef | None:
        """Returns the mail as a file; None where it is too large, or shows a token that cannot be masked.

        Level 1 could answer as the requester whose token it got (docs/rules.md#13).
        """
        if row.oversized or row.size > self._settings.limits.notice_max_size:
            return None
        raw = _LINE_END.sub(b"\r\n", mask(get_blob(connection, row.blob_id)))
        if mail_shows_token(raw):
            return None
        blob = put_blob(connection, raw)
        if is_seven_bit(raw):  # a message/rfc822 must not be encoded (RFC 2046, 5.2.1)
            return FileRef(_NAME, "message/rfc822", blob, len(raw), verbatim=True)
        return FileRef(_NAME, "application/octet-stream", blob, len(raw))


def _author_and_subject(row: JournalRow, mail: Mail | Exception | None) -> tuple[Address | None, str]:
    address = row.author or row.sender or ""
    author, subject = Address("", address) if address else None, row.subject
    if isinstance(mail, Mail):
        author, subject = mail.sender or author, mail.subject
    return author, " ".join(subject.split())


def _try(connection: Connection, journal_id: int, step: Callable[[], None]) -> bool:
    """Takes one step of a report; False where it raised, and nothing of it was done."""
    try:
        with connection.begin_nested():
            step()
    except Exception as error:  # the edge of a report: the mail is parked whatever happens here
        log_error(log, error, action="report", result="failed", journal=journal_id)
        return False
    return True
