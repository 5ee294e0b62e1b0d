"""`upgrade`: the database's way to this version."""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.commands.opening import Refusal, config_option, database_errors, read_settings


@click.command()
@config_option
def upgrade(config: Path | None) -> None:
    """Bring the database to the version of this mailgate; an empty one gets its tables.

    Stop `mailgate serve` first and keep a copy of the database: there is no way back. All steps are one transaction.
    """
    settings = read_settings(config)
    from mailgate.daemon import AlreadyServed, lock_database
    from mailgate.store.database import Database
    from mailgate.store.migrations import read_version
    from mailgate.store.migrations import upgrade as migrate
    from mailgate.store.schema import VERSION

    with database_errors():
        database = Database(settings.store.database)
        if read_version(database) == VERSION:
            click.echo(f"The database is up to date (version {VERSION}).")
            return
        try:
            lock = lock_database(database)
        except AlreadyServed as error:
            raise Refusal(str(error)) from None
        try:
            done = migrate(database)
        finally:
            database.close()
            if lock is not None:
                lock.close()
    before = f"Upgraded the database from version {done.before}" if done.before else "Made the tables of a new database"
    click.echo(f"{before}; it has version {done.after} now.")
