"""Reads a backup of unknown origin. Every member is checked against the manifest before one is used.

The members are read by their plain headers alone: a link, a device or an extended header, with which a tar file could
write elsewhere or fill the memory, is `InvalidBackup`. A file that someone changed together with its manifest passes:
sums find damage, not forgery.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

from pydantic import ValidationError

from mailgate.store.backup.format import (
    LARGEST_MANIFEST,
    MANIFEST,
    VERSION,
    BackupManifest,
    BackupMember,
    FormatVersion,
    MemberKind,
)

_BLOCK = tarfile.BLOCKSIZE
_PIECE = 2**20
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
_BROKEN = (gzip.BadGzipFile, EOFError, zlib.error)


MOST_MEMBERS = 2_000_000
"""Members of a backup: of an archive as large as one disk has, and few enough to be kept in memory."""


class InvalidBackup(Exception):
    """Raised for a file that is no backup, one that is damaged, or one that this version cannot read."""


def read_manifest(file: BinaryIO) -> BackupManifest:
    """Reads a backup to its end, and returns the manifest once every member agrees with it. Writes nothing."""
    sums: dict[str, tuple[int, str]] = {}
    content = b""
    for name, size, pieces in _read_members(file):
        if content:
            raise InvalidBackup(f"has {_show(name)} behind its manifest")
        if name in sums:
            raise InvalidBackup(f"has {_show(name)} twice")
        if len(sums) == MOST_MEMBERS:
            raise InvalidBackup(f"has more than {MOST_MEMBERS:,} members")
        if name == MANIFEST:
            if size > LARGEST_MANIFEST:
                raise InvalidBackup(f"has a manifest of {size:,} bytes")
            content = b"".join(pieces)
            continue
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        sums[name] = size, digest.hexdigest()
    if not content:
        raise InvalidBackup("is not a backup of mailgate: it has no manifest")
    manifest = _parse_manifest(content)
    _compare(manifest, sums)
    return manifest


def extract(file: BinaryIO, manifest: BackupManifest, wanted: Mapping[str, Callable[[], BinaryIO]]) -> Iterator[str]:
    """Writes members, by their names, to the files that the calls open; yields the name of each that is whole.

    Each file is closed before its name is yielded. Raises InvalidBackup where the backup is no longer what
    `read_manifest` read.
    """
    left, members = dict(wanted), {member.name: member for member in manifest.members}
    if not left:
        return
    for name, size, pieces in _read_members(file):
        if name not in left:
            for _ in pieces:
                pass
            continue
        with left.pop(name)() as target:
            digest = hashlib.sha256()
            for piece in pieces:
                digest.update(piece)
                target.write(piece)
        if (size, digest.hexdigest()) != (members[name].size, members[name].sha256):
            raise InvalidBackup(f"was changed while it was read: {name} differs")
        yield name
        if not left:
            return
    raise InvalidBackup("was changed while it was read")


def _parse_manifest(content: bytes) -> BackupManifest:
    try:
        version = FormatVersion.model_validate_json(content).backup
        if version > VERSION:
            raise InvalidBackup(f"was made by a newer mailgate (format {version}): install the newer mailgate")
        return BackupManifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidBackup(f"has a manifest that cannot be read: {place} {first['msg']}") from None


def _compare(manifest: BackupManifest, sums: dict[str, tuple[int, str]]) -> None:
    if len(manifest.of_kind(MemberKind.DATABASE)) != 1:
        raise InvalidBackup("does not have one database")
    for member in manifest.members:
        found = sums.pop(member.name, None)
        if found is None:
            raise InvalidBackup(f"lacks {_describe(member)}")
        if found != (member.size, member.sha256):
            raise InvalidBackup(f"is damaged: {_describe(member)} differs from its sum in the manifest")
    if sums:
        raise InvalidBackup(f"has {_show(min(sums))}, which its manifest does not name")


def _describe(member: BackupMember) -> str:
    return f"{member.name} ({_show(member.path)})"


def _show(name: str) -> str:
    """A name of unknown origin, on one line and without controls."""
    return name[:100] if name.isprintable() else ascii(name[:100])


# -- the tar file ------------------------------------------------------------------------------------------------------


def _read_members(file: BinaryIO) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Yields name, size and content of each member. The caller reads each content to its end."""
    file.seek(0)
    with _reporting_damage(), gzip.GzipFile(fileobj=file, mode="rb") as packed:
        while (header := _read(packed, _BLOCK)) != bytes(_BLOCK):
            try:
                info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            except tarfile.HeaderError:
                raise InvalidBackup("is not a backup of mailgate, or is damaged") from None
            if info.type not in _PLAIN or info.size < 0:
                raise InvalidBackup(f"has a member that is no plain file: {_show(info.name)}")
            yield info.name, info.size, _read_pieces(packed, info.size)
        while rest := packed.read(_PIECE):  # to the end, where gzip has its sum
            if rest.strip(b"\0"):
                raise InvalidBackup("has data behind its end")


def _read_pieces(packed: gzip.GzipFile, size: int) -> Iterator[bytes]:
    left = size
    with _reporting_damage():
        while left:
            piece = _read(packed, min(left, _PIECE))
            left -= len(piece)
            yield piece
        _read(packed, -size % _BLOCK)


def _read(packed: gzip.GzipFile, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = packed.read(size - len(content))
        if not piece:
            raise EOFError
        content += piece
    return content


@contextmanager
def _reporting_damage() -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise InvalidBackup("is truncated") from None
    except gzip.BadGzipFile as error:
        words = "is damaged: its sum differs" if "CRC" in str(error) or "length" in str(error) else "is not a backup"
        raise InvalidBackup(words) from None
    except zlib.error:
        raise InvalidBackup("is damaged") from None
