"""Blobs: raw mails, the desk's logos, and files that no mail holds in a form that can be sent on.

A blob of more than PIECE bytes lies in several rows, so that it never has to be in memory as a whole: its first PIECE
in `blobs`, the next ones in `blob_parts`, each full but the last. Only a first row of exactly PIECE bytes can have
further ones; a longer one is from version 0001 and complete. Logos are blobs that are found by their SHA-256.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO

from sqlalchemy import Connection, bindparam, func, insert, select, union_all

from mailgate.store.locks import take_advisory_lock
from mailgate.store.rows import read_new_id
from mailgate.store.schema import blob_parts, blobs, logos
from mailgate.store.spool import PIECE, Spool

# Statements are built once: building one costs more than running it.
_CONTENT = blobs.c.content
_PUT = insert(blobs)
_PUT_ALL = insert(blobs).returning(blobs.c.id, sort_by_parameter_order=True)
_PUT_PART = insert(blob_parts)
_WHOLE = select(_CONTENT).where(blobs.c.id == bindparam("blob"))
_SEVERAL = select(blobs.c.id, _CONTENT).where(blobs.c.id.in_(bindparam("wanted", expanding=True)))
_RANGE = select(
    func.substr(_CONTENT, bindparam("position"), bindparam("length"), type_=_CONTENT.type), func.length(_CONTENT)
).where(blobs.c.id == bindparam("blob"))
_PART = select(blob_parts.c.content).where(
    blob_parts.c.blob_id == bindparam("blob"), blob_parts.c.position == bindparam("position")
)
_COUNT = select(func.count()).where(blob_parts.c.blob_id == bindparam("blob"))
_LENGTHS = union_all(
    select(func.length(blobs.c.content)).where(blobs.c.id == bindparam("blob")),
    select(func.sum(func.length(blob_parts.c.content))).where(blob_parts.c.blob_id == bindparam("blob")),
)
_PUT_LOGO = insert(logos)
_FIND_LOGO = select(logos.c.blob_id).where(logos.c.digest == bindparam("wanted"))
_KNOWN_LOGOS = select(logos.c.digest).where(logos.c.digest.in_(bindparam("digests", expanding=True)))


def put_blob(connection: Connection, content: bytes | Spool) -> int:
    """Stores bytes and returns the id of their blob."""
    if isinstance(content, bytes) and len(content) < PIECE:
        return read_new_id(connection.execute(_PUT, {"content": content}))
    pieces = content.pieces() if isinstance(content, Spool) else _cut(content)
    blob = read_new_id(connection.execute(_PUT, {"content": next(pieces, b"")}))
    for position, piece in enumerate(pieces, 1):
        connection.execute(_PUT_PART, {"blob_id": blob, "position": position, "content": piece})
    return blob


def put_blobs(connection: Connection, contents: Sequence[bytes]) -> Sequence[int]:
    """Stores contents of less than PIECE bytes each by one statement, and returns the ids of their blobs in order."""
    return connection.execute(_PUT_ALL, [{"content": content} for content in contents]).scalars().all()


def measure_blob(connection: Connection, blob: int) -> int:
    """Returns how many bytes a blob has; 0 where there is none."""
    return sum(int(length or 0) for length in connection.execute(_LENGTHS, {"blob": blob}).scalars())


def get_blob(connection: Connection, blob: int, start: int | None = None, end: int | None = None) -> bytes:
    """The bytes of a blob, or the range `start` to `end` of them; KeyError where there is none."""
    first, length = _read_first(connection, blob, start, end)
    if length != PIECE:
        return first
    parts = connection.execute(_COUNT, {"blob": blob}).scalar_one()
    whole = BytesIO(bytes((1 + parts) * PIECE))  # a buffer that grows is copied, and then held twice
    whole.write(first)
    for part in _read_parts(lambda: nullcontext(connection), blob, start, end):
        whole.write(part)
    whole.truncate()
    return whole.getvalue()  # the buffer itself


def get_blobs(connection: Connection, blob_ids: Collection[int]) -> dict[int, bytes]:
    """The bytes of several blobs by their ids, which must fit into memory together; one that is missing is left out."""
    rows = connection.execute(_SEVERAL, {"wanted": sorted(set(blob_ids))}).all()
    found = {int(row[0]): bytes(row[1]) for row in rows}
    return {blob: first if len(first) != PIECE else get_blob(connection, blob) for blob, first in found.items()}


def read_blob(
    reading: Callable[[], AbstractContextManager[Connection]],
    blob: int,
    start: int | None = None,
    end: int | None = None,
) -> Iterator[bytes]:
    """Reads a blob, or the range `start` to `end` of it, in pieces of at most PIECE bytes; KeyError if it is missing.

    A blob that version 0001 stored is one piece. `reading` opens a read transaction for each piece: none stays open
    while a piece is used, which may take long.
    """
    with reading() as connection:
        first, length = _read_first(connection, blob, start, end)
    if first:
        yield first
    if length == PIECE:
        yield from _read_parts(reading, blob, start, end)


def _read_first(connection: Connection, blob: int, start: int | None, end: int | None) -> tuple[bytes, int]:
    """Returns the bytes of the range in the first row, and the length of that row."""
    if start is not None and end is not None:
        part = {"blob": blob, "position": start + 1, "length": end - start}
        row = connection.execute(_RANGE, part).first()
        if row is not None:
            return bytes(row[0] or b""), int(row[1])  # SQLite gives None for a range of an empty blob
    else:
        content = connection.execute(_WHOLE, {"blob": blob}).scalar()
        if content is not None:
            return bytes(content), len(content)
    raise KeyError(f"blob {blob}")


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
