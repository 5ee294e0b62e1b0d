"""The history of tickets stays as it was written, whatever program writes to the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mailgate.store.database import Database
from mailgate.store.migrations import migrate
from mailgate.store.schema import metadata
from tests.support.desk import TestDesk

TAMPERING = (
    "DELETE FROM events",
    "DELETE FROM events WHERE id = 1",
    "UPDATE events SET reason = 'something else'",
    "UPDATE events SET at = '2020-01-01 00:00:00'",
    "UPDATE events SET \"by\" = 'nobody', undone = true",
    'UPDATE events SET facts = \'{"queue": "other"}\'',
    "UPDATE events SET journal_id = NULL",
    "UPDATE events SET id = id + 1000",
    "INSERT INTO events SELECT * FROM events WHERE true ON CONFLICT (id) DO UPDATE SET reason = 'something else'",
)
TAMPERING_SQLITE = (
    "INSERT OR REPLACE INTO events SELECT * FROM events",
    "REPLACE INTO events SELECT * FROM events WHERE id = 1",
    "UPDATE OR REPLACE events SET id = 1",
    "UPDATE events SET undone = 5",
    "UPDATE events SET undone = 'nonsense'",
    "UPDATE events SET rowid = rowid + 1000",
    "UPDATE events SET reason = x'00'",
)
TAMPERING_POSTGRESQL = (
    "TRUNCATE tickets CASCADE",
    "UPDATE events SET facts = 'null' WHERE facts IS NULL",
    "UPDATE events SET facts = (facts::text || ' ')::json WHERE facts IS NOT NULL",
)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    yield desk
    desk.close()


@pytest.mark.parametrize("statement", TAMPERING)
def test_no_line_of_the_history_is_deleted_or_changed(desk: TestDesk, statement: str) -> None:
    before = _events(desk.desk.database)
    with pytest.raises(DBAPIError, match="the history of tickets is append-only"), desk.desk.database.write() as db:
        db.execute(text(statement))
    assert before
    assert _events(desk.desk.database) == before


@pytest.mark.parametrize("statement", [*TAMPERING_SQLITE, *TAMPERING_POSTGRESQL])
def test_nor_in_the_words_of_one_engine(desk: TestDesk, statement: str) -> None:
    database = desk.desk.database
    if database.sqlite != (statement in TAMPERING_SQLITE):
        pytest.skip("words of the other engine")
    with database.write() as db:
        names = 'ticket_id, at, event, from_state, to_state, reason, "by", "row", text'
        db.execute(text(f"INSERT INTO events (id, {names}) SELECT 1000, {names} FROM events LIMIT 1"))
    before = _events(database)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as db:
        db.execute(text(statement))
    assert _events(database) == before


def test_the_triggers_know_every_column() -> None:
    from mailgate.store.ddl import append_only

    assert {*append_only._COLUMNS, "undone"} == {column.name for column in metadata.tables["events"].c}


def test_an_event_is_undone_and_never_redone(desk: TestDesk) -> None:
    with desk.desk.database.write() as db:
        db.execute(text("UPDATE events SET undone = true"))
    with desk.desk.database.write() as db:  # once more changes nothing
        db.execute(text("UPDATE events SET undone = true"))
    with pytest.raises(DBAPIError, match="append-only"), desk.desk.database.write() as db:
        db.execute(text("UPDATE events SET undone = false"))


def test_postgresql_does_not_empty_the_table_either(desk: TestDesk) -> None:
    if desk.desk.database.sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="append-only"), desk.desk.database.write() as db:
        db.execute(text("TRUNCATE events"))


def test_a_migrated_database_has_the_same_triggers(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:  # the one that was lent has tables
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    with database.write() as connection:
        migrate(connection)
        migrated = _triggers(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert _triggers(connection) == migrated
    database.close()
    assert any("events_stay" in one for one in migrated)


def _triggers(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL"
            " SELECT prosrc FROM pg_proc WHERE proname LIKE 'mailgate%'"
        )
    return sorted(connection.execute(text(query)).scalars())


def _events(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM events ORDER BY id"))]
