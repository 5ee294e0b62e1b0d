"""What a first contact takes of an old mailbox (rule 28), and how long to pause after a failure. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

_REFUSED = 16.0  # a server that refuses us is asked this much more rarely from the start


def choose_first(
    dates: Mapping[int, datetime], first_start: str, now: datetime, age: timedelta, most: int
) -> frozenset[int] | None:
    """Which of the mails that stand there are taken; None for all of them.

    `dates` has for each UID when the server received it.
    """
    if first_start == "all":
        return None
    if first_start == "new":
        return frozenset()
    young = sorted((date, uid) for uid, date in dates.items() if date >= now - age)
    return frozenset(uid for _, uid in young[-most:])


class Pauses:
    """Seconds to wait after failures one after the other: each twice the last one, up to the longest."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def reset(self) -> None:
        """It works again."""
        self._next = self._first

    def take(self, *, refused: bool) -> float:
        """How long to wait now. `refused`: the server is there and wants somebody to mend something first."""
        pause = max(self._next, self._first * _REFUSED) if refused else self._next
        self._next = min(pause * 2, self._longest)
        return min(pause, self._longest)
