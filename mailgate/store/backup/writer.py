"""Writes a backup to a stream, a member at a time: nothing of it is in memory whole but the manifest.

Raises OSError where a file cannot be read, or the stream not be written.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from mailgate.store.backup.format import MANIFEST, BackupManifest, BackupMember, MemberKind, name_member

# The database's copies of emails are compressed already: a higher level takes several times as long for a few percent.
_LEVEL = 1
_PRIVATE = 0o600


class Owner(Protocol):
    """Names the owner of a file, as (user, group)."""

    def __call__(self, uid: int, gid: int) -> tuple[str, str]: ...


class BackupWriter:
    """Writes the members in the order in which they are added; the manifest comes last, by `finish`."""

    def __init__(self, stream: BinaryIO, at: datetime, name_owner: Owner) -> None:
        self._at, self._name_owner = at, name_owner
        self._packed = gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=_LEVEL, mtime=int(at.timestamp()))
        self._tar = tarfile.TarFile(fileobj=self._packed, mode="w", format=tarfile.GNU_FORMAT)
        self._members: list[BackupMember] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if kind is None:
            self._tar.close()
            self._packed.close()

    @property
    def members(self) -> Sequence[BackupMember]:
        """The members so far."""
        return self._members

    def add_file(self, kind: MemberKind, source: Path, path: str, name: str = "") -> BackupMember:
        """Adds the content of a file that `path` names in the manifest; raises OSError for one that is not plain."""
        with source.open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise OSError(f"{source} is not a regular file")
            user, group = self._name_owner(found.st_uid, found.st_gid)
            name = name or name_member(kind, len(self._members) + 1, Path(path))
            member = BackupMember(
                name=name,
                kind=kind,
                path=path,
                mode=stat.S_IMODE(found.st_mode) & 0o777,
                user=user,
                group=group,
                size=found.st_size,
                sha256=self._add(name, file, found.st_size),
            )
        self._members.append(member)
        return member

    def finish(self, manifest: BackupManifest) -> None:
        """Adds the manifest."""
        content = manifest.model_dump_json(indent=1).encode()
        self._add(MANIFEST, io.BytesIO(content), len(content))

    def _add(self, name: str, file: BinaryIO, size: int) -> str:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, _PRIVATE, int(self._at.timestamp())
        hashed = _HashedFile(file)
        self._tar.addfile(info, hashed)
        return hashed.digest.hexdigest()


class _HashedFile:
    """Hashes what is read of a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece
