"""`check`: examines the configuration, the templates and, with `--connect`, the services that they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import wrap

import click

from mailgate.cli.checks.desk import (
    CheckResult,
    Finding,
    check_archive,
    check_database,
    check_metrics,
    check_relay,
    check_settings,
    check_templates,
)
from mailgate.cli.checks.desk_user import find_desk_user, look_as, named_user
from mailgate.cli.checks.directory import check_directory
from mailgate.cli.checks.disk import check_disk
from mailgate.cli.checks.files import check_files
from mailgate.cli.checks.knowledge import check_knowledge
from mailgate.cli.checks.programs import check_programs
from mailgate.cli.checks.queues import check_queues
from mailgate.cli.checks.secret import check_secret
from mailgate.cli.checks.sending import check_sending
from mailgate.cli.checks.sources import check_mailboxes, check_sources
from mailgate.cli.context import UsageError, command_clock, config_option, find_config, read_settings
from mailgate.cli.output import WIDTH
from mailgate.config import Settings
from mailgate.core.clock import Clock

_COLUMN = 20


@click.command()
@config_option
@click.option(
    "--connect", is_flag=True,
    help="Also connect to the database, the relay and the mailboxes. Nothing is sent or changed.",
)  # fmt: skip
@click.option("--user", metavar="NAME", help="Check with the rights of this user (root only).")
def check(config: Path | None, connect: bool, user: str | None) -> int:
    """Check the configuration, the addresses and every template; print a line for each finding.

    Exit status: 2 if the configuration has errors, which are listed together; 1 if anything else FAILED; otherwise 0.
    Warnings and notes don't count. Root checks with the rights of the desk's user: the owner of the database's folder,
    or --user.
    """
    return 1 if print_findings(config or find_config(), connect=connect, user=user) else 0


def print_findings(path: Path, *, connect: bool = False, user: str | None = None) -> bool:
    """Prints a line for each finding on a configuration; tells whether anything FAILED."""
    settings, clock = read_settings(path), command_clock()

    def look() -> Iterator[Finding]:
        return _check_all(settings, path.absolute(), clock, connect=connect)

    failed = False
    for finding in _look(settings, look, user):
        failed = failed or finding.verdict is CheckResult.FAILED
        head = f"{finding.verdict:8} {finding.what:10} "
        # A path or a command may be copied as it stands.
        lines = wrap(
            finding.words, WIDTH, initial_indent=head, subsequent_indent=" " * _COLUMN,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        click.echo("\n".join(lines))
    return failed


def _look(settings: Settings, look: Callable[[], Iterator[Finding]], name: str | None) -> Iterator[Finding]:
    """Yields the findings; root's are made with the rights of the desk's user."""
    if name is not None and os.geteuid() != 0:
        raise UsageError("--user: only root can check with the rights of another user")
    user = find_desk_user(settings) if name is None else named_user(name)
    if user is None and name is not None:
        raise UsageError(f"--user: this machine has no user {name}")
    if os.geteuid() != 0 or (user is not None and user.uid == 0):
        yield from look()
    elif user is None:
        yield Finding(
            "user", CheckResult.NOTE, ("checked as root, who can read everything: name the desk's user with --user")
        )
        yield from look()
    else:
        yield Finding("user", CheckResult.OK, f"checked with the rights of {user.name}, {user.why}")
        yield from look_as(user, look)


def _check_all(settings: Settings, config: Path, clock: Clock, *, connect: bool) -> Iterator[Finding]:
    yield from check_settings(settings)
    yield from check_files(settings, config)
    yield from check_secret(settings, connect=connect)
    yield from check_queues(settings, connect=connect)
    yield from check_sending(settings, clock, connect=connect)
    yield from check_sources(settings)
    yield from check_templates(settings)
    yield from check_knowledge(settings)
    yield from check_directory(settings, clock)
    yield from check_programs(settings)
    yield from check_archive(settings)
    yield from check_metrics(settings)
    yield from check_disk(settings)
    if connect:
        yield check_database(settings)
        yield from check_relay(settings, clock)
        yield from check_mailboxes(settings, clock)
