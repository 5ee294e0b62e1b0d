"""One mail on standard input, as an MTA's pipe transport or a .forward file delivers it.

The exit code is the acknowledgement: 0 only when the mail is durable, 69 (EX_UNAVAILABLE) where it is too large and
will be at every attempt, 75 (EX_TEMPFAIL) for everything else, so that the MTA keeps the mail and tries again.
Codes as in sysexits.h. Nothing here raises.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, BinaryIO

from mailgate.core.clock import Clock
from mailgate.core.mail import Envelope
from mailgate.store.errors import describe_error
from mailgate.store.spool import Spool
from mailgate.transport.pipe_envelope import MBOX_LINE, read_given, read_given_recipients, read_recipients, read_sender
from mailgate.transport.smtp.data import IN_MEMORY, TooLarge

log = logging.getLogger("mailgate.intake")

STORED = 0
UNAVAILABLE = 69
TRY_AGAIN = 75

_PIECE = 2**20
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Delivery:
    """The mail on standard input, and the mbox "From " line that some MTAs put before it, b"" for none."""

    mbox_line: bytes
    content: bytes | Spool | TooLarge


def run(
    stream: BinaryIO,
    max_size: int,
    accept: Callable[[Envelope, bytes | Spool], Future[Any]],
    clock: Clock,
    *,
    sender: str | None = None,
    recipients: tuple[str, ...] = (),
    environment: Mapping[str, str] = _NOTHING,
) -> int:
    """Stores the mail of `stream` and returns the exit code. `max_size` is in bytes.

    `sender` and `recipients` are the envelope where the command line tells it; "" is the null sender, None unknown.
    What it does not tell is taken from what the MTA exports in the `environment`, and from the mbox line.
    """
    try:
        delivery = read_stdin(stream, max_size)
        content = delivery.content
        if isinstance(content, TooLarge):
            log.error("too large most=%d", content.limit)
            return UNAVAILABLE
        if not content:
            log.error("not stored: no email on standard input; check how the MTA calls this command")
            return TRY_AGAIN
        sender = read_sender(environment, delivery.mbox_line) if sender is None else read_given(sender)
        told = read_given_recipients(recipients) or read_recipients(environment)
        envelope = Envelope(sender, told, "pipe", clock.now())
        accept(envelope, content).result()
    except Exception as error:
        log.error("not stored: %s", describe_error(error))
        return TRY_AGAIN
    return STORED


def read_stdin(stream: BinaryIO, max_size: int) -> Delivery:
    """Reads the stream to its end, even if it is too large: the MTA is to see our exit code, not a broken pipe."""
    start = _read_start(stream)
    line, content = _split_mbox_line(start)
    if len(start) < IN_MEMORY:
        return Delivery(line, content if len(content) <= max_size else TooLarge(max_size))
    spool = Spool()
    size = len(content)
    while content:
        if size <= max_size:
            spool.write(content)
        content = stream.read(_PIECE)
        size += len(content)
    if size <= max_size:
        return Delivery(line, spool)
    spool.close()
    return Delivery(line, TooLarge(max_size))


def _read_start(stream: BinaryIO) -> bytes:
    """IN_MEMORY bytes or a little more, fewer where there are no more."""
    pieces: list[bytes] = []
    size = 0
    while size < IN_MEMORY and (piece := stream.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _split_mbox_line(content: bytes) -> tuple[bytes, bytes]:
    if not content.startswith(MBOX_LINE):
        return b"", content
    line, _, rest = content.partition(b"\n")
    return line, rest
