"""Files as base64 text, piece by piece: encoded here, or the text of another mail used again.

The text is the same however the bytes are cut into pieces. Pure.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator

LINE = 76
_LINE_BYTES = 57  # what a line of base64 text holds
_LONGEST_REUSED = 989  # characters of a line of reused base64 text
_SLICE = 2**16  # bytes that are cut into lines at a time, since a line takes three times its length


def encode(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Bytes as base64 text, its lines ended."""
    rest, empty = b"", True
    for piece in _slice(pieces):
        data = rest + piece
        whole = len(data) // _LINE_BYTES * _LINE_BYTES
        rest = data[whole:]
        if whole:
            empty = False
            yield _break_lines(b2a_base64(data[:whole], newline=False))
    if rest or empty:
        yield _break_lines(b2a_base64(rest, newline=False))


def reuse(read: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    """Base64 text of another mail as one body of ours: CRLF line ends, one at the end, no line too long.

    It is read twice: whether its lines can stay is known at its end only.
    """
    if not _can_stay(read()):
        yield from _wrap(read())
        return
    for piece in _strip(read()):
        as_it_is = piece.count(b"\n") == piece.count(b"\r")  # what can stay has no bare CR
        yield piece if as_it_is else piece.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield b"\r\n"


def _can_stay(pieces: Iterable[bytes]) -> bool:
    before = 0  # characters of the line that the last piece left open
    for piece in _strip(_slice(pieces)):
        lines = piece.replace(b"\r\n", b"\n")
        if b"\r" in lines:
            return False
        first, *others = map(len, lines.split(b"\n"))
        if max(before + first, *others, 0) > _LONGEST_REUSED:
            return False
        before = others[-1] if others else before + first
    return True


def _strip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text without white space at its ends; no piece ends in white space, so that no CR LF is cut."""
    held, begun = b"", False
    for piece in pieces:
        text = held + piece if begun else piece.lstrip()
        solid = text.rstrip()
        held = text[len(solid) :]
        if solid:
            begun = True
            yield solid


def _wrap(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text in lines of LINE."""
    rest, empty = b"", True
    for piece in _slice(pieces):
        text = rest + b"".join(piece.split())
        whole = len(text) // LINE * LINE
        rest = text[whole:]
        if whole:
            empty = False
            yield _break_lines(text[:whole])
    if rest or empty:
        yield _break_lines(rest)


def _slice(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for at in range(0, len(piece), _SLICE):
            yield piece[at : at + _SLICE]


def _break_lines(text: bytes) -> bytes:
    return b"\r\n".join(text[at : at + LINE] for at in range(0, len(text), LINE)) + b"\r\n"
