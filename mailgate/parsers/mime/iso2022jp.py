"""Decodes ISO-2022-JP as Japanese mail uses it (RFC 1468, with common extensions).

Includes the circled digits and units that only Windows knows, half-width katakana, and eight-bit bytes between the
escapes. Never fails: undecodable bytes become U+FFFD. Linear.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$\(?[@ABCDOPQ]|\([BJIH])")
_LINES = re.compile(rb"([\r\n]+)")


def decode_jis(data: bytes) -> str:
    """Decodes bytes with ISO-2022-JP escape sequences."""
    for codec in ("iso2022_jp_ext", "iso2022_jp_2"):
        try:
            return data.decode(codec)
        except UnicodeError:
            continue
    out: list[str] = []
    state, position = b"(B", 0
    for found in _ESCAPE.finditer(data):
        out.append(_read_run(data[position : found.start()], state))
        state, position = found[1], found.end()
    out.append(_read_run(data[position:], state))
    return "".join(out)


def _read_run(run: bytes, state: bytes) -> str:
    """Decodes the bytes between two escapes; a line end means ASCII again (RFC 1468)."""
    if not state.startswith(b"$") and state != b"(I":
        return run.decode("cp932", "replace")
    lines = _LINES.split(run)
    if state == b"(I":
        first = bytes(code | 0x80 for code in lines[0]).decode("cp932", "replace")
    elif state in (b"$@", b"$B"):
        first = _read_pairs(lines[0])
    else:
        codec = "iso2022_jp_2" if state in (b"$A", b"$(C", b"$(D") else "iso2022_jp_ext"
        first = (b"\x1b" + state + lines[0] + b"\x1b(B").decode(codec, "replace")
    return first + b"".join(lines[1:]).decode("cp932", "replace")


def _read_pairs(run: bytes) -> str:
    """Decodes JIS X 0208 by way of Shift JIS, which has the rows that Windows added."""
    out = bytearray()
    for row, cell in zip(run[::2], run[1::2], strict=False):
        row, cell = row & 0x7F, cell & 0x7F
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            out += b"?"
            continue
        lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
        trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
        out += bytes((lead, trail))
    return out.decode("cp932", "replace")
