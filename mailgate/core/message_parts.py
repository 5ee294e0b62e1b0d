"""Notice as the outbox stores it: its bytes, and the places where the bytes of blobs belong.

`stream` puts both together, identically at each attempt and however the bytes of a blob are cut into pieces. A file is
encoded as base64 here, or the base64 text of the mail that brought it is used again, or a whole mail stands as it is.
Pure; raises only what the reader of blobs raises.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial

ReadBlob = Callable[[int, int | None, int | None], bytes]
"""Reads bytes `start` to `end` of a blob; None, None: the whole."""

ReadPieces = Callable[[int, int | None, int | None], Iterable[bytes]]
"""Reads bytes `start` to `end` of a blob in pieces; None, None: the whole."""

LINE = 76
_LINE_BYTES = 57  # what a line of base64 text holds
_LONGEST_REUSED = 989  # characters of a line of reused base64 text
_SLICE = 2**16  # bytes that are cut into lines at a time, since a line takes three times its length


@dataclass(frozen=True, slots=True)
class Insert:
    """Place in a message where the base64 text of a file belongs, or its bytes as they are."""

    position: int
    blob: int
    start: int | None
    end: int | None
    encoded: bool
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Notice as bytes, CRLF line ends, 7-bit; `inserts` in order of position; `size` as it will be sent.

    The size is in bytes and exact, but for base64 text that is reused and whose line ends are not CRLF.
    """

    body: bytes = field(repr=False)
    inserts: tuple[Insert, ...]
    size: int


def assemble(message: Message, read_blob: ReadBlob) -> bytes:
    """Returns the bytes to send, identical at each attempt."""

    @cache
    def read_once(blob: int, start: int | None, end: int | None) -> tuple[bytes]:
        return (read_blob(blob, start, end),)

    return b"".join(stream(message, read_once))


def stream(message: Message, read_pieces: ReadPieces) -> Iterator[bytes]:
    """Yields the bytes to send in pieces no larger than those that are read, identical at each attempt."""
    done = 0
    for insert in message.inserts:
        yield message.body[done : insert.position]
        read = partial(read_pieces, insert.blob, insert.start, insert.end)
        if insert.verbatim:
            yield from read()
            yield b"\r\n"  # it belongs to the boundary below: a mail that ends in a line end keeps it
        else:
            yield from reuse(read) if insert.encoded else encode(read())
        done = insert.position
    yield message.body[done:]


def encode(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Encodes bytes as base64 text, its lines ended."""
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
    """Yields base64 text of another mail as a body of a notice: CRLF line ends, one at the end, no line too long.

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
    """Yields a text without white space at its ends; no piece ends in white space, so that no CR LF is cut."""
    held, begun = b"", False
    for piece in pieces:
        text = held + piece if begun else piece.lstrip()
        solid = text.rstrip()
        held = text[len(solid) :]
        if solid:
            begun = True
            yield solid


def _wrap(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Breaks a text into lines of equal length."""
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
