"""`check`: examines the configuration, the templates and, with `--connect`, the services that they name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

import click

from mailgate.cli.checks.desk import (
    CheckResult,
    Finding,
    check_archive,
    check_database,
    check_relay,
    check_settings,
    check_templates,
)
from mailgate.cli.checks.directory import check_directory
from mailgate.cli.checks.knowledge import check_knowledge
from mailgate.cli.checks.queues import check_queues
from mailgate.cli.checks.sources import check_mailboxes, check_sources
from mailgate.cli.context import command_clock, config_option, read_settings
from mailgate.cli.output import WIDTH
from mailgate.config import Settings
from mailgate.core.clock import Clock

_COLUMN = 20


@click.command()
@config_option
@click.option(
    "--connect", is_flag=True,
    help="Also open the database, greet the relay and look into the mailboxes. Nothing is sent or changed.",
)  # fmt: skip
def check(config: Path | None, connect: bool) -> int:
    """Check the configuration, the addresses and every template; one line for each thing.

    Mistakes in the configuration end the check with status 2, all of them at once; anything else that FAILED with
    status 1. Warnings and notes do not count.
    """
    settings = read_settings(config)
    failed = False
    for finding in _check_all(settings, command_clock(), connect=connect):
        failed = failed or finding.verdict is CheckResult.FAILED
        head = f"{finding.verdict:8} {finding.what:10} "
        click.echo("\n".join(wrap(finding.words, WIDTH, initial_indent=head, subsequent_indent=" " * _COLUMN)))
    return 1 if failed else 0


def _check_all(settings: Settings, clock: Clock, *, connect: bool) -> Iterator[Finding]:
    yield from check_settings(settings)
    yield from check_queues(settings, connect=connect)
    yield from check_sources(settings)
    yield from check_templates(settings)
    yield from check_knowledge(settings)
    yield from check_directory(settings, clock)
    yield from check_archive(settings)
    if connect:
        yield check_database(settings)
        yield check_relay(settings, clock)
        yield from check_mailboxes(settings, clock)
