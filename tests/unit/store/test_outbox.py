"""The bytes of notices in the outbox: compressed when they are put there, and read as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select, text

from mailgate.store.database import Database
from mailgate.store.outbox import QueuedNotice, put_notices, read_bytes, rewrite_notice
from mailgate.store.schema import outbox

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BODY = (
    b"From: Support <support@example.com>\r\n\r\n"
    + b"The printer of the second floor works again. \xe2\x9c\x93\r\n" * 200
)
NOTICE = QueuedNotice(
    notice="receipt", number=1, lane="requester", queue="default", recipient="anna@example.org",
    return_path="support@example.com", message_id="<1@example.com>", human=False, size=len(BODY), body=BODY,
)  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.create()
    yield found
    found.close()


def stored(connection: Connection) -> bytes:
    return bytes(connection.execute(text("SELECT body FROM outbox")).scalar_one())


def test_a_notice_is_stored_compressed_and_read_as_it_was(database: Database) -> None:
    with database.write() as connection:
        put_notices(connection, [NOTICE], NOW)
        assert len(stored(connection)) < len(BODY) / 10
        assert connection.execute(select(outbox.c.body)).scalar_one() == BODY
        rewrite_notice(connection, 1, BODY[:-2], len(BODY) - 2)
        assert len(stored(connection)) < len(BODY) / 10
        assert read_bytes(connection, 1) == BODY[:-2]
        assert read_bytes(connection, 2) == b""


def test_a_notice_of_an_earlier_version_is_not_compressed(database: Database) -> None:
    with database.write() as connection:
        put_notices(connection, [replace(NOTICE, body=b"")], NOW)
        connection.execute(text("UPDATE outbox SET body = :body"), {"body": BODY})
        assert read_bytes(connection, 1) == BODY
