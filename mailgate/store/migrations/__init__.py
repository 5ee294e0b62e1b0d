"""Migrations: upgrade the database from one version to the next, with one file of `versions/` for each step.

`upgrade` runs them in one transaction, so that a step that fails leaves the database as it was. There is no env.py:
this module opens the connection and decides when to run. Alembic is imported at the call, since nothing else needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mailgate.store.database import Database, WrongDatabase
from mailgate.store.schema import VERSION, metadata


@dataclass(frozen=True, slots=True)
class Upgraded:
    """Result of an upgrade: the versions before and after. `before` is "" where the database was empty."""

    before: str
    after: str


def read_version(database: Database) -> str:
    """The version of a database, "" where there are no tables yet."""
    if database.path is not None and not database.path.exists():
        return ""
    with database.read() as connection:
        if "alembic_version" not in inspect(connection).get_table_names():
            return ""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def upgrade(database: Database) -> Upgraded:
    """Upgrades a database to this version, or creates its tables. Raises WrongDatabase for a newer version."""
    before = read_version(database)
    if not before:
        database.create()
    elif before != VERSION:
        with _without_foreign_keys(database) as connection:
            migrate(connection)
    return Upgraded(before, VERSION)


def migrate(connection: Connection) -> None:
    """Runs every step that this database has not seen, in the transaction of `connection`."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, script, fn=lambda seen, _: script._upgrade_revs("head", seen)) as environment:
        environment.configure(
            connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
        )
        try:
            environment.run_migrations()
        except CommandError as error:
            found = environment.get_context().get_current_revision()
            raise WrongDatabase(
                f"the database has version {found}, which this mailgate ({VERSION}) does not know; it was made by a"
                " newer one"
            ) from error


@contextmanager
def _without_foreign_keys(database: Database) -> Iterator[Connection]:
    """One write transaction in which SQLite may rebuild a table that others refer to."""
    if not database.sqlite:
        with database.write() as connection:
            yield connection
        return
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")  # it does nothing inside a transaction
        try:
            with connection.execution_options(immediate=True).begin():
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise RuntimeError("a migration left rows that refer to nothing")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
