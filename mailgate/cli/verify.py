"""`verify`: checks that bundles are unchanged, each in itself or against what the desk recorded of its archives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.cli.context import CommandError, config_option, read_settings, reading
from mailgate.config import Limits
from mailgate.core.text import counted

if TYPE_CHECKING:
    from mailgate.tickets.archive.verification import Bounds


@click.command()
@config_option
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE...]")
def verify(config: Path | None, files: tuple[Path, ...]) -> None:
    """Verify that bundles are unchanged: each FILE by itself, by the SHA-256 of every file in it.

    Without FILE, verify the whole archive ([archive] folder) against what the desk recorded when it wrote each bundle:
    find those that are missing or changed.
    """
    wrong = list(_verify_files(config, files) if files else _verify_archives(config))
    if wrong:
        raise CommandError(*wrong)


def _verify_files(config: Path | None, files: tuple[Path, ...]) -> Iterator[str]:
    """Yields a line for each fault and prints the intact files; needs no configuration."""
    from mailgate.tickets.archive.verification import InvalidBundle, open_bundle

    bounds = bounds_of(read_settings(config).limits if config is not None else Limits())
    for path in files:
        try:
            with open_bundle(path, bounds) as bundle:
                reference, count = bundle.record.reference, len(bundle.manifest.files)
        except InvalidBundle as error:
            yield from (f"{path}: {line}" for line in error.lines)
        except OSError as error:
            yield f"{path}: {(error.strerror or str(error)).lower()}"
        else:
            click.echo(f"{path}: {reference}, {counted(count, 'file')}, all unchanged")


def _verify_archives(config: Path | None) -> Iterator[str]:
    """Yields a line for each archived bundle that is missing or has changed."""
    from mailgate.store.archives import count_removed, list_archives

    with reading(config) as view:
        folder, rows = view.settings.archive.folder, list_archives(view.connection)
        removed = count_removed(view.connection)
    if folder is None:
        raise CommandError("archive.folder is not configured: name the files to verify")
    wrong = 0
    for row in rows:
        fault = _compare(folder / row.path, row.sha256)
        if fault:
            wrong += 1
            yield f"{folder / row.path}: {row.reference} {fault}"
    click.echo(f"unchanged bundles in {folder}: {len(rows) - wrong} of {len(rows)}")
    if removed:
        click.echo(f"removed by erasures: {counted(removed, 'bundle')}")


def _compare(path: Path, sha256: str) -> str:
    from mailgate.tickets.archive.writer import digest_file

    if path.exists() and not path.is_file():  # opening a named pipe would wait for a writer
        return "is not a regular file"
    try:
        return "" if digest_file(path) == sha256 else "differs from what the desk wrote"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {(error.strerror or str(error)).lower()}"


def bounds_of(limits: Limits) -> Bounds:
    """Returns how large a bundle may be by the configuration."""
    from mailgate.tickets.archive.verification import Bounds

    return Bounds(limits.bundle_size, limits.bundle_files)
