"""Raw bytes: mails as they came, and files that no mail holds in a form that can be sent on."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from mailgate.store.schema import blobs

_PUT = insert(blobs).returning(blobs.c.id)


def put_blob(connection: Connection, content: bytes) -> int:
    """Store bytes and return their id."""
    return int(connection.execute(_PUT, {"content": content}).scalar_one())


def get_blob(connection: Connection, blob: int, start: int | None = None, end: int | None = None) -> bytes:
    """The bytes of a blob, or the range `start` to `end` of them; KeyError where there is none."""
    content = blobs.c.content
    if start is not None and end is not None:
        found = connection.execute(
            select(func.substr(content, start + 1, end - start, type_=content.type)).where(blobs.c.id == blob)
        ).scalar()
    else:
        found = connection.execute(select(content).where(blobs.c.id == blob)).scalar()
    if found is None:
        raise KeyError(f"blob {blob}")
    return bytes(found)
