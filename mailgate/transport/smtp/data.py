"""Reading the text of a mail off an SMTP or LMTP connection, in pieces as big as they arrive.

Reading line by line costs a millisecond of CPU for an ordinary mail, and many seconds and a gigabyte for one of very
short lines; this costs the same whatever the lines are. Only CR LF . CR LF ends a mail: a dot between bare line feeds
stays inside it, so that no second mail can be smuggled in (RFC 5321 section 4.1.1.4). What was sent behind the
end goes back to the reader, for the next command.

A mail of more than IN_MEMORY goes to a temporary file while it arrives. One that is too large is a value. A peer that
hangs up is `asyncio.IncompleteReadError`: there is no mail then, and no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from mailgate.store.spool import Spool

IN_MEMORY = 2**20  # bytes
_LITTLE = 2**14  # bytes that are not worth a write of their own
_BREAK = b"\r\n"
_STUFFED = b"\r\n."
_END = b"\r\n.\r\n"
_EVERYTHING = 2**30  # more than a reader ever holds; what is behind the end can only go back into an empty one


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The mail was read to its end and thrown away: it has more than `limit` bytes."""

    limit: int


async def read_content(
    reader: asyncio.StreamReader, limit: int, on_progress: Callable[[int], None]
) -> bytes | Spool | TooLarge:
    """The mail that follows DATA's 354, without the final dot and with dots unstuffed (RFC 5321 section 4.5.2).

    `limit` counts the bytes of the mail itself (RFC 1870 section 4). Memory stays near IN_MEMORY whatever is sent.
    `on_progress` is called with the size of every piece that arrived, so that an idle timer can start again.

    Raises asyncio.IncompleteReadError where the peer hung up before the end, OSError where a temporary file cannot be
    written; the mail was read to its end then, lest its text be taken for commands.
    """
    content = bytearray(_BREAK)  # the 354 stands at the start of a line
    overflow = _Overflow(limit)
    stuffed = False
    try:
        while True:
            piece = await reader.read(_EVERYTHING)
            if not piece:
                raise asyncio.IncompleteReadError(bytes(content[-len(_END) :]), None)
            on_progress(len(piece))
            searched = max(0, len(content) - len(_END) + 1)
            content += piece
            end = content.find(_STUFFED, searched)
            if end >= 0 and not content.startswith(_END, end):
                stuffed = True
                end = content.find(_END, end)
            if end >= 0:
                break
            if len(content) > overflow.room:
                cut = _find_cut(content)
                overflow.add(bytes(content[:cut]))
                del content[:cut]
        _give_back(reader, bytes(content[end + len(_END) :]))
        return overflow.end(bytes(content[: end + len(_BREAK)]), stuffed=stuffed)
    except BaseException:
        overflow.drop()
        raise


class _Overflow:
    """Collects in a temporary file what exceeds `room` bytes of a mail, and puts the mail together at its end."""

    def __init__(self, limit: int) -> None:
        self.room = IN_MEMORY
        self._limit = limit
        self._most = limit + limit // 8 + len(_END)  # stuffed dots do not count as mail
        self._taken = 0
        self._spool: Spool | None = None
        self._failure: OSError | None = None

    def add(self, content: bytes) -> None:
        """Keeps the next bytes, while the mail is not too large."""
        clean = content.replace(_STUFFED, _BREAK) if self._taken else _unstuff(content)
        self._taken += len(content)
        self.room = _LITTLE
        if self._failure is not None or self._taken > self._most:
            self.drop()
            return
        try:
            if self._spool is None:
                self._spool = Spool()
            self._spool.write(clean)
        except OSError as error:
            self._failure = error
            self.drop()

    def end(self, content: bytes, *, stuffed: bool) -> bytes | Spool | TooLarge:
        """Adds the last bytes and returns the whole mail, or TooLarge. Raises OSError where it could not be kept.

        `stuffed` tells whether a line of the mail may begin with a dot.
        """
        if self._taken + len(content) - len(_BREAK) > self._most:
            self.drop()
            return TooLarge(self._limit)
        if not self._taken:
            mail = _unstuff(content) if stuffed else content.removeprefix(_BREAK)
            return mail if len(mail) <= self._limit else TooLarge(self._limit)
        self.add(content)
        if self._failure is not None:
            raise self._failure
        if self._spool is None or len(self._spool) > self._limit:
            self.drop()
            return TooLarge(self._limit)
        return self._spool

    def drop(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None


def _find_cut(content: bytearray) -> int:
    """Where to cut what has come: neither in what may become the end of the mail nor in a line's end and its dot."""
    cut = len(content) - len(_END) + 1
    if content[cut - 2 : cut] == _BREAK:
        return cut - 2
    return cut - 1 if content[cut - 1 : cut] == b"\r" else cut


def _give_back(reader: asyncio.StreamReader, rest: bytes) -> None:
    if rest and not reader.at_eof():  # the peer may have closed behind its last mail
        reader.feed_data(rest)


def _unstuff(content: bytes) -> bytes:
    """Takes the first dot off every line that begins with one, and the line break that we put before the first."""
    return content.replace(_STUFFED, _BREAK).removeprefix(_BREAK)
