"""Content of a digest: lists of tickets as `replies` has them, spam mails, and absent agents.

Frozen values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgate.notices.rendering.replies import ListSection


@dataclass(frozen=True, slots=True)
class SpamMessage:
    """Mail that was rejected as spam; `journal_id` accepts it after all."""

    sender: str
    subject: str
    journal_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AbsentAgent:
    """Colleague who is away, and until when."""

    address: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """One agent's digest.

    The sections are in the order of their importance, none of them empty; `more_spam` mails are not shown.
    """

    sections: tuple[ListSection, ...] = ()
    spam: tuple[SpamMessage, ...] = ()
    more_spam: int = 0
    away: tuple[AbsentAgent, ...] = ()
    news: bool = False
    """The lists of their own and of new tickets have only those that came since the last digest."""

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to report: an absence alone is no reason to write."""
        return not self.sections and not self.spam

    def count(self, what: str) -> int:
        """Counts the tickets of a section, listed or not."""
        return sum(len(one.lines) + one.more for one in self.sections if one.what == what)
