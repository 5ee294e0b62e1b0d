"""Reads the hops of a mail: which server took it when, and how much time had passed since the one before.

mail-parser reads the Received headers (RFC 5321, 4.4); this is its only importer. Each server adds its header above the
others, with the time of its own clock; the sender of a mail can make up those of the servers before the desk's own, so
that a hop is no proof. Pure, bounded, never fails.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

HOPS_LIMIT = 30  # of the last servers; further ones are left out
HEADER_LENGTH = 1_000  # characters of a Received header that are read
NAME_LENGTH = 80  # characters of the name of a server
LONGEST_DELAY = timedelta(days=30)  # servers give up after days: a longer one comes from a wrong clock
SHORTEST_STOP = timedelta(seconds=1)  # the clocks of servers differ by as much

_NAME = re.compile(r"[\w.:\[\]-]+")


@dataclass(frozen=True, slots=True)
class Hop:
    """A server that took the mail: `server` from `origin`, "" where it does not say; `at` by its own clock.

    `delay` is the time since the last hop before that has a time; None where there is none, where this hop has none, or
    where it is longer than LONGEST_DELAY. It is negative where the two clocks disagree.
    """

    server: str
    origin: str
    at: datetime | None
    delay: timedelta | None = None


def read_hops(
    received: Sequence[str], *, left_at: datetime | None = None, taken_at: datetime | None = None, taker: str = ""
) -> tuple[Hop, ...]:
    """Reads the hops, in the order of time.

    `received` are the values of the Received headers, the topmost first; without one there is no hop. `left_at` is when
    the mail was written, which the delay of the first hop counts from; `taker` is the last hop, which took the mail at
    `taken_at`.
    """
    hops = [_read_hop(entry) for entry in _ask([value[:HEADER_LENGTH] for value in received[:HOPS_LIMIT]])]
    if not hops:
        return ()
    if taken_at is not None:
        hops.append(Hop(taker, hops[-1].server, taken_at))
    measured = []
    before = left_at if len(received) <= HOPS_LIMIT else None
    for hop in hops:
        delay = hop.at - before if hop.at is not None and before is not None else None
        measured.append(replace(hop, delay=delay if delay is not None and abs(delay) <= LONGEST_DELAY else None))
        before = hop.at or before
    return tuple(measured)


def find_longest_stop(hops: Sequence[Hop]) -> Hop | None:
    """Returns the hop before which the most time had passed; None where no time is known, or hardly any passed."""
    timed = [(hop.delay, -at, hop) for at, hop in enumerate(hops) if hop.delay is not None]
    delay, _, hop = max(timed, key=lambda one: one[:2], default=(timedelta(0), 0, None))
    return hop if delay >= SHORTEST_STOP else None


def _ask(received: Sequence[str]) -> list[dict[str, Any]]:
    """Reads the headers with mail-parser, the first hop first; returns nothing where it gives up."""
    if not received:
        return []
    import mailparser  # it takes long to load, and few mails need it

    logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)  # it logs what it cannot read
    head = "".join(f"Received: {' '.join(value.split())}\n" for value in received)
    try:
        found: Any = mailparser.parse_from_bytes(f"{head}\n".encode("utf-8", "replace")).received
    except Exception:  # a hostile header may provoke any
        return []
    return [entry for entry in found if isinstance(entry, dict)]


def _read_hop(entry: dict[str, Any]) -> Hop:
    return Hop(_read_name(entry.get("by")), _read_name(entry.get("from")), _read_moment(entry.get("date_utc")))


def _read_name(value: object) -> str:
    """The name of a server, without what it remarks on it; "" for none."""
    found = _NAME.match(value.strip()) if isinstance(value, str) else None
    return found[0][:NAME_LENGTH] if found is not None else ""


def _read_moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
