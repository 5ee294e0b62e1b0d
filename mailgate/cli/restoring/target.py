"""Finds the desk that a backup is restored to: its configuration, its database and its archive."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mailgate.cli.context import SYSTEM, CommandError, UsageError, find_config, read_what_is_left
from mailgate.cli.output import size
from mailgate.config import ConfigError, read_places
from mailgate.store.database import sqlite_file

if TYPE_CHECKING:
    from mailgate.store.backup.format import BackupManifest, BackupMember

_LARGEST_CONFIGURATION = 16 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class RestoreTarget:
    """The desk that is restored."""

    config: Path
    url: str
    archive: Path | None
    replaces_configuration: bool

    @property
    def database(self) -> Path | None:
        """The file of a SQLite database."""
        return sqlite_file(self.url)


def find_target(stream: BinaryIO, manifest: BackupManifest, config: Path | None, replaces: bool) -> RestoreTarget:
    """Finds the database and the archive by the configuration that is there afterwards."""
    from mailgate.store.backup.format import MemberKind

    path = (config or _find_configuration()).absolute()
    saved = manifest.of_kind(MemberKind.CONFIGURATION)
    if path.exists() and not replaces:
        settings = read_what_is_left(path)
        url, archive = settings.store.database, settings.archive.folder
    elif not saved:
        raise UsageError(f"the backup has no configuration: write one to {path} first")
    else:
        if saved[0].size > _LARGEST_CONFIGURATION:
            raise UsageError(f"the configuration in the backup has {size(saved[0].size)}")
        content = _extract_one(stream, manifest, saved[0])
        try:
            store, archives = read_places(content, path.parent)
        except ConfigError as error:
            raise CommandError(*error.mistakes) from None
        url, archive = store.database, archives.folder
    engine = "sqlite" if sqlite_file(url) else "postgresql"
    if engine != manifest.engine:
        raise CommandError(
            f"the backup is one of {manifest.engine}, but store.database in {path} names {engine}: name a database of "
            f"{manifest.engine}, restore, then move the desk with `mailgate upgrade --to`"
        )
    return RestoreTarget(path, url, archive, replaces)


def _find_configuration() -> Path:
    try:
        return find_config()
    except UsageError:
        return SYSTEM


def _extract_one(stream: BinaryIO, manifest: BackupManifest, member: BackupMember) -> bytes:
    from mailgate.store.backup.reader import extract

    kept = _Kept()
    list(extract(stream, manifest, {member.name: lambda: kept}))
    return kept.content


class _Kept(io.BytesIO):
    """A file in memory whose content outlives its closing."""

    content = b""

    def close(self) -> None:
        if not self.closed:
            self.content = self.getvalue()
        super().close()
