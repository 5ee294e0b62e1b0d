"""`hold`, `resume` and `release`: holding all that is sent, and releasing what a dry run or the scanner keeps."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import click

from mailgate.cli.context import CommandError, UsageError, can_ask, command_clock, config_option, writing
from mailgate.cli.output import clean, further, local, short
from mailgate.core.text import counted

_WHAT = click.Choice(("sending",))


@click.command()
@config_option
@click.argument("what", type=_WHAT)
@click.option("--reason", required=True, metavar="TEXT", help="Say why; `mailgate status` shows it.")
def hold(config: Path | None, what: str, reason: str) -> None:
    """Hold all sending, on every host, until `mailgate resume`: for example, when two machines keep writing to each
    other.

    Emails are still received and processed, and notices wait. A notice that is being handed to the relay at this moment
    still leaves.
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
            f"{what} is already held by {before.by} since {since}: {before.reason}; `mailgate resume` ends the hold"
        )
    click.echo(f"{what} is held; `mailgate resume` sends the waiting notices.")


@click.command()
@config_option
@click.argument("what", type=_WHAT, default="sending")
def resume(config: Path | None, what: str) -> None:
    """Resume sending after `mailgate hold`, and print how many notices are waiting."""
    from mailgate.daemon.health.measurement import describe_obstacle
    from mailgate.store.sending import resume_sending

    with writing(config, whole=False) as (_, connection):
        now = command_clock().now()
        waiting = resume_sending(connection, now)
        obstacle = describe_obstacle(connection, "outbox", now)
    if waiting is None:
        raise CommandError(f"{what} is not held")
    waits = f"{counted(waiting, 'notice')} {'is' if waiting == 1 else 'are'} waiting"
    click.echo(f"{what} is resumed: {waits}{further(obstacle)}.")


@click.command()
@config_option
@click.option("--dry-run", is_flag=True, help="Send the notices that a dry run has parked. This sends email.")
@click.option(
    "--to", metavar="ADDRESS", help="Send only notices to addresses that contain ADDRESS, such as @example.com."
)
@click.option("--yes", is_flag=True, help="Send without asking (only a terminal is asked).")
@click.argument("queue", type=click.Choice(["journal"]), required=False)
@click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
def release(
    config: Path | None, dry_run: bool, to: str | None, yes: bool, queue: str | None, ids: tuple[int, ...]
) -> None:
    """Send the notices that `mailgate serve --dry-run` has parked, or process quarantined emails anyway.

    With --dry-run it sends real email, oldest first, and prints how much. Use it to go live: everyone who wrote during
    the dry run gets their answer. Stop the dry run first.

    With `journal` and IDs it lets in emails in which the virus scanner found something: they are processed like any
    other, and their files reach your agents. Read them first with `mailgate cat journal ID`.
    """
    if queue is not None:
        if dry_run or to is not None or not ids:
            raise UsageError("name the quarantined emails by their IDs alone: `mailgate release journal 47`")
        _release_mails(config, ids)
        return
    if not dry_run:
        raise UsageError(
            "release sends what a dry run has parked: run `mailgate release --dry-run`; for a quarantined email, run "
            "`mailgate release journal ID`; for other notices, run `mailgate requeue outbox`"
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
                "a dry run is running and would park them again: stop it first (one that was killed counts as "
                "running for three minutes, or until the desk starts)"
            )
        parked = list_parked(connection, DRY_RUN, to)
    if parked and not yes and can_ask():  # while it waits, nothing is locked
        click.confirm(f"Send {counted(len(parked), 'notice')} now?", abort=True)
    with writing(config) as (_, connection):
        requeue(connection, outbox, [row_id for row_id, _, _ in parked], now)
    if not parked:
        click.echo("No notice is parked by a dry run.")
        return
    addresses, oldest = len({address.lower() for _, address, _ in parked}), min(at for _, _, at in parked)
    click.echo(
        f"{counted(len(parked), 'notice')} to {addresses} "
        f"{'address' if addresses == 1 else 'addresses'} will be sent, "
        f"the oldest from {local(oldest, settings.default_queue.zone)}."
    )
    if sending.held_seconds is not None:
        click.echo("Sending is held: `mailgate resume` sends them.")


def _release_mails(config: Path | None, ids: tuple[int, ...]) -> None:
    """Lets quarantined mails in; a line of the error for each that is none."""
    from mailgate.daemon.health.measurement import describe_obstacle
    from mailgate.store.journal import release_quarantined
    from mailgate.store.queries.listings import state_of

    with writing(config) as (_, connection):
        now = command_clock().now()
        released = release_quarantined(connection, ids, now)
        obstacle = describe_obstacle(connection, "journal", now)
        others = [(row_id, state_of(connection, "journal", row_id)) for row_id in ids if row_id not in released]
    for row_id in released:
        click.echo(f"journal {row_id} is released and will be processed{further(obstacle)}.")
    if others:
        raise CommandError(
            *(
                f"the journal has no email {row_id}"
                if state is None
                else f"journal {row_id} is {state}, not quarantined"
                for row_id, state in others
            )
        )


def _find_caller() -> str:
    """Returns the name of the user who runs this command, behind sudo that of the person."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return f"user {os.getuid()}"
