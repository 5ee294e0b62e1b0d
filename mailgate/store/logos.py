"""The desk's logos, each kept once: a notice refers to its bytes as it does to those of a file."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, insert, select

from mailgate.store.blobs import put_blob
from mailgate.store.schema import logos
from mailgate.store.turns import take_turn

# Statements are built once: building one costs more than running it.
_FIND = select(logos.c.blob_id).where(logos.c.digest == bindparam("wanted"))
_KNOWN = select(logos.c.digest).where(logos.c.digest.in_(bindparam("digests", expanding=True)))
_PUT = insert(logos)


def find_logo(connection: Connection, digest: str) -> int | None:
    """The blob of the logo with this digest; None where it was never kept."""
    return connection.execute(_FIND, {"wanted": digest}).scalar()


def find_logos(connection: Connection, digests: Collection[str]) -> set[str]:
    """Which of these are digests of the desk's logos, those of earlier days included."""
    return set(connection.execute(_KNOWN, {"digests": list(digests)}).scalars())


def keep_logo(connection: Connection, digest: str, content: bytes) -> int:
    """Keep a logo, unless another process has done so meanwhile; its blob."""
    take_turn(connection, f"logo {digest}")
    found = find_logo(connection, digest)
    if found is not None:
        return found
    blob = put_blob(connection, content)
    connection.execute(_PUT, {"digest": digest, "blob_id": blob})
    return blob
