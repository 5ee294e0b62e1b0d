"""Mails that were parked: the operator gets an alarm at once, and a request a ticket of what could be read of it.

A mail is parked by a defect of the desk. Where no ticket can be opened, Level 1 gets the mail itself; that is all for
one that names no sender. What reports a mail must not be able to fail the parking: each step is a savepoint, and what
raises is logged.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, Mail
from mailgate.core.text import ellipsis
from mailgate.inbound.outcome import Outcome
from mailgate.inbound.receiver import Receiver
from mailgate.notices.alarms import MAIL_PARKED, PARKED_IN_TICKET, Alarm
from mailgate.notices.mime.forwarded import is_seven_bit, mail_shows_token, mask
from mailgate.notices.system_notices import SystemNotices
from mailgate.parsers.plain_reading import read_plainly
from mailgate.store.blobs import get_blob, put_blob
from mailgate.store.errors import log_error
from mailgate.store.journal import JournalRow, note_ticket
from mailgate.tickets.values import FileRef

log = logging.getLogger("mailgate.inbound")

_LINE_END = re.compile(rb"\r\n|\r|\n")
_NAME = "original.eml"
_SHOWN = 200  # characters of a subject, and of an error, in the alarm


class UnprocessedMail:
    """Reports parked mails, for one desk."""

    def __init__(self, settings: Settings, receiver: Receiver, system_notices: SystemNotices) -> None:
        self._settings = settings
        self._receiver = receiver
        self._system_notices = system_notices

    def report(
        self, connection: Connection, row: JournalRow, mail: Mail | Exception | None, reason: str, now: datetime
    ) -> str:
        """Reports a mail in the transaction that parks it; returns the reference of its ticket, "" for none.

        `mail` is why it cannot be parsed, or None where it must not be looked at: it stopped the worker every time.
        Never raises.
        """
        author, subject = _author_and_subject(row, mail)
        opened = self._open_ticket(connection, row, mail) if mail is not None else None
        reference = opened.reference if opened is not None else ""

        def alarm() -> None:
            who = author.address if author is not None else "<>"
            told = row.id, who, ellipsis(subject, _SHOWN), ellipsis(" ".join(reason.split()), _SHOWN)
            found = Alarm(PARKED_IN_TICKET, (*told, reference)) if reference else Alarm(MAIL_PARKED, told)
            self._system_notices.alarm(connection, found, now)

        _try(connection, row.id, alarm)
        if opened is None:
            self.hand_over(connection, row, mail, now)
        return reference

    def _open_ticket(self, connection: Connection, row: JournalRow, mail: Mail | Exception) -> Outcome | None:
        """Opens a ticket of what can be read of a mail; None where there is none, and Level 1 gets the mail itself.

        The words as the parsers read them come first, then what a simpler reader finds. What the desk may have failed
        on stays away from both: files, pictures, formatting.
        """
        originals: list[FileRef | None] = []
        _try(connection, row.id, lambda: originals.append(self._attach(connection, row)))
        readings: list[Callable[[], Mail]] = [lambda: read_plainly(get_blob(connection, row.blob_id), row.sender)]
        if isinstance(mail, Mail):
            readings.insert(0, partial(_words_of, mail))
        for read in readings:
            try:
                with connection.begin_nested() as savepoint:
                    opened = self._receiver.open_for_parked(connection, row, read(), next(iter(originals), None))
                    if opened is None:
                        savepoint.rollback()  # a copy of the mail must not count as received already
                    elif opened.ticket_id is not None:
                        note_ticket(connection, row.id, opened.ticket_id, opened.reason)
                return opened
            except Exception as error:  # the edge of a report: the mail is parked whatever happens here
                log_error(log, error, action="report", result="failed", journal=row.id)
        return None

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
        found = (self._receiver.people.queue_of(address) for address in row.recipients)
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


def _words_of(mail: Mail) -> Mail:
    """Returns a mail without what the original beside it shows better: files, pictures, formatting."""
    return replace(mail, attachments=(), pictures=(), formatting=(), encrypted=False, signed=False)


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
