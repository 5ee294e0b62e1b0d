"""Reading the text of a mail off an SMTP or LMTP connection, in pieces as big as they arrive.

Reading line by line costs a millisecond of CPU for an ordinary mail, and many seconds and a gigabyte for one of very
short lines; this costs the same whatever the lines are. Only CR LF . CR LF ends a mail: a dot between bare line feeds
stays inside it, so that nobody can smuggle a second mail past us (RFC 5321 section 4.1.1.4). What was sent behind the
end goes back to the reader, for the next command.

A mail that is too large is a value. A peer that hangs up is `asyncio.IncompleteReadError`: there is no mail then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

_BREAK = b"\r\n"
_END = b"\r\n.\r\n"
_EVERYTHING = 2**30  # more than a reader ever holds; what is behind the end can only go back into an empty one


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The mail was read to its end and thrown away: it has more than `limit` bytes."""

    limit: int


async def read_content(
    reader: asyncio.StreamReader, limit: int, on_progress: Callable[[], None]
) -> bytes | TooLarge:
    """The mail that follows DATA's 354, without the final dot and with dots unstuffed (RFC 5321 section 4.5.2).

    `limit` counts the bytes of the mail itself (RFC 1870 section 4). Memory stays near `limit` whatever is sent.
    `on_progress` is called for every piece that arrived, so that an idle timer can start again.

    Raises asyncio.IncompleteReadError where the peer hung up before the end.
    """
    content = bytearray(_BREAK)  # the 354 stands at the start of a line
    most = limit + limit // 8 + len(_END)  # stuffed dots do not count as mail
    overflowed = False
    while True:
        piece = await reader.read(_EVERYTHING)
        if not piece:
            raise asyncio.IncompleteReadError(bytes(content[-len(_END) :]), None)
        on_progress()
        searched = max(0, len(content) - len(_END) + 1)
        content += piece
        end = content.find(_END, searched)
        if end >= 0:
            break
        if len(content) > most:
            overflowed = True
            del content[: 1 - len(_END)]
    _give_back(reader, bytes(content[end + len(_END) :]))
    if overflowed or end > most:
        return TooLarge(limit)
    mail = _unstuff(bytes(content[: end + len(_BREAK)]))
    return mail if len(mail) <= limit else TooLarge(limit)


def _give_back(reader: asyncio.StreamReader, rest: bytes) -> None:
    if rest and not reader.at_eof():  # the peer may have closed behind its last mail
        reader.feed_data(rest)


def _unstuff(content: bytes) -> bytes:
    """Take the first dot off every line that begins with one, and the line break that we put before the first."""
    return content.replace(b"\r\n.", b"\r\n").removeprefix(_BREAK)
