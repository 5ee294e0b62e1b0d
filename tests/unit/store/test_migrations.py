"""The migrations lead to the very tables that a new database gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from mailgate.store.database import Database, WrongDatabase
from mailgate.store.migrations import migrate, read_version, upgrade
from mailgate.store.schema import VERSION, metadata

Open = Callable[[str], Database]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Open]:
    """Opens databases by name, and closes them in the end."""
    opened: list[Database] = []

    def open_one(name: str) -> Database:
        opened.append(Database(f"sqlite:///{tmp_path}/{name}.db"))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def migrated(database: Open) -> Database:
    """An empty database that went through every step."""
    found = database("migrated")
    with found.write() as connection:
        migrate(connection)
    return found


def _tables(database: Database) -> dict[str, list[str]]:
    """SQLite's schema of each table and index: its columns and constraints in any order."""
    with database.read() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        found = {row.name: re.sub(r"\s*\)$", "", re.sub(r"\s+", " ", row.sql)) for row in rows}
    return {name: sorted(re.split(r" ?, |\( ", sql)) for name, sql in found.items()}


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index keeps tables of its own; `test_not_even_the_words` compares how it is made."""
    return kind != "table" or name is None or not name.startswith(("articles_fts", "articles_terms"))


# An index on an expression cannot be read back; the next test compares it.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection", "ignore:autogenerate skipping")
def test_the_steps_end_at_the_tables_of_today(migrated: Database) -> None:
    with migrated.read() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True, "include_name": _is_ours})
        assert compare_metadata(context, metadata) == []
    migrated.require()


def test_not_even_the_words_of_the_tables_differ(migrated: Database, database: Open) -> None:
    created = database("created")
    created.create()
    ours, theirs = _tables(created), _tables(migrated)
    ours.pop("alembic_version")
    theirs.pop("alembic_version")
    assert ours == theirs


def test_an_empty_database_is_made(database: Open) -> None:
    new = database("new")
    assert (upgrade(new).before, read_version(new)) == ("", VERSION)
    assert upgrade(new).before == VERSION


def test_a_newer_database_is_refused_and_left_alone(database: Open) -> None:
    newer = database("newer")
    newer.create()
    with newer.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongDatabase, match="newer"):
        upgrade(newer)
    assert read_version(newer) == "9999"
