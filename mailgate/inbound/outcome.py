"""What becomes of a mail in the journal: the outcome and why. Values; nothing here can fail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """What becomes of the journal's row."""

    DONE = "done"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    LATER = "later"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one mail and why."""

    fate: Disposition
    reason: str = ""
    ticket_id: int | None = None
