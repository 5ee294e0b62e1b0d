"""The bytes of notices in the outbox: compressed when they are put there, and read as they were."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text, update

from mailgate.store.database import Database
from mailgate.store.outbox import OutboxRow, QueuedNotice, put_notices, read_bytes, rewrite_notice, take_notices
from mailgate.store.schema import outbox, tickets
from mailgate.store.work_queue import CANCELLED

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


@pytest.mark.parametrize(
    "meanwhile", [{"state": CANCELLED}, {"due_at": NOW + timedelta(hours=1)}], ids=["taken back", "postponed"]
)
def test_a_notice_that_changes_while_a_courier_waits_for_it_is_not_taken(
    database: Database, meanwhile: dict[str, object]
) -> None:
    lease, taken = timedelta(seconds=30), list[OutboxRow]()

    def take() -> None:
        with database.write() as connection:
            taken.extend(take_notices(connection, NOW, 8, lease))

    with database.write() as connection:
        connection.execute(
            tickets.insert(),
            {
                "id": 1, "queue": "support", "state": "level1", "level": "level1", "subject": "", "fields": {},
                "requester": "anna@example.org", "requester_name": "", "language": "en", "word": "w",
                "created_at": NOW, "level_since": NOW,
            },
        )  # fmt: skip
        both = [replace(NOTICE, ticket_id=1), replace(NOTICE, ticket_id=1, number=2, message_id="<2@example.com>")]
        put_notices(connection, both, NOW)
    with database.write() as connection:
        connection.execute(update(outbox).where(outbox.c.number == 1).values(meanwhile))
        waits = threading.Thread(target=take)
        waits.start()
        time.sleep(0.3)
    waits.join()
    assert not [row.number for row in taken if row.number == 1]


def test_a_damaged_notice_is_read_as_empty(database: Database) -> None:
    with database.write() as connection:
        put_notices(connection, [NOTICE], NOW)
        connection.execute(text("UPDATE outbox SET body = :body"), {"body": stored(connection)[:-9]})
        assert read_bytes(connection, 1) == b""
