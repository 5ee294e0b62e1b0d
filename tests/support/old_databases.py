"""Databases as an earlier mailgate made them: the migrations, up to a version."""

from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from mailgate.store.database import Database
from mailgate.store.migrations import migrate
from mailgate.store.schema import metadata


def make_old(database: Database, version: str) -> None:
    """Makes the tables of a version in place of those that are there, without rows."""
    steps = ScriptDirectory._upgrade_revs
    with pytest.MonkeyPatch.context() as patch, database.write() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        if not database.sqlite:
            connection.execute(text("DROP FUNCTION IF EXISTS mailgate_tell CASCADE"))  # up to 0010
        patch.setattr(ScriptDirectory, "_upgrade_revs", lambda scripts, _, seen: steps(scripts, version, seen))
        migrate(connection)
