"""Spool: the bytes of a large mail before they are stored, in an unnamed temporary file that ends with the process.

Fails with OSError where the folder for temporary files cannot be written or is full. `close` frees the space.
"""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile

PIECE = 2**20  # bytes
HEAD = 2**16  # bytes


class Spool:
    """Temporary file: written at its end, and read from its beginning any number of times; for one thread at a time."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - its owner closes it
        self._size = 0
        self.head = b""

    def __len__(self) -> int:
        return self._size

    def write(self, content: bytes) -> None:
        """Adds bytes; `head` keeps the first HEAD of them at hand."""
        if self._size < HEAD:
            self.head += content[: HEAD - self._size]
        self._file.write(content)
        self._size += len(content)

    def pieces(self) -> Iterator[bytes]:
        """All bytes, in pieces of PIECE; the last one may be shorter."""
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece

    def close(self) -> None:
        self._file.close()
