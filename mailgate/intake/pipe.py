"""One mail on standard input, as an MTA's pipe transport or a .forward file delivers it.

The exit code is the acknowledgement: 0 only when the mail is durable, 69 (EX_UNAVAILABLE) where it is too large and
will be at every attempt, 75 (EX_TEMPFAIL) for everything else, so that the MTA keeps the mail and tries again.
Codes as in sysexits.h. Nothing here raises.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, BinaryIO

from mailgate.clock import Clock
from mailgate.intake.content import IN_MEMORY, TooLarge
from mailgate.mail import Envelope
from mailgate.store.spool import Spool

log = logging.getLogger("mailgate.intake")

STORED = 0
UNAVAILABLE = 69
TRY_AGAIN = 75

_PIECE = 2**20
_MBOX_LINE = b"From "


def run(
    stream: BinaryIO,
    max_size: int,
    accept: Callable[[Envelope, bytes | Spool], Future[Any]],
    clock: Clock,
    *,
    sender: str | None = None,
    recipients: tuple[str, ...] = (),
) -> int:
    """Store the mail of `stream` and return the exit code. `max_size` is in bytes.

    `sender` and `recipients` are the envelope where the MTA tells it; "" is the null sender, None unknown.
    """
    try:
        content = read_stdin(stream, max_size)
        if isinstance(content, TooLarge):
            log.error("too large most=%d", content.limit)
            return UNAVAILABLE
        accept(Envelope(sender, recipients, "pipe", clock.now()), content).result()
    except Exception:
        log.exception("not stored")
        return TRY_AGAIN
    return STORED


def read_stdin(stream: BinaryIO, max_size: int) -> bytes | Spool | TooLarge:
    """The mail, without the mbox "From " line that some MTAs put before it.

    A stream that is too large is read to its end, so that the MTA sees our exit code and no broken pipe.
    """
    start = _read_start(stream)
    content = _drop_mbox_line(start)
    if len(start) < IN_MEMORY:
        return content if len(content) <= max_size else TooLarge(max_size)
    spool = Spool()
    size = len(content)
    while content:
        if size <= max_size:
            spool.write(content)
        content = stream.read(_PIECE)
        size += len(content)
    if size <= max_size:
        return spool
    spool.close()
    return TooLarge(max_size)


def _read_start(stream: BinaryIO) -> bytes:
    """IN_MEMORY bytes or a little more, fewer where there are no more."""
    pieces: list[bytes] = []
    size = 0
    while size < IN_MEMORY and (piece := stream.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _drop_mbox_line(content: bytes) -> bytes:
    if not content.startswith(_MBOX_LINE):
        return content
    return content.partition(b"\n")[2]
