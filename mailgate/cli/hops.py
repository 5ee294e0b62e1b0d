"""How a mail came: its hops as lines for people and as JSON, for `explain` and `cat`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from mailgate.cli.output import clean, iso
from mailgate.core.mail import Mail
from mailgate.parsers.hops import Hop, find_longest_stop, read_hops
from mailgate.store.journal import JournalRow

TAKER = "mailgate"


def read_hops_of(row: JournalRow, mail: Mail) -> tuple[Hop, ...]:
    """Reads the hops of a received mail, from its Date to the journal; none for a mail without Received headers."""
    received = mail.header_all("received")
    return read_hops(received, left_at=mail.date, taken_at=row.received_at, taker=f"{TAKER} ({row.source})")


def write_hops(hops: Sequence[Hop], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Writes how a mail came, as pairs of a name and a value."""
    longest = find_longest_stop(hops)
    for number, hop in enumerate(hops):
        moment = f"{hop.at.astimezone(zone):%a %Y-%m-%d %H:%M:%S}" if hop.at is not None else "at an unknown time"
        delay = f", {_spell_delay(hop.delay)}{'' if number else ' after its Date'}" if hop.delay is not None else ""
        mark = " (longest)" if hop is longest else ""
        servers = f"{clean(hop.server) or 'unknown server'}{f' from {clean(hop.origin)}' if hop.origin else ''}"
        yield "" if number else "came", f"{moment}{delay}{mark}: {servers}"


def hops_json(hops: Sequence[Hop]) -> list[dict[str, object]]:
    """The hops for programs; `delay_seconds` is null where it is not known."""
    longest = find_longest_stop(hops)
    return [
        {
            "server": hop.server,
            "from": hop.origin,
            "at": iso(hop.at),
            "delay_seconds": hop.delay.total_seconds() if hop.delay is not None else None,
            "longest": hop is longest,
        }
        for hop in hops
    ]


def _spell_delay(delay: timedelta) -> str:
    """Formats a delay: `+40 s`, `+3 min 7 s`, `+2 h 5 min`; where the clocks disagree, by how much."""
    seconds = round(abs(delay.total_seconds()))
    parts = [(seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    told = [f"{count} {unit}" for count, unit in parts if count][:2]
    span = " ".join(told) or "0 s"
    return f"+{span}" if delay >= timedelta(0) or not seconds else f"its clock is {span} behind"
