"""Mails larger than the desk takes: who gets a mail about them, and their outcome in the journal.

The desk has the head only; the rest stays in the mailbox or the Maildir where it was found.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.domains import fold_address
from mailgate.core.mail import InboundMessage, MessageKind
from mailgate.core.source_keys import describe_place
from mailgate.notices.loop_protection import find_exceeded_limit_outside
from mailgate.notices.system_notices import SystemNotices


class OversizedMail:
    """Reports oversized mails, for one desk."""

    def __init__(self, settings: Settings, system_notices: SystemNotices) -> None:
        self._settings = settings
        self._system_notices = system_notices
        self._robots = frozenset(fold_address(robot) for robot in settings.trust.robots)

    def describe(self, size: int) -> str:
        """Returns the outcome of an oversized mail of `size` bytes."""
        most = self._settings.intake.max_size
        return f"too large: {_in_megabytes(size)}, and the desk takes {_in_megabytes(most)}; it stays where it is"

    def report(self, connection: Connection, message: InboundMessage, queue: str, language: str) -> None:
        """Writes to the operator, and to the author of a mail that a person wrote, unless loop protection stops that.

        `queue` is the name of the queue that the mail is for, `language` the language of its author
        (docs/rules.md#23, docs/rules.md#24).
        """
        sent_at = min(message.mail.date or message.received_at, message.received_at)
        told = self._is_answered(connection, message, sent_at)
        if told:
            self._system_notices.turn_away(connection, message, queue, language, sent_at)
        place = describe_place(message.envelope.source_key)
        self._system_notices.report_oversized(connection, message, place, sent_at, told=told)

    def _is_answered(self, connection: Connection, message: InboundMessage, sent_at: datetime) -> bool:
        """Tells whether the author gets a mail: no machine, and nobody for a mail older than `first_contact_age`."""
        if message.mail.kind is not MessageKind.HUMAN or message.sender.key in self._robots:
            return False
        limits, now = self._settings.limits, message.received_at
        if now - sent_at > limits.first_contact_age.span:
            return False
        return not find_exceeded_limit_outside(connection, limits, message.sender.address, now)


def _in_megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
