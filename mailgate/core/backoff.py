"""Pauses that grow from one failed attempt to the next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

RETRY_GAPS = (timedelta(seconds=20), *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 40, 60)))
"""Pauses between attempts to send a mail (rule 22); the last one repeats."""
MOST_DOUBLINGS = 6  # of a first pause or lease that is not limited otherwise: 64 times as long
_REFUSED = 16  # times the first pause: the shortest pause after a refusal


@dataclass(frozen=True, slots=True)
class Backoff:
    """Range of a pause in seconds: it doubles from the first to the longest."""

    first: float = 1.0
    longest: float = 60.0

    def longer(self, pause: float, *, refused: bool = False) -> float:
        """Returns the pause after this one; the first after 0.

        `refused` is for what a person must mend first: a server that is asked too often may lock the account.
        """
        least = self.first * _REFUSED if refused else self.first
        return min(max(pause * 2, least), self.longest)


def doubled(first: timedelta, times: int, *, at_most: int | None = None) -> timedelta:
    """Returns `first`, doubled so many `times`, and no more than `at_most` times."""
    doublings = times if at_most is None else min(times, at_most)
    return first * (1 << doublings)


def next_gap(attempt: int) -> timedelta:
    """Returns the pause after a failed attempt to send, counted from 1 (rule 22)."""
    return RETRY_GAPS[min(max(attempt, 1), len(RETRY_GAPS)) - 1]
