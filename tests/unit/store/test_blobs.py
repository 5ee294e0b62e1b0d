"""Blobs in one row and in several: what is read is what was put, whole and in ranges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select

from mailgate.store import blobs as module
from mailgate.store import spool
from mailgate.store.blobs import get_blob, put_blob, read_blob
from mailgate.store.database import Database
from mailgate.store.schema import blob_parts, blobs
from mailgate.store.spool import Spool

SIZES = [0, 1, 7, 8, 9, 15, 16, 17, 24, 30]
CONTENT = bytes(range(200, 230))


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database whose pieces are of eight bytes."""
    monkeypatch.setattr(module, "PIECE", 8)
    monkeypatch.setattr(spool, "PIECE", 8)
    found = Database(database_url)
    found.create()
    yield found
    found.close()


def spooled(content: bytes) -> Spool:
    made = Spool()
    made.write(content[:5])
    made.write(content[5:])
    return made


def test_what_is_read_is_what_was_put(database: Database) -> None:
    for size in SIZES:
        content = CONTENT[:size]
        file = spooled(content)
        with database.write() as connection:
            for blob in (put_blob(connection, content), put_blob(connection, file), put_blob(connection, file)):
                assert get_blob(connection, blob) == content
        file.close()
        pieces = list(read_blob(database.read, blob))
        assert b"".join(pieces) == content
        assert all(0 < len(piece) <= 8 for piece in pieces)


def test_every_range(database: Database) -> None:
    for size in SIZES:
        with database.write() as connection:
            blob = put_blob(connection, CONTENT[:size])
        with database.read() as connection:
            for start in range(size + 1):
                for end in range(start, size + 1):
                    assert get_blob(connection, blob, start, end) == CONTENT[start:end]
        assert b"".join(read_blob(database.read, blob, size // 3, size)) == CONTENT[size // 3 : size]


def test_a_blob_that_fits_has_one_row(database: Database) -> None:
    with database.write() as connection:
        for size in (0, 7, 8):
            put_blob(connection, CONTENT[:size])
        assert connection.execute(select(blob_parts)).first() is None
        put_blob(connection, CONTENT[:20])
        assert [len(row.content) for row in connection.execute(select(blob_parts))] == [8, 4]


def test_a_large_blob_of_version_0001_is_whole(database: Database) -> None:
    with database.write() as connection:
        blob = connection.execute(insert(blobs).values(content=CONTENT).returning(blobs.c.id)).scalar_one()
        assert get_blob(connection, blob) == CONTENT
        assert get_blob(connection, blob, 5, 25) == CONTENT[5:25]
    assert list(read_blob(database.read, blob, 9, 30)) == [CONTENT[9:30]]


def test_none_there(database: Database) -> None:
    with database.read() as connection:
        for span in ((), (0, 5)):
            with pytest.raises(KeyError, match="blob 4711"):
                get_blob(connection, 4711, *span)
    with pytest.raises(KeyError, match="blob 4711"):
        list(read_blob(database.read, 4711))
