"""The outcome of a received mail: its disposition and the reason, for its row of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """The states in which a received mail ends; LATER means that it is tried again."""

    DONE = "done"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    LATER = "later"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The disposition of one mail, the reason, and the ticket that it belongs to.

    `reference` is the ticket's where it was at hand, else "". `for_level` says that Level 1 gets the mail as it is:
    no ticket can be opened for it.
    """

    disposition: Disposition
    reason: str = ""
    ticket_id: int | None = None
    reference: str = ""
    for_level: bool = False
