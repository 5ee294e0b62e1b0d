"""Loopback probe: marks a mail that the desk writes to itself, and recognises it when it comes back.

A probe has an id of 128 random bits, which only the outbox and the probe have: without one, nobody can make a mail that
passes for it. The id stands in a header, in the Message-ID and in the subject, since relays replace the second and
gateways drop the first. A mail that only looks like a probe is handled as any other; nothing here fails.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailgate.config import ROUND_TRIP
from mailgate.core.addressing import message_id_at
from mailgate.core.mail import Mail
from mailgate.notices.rendering.content import LongestStop
from mailgate.parsers.hops import find_longest_stop, read_hops
from mailgate.store.probes import find_probe, note_return
from mailgate.store.source_status import note_success

_HEADER = "X-Mailgate-Probe"
_ID = re.compile("[a-z2-7]{26}")
# Marks such as [EXTERNAL] may stand before it. Words may not: they make it the subject of a bounce or of an answer.
_SUBJECT = re.compile(r"(?:\[[^\[\]]{1,30}\] ?){0,3}\[probe ([a-z2-7]{26})\]", re.IGNORECASE)


def make_probe_id() -> str:
    """Makes an id that nobody can guess: 26 letters and digits."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def probe_tag(probe: str) -> str:
    """Returns the tag with which the subject of a probe begins."""
    return f"[probe {probe}]"


def probe_message_id(probe: str, address: str) -> str:
    """Returns the Message-ID of a probe to this address, by which the outbox finds it."""
    return message_id_at(f"probe.{probe}", address)


def receive_probe(connection: Connection, mail: Mail, received_at: datetime, address: str) -> str:
    """Returns the journal's outcome for a probe of this desk; "" for every other mail.

    `address` is the desk's. The first time that a probe comes back, its round-trip time in seconds is noted, and where
    the longest part of it was spent: between which two servers, and for how many seconds.
    """
    for probe in dict.fromkeys(_read_ids(mail)):
        row = find_probe(connection, probe_message_id(probe, address))
        if row is None:
            continue
        if not note_return(connection, row.id):
            return "the probe came back once more"
        seconds = round(max((received_at - row.waits_since).total_seconds(), 0.0), 1)
        stop = _find_stop(mail, row.waits_since, received_at)
        note_success(connection, ROUND_TRIP, received_at, seconds=seconds, stop=stop)
        where = f", {stop['seconds']} s of it between {stop['from']} and {stop['to']}" if stop is not None else ""
        return f"the probe came back after {seconds} s{where}"
    return ""


def read_stop(figures: Mapping[str, Any]) -> LongestStop | None:
    """Reads where the last probe spent the most time, from the figures of the round trip; None for under a minute."""
    stop = figures.get("stop")
    return LongestStop(stop["from"], stop["to"], stop["seconds"] // 60) if stop and stop["seconds"] >= 60 else None


def _find_stop(mail: Mail, left_at: datetime, received_at: datetime) -> dict[str, Any] | None:
    """The two servers between which the probe spent the most time, and the seconds; None where that is not known."""
    received = mail.header_all("received")
    stop = find_longest_stop(read_hops(received, left_at=left_at, taken_at=received_at, taker="mailgate"))
    if stop is None or stop.delay is None or not stop.server:
        return None
    return {"from": stop.origin or "?", "to": stop.server, "seconds": round(stop.delay.total_seconds())}


def _read_ids(mail: Mail) -> Iterator[str]:
    named = mail.header(_HEADER).strip()
    if _ID.fullmatch(named):
        yield named
    kind, _, named = mail.message_id.partition("@")[0].partition(".")
    if kind == "probe" and _ID.fullmatch(named):
        yield named
    if (found := _SUBJECT.match(mail.subject)) is not None:
        yield found[1].lower()
