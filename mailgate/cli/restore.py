"""`restore`: puts back what `backup` has saved, each part whole or not at all.

The file is checked from its first to its last byte before anything is written. A restore that is interrupted leaves
the old database or the new one; the same command then does the rest.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, BinaryIO

import click

from mailgate.cli.context import CommandError, UsageError, can_ask, command_clock, config_option
from mailgate.cli.output import clean
from mailgate.cli.restoring.files import FilePlan, plan_bundles, plan_files, put_bundles, put_files
from mailgate.cli.restoring.present import LastNumber, PresentDatabase, find_last_number, open_present, spell_stamp
from mailgate.cli.restoring.report import (
    describe_backup,
    describe_files,
    describe_losses,
    describe_numbers,
    describe_present,
    describe_secret,
    describe_shortly,
)
from mailgate.cli.restoring.target import RestoreTarget, find_target
from mailgate.config.permissions import describe_os_error

if TYPE_CHECKING:
    from mailgate.store.backup.format import BackupManifest


@click.command()
@config_option
@click.option("--verify", is_flag=True, help="Only read FILE, check every sum in it, and say what it holds.")
@click.option(
    "--configuration",
    "replaces_configuration",
    is_flag=True,
    help="Also replace the configuration and its files by those of the backup, and keep copies of the present ones.",
)
@click.option(
    "--highest",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Continue ticket numbers after NUMBER, if nothing here knows the highest and you do.",
)
@click.option("--yes", is_flag=True, help="Restore without asking.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def restore(
    config: Path | None, verify: bool, replaces_configuration: bool, highest: int | None, yes: bool, file: Path
) -> int:
    """Restore the desk from FILE, which `mailgate backup` has written. Stop the desk first.

    The database of the backup takes the place of the present one, which is kept: on SQLite in a folder next to it, on
    PostgreSQL in a schema of its own. Files of the configuration and bundles of the archive that are missing are put
    back; those that are there stay as they are, unless you add --configuration.

    Ticket numbers continue after the highest that was ever given. At the end you read which tickets are lost, because
    they were opened after the backup, what happens to the answers to them, and how many people have to be erased again.

    A file that is damaged, or was made by a later version, changes nothing. If the restore is interrupted, run it
    again. Exit status 1 if anything could not be put back.
    """
    with _restore_errors(file), ExitStack() as stack:
        stream = stack.enter_context(_open(file))
        manifest = _read(stream)
        if verify:
            click.echo(describe_backup(manifest, file))
            return 0
        target = find_target(stream, manifest, config, replaces_configuration)
        files = plan_files(manifest, target)
        with open_present(target, manifest) as present:
            numbers = find_last_number(manifest, present.known, highest)
            _ask(manifest, present, files, numbers, yes)
            return _restore(stream, manifest, target, present, files, numbers, file)


@contextmanager
def _open(file: Path) -> Iterator[BinaryIO]:
    with file.open("rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UsageError(f"{file} is not a regular file: it is read several times")
        yield stream


def _read(stream: BinaryIO) -> BackupManifest:
    from mailgate.store.backup.files import is_below
    from mailgate.store.backup.format import MemberKind
    from mailgate.store.backup.reader import InvalidBackup, read_manifest
    from mailgate.store.schema import VERSION

    manifest = read_manifest(stream)
    for member in manifest.members:
        is_bundle = member.kind is MemberKind.ARCHIVE
        if is_bundle != (not member.path.startswith("/")) and member.kind is not MemberKind.DATABASE:
            raise InvalidBackup(f"names a path that no backup has: {member.path!r}")
        if not is_below(member.path.lstrip("/")):
            raise InvalidBackup(f"names a path that no backup has: {member.path!r}")
    if manifest.contents.version > VERSION:
        raise InvalidBackup(
            f"was made by a newer mailgate ({manifest.mailgate}, database version {manifest.contents.version}; this "
            f"one supports {VERSION}): install the newer mailgate"
        )
    return manifest


def _ask(manifest: BackupManifest, present: PresentDatabase, files: FilePlan, numbers: LastNumber, yes: bool) -> None:
    """Shows what will be done, and asks; raises UsageError where nobody can be asked."""
    click.echo(describe_shortly(manifest))
    click.echo(f"It replaces {present.name}, {describe_present(present)}.")
    for _, path in files.put:
        is_there = path.exists()
        click.echo(
            clean(
                f"It replaces {path}, of which a copy is kept."
                if is_there
                else f"It puts back {path}, which is missing."
            )
        )
    if numbers.is_guess:
        click.echo(
            f"Nothing here tells the highest ticket number that was given, so new tickets are counted on after "
            f"{numbers.highest:,}. If you know it, add --highest NUMBER."
        )
    if yes:
        return
    if not can_ask():
        raise UsageError("restore asks at a terminal before it replaces a database: add --yes")
    click.confirm("Restore this backup?", abort=True)


def _restore(
    stream: BinaryIO,
    manifest: BackupManifest,
    target: RestoreTarget,
    present: PresentDatabase,
    files: FilePlan,
    numbers: LastNumber,
    file: Path,
) -> int:
    """Puts everything back, the database first, and says what was done and lost; returns the exit status."""
    bundles = plan_bundles(manifest, target)
    words = present.exchange(stream, numbers.highest)
    click.echo("\n".join((f"\nRestored {present.name}.", *words)))
    put_files(stream, manifest, files, f".before-{spell_stamp(command_clock().now())}")
    put_bundles(stream, manifest, target.archive, bundles)
    report = (*describe_files(files, bundles, manifest, target), *describe_losses(manifest, present))
    for line in (describe_numbers(numbers), *report):
        click.echo(clean(line))
    for line in describe_secret(manifest, target):
        click.echo(f"mailgate: {line}", err=True)
    for member, path in files.left:
        line = (
            f"{path} is missing, and was not written: tar -xzOf {quote(str(file))} {member.name} > {quote(str(path))}"
        )
        click.echo(f"mailgate: {clean(line)}", err=True)
    click.echo("Now run `mailgate check --connect`, then start the desk: systemctl start mailgate")
    return 1 if files.left else 0


@contextmanager
def _restore_errors(file: Path) -> Iterator[None]:
    """Turns what keeps a backup from being restored into a CommandError."""
    from mailgate.store.backup.postgresql import ProgramFailed
    from mailgate.store.backup.reader import InvalidBackup

    try:
        yield
    except InvalidBackup as error:
        raise CommandError(f"{file} {error}; nothing was changed") from None
    except ProgramFailed as error:
        raise CommandError(f"{error}; the database was not changed") from None
    except OSError as error:
        raise CommandError(describe_os_error(error)) from None
