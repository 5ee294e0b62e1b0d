"""What a first contact takes of an old mailbox (rule 28). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta


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
