"""The message of a notice: held whole, or too large for that and made piece by piece while it is sent.

What follows DATA is stuffed, and ends where the message does, however it is cut. Raises only what the pieces raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class Streamed:
    """A message in pieces, made anew by each call of `pieces`. `size` is in bytes; it may be a few too small."""

    size: int
    ascii: bool
    pieces: Callable[[], Iterable[bytes]] = field(repr=False)

    def __len__(self) -> int:
        return self.size

    def isascii(self) -> bool:
        """Tells whether the message is 7-bit, as `bytes.isascii` does."""
        return self.ascii


def stuff(message: bytes | Streamed) -> Iterator[bytes]:
    """The message as it follows DATA, with its end (RFC 5321 section 4.5.2).

    Bare CR and LF become CR LF: a relay that takes a bare LF for a line end could find further mails in the message.
    """
    held = b""  # a CR whose LF may come with the next piece
    at_start = True  # of a line
    for piece in (message,) if isinstance(message, bytes) else message.pieces():
        text = held + piece
        held = b"\r" if text.endswith(b"\r") else b""
        text = text.removesuffix(held)
        if text:
            yield _stuff_lines(text, at_start)
            at_start = text.endswith(b"\n")
    yield (b"\r\n" if held or not at_start else b"") + b".\r\n"


def _stuff_lines(text: bytes, at_start: bool) -> bytes:
    breaks = text.count(b"\r\n")
    if text.count(b"\n") != breaks or text.count(b"\r") != breaks:
        text = _BARE.sub(b"\r\n", text)
    return (b"." if at_start and text.startswith(b".") else b"") + text.replace(b"\r\n.", b"\r\n..")
