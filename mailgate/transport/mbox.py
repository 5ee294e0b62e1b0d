"""Reading mails from an mbox file or a Maildir that are imported by hand (`mailgate import`).

They are read one at a time and as they are; nothing there is changed. A mail that cannot be read is a `SkippedMessage`
with the reason. A file or folder that cannot be read raises OSError.

mbox: a mail begins at a line "From SENDER DATE" behind a blank line, and ">From " inside it stands for "From "
(RFC 4155, and mboxrd, which quotes any number of ">").
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mailgate.store.spool import PIECE, Spool
from mailgate.transport.pipe_envelope import MBOX_LINE, read_sender

_IN_MEMORY = 2**20  # bytes; a larger mail goes through a file
# Not every line "From …" inside a mail begins another one: only one with a sender and a date as `ctime` writes it.
_SEPARATOR = re.compile(
    rb"From \S+(?: at \S+)? +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +[A-Z][a-z]{2} +\d{1,2} +"
    rb"\d{2}:\d{2}(?::\d{2})?\b.{0,40}\d{4}"
)
_QUOTED = re.compile(rb">+From ")
_BLANK = (b"\n", b"\r\n")
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a file that was replaced by a pipe does not block


@dataclass(frozen=True, slots=True)
class MboxMessage:
    """A mail: where it lies, in words; its envelope's sender, None where that is unknown; the SHA-256 of its bytes."""

    place: str
    sender: str | None
    content: bytes | Spool
    digest: str


@dataclass(frozen=True, slots=True)
class SkippedMessage:
    """A mail that cannot be taken, and why."""

    place: str
    reason: str


def is_mbox(path: Path) -> bool:
    """Tells whether a file begins as an mbox does."""
    with path.open("rb") as file:
        return file.read(len(MBOX_LINE)) == MBOX_LINE


def is_maildir(path: Path) -> bool:
    """Tells whether a folder is a Maildir."""
    return (path / "new").is_dir() and (path / "cur").is_dir()


def read_mbox(path: Path, max_size: int) -> Iterator[MboxMessage | SkippedMessage]:
    """Yields the mails of an mbox file in order; one that is empty or exceeds `max_size` bytes is a SkippedMessage."""
    with path.open("rb") as file:
        separator, number = file.readline(PIECE), 0
        while separator:
            number += 1
            sender, content = _read_sender(separator), _Content(max_size)
            while separator and not separator.endswith(b"\n"):  # the rest of a line longer than PIECE
                separator = file.readline(PIECE)
            separator = _read_until_next(file, content)
            yield content.finish(f"mail {number}", sender)


def _read_until_next(file: BinaryIO, content: _Content) -> bytes:
    """Reads one mail and returns the separator behind it, b"" at the end of the file."""
    at_start, blank = True, b""  # a blank line is the mail's own only if more of it follows
    while line := file.readline(PIECE):
        if blank and at_start and _SEPARATOR.match(line):
            return line
        content.add(blank)
        blank = line if at_start and line in _BLANK else b""
        if not blank:
            content.add(line[1:] if at_start and _QUOTED.match(line) else line)
        at_start = line.endswith(b"\n")
    return b""


def read_maildir(path: Path, max_size: int) -> Iterator[MboxMessage | SkippedMessage]:
    """The mails in new and cur of a Maildir, oldest first; one that goes away meanwhile is `SkippedMessage`."""
    for file in sorted(_list_files(path), key=_age):
        place = str(file.relative_to(path))
        try:
            with open(os.open(file, _PLAIN), "rb", buffering=0) as stream:
                content = _Content(max_size)
                while piece := stream.read(PIECE):
                    content.add(piece)
        except OSError as error:
            yield SkippedMessage(place, (error.strerror or str(error)).lower())
        else:
            yield content.finish(place, None)


def _age(file: Path) -> tuple[int, str]:
    try:
        return file.stat().st_mtime_ns, file.name
    except OSError:  # its place says why when it is read
        return 0, file.name


def _read_sender(line: bytes) -> str | None:
    """Reads the sender of a "From " line; None where a program wrote some other word in its place."""
    sender = read_sender({}, line.rstrip(b"\r\n"))
    return sender if sender == "" or (sender is not None and "@" in sender) else None


def _list_files(path: Path) -> Iterator[Path]:
    for part in (path / "new", path / "cur"):
        if part.is_symlink():
            raise OSError(0, "is a link: new and cur of a Maildir must be its own folders", str(part))
        for file in part.iterdir():
            if not file.name.startswith(".") and file.is_file() and not file.is_symlink():
                yield file


class _Content:
    """A mail that is being read: in memory, in a file where it is larger, counted only where it is too large."""

    def __init__(self, max_size: int) -> None:
        self._most = max_size
        self._size = 0
        self._digest = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._spool: Spool | None = None

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._most:
            self._drop()
            return
        self._digest.update(piece)
        if self._spool is None and self._size > _IN_MEMORY:
            self._spool = Spool()
            for before in self._pieces:
                self._spool.write(before)
            self._pieces = []
        if self._spool is not None:
            self._spool.write(piece)
        else:
            self._pieces.append(piece)

    def finish(self, place: str, sender: str | None) -> MboxMessage | SkippedMessage:
        if self._size > self._most:
            return SkippedMessage(place, f"has {self._size:,} bytes, more than {self._most:,} (intake.max_size)")
        content = self._spool if self._spool is not None else b"".join(self._pieces)
        if not content:
            return SkippedMessage(place, "is empty")
        return MboxMessage(place, sender, content, self._digest.hexdigest())

    def _drop(self) -> None:
        self._pieces = []
        if self._spool is not None:
            self._spool.close()
            self._spool = None
