"""`export` writes one ticket with all its mails as a bundle; `verify` checks that bundles are unchanged.

A file that is there already is never overwritten; one that cannot be finished is removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.cli.context import CommandError, config_option, read_settings, reading

if TYPE_CHECKING:
    from mailgate.config import Settings
    from mailgate.tickets.archive.verification import Bounds


@click.command()
@config_option
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; by default REF.zip here.")
@click.argument("reference", metavar="REF")
def export(config: Path | None, output: Path | None, reference: str) -> None:
    """Write the ticket REF with all its mails, notices and files to a ZIP file.

    Its page index.html is for people, ticket.json for programs; `mailgate verify` checks it, `mailgate import` takes it
    into another desk. The file is for its owner's eyes only; one that exists is not overwritten.
    """
    from mailgate.tickets.archive.export import gather
    from mailgate.tickets.archive.writer import write_bundle

    with reading(config) as view:
        gathered = gather(view.connection, view.ticket(reference), view.settings.default_queue.address)
        path = output or Path(f"{gathered.record.reference}.zip")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise CommandError(f"{path} is there already; name another file with --output") from None
        except OSError as error:
            raise CommandError(f"{path}: {(error.strerror or str(error)).lower()}") from None
        try:
            with os.fdopen(handle, "wb") as file:
                write_bundle(file, gathered)
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise CommandError(f"{path}: {(error.strerror or str(error)).lower()}") from None
            raise
    click.echo(path)


@click.command()
@config_option
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE...]")
def verify(config: Path | None, files: tuple[Path, ...]) -> None:
    """Check that bundles are as they were written: every FILE in itself, by the SHA-256 of each file in it.

    Without FILE, the whole folder of archives ([archive] folder) is held against what the desk has noted of each bundle
    when it wrote it: what is missing and what was changed.
    """
    wrong = list(_verify_files(config, files) if files else _verify_archives(config))
    if wrong:
        raise CommandError(*wrong)


def _verify_files(config: Path | None, files: tuple[Path, ...]) -> Iterator[str]:
    """A line for each thing that is wrong; what is well is printed. No configuration is needed for it."""
    from mailgate.tickets.archive.verification import InvalidBundle, open_bundle

    bounds = bounds_of(read_settings(config)) if config is not None else _usual_bounds()
    for path in files:
        try:
            with open_bundle(path, bounds) as bundle:
                reference, count = bundle.record.reference, len(bundle.manifest.files)
        except InvalidBundle as error:
            yield from (f"{path}: {line}" for line in error.lines)
        except OSError as error:
            yield f"{path}: {(error.strerror or str(error)).lower()}"
        else:
            click.echo(f"{path}: {reference}, {count} files, all as they were written")


def _verify_archives(config: Path | None) -> Iterator[str]:
    """A line for each bundle of the folder that is missing or differs from what was noted of it."""
    from mailgate.store.archives import list_archives

    with reading(config) as view:
        folder, rows = view.settings.archive.folder, list_archives(view.connection)
    if folder is None:
        raise CommandError("archive.folder: no folder of archives is configured; name the files to verify")
    wrong = 0
    for row in rows:
        fault = _compare(folder / row.path, row.sha256)
        if fault:
            wrong += 1
            yield f"{folder / row.path}: {row.reference} {fault}"
    click.echo(f"{len(rows) - wrong} of {len(rows)} bundles in {folder} are as they were written")


def _compare(path: Path, sha256: str) -> str:
    from mailgate.tickets.archive.writer import digest_file

    if path.exists() and not path.is_file():  # nobody waits for what a pipe may say
        return "is no plain file"
    try:
        return "" if digest_file(path) == sha256 else "differs from what the desk wrote"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {(error.strerror or str(error)).lower()}"


def bounds_of(settings: Settings) -> Bounds:
    """How large a bundle may be by the configuration."""
    from mailgate.tickets.archive.verification import Bounds

    return Bounds(settings.limits.bundle_size, settings.limits.bundle_files)


def _usual_bounds() -> Bounds:
    from mailgate.config import Limits
    from mailgate.tickets.archive.verification import Bounds

    limits = Limits()
    return Bounds(limits.bundle_size, limits.bundle_files)
