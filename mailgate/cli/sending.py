"""`hold`, `resume` and `release`: holding all that is sent, and sending what a dry run has parked."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

import click

from mailgate.cli.context import CommandError, UsageError, command_clock, config_option, writing
from mailgate.cli.output import clean, further, local, short
from mailgate.core.text import counted

_WHAT = click.Choice(("sending",))


@click.command()
@config_option
@click.argument("what", type=_WHAT)
@click.option("--reason", required=True, metavar="TEXT", help="Why; `status` shows it.")
def hold(config: Path | None, what: str, reason: str) -> None:
    """Hold all sending, on every host, until `mailgate resume`: for instance when two machines write to each other.

    Mail is taken and decided on as ever, and notices wait. What is being handed to the relay just now still leaves.
    """
    from mailgate.store.sending import hold_sending

    words = " ".join(clean(reason).split())
    if not words:
        raise UsageError("--reason: say why")
    with writing(config, whole=False) as (settings, connection):
        now, zone = command_clock().now(), settings.default_queue.zone
        before = hold_sending(connection, now, _find_caller(), words)
    if before is not None:
        since = short(before.since, zone, now).removeprefix("today ")
        raise CommandError(
            f"{what} is already held by {before.by} since {since}: {before.reason}; `mailgate resume` ends that"
        )
    click.echo(f"{what} is held; `mailgate resume` sends what waits.")


@click.command()
@config_option
@click.argument("what", type=_WHAT, default="sending")
def resume(config: Path | None, what: str) -> None:
    """Send again what `mailgate hold` has kept, and print how many notices wait."""
    from mailgate.daemon.health.measurement import describe_obstacle
    from mailgate.store.sending import resume_sending

    with writing(config, whole=False) as (_, connection):
        now = command_clock().now()
        waiting = resume_sending(connection, now)
        obstacle = describe_obstacle(connection, "outbox", now)
    if waiting is None:
        raise CommandError(f"{what} is not held")
    waits = f"{counted(waiting, 'notice')} {'waits' if waiting == 1 else 'wait'}"
    click.echo(f"{what} is resumed: {waits}{further(obstacle)}.")


@click.command()
@config_option
@click.option("--dry-run", is_flag=True, help="What a dry run has parked; required. This sends.")
@click.option("--to", metavar="ADDRESS", help="Only notices to it; a part, such as @example.com, will do.")
@click.option("--yes", is_flag=True, help="Send without asking; only a terminal is asked.")
def release(config: Path | None, dry_run: bool, to: str | None, yes: bool) -> None:
    """Send what `serve --dry-run` has parked, the oldest first, and print how much that is.

    This sends real mail: --dry-run names what is released. So a dry run becomes the real start, and all who wrote
    meanwhile get their answer. Stop the dry run first.
    """
    if not dry_run:
        raise UsageError(
            "release sends what a dry run has parked: write `mailgate release --dry-run`; "
            "for other notices there is `mailgate requeue outbox`"
        )
    from mailgate.daemon.health.measurement import measure_sending
    from mailgate.store.outbox import list_parked
    from mailgate.store.schema import outbox
    from mailgate.store.work_queue import requeue
    from mailgate.transport.relay import DRY_RUN

    with writing(config) as (settings, connection):
        now = command_clock().now()
        sending = measure_sending(connection, settings, now)
        if sending.dry_run_seconds is not None:
            raise CommandError(
                "a dry run works here, and would park them again: stop it first (one that was killed counts for three "
                "minutes, or until the desk is started)"
            )
        parked = list_parked(connection, DRY_RUN, to)
    if parked and not yes and sys.stdin is not None and sys.stdin.isatty():  # while it waits, nothing is locked
        click.confirm(f"Send {counted(len(parked), 'notice')} now?", abort=True)
    with writing(config) as (_, connection):
        requeue(connection, outbox, [row_id for row_id, _, _ in parked], now)
    if not parked:
        click.echo("No notice of a dry run is parked.")
        return
    addresses, oldest = len({address.lower() for _, address, _ in parked}), min(at for _, _, at in parked)
    click.echo(
        f"{counted(len(parked), 'notice')} to {addresses} "
        f"{'address' if addresses == 1 else 'addresses'} will be sent, "
        f"the oldest of {local(oldest, settings.default_queue.zone)}."
    )
    if sending.held_seconds is not None:
        click.echo("Sending is held: `mailgate resume` sends them.")


def _find_caller() -> str:
    """Returns the name of the user who runs this command, behind sudo that of the person."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return f"user {os.getuid()}"
