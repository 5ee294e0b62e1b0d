"""Bytes to text: charsets, cleaning and format=flowed.

Answers for text that every later reader and store can hold: line ends are a line feed, and there is no NUL, no lone
surrogate and no control character beside line feed and tab. Never fails: what no charset explains is read with
replacement characters.
"""

from __future__ import annotations

import re

import chardet

GUESS_FROM = 32  # bytes: below, statistics say nothing
GUESS_LIMIT = 20_000  # bytes that are looked at when guessing
LINE_LIMIT = 100_000  # lines of a flowed text that are joined; further ones stay as they are

_WESTERN = frozenset({"", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1", "windows-1252"})
_WESTERN |= {"cp1252", "ansi_x3.4-1968", "x-unknown", "unknown-8bit", "default", "binary", "8bit"}
# Python's codecs that are no charset of mail; the first two take quadratic time
_FOREIGN = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNCLEAN = re.compile(f"{_CONTROL.pattern}|{_SURROGATE.pattern}")
_QUOTED = re.compile(r">{1,200}")


def decode_bytes(data: bytes, charset: str = "") -> str:
    """Decode text: the declared charset, UTF-8, Windows-1252, a guess, replacement. A label of Latin-1 or ASCII is
    never taken by its word, since what carries it is UTF-8 or Windows-1252 in practice."""
    label = charset.strip().strip("\"'").lower()
    if label in _WESTERN and data.isascii():
        return data.decode("ascii")
    if label not in _WESTERN:
        text = _try(data, label)
        if text is not None:
            return text
    text = _try(data, "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8")
    if text is not None:
        return text
    text = _try(data, "cp1252")
    if text is None and len(data) >= GUESS_FROM:
        text = _guess(data)
    return data.decode("utf-8", "replace") if text is None else text


def clean_text(text: str) -> str:
    """Text with line feeds only and without controls and lone surrogates; no blank lines around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    if _UNCLEAN.search(text):
        text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
    return text.strip("\n")


def undo_flow(text: str, *, delete_space: bool = False) -> str:
    """Join the lines that format=flowed broke (RFC 3676, 4); `delete_space` is the DelSp parameter."""
    lines = text.replace("\r\n", "\n").split("\n")
    out: list[str] = []
    pieces: list[str] = []
    depth = 0
    for line in lines[:LINE_LIMIT]:
        level, content = _split_quote(line)
        if pieces and (level != depth or content == "-- "):
            out.append(_quoted(depth, "".join(pieces)))
            pieces = []
        depth = level
        flows = content.endswith(" ") and content != "-- "
        pieces.append(content[:-1] if flows and delete_space else content)
        if not flows:
            out.append(_quoted(depth, "".join(pieces)))
            pieces = []
    if pieces:
        out.append(_quoted(depth, "".join(pieces)))
    return "\n".join(out + lines[LINE_LIMIT:])


def _try(data: bytes, charset: str) -> str | None:
    if charset.replace("-", "_").replace(" ", "_") in _FOREIGN:
        return None
    try:
        text = data.decode(charset)
    except (UnicodeError, LookupError, ValueError, TypeError, AttributeError):
        return None
    return text if isinstance(text, str) else None


def _guess(data: bytes) -> str | None:
    found = chardet.detect(data[:GUESS_LIMIT])
    name, trust = found.get("encoding"), found.get("confidence") or 0.0
    return _try(data, str(name)) if name and trust >= 0.8 else None


def _split_quote(line: str) -> tuple[int, str]:
    found = _QUOTED.match(line)
    depth = found.end() if found else 0
    content = line[depth:]
    return depth, content[1:] if content.startswith(" ") else content


def _quoted(depth: int, content: str) -> str:
    return f"{'>' * depth} {content}" if depth else content
