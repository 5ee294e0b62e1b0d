"""Describes an invitation in words (RFC 5545), for mails that have no other text.

The first event or task: title, time, place, description. An answer to an invitation repeats the words of the person
who invited: of a reply only the comment is read, of a counter-proposal the times, too (RFC 5546 sections 3.2.3, 3.2.7).
Times are shown as written, with their zone; the labels are English, as in the file. Never fails; reads the first
LINES_LIMIT lines.
"""

from __future__ import annotations

import re

from mailgate.parsers.mime.charsets import decode_bytes

SIZE_LIMIT = 200_000  # bytes
LINES_LIMIT = 2_000
_LABELS = {
    "SUMMARY": "",
    "DTSTART": "Start: ",
    "DTEND": "End: ",
    "DUE": "Due: ",
    "LOCATION": "Where: ",
    "DESCRIPTION": "",
}
_REPLY_LABELS = {"COMMENT": ""}
_COUNTER_LABELS = {"COMMENT": "", "DTSTART": "Start: ", "DTEND": "End: "}
_REPLY = re.compile(rb"^METHOD:REPLY[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_COUNTER = re.compile(rb"^METHOD:(?:COUNTER|DECLINECOUNTER|REFRESH)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,40})((?:;[^\":\n]{0,500}(?:\"[^\"\n]{0,500}\"[^\":\n]{0,500}){0,20})?):(.*)")
_ESCAPE = re.compile(r"\\([nN;,\\])")
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(?:\d{2})?(Z?))?")
_ZONE = re.compile(r"TZID=\"?([^;\"]{1,100})", re.IGNORECASE)


def is_reply(content: bytes) -> bool:
    """Tells whether a calendar file accepts or declines an invitation (RFC 5546)."""
    return _REPLY.search(content, 0, SIZE_LIMIT) is not None


def describe_event(content: bytes, charset: str = "") -> str:
    """The first event of a calendar file as lines of text, "" if there is none."""
    labels = _choose_labels(content)
    text = _FOLD.sub("", decode_bytes(content[:SIZE_LIMIT], charset or "utf-8"))
    values: dict[str, str] = {}
    inside: list[str] = []
    for line in text.split("\n")[:LINES_LIMIT]:
        found = _LINE.match(line.rstrip("\r"))
        if found is None:
            continue
        name, value = found[1].upper(), found[3]
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END" and inside:
            if inside.pop() in ("VEVENT", "VTODO") and values:
                break
        elif inside and inside[-1] in ("VEVENT", "VTODO") and name in labels:
            values.setdefault(name, _show(name, found[2], value))
    return "\n".join(labels[name] + values[name] for name in labels if values.get(name))


def _choose_labels(content: bytes) -> dict[str, str]:
    """The properties that are read of a calendar file, with the words that stand before them."""
    if is_reply(content):
        return _REPLY_LABELS
    return _COUNTER_LABELS if _COUNTER.search(content, 0, SIZE_LIMIT) else _LABELS


def _show(name: str, parameters: str, value: str) -> str:
    if name not in ("DTSTART", "DTEND", "DUE"):
        return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
    found = _TIME.match(value.strip())
    if found is None:
        return value.strip()
    zone = _ZONE.search(parameters)
    moment = f"{found[1]}-{found[2]}-{found[3]}" + (f" {found[4]}:{found[5]}" if found[4] else "")
    return moment + (" UTC" if found[6] else f" ({zone[1]})" if zone else "")
