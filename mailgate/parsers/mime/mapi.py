"""Reads lists of MAPI properties, as TNEF writes them (MS-OXTNEF section 2.1.3.4).

Simple kinds only: numbers, strings, bytes. Of a property with several values the first counts. Raises Truncated, and
nothing else, if a length points beyond the end.
"""

from __future__ import annotations

from typing import TypeAlias

PROPERTIES_LIMIT = 5_000
VALUES_LIMIT = 5_000  # of one property

Properties: TypeAlias = "dict[int, bytes | str | int]"

_SIZES = {0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_SEVERAL = 0x1000


class Truncated(Exception):
    """Raised if the bytes end before the announced length."""


class MapiReader:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def left(self) -> int:
        """The number of bytes not read yet."""
        return len(self._data) - self._at

    def number(self, size: int) -> int:
        """Reads an unsigned number of `size` bytes."""
        return int.from_bytes(self.block(size), "little")

    def block(self, size: int) -> memoryview:
        """Returns the next bytes, not copied. Raises Truncated."""
        if size > self.left:
            raise Truncated
        self._at += size
        return self._data[self._at - size : self._at]

    def skip(self, size: int) -> None:
        """Skips bytes, as far as there are any."""
        self._at = min(len(self._data), self._at + size)


def read_properties(data: memoryview) -> Properties:
    """Reads the properties of a list by number; those with names instead of numbers are skipped."""
    reader = MapiReader(data)
    found: Properties = {}
    for _ in range(min(reader.number(4), PROPERTIES_LIMIT)):
        kind, number = reader.number(2), reader.number(2)
        if number >= 0x8000:
            _skip_name(reader)
        value = _read_value(reader, kind)
        if value is not None and number < 0x8000:
            found.setdefault(number, value)
    return found


def _skip_name(reader: MapiReader) -> None:
    reader.block(16)
    if reader.number(4) == 0:
        reader.number(4)
    else:
        _padded(reader, reader.number(4))


def _read_value(reader: MapiReader, kind: int) -> bytes | str | int | None:
    several, kind = bool(kind & _SEVERAL), kind & ~_SEVERAL
    size = _SIZES.get(kind)
    if size is None and kind not in (_STRING, _UNICODE, _BINARY, _OBJECT):
        if kind in (0x00, 0x01):
            return None
        raise Truncated  # its length is unknown
    count = reader.number(4) if several or size is None else 1
    if count > VALUES_LIMIT:
        raise Truncated
    first: bytes | str | int | None = None
    for at in range(count):
        content = _padded(reader, reader.number(4) if size is None else size)
        if at == 0:
            first = _as_value(content, kind)
    return first


def _as_value(content: memoryview, kind: int) -> bytes | str | int | None:
    if kind == _UNICODE:
        return bytes(content).decode("utf-16-le", "replace").rstrip("\0")
    if kind in (_BINARY, _OBJECT):
        return bytes(content)
    if kind == _STRING:
        return bytes(content).rstrip(b"\0")
    return int.from_bytes(content, "little") if kind in (0x02, 0x03, 0x0B, 0x14) else None


def _padded(reader: MapiReader, size: int) -> memoryview:
    """Reads a value and the bytes that fill it up to a multiple of four."""
    content = reader.block(size)
    reader.skip(-size % 4)
    return content
