"""A mail larger than the desk takes: who is told of it, and what is said in the journal.

Only its head is here; the rest lies in the mailbox or the Maildir where it was found, and stays there.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.mail import Mail, MessageKind
from mailgate.notices.loop_protection import find_breach_outside
from mailgate.notices.system_notices import SystemNotices
from mailgate.tickets.events import Oversized


class OversizedMail:
    """Tells of such mails, for one desk."""

    def __init__(self, settings: Settings, system_notices: SystemNotices) -> None:
        self._settings = settings
        self._system_notices = system_notices

    def describe(self, size: int) -> str:
        """The outcome of such a mail of `size` bytes."""
        most = self._settings.intake.max_size
        return f"too large: {_in_megabytes(size)}, and the desk takes {_in_megabytes(most)}; it stays where it is"

    def tell(self, connection: Connection, mail: Mail, found: Oversized) -> None:
        """Tell the operator, and the author where a person wrote it and no breaker stops that (rules 23 and 24)."""
        told = self._is_answered(connection, mail, found)
        if told:
            self._system_notices.turn_away(connection, found)
        self._system_notices.report_oversized(connection, found, told=told)

    def _is_answered(self, connection: Connection, mail: Mail, found: Oversized) -> bool:
        """Not a machine, and nobody for what he wrote so long ago that a mailbox's first contact would leave it."""
        address = found.author.key
        if mail.kind is not MessageKind.HUMAN or address in {robot.casefold() for robot in self._settings.trust.robots}:
            return False
        if found.received_at - found.sent_at > self._settings.limits.first_contact_age.span:
            return False
        breach = find_breach_outside(connection, self._settings.limits, found.author.address, found.received_at)
        return not breach


def _in_megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
