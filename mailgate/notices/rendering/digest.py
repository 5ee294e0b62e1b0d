"""What an agent's digest shows: lists of tickets as `replies` has them, mails kept out as spam, and who is away.

Frozen values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgate.notices.rendering.replies import ListSection


@dataclass(frozen=True, slots=True)
class SpamMessage:
    """A mail that was kept out; `journal_id` puts it back."""

    sender: str
    subject: str
    journal_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AbsentAgent:
    """A colleague who is away, and until when."""

    address: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """One agent's digest. The sections are in the order in which they matter, none of them empty; of the mails kept
    out as spam, `more_spam` are not shown."""

    sections: tuple[ListSection, ...] = ()
    spam: tuple[SpamMessage, ...] = ()
    more_spam: int = 0
    away: tuple[AbsentAgent, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: that somebody is away is no reason to write."""
        return not self.sections and not self.spam

    def count(self, what: str) -> int:
        """How many tickets a section has, named or not."""
        return sum(len(one.lines) + one.more for one in self.sections if one.what == what)
