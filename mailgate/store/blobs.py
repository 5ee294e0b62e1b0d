"""Blobs: raw mails, the desk's logos, and files that no mail holds in a form that can be sent on.

A blob of more than PIECE bytes lies in several rows, so that it never has to be in memory as a whole: its first PIECE
in `blobs`, the next ones in `blob_parts`, each full but the last. Only a first row of exactly PIECE bytes can have
further ones; a longer one is from version 0001 and complete. Logos are blobs that are found by their SHA-256.

A small blob is compressed where that saves bytes (zlib, RFC 1950), and `size` has its length. Blobs from before version
0010, and all others, have none and are as they were put.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from io import BytesIO

from sqlalchemy import Connection, bindparam, case, func, insert, select, union_all

from mailgate.store.locks import take_advisory_lock
from mailgate.store.rows import read_new_id
from mailgate.store.schema import blob_parts, blobs, logos
from mailgate.store.spool import PIECE, Spool

# A larger one is mostly files in base64: to compress these takes milliseconds, for a quarter of their bytes.
_MOST_COMPRESSED = 2**16

# Statements are built once: building one costs more than running it.
_CONTENT = blobs.c.content
_PUT = insert(blobs)
_PUT_ALL = insert(blobs).returning(blobs.c.id, sort_by_parameter_order=True)
_PUT_PART = insert(blob_parts)
_WHOLE = select(_CONTENT, blobs.c.size, func.length(_CONTENT)).where(blobs.c.id == bindparam("blob"))
_SEVERAL = select(blobs.c.id, _CONTENT, blobs.c.size).where(blobs.c.id.in_(bindparam("wanted", expanding=True)))
_SLICE = func.substr(_CONTENT, bindparam("position"), bindparam("length"), type_=_CONTENT.type)
_RANGE = select(case((blobs.c.size.is_(None), _SLICE), else_=_CONTENT), blobs.c.size, func.length(_CONTENT)).where(
    blobs.c.id == bindparam("blob")
)
_PART = select(blob_parts.c.content).where(
    blob_parts.c.blob_id == bindparam("blob"), blob_parts.c.position == bindparam("position")
)
_COUNT = select(func.count()).where(blob_parts.c.blob_id == bindparam("blob"))
_LENGTHS = union_all(
    select(func.coalesce(blobs.c.size, func.length(_CONTENT))).where(blobs.c.id == bindparam("blob")),
    select(func.sum(func.length(blob_parts.c.content))).where(blob_parts.c.blob_id == bindparam("blob")),
)
_PUT_LOGO = insert(logos)
_FIND_LOGO = select(logos.c.blob_id).where(logos.c.digest == bindparam("wanted"))
_KNOWN_LOGOS = select(logos.c.digest).where(logos.c.digest.in_(bindparam("digests", expanding=True)))


class DamagedBlob(Exception):
    """Raised where the bytes of a blob cannot be restored from those that are stored."""


def put_blob(connection: Connection, content: bytes | Spool) -> int:
    """Stores bytes and returns the id of their blob."""
    if isinstance(content, bytes) and len(content) < PIECE:
        return read_new_id(connection.execute(_PUT, _values(content)))
    pieces = content.pieces() if isinstance(content, Spool) else _cut(content)
    blob = read_new_id(connection.execute(_PUT, {"content": next(pieces, b""), "size": None}))
    for position, piece in enumerate(pieces, 1):
        connection.execute(_PUT_PART, {"blob_id": blob, "position": position, "content": piece})
    return blob


def put_blobs(connection: Connection, contents: Sequence[bytes]) -> Sequence[int]:
    """Stores contents of less than PIECE bytes each by one statement, and returns the ids of their blobs in order."""
    return connection.execute(_PUT_ALL, [_values(content) for content in contents]).scalars().all()


def _values(content: bytes) -> dict[str, object]:
    if len(content) <= _MOST_COMPRESSED:
        compressed = zlib.compress(content, 1)  # takes half the time of level 6, for a seventh more bytes
        if len(compressed) < len(content):
            return {"content": compressed, "size": len(content)}
    return {"content": content, "size": None}


def measure_blob(connection: Connection, blob: int) -> int:
    """Returns how many bytes a blob has; 0 where there is none."""
    return sum(int(length or 0) for length in connection.execute(_LENGTHS, {"blob": blob}).scalars())


def get_blob(connection: Connection, blob: int, start: int | None = None, end: int | None = None) -> bytes:
    """The bytes of a blob, or the range `start` to `end` of them.

    Raises KeyError where there is none, DamagedBlob where it cannot be restored.
    """
    first, has_parts = _read_first(connection, blob, start, end)
    if not has_parts:
        return first
    parts = connection.execute(_COUNT, {"blob": blob}).scalar_one()
    whole = BytesIO(bytes((1 + parts) * PIECE))  # a buffer that grows is copied, and then held twice
    whole.write(first)
    for part in _read_parts(lambda: nullcontext(connection), blob, start, end):
        whole.write(part)
    whole.truncate()
    return whole.getvalue()  # the buffer itself


def get_blobs(connection: Connection, blob_ids: Collection[int]) -> dict[int, bytes]:
    """The bytes of several blobs by their ids, which must fit into memory together.

    One that is missing, or that cannot be restored, is left out.
    """
    found = {}
    for blob, stored, size in connection.execute(_SEVERAL, {"wanted": sorted(set(blob_ids))}).all():
        with suppress(DamagedBlob):
            content = _restore(blob, stored, size)
            found[int(blob)] = get_blob(connection, blob) if _has_parts(len(stored), size) else content
    return found


def read_blob(
    reading: Callable[[], AbstractContextManager[Connection]],
    blob: int,
    start: int | None = None,
    end: int | None = None,
) -> Iterator[bytes]:
    """Reads a blob, or the range `start` to `end` of it, in pieces of at most PIECE bytes; raises what `get_blob` does.

    A blob that version 0001 stored is one piece. `reading` opens a read transaction for each piece: none stays open
    while a piece is used, which may take long.
    """
    with reading() as connection:
        first, has_parts = _read_first(connection, blob, start, end)
    if first:
        yield first
    if has_parts:
        yield from _read_parts(reading, blob, start, end)


def _read_first(connection: Connection, blob: int, start: int | None, end: int | None) -> tuple[bytes, bool]:
    """Returns the bytes of the range in the first row, and whether there may be further rows."""
    part = {"position": start + 1, "length": end - start} if start is not None and end is not None else {}
    row = connection.execute(_RANGE if part else _WHOLE, {"blob": blob, **part}).first()
    if row is None:
        raise KeyError(f"blob {blob}")
    stored, size, length = row
    content = _restore(blob, stored or b"", size)  # SQLite gives None for a range of an empty blob
    return content if size is None else content[start:end], _has_parts(length, size)


def _has_parts(length: int, size: int | None) -> bool:
    """Tells whether a first row of so many bytes may have further ones."""
    return length == PIECE and size is None


def _restore(blob: int, stored: bytes, size: int | None) -> bytes:
    """Returns the bytes as they were put."""
    if size is None:
        return bytes(stored)
    try:
        return zlib.decompress(stored)
    except zlib.error as error:
        raise DamagedBlob(f"blob {blob} is damaged in the database: {error}") from error


def _read_parts(
    reading: Callable[[], AbstractContextManager[Connection]], blob: int, start: int | None, end: int | None
) -> Iterator[bytes]:
    """Reads the bytes of the range in the further rows."""
    if start is None or end is None:
        start, end = 0, sys.maxsize
    for position in range(max(start // PIECE, 1), -(-end // PIECE)):
        with reading() as connection:
            part = connection.execute(_PART, {"blob": blob, "position": position}).scalar()
        if part is None:
            return
        begins = position * PIECE
        yield bytes(part[max(start - begins, 0) : end - begins])
        if len(part) < PIECE:
            return


def _cut(content: bytes) -> Iterator[bytes]:
    return (content[at : at + PIECE] for at in range(0, len(content), PIECE))


def find_logo(connection: Connection, digest: str) -> int | None:
    """Finds the blob of the logo with this digest; None where it was never stored."""
    return connection.execute(_FIND_LOGO, {"wanted": digest}).scalar()


def find_logos(connection: Connection, digests: Collection[str]) -> set[str]:
    """Returns those of the digests that are of logos of the desk, earlier ones included."""
    return set(connection.execute(_KNOWN_LOGOS, {"digests": list(digests)}).scalars())


def keep_logo(connection: Connection, digest: str, content: bytes) -> int:
    """Stores a logo, unless another process has stored it meanwhile, and returns its blob."""
    take_advisory_lock(connection, f"logo {digest}")
    found = find_logo(connection, digest)
    if found is not None:
        return found
    blob = put_blob(connection, content)
    connection.execute(_PUT_LOGO, {"digest": digest, "blob_id": blob})
    return blob
