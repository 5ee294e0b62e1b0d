"""Cleans text for storing and reading, and joins the lines of format=flowed.

Line ends become a line feed; NUL, lone surrogates and control characters other than line feed and tab are removed.
Never fails.
"""

from __future__ import annotations

import re

LINE_LIMIT = 100_000  # lines of a flowed text that are joined; further ones stay as they are

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNCLEAN = re.compile(f"{_CONTROL.pattern}|{_SURROGATE.pattern}")
_QUOTED = re.compile(r">{1,200}")


def clean_text(text: str) -> str:
    """Cleans a text: line feeds only, no controls or lone surrogates, no blank lines around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    if not text.replace("\n", "").isprintable() and _UNCLEAN.search(text):
        text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
    return text.strip("\n")


def undo_flow(text: str, *, delete_space: bool = False) -> str:
    """Joins the lines that format=flowed broke (RFC 3676 section 4); `delete_space` is the DelSp parameter."""
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


def _split_quote(line: str) -> tuple[int, str]:
    found = _QUOTED.match(line)
    depth = found.end() if found else 0
    content = line[depth:]
    return depth, content[1:] if content.startswith(" ") else content


def _quoted(depth: int, content: str) -> str:
    if not depth:
        return content
    return f"{'>' * depth} {content}" if content else ">" * depth
