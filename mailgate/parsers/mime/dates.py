"""Parses Date headers.

RFC 5322 and other forms in use: ISO 8601, asctime, years of two digits, zones by name, with or without a comment. A
date without a zone is UTC; an unreadable one is None. Never fails; reads LENGTH_LIMIT characters.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LENGTH_LIMIT = 200
EARLIEST = 1900  # a year before is a fault of the writer

_COMMENT = re.compile(r"\([^()]*\)?")
_OFFSET = re.compile(r"(?:\b(?:UTC|GMT)\s?)?([+-])(\d{1,2}):?(\d{2})?\s*$")
# Zones that the standard library takes for UTC
_MISREAD = re.compile(r"GMT|UTC|[ \d][+-]\d\d:\d\d$|\"")
_NO_YEAR = re.compile(r"[A-Za-z ]0000 ")
_NAME = re.compile(r"\b([A-Z]{2,5})\s*$")
_ZONES = {  # those that RFC 5322 does not name; where a name has two meanings, the one that mail has more often
    "UTC": "+0000", "WET": "+0000", "WEST": "+0100", "BST": "+0100", "CET": "+0100", "MET": "+0100", "MEZ": "+0100",
    "CEST": "+0200", "MEST": "+0200", "MESZ": "+0200", "EET": "+0200", "SAST": "+0200", "EEST": "+0300",
    "MSK": "+0300", "TRT": "+0300", "IST": "+0530", "WIB": "+0700", "HKT": "+0800", "SGT": "+0800", "AWST": "+0800",
    "JST": "+0900", "KST": "+0900", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300",
    "BRT": "-0300", "ART": "-0300", "AKST": "-0900", "HST": "-1000",
}  # fmt: skip


def read_date(value: str) -> datetime | None:
    """Parses a Date header to an aware datetime (RFC 5322 sections 3.3 and 4.3), None if it is no date."""
    value = value[:LENGTH_LIMIT].strip()
    if not value or _NO_YEAR.search(value):
        return None
    moment = None if _MISREAD.search(value) else _parse(value)
    if moment is None or (moment.tzinfo is None and not value[-1].isdigit()):
        moment = _parse(_plain(value)) or moment or _parse(_OFFSET.sub("", value))
    if moment is None or moment.year < EARLIEST:
        return None
    try:
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def _parse(value: str) -> datetime | None:
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return parse(value)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _plain(value: str) -> str:
    """The value with its zone as four digits, and without comments."""
    value = _COMMENT.sub(" ", value).replace('"', "").strip()
    if value[:4].isdigit():
        return value.replace(" UTC", "+00:00").replace(" +", "+").replace(" -", "-")
    if offset := _OFFSET.search(value):
        return f"{value[: offset.start()].rstrip()} {offset[1]}{offset[2].zfill(2)}{offset[3] or '00'}"
    name = _NAME.search(value)
    return value[: name.start()] + _ZONES[name[1]] if name and name[1] in _ZONES else value
