"""Converts text/enriched and the older text/richtext to plain text (RFC 1896, RFC 1341).

Keeps words and lines, drops fonts and colours. Never fails, linear.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<<|<(/?)([A-Za-z0-9-]{1,60})>|\n+")
_SILENT = frozenset({"param", "comment"})
_BREAKS = frozenset({"nl", "np", "paragraph"})


def convert_enriched(text: str, *, is_old: bool = False) -> str:
    """Converts text/enriched to text.

    `is_old` says that it is text/richtext, where `<nl>` breaks a line and a line feed is a blank.
    """
    text = text.replace("\r\n", "\n")
    out: list[str] = []
    silent = position = 0
    for found in _TOKEN.finditer(text):
        if not silent:
            out.append(text[position : found.start()])
        position = found.end()
        name = (found[2] or "").lower()
        if name in _SILENT:
            silent = max(0, silent - 1) if found[1] else silent + 1
        elif not silent:
            out.append(_written(found[0], name, closes=bool(found[1]), is_old=is_old))
    if not silent:
        out.append(text[position:])
    return "".join(out).rstrip()


def _written(token: str, name: str, *, closes: bool, is_old: bool) -> str:
    if token == "<<":
        return "<"
    if not name:  # line feeds: one is a blank, n of them are n - 1
        return " " if is_old or len(token) == 1 else "\n" * (len(token) - 1)
    if is_old and name == "lt":
        return "<"
    if is_old and name in _BREAKS:
        return "" if closes != (name == "paragraph") else "\n"
    return ""
