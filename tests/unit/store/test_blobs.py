"""Blobs in one row and in several, compressed or not: what is read is what was put, whole and in ranges."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import compress

import pytest
from sqlalchemy import insert, select, update

from mailgate.store import blobs as module
from mailgate.store import spool
from mailgate.store.blobs import DamagedBlob, get_blob, get_blobs, measure_blob, put_blob, put_blobs, read_blob
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


MAIL = b"Subject: The printer\r\n\r\n" + b"The printer of the second floor is out of order again. \xe2\x9c\x93\r\n" * 40


@pytest.fixture
def usual(database_url: str) -> Iterator[Database]:
    """A database with pieces of the usual size."""
    found = Database(database_url)
    found.create()
    yield found
    found.close()


def test_a_small_blob_is_compressed_and_read_as_it_was(usual: Database) -> None:
    with usual.write() as connection:
        first, second = put_blob(connection, MAIL), put_blobs(connection, [MAIL + b"x"])[0]
        stored = connection.execute(select(blobs.c.content, blobs.c.size).order_by(blobs.c.id)).all()
        assert [row.size for row in stored] == [len(MAIL), len(MAIL) + 1]
        assert all(len(row.content) < len(MAIL) / 5 for row in stored)
        assert get_blob(connection, first) == MAIL
        assert get_blobs(connection, [first, second]) == {first: MAIL, second: MAIL + b"x"}
        assert (measure_blob(connection, first), measure_blob(connection, 4711)) == (len(MAIL), 0)
        for span in ((0, 0), (0, 7), (5, 300), (len(MAIL) - 3, len(MAIL)), (len(MAIL), len(MAIL) + 9)):
            assert get_blob(connection, first, *span) == MAIL[slice(*span)]
    assert b"".join(read_blob(usual.read, first)) == MAIL
    assert b"".join(read_blob(usual.read, first, 9, 99)) == MAIL[9:99]


def test_what_is_large_or_would_not_become_smaller_stays_as_it_is(usual: Database) -> None:
    contents = b"", b"\0", bytes(range(256)), b"a" * (2**16 + 1)
    with usual.write() as connection:
        put = [put_blob(connection, content) for content in contents]
        assert connection.execute(select(blobs.c.content, blobs.c.size).order_by(blobs.c.id)).all() == [
            (content, None) for content in contents
        ]
        assert [get_blob(connection, blob) for blob in put] == list(contents)
        assert [measure_blob(connection, blob) for blob in put] == [len(content) for content in contents]


def test_one_of_an_earlier_version_is_as_it_was_put(usual: Database) -> None:
    packed = compress(MAIL)  # also one that happens to be compressed
    with usual.write() as connection:
        connection.execute(insert(blobs), [{"id": 1, "content": MAIL}, {"id": 2, "content": packed}])
        assert get_blobs(connection, [1, 2]) == {1: MAIL, 2: packed}
        assert get_blob(connection, 2, 1, 9) == packed[1:9]


def test_a_damaged_one_is_told_and_costs_no_other(usual: Database) -> None:
    with usual.write() as connection:
        good, bad = put_blob(connection, MAIL), put_blob(connection, MAIL)
        broken = connection.execute(select(blobs.c.content).where(blobs.c.id == bad)).scalar_one()[:-9]
        connection.execute(update(blobs).where(blobs.c.id == bad).values(content=broken))
        assert get_blobs(connection, [good, bad]) == {good: MAIL}
        for span in ((), (0, 5)):
            with pytest.raises(DamagedBlob, match=f"blob {bad} is damaged"):
                get_blob(connection, bad, *span)
    with pytest.raises(DamagedBlob):
        list(read_blob(usual.read, bad))
