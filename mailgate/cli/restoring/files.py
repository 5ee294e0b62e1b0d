"""Puts back the files of the configuration, and the bundles of the archive."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mailgate.cli.context import CommandError
from mailgate.cli.restoring.target import RestoreTarget
from mailgate.config.permissions import describe_os_error

if TYPE_CHECKING:
    from mailgate.store.backup.format import BackupManifest, BackupMember


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The files of the configuration: `put` are written, `kept` differ and stay. `left` are missing, in folders to
    which this user, or any restore, writes nothing."""

    put: tuple[tuple[BackupMember, Path], ...]
    kept: tuple[Path, ...]
    left: tuple[tuple[BackupMember, Path], ...]


def plan_files(manifest: BackupManifest, target: RestoreTarget) -> FilePlan:
    """Sorts the files of the configuration into those to put back, to keep and to leave. Raises CommandError."""
    from mailgate.store.backup.format import MemberKind

    put, kept, left = [], [], []
    for member in manifest.of_kind(MemberKind.CONFIGURATION, MemberKind.FILE):
        place = _place_file(member, manifest, target)
        path = place or Path(member.path)
        match _compare(member, path):
            case _Found.MISSING if place is None or not _is_writable(place):
                left.append((member, path))
            case _Found.MISSING:
                put.append((member, path))
            case _Found.DIFFERS if place is not None and target.replaces_configuration:
                if not _is_writable(place):
                    raise CommandError(f"{place} cannot be replaced by this user: run as root")
                put.append((member, path))
            case _Found.DIFFERS:
                kept.append(path)
    return FilePlan(tuple(put), tuple(kept), tuple(left))


class _Found(Enum):
    """How a file of this machine compares to that of the backup; UNKNOWN where this user may not read it."""

    MISSING, SAME, DIFFERS, UNKNOWN = range(4)


def _compare(member: BackupMember, path: Path) -> _Found:
    from mailgate.store.backup.files import is_same

    try:
        return _Found.SAME if is_same(member, path) else _Found.DIFFERS
    except (FileNotFoundError, NotADirectoryError):
        return _Found.MISSING
    except OSError:
        return _Found.UNKNOWN


def _place_file(member: BackupMember, manifest: BackupManifest, target: RestoreTarget) -> Path | None:
    """Returns where a file is put back; None outside of the folders of the configuration and of the database.

    A file that someone made in place of a backup cannot write anywhere else on the machine.
    """
    from mailgate.store.backup.format import MemberKind

    if member.kind is MemberKind.CONFIGURATION:
        return target.config
    path = Path(member.path)
    folders = [(Path(manifest.configuration).parent, target.config.parent)]
    if manifest.database and target.database is not None:
        folders.append((Path(manifest.database).parent, target.database.parent))
    for old, new in folders:
        if path.is_relative_to(old):
            return new / path.relative_to(old)
    return None


def _is_writable(path: Path) -> bool:
    from mailgate.store.backup.files import acting_as_owner

    folder = next(one for one in path.parents if one.exists())
    with acting_as_owner(folder):
        return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def plan_bundles(manifest: BackupManifest, target: RestoreTarget) -> dict[str, tuple[BackupMember, Path]]:
    """Finds the bundles that are missing in the archive folder, by the names of their members, and makes the folder."""
    from mailgate.store.backup.files import acting_as_owner, make_folder
    from mailgate.store.backup.format import MemberKind

    folder, saved = target.archive, manifest.of_kind(MemberKind.ARCHIVE)
    if folder is None or not saved:
        return {}
    try:
        with acting_as_owner(folder):
            make_folder(folder)
            return {one.name: (one, folder / one.path) for one in saved if not (folder / one.path).exists()}
    except OSError as error:
        raise CommandError(f"archive.folder: {describe_os_error(error)}; nothing was changed") from None


def put_files(stream: BinaryIO, manifest: BackupManifest, files: FilePlan, aside: str) -> None:
    """Puts back files of the configuration; one that is replaced is kept with `aside` behind its name."""
    from mailgate.store.backup.files import acting_as_owner, finish, make_folder, open_new
    from mailgate.store.backup.reader import extract

    for member, path in files.put:
        with acting_as_owner(path.parent):
            make_folder(path.parent)
            list(extract(stream, manifest, {member.name: partial(open_new, path)}))
            finish(member, path, aside)


def put_bundles(
    stream: BinaryIO, manifest: BackupManifest, archive: Path | None, bundles: dict[str, tuple[BackupMember, Path]]
) -> None:
    """Puts back the bundles that are missing in the archive folder."""
    from mailgate.store.backup.files import acting_as_owner, finish, make_folder, open_new
    from mailgate.store.backup.reader import extract

    if archive is None or not bundles:
        return

    def open_bundle(path: Path) -> BinaryIO:
        make_folder(path.parent)
        return open_new(path)

    with acting_as_owner(archive):
        wanted = {name: partial(open_bundle, path) for name, (_, path) in bundles.items()}
        for name in extract(stream, manifest, wanted):
            finish(*bundles[name])
