"""`requeue`: returns parked rows to their queue."""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.cli.context import CommandError, command_clock, config_option, database_errors, read_settings


@click.command()
@config_option
@click.argument("queue", type=click.Choice(["journal", "outbox", "timers"]))
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
def requeue(config: Path | None, queue: str, ids: tuple[int, ...]) -> None:
    """Put parked rows back to work, as if they were new; in the journal also ignored mails."""
    settings = read_settings(config)
    from mailgate.store.database import Database
    from mailgate.store.queries.listings import QUEUES, state_of
    from mailgate.store.work_queue import requeue as requeue_row

    errors = []
    with database_errors():
        database = Database(settings.store.database)
        database.require()
        with database.write() as connection:
            for row_id in dict.fromkeys(ids):
                state = state_of(connection, queue, row_id)
                if requeue_row(connection, QUEUES[queue], [row_id], command_clock().now()):
                    click.echo(f"{queue} {row_id} waits again.")
                elif state is None:
                    errors.append(f"{queue} has no row {row_id}")
                else:
                    errors.append(f"{queue} {row_id} is {state}: only what is parked can be put back")
        database.close()
    if errors:
        raise CommandError(*errors)
