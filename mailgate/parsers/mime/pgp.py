"""Reads text that is signed by PGP in the text itself (RFC 9580 section 7).

Returns the words between the armour lines, with the dashes unescaped, and keeps the text outside. Never fails, linear.
"""

from __future__ import annotations

import re

_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"
_HASH = re.compile(r"(?:Hash|Charset|Comment|Version|NotDashEscaped|MessageID):.{0,500}")


def remove_armour(text: str) -> str:
    """Removes the armour of signatures from a text. Armour that is quoted, or has no end, stays."""
    lines = text.replace("\r\n", "\n").split("\n")
    out: list[str] = []
    at = 0
    ends = iter([number for number, line in enumerate(lines) if line.rstrip() == _END])
    end = next(ends, None)
    while at < len(lines):
        while end is not None and end < at:
            end = next(ends, None)
        if lines[at].rstrip() != _BEGIN or end is None:
            out.append(lines[at])
            at += 1
            continue
        signed = lines[at + 1 : end]
        stop = next((number for number, inner in enumerate(signed) if inner.rstrip() == _SIGNATURE), len(signed))
        out += _unescape(signed[:stop])
        at = end + 1
    return "\n".join(out)


def _unescape(lines: list[str]) -> list[str]:
    start = 0
    while start < len(lines) and _HASH.fullmatch(lines[start]):
        start += 1
    if start < len(lines) and not lines[start].strip():
        start += 1
    return [line[2:] if line.startswith("- ") else line for line in lines[start:]]
