"""`pipe`: takes one mail on standard input, for an MTA."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import click

from mailgate.cli.context import command_clock, config_option, database_errors, read_settings, require_folder
from mailgate.cli.logformat import OneLine, log_to_stderr


@click.command()
@config_option
@click.option("--sender", metavar="ADDRESS", help="Set the envelope sender; '' for a bounce.")
@click.option(
    "--recipient", "recipients", multiple=True, metavar="ADDRESS", help="Add an envelope recipient. Repeatable."
)
def pipe(config: Path | None, sender: str | None, recipients: tuple[str, ...]) -> int:
    """Accept one email on standard input, as an MTA's pipe transport or a .forward file delivers it.

    Without --sender and --recipient, the envelope comes from the variables SENDER, ORIGINAL_RECIPIENT and RECIPIENT
    that the MTA exports, or from its mbox "From " line.

    Exit status: 0 if the email is stored, 69 if it is too large. Any other failure, even a broken configuration, is 75:
    the MTA keeps the email and tries again.
    """
    log_to_stderr(OneLine(), logging.ERROR)
    settings = read_settings(config)
    require_folder(settings)
    from mailgate.store.database import Database
    from mailgate.transport.acceptance import Acceptor
    from mailgate.transport.pipe import run

    with database_errors():
        database = Database(settings.store.database)
        database.create()
    logging.getLogger("mailgate.intake").addFilter(lambda record: "action=store" not in record.getMessage())
    intake = Acceptor(database)
    try:
        stream = sys.stdin.buffer
        most = settings.intake.max_size
        return run(
            stream, most, intake.accept, command_clock(), sender=sender, recipients=recipients, environment=os.environ
        )
    finally:
        intake.close()
        database.close()
