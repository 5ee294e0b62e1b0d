"""Opens a bundle of unknown origin: every file is checked against the manifest before one is used.

No file is unpacked to the disk. What is wrong is `InvalidBundle`, with a line for each fault. A bundle that is changed
together with its manifest passes: what a desk wrote itself it compares with its own table (`mailgate verify` without a
file).
"""

from __future__ import annotations

import hashlib
import re
import stat
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, StrictInt, ValidationError

from mailgate.store.spool import PIECE
from mailgate.tickets.archive.format import MANIFEST, PAGE, TICKET, VERSION, ArchivedTicket, Manifest, ManifestEntry

# Of the two files that are read whole: a ticket of ten thousand mails has 20 MB.
_LARGEST_TEXT = 64 * 2**20
_SHOWN = 10  # lines about one bundle
_NAME = re.compile(r"(?:mails|sent)/\d{3,9}\.eml|attachments/\d{3,9}-[^/\\\x00-\x1f]{1,200}")
_ENCRYPTED = 0x1
# Raised when a damaged ZIP file is read: NotImplementedError for a compression that `zipfile` does not have,
# RuntimeError for a password.
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError, OverflowError)
# The end of a ZIP file: its record without a comment, and before it, where the file is
# large, those of ZIP64. How many bytes the table of contents has stands in one of them.
_END, _END64, _POINTER = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_LONGEST_LINE = 1024  # bytes of a file's line in the table of contents
_Model = TypeVar("_Model", bound=BaseModel)


class _Head(BaseModel):
    """Fields with which every version of a bundle begins."""

    bundle: StrictInt


class InvalidBundle(Exception):
    """File that is no bundle, or one that differs from what was written; a line for each fault."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a bundle: bytes in all, unpacked bytes, and files."""

    size: int
    files: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Bundle whose files have all been checked."""

    record: ArchivedTicket
    manifest: Manifest
    digest: str  # SHA-256 of the manifest, which has those of all files
    entries: Mapping[str, ManifestEntry]  # lines of the manifest by their names
    archive: ZipFile

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yields the bytes of a file in pieces."""
        return _pieces(self.archive, name)


def is_zip(path: Path) -> bool:
    """Tells whether a file begins as a ZIP file does."""
    with path.open("rb") as file:
        return file.read(2) == b"PK"


@contextmanager
def open_bundle(path: Path, bounds: Bounds) -> Iterator[Bundle]:
    """Opens a bundle after every file of it was checked.

    Raises InvalidBundle for one that differs from what was written, OSError where it cannot be read.
    """
    if not path.is_file():
        raise InvalidBundle("does not exist" if not path.exists() else "is not a regular file")
    if path.stat().st_size > bounds.size:
        raise InvalidBundle(f"is larger than {bounds.size:,} bytes (limits.bundle_size)")
    _look_at_end(path, bounds)
    try:
        archive = ZipFile(path)
    except _BROKEN as error:
        raise InvalidBundle(f"is not a ZIP file, or is truncated ({_words(error)})") from None
    with archive:
        yield _check(archive, bounds)


def _look_at_end(path: Path, bounds: Bounds) -> None:
    """Rejects a table of contents that is too long: opening the file reads it whole."""
    most = _END64.size + _POINTER.size + _END.size
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - most, 0))
        tail = file.read(most)
    end = tail[-_END.size :]
    if len(end) < _END.size or end[:4] != b"PK\5\6" or end[-2:] != b"\0\0":
        raise InvalidBundle("is not a ZIP file, or is truncated")
    size = _END.unpack(end)[5]
    if tail[-_END.size - _POINTER.size :][:4] == b"PK\6\7":
        if len(tail) < most or tail[:4] != b"PK\6\6":
            raise InvalidBundle("is not a ZIP file, or is truncated")
        size = _END64.unpack(tail[: _END64.size])[8]
    if size > bounds.files * _LONGEST_LINE:
        raise InvalidBundle(f"has more than {bounds.files:,} files (limits.bundle_files)")


def _check(archive: ZipFile, bounds: Bounds) -> Bundle:
    infos = _look(archive, bounds)
    raw = _read_text(archive, infos, MANIFEST)
    manifest = _parse(MANIFEST, raw, Manifest)
    listed = {entry.name: entry for entry in manifest.files}
    wrong = [f"{_shown(name)} is missing" for name in listed if name not in infos]
    wrong += [f"{_shown(name)} is not in {MANIFEST}" for name in infos if name not in listed and name != MANIFEST]
    if len(listed) != len(manifest.files):
        wrong.append(f"{MANIFEST} names a file twice")
    for name, entry in listed.items():
        if name in infos and not _is_as_written(archive, infos[name], entry.sha256, entry.size):
            wrong.append(f"{_shown(name)} differs from what was written")
    if wrong:
        more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise InvalidBundle(*wrong[:_SHOWN], *more)
    record = _parse(TICKET, _read_text(archive, infos, TICKET), ArchivedTicket)
    if (record.desk, record.reference) != (manifest.desk, manifest.reference):
        raise InvalidBundle(f"{TICKET} and {MANIFEST} are of different tickets")
    _check_references(record, infos)
    return Bundle(record, manifest, hashlib.sha256(raw).hexdigest(), listed, archive)


def _look(archive: ZipFile, bounds: Bounds) -> dict[str, ZipInfo]:
    """Returns the files by their names, as the table of contents has them."""
    infos = archive.infolist()
    if len(infos) > bounds.files:
        raise InvalidBundle(f"has more than {bounds.files:,} files (limits.bundle_files)")
    size = sum(info.file_size for info in infos)
    if size > bounds.size:
        raise InvalidBundle(f"has {size:,} bytes unpacked, more than {bounds.size:,} (limits.bundle_size)")
    found: dict[str, ZipInfo] = {}
    for info in infos:
        name = info.orig_filename
        if name in found:
            raise InvalidBundle(f"has two files named {_shown(name)}")
        if name not in (MANIFEST, TICKET, PAGE) and not _NAME.fullmatch(name):
            raise InvalidBundle(f"has a file that does not belong in a bundle: {_shown(name)}")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise InvalidBundle(f"{_shown(name)} is a link or not a regular file")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InvalidBundle(f"{_shown(name)} is encrypted, or compressed with an unsupported method")
        found[name] = info
    if MANIFEST not in found:
        raise InvalidBundle(
            f"has no {MANIFEST}: it is not a bundle, or an older mailgate wrote it; export the ticket again"
        )
    if TICKET not in found:
        raise InvalidBundle(f"has no {TICKET}")
    return found


def _read_text(archive: ZipFile, infos: dict[str, ZipInfo], name: str) -> bytes:
    if infos[name].file_size > _LARGEST_TEXT:
        raise InvalidBundle(f"{name} has more than {_LARGEST_TEXT:,} bytes")
    try:
        return b"".join(_pieces(archive, name))
    except _BROKEN:
        raise InvalidBundle(f"{name} differs from what was written") from None


def _pieces(archive: ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        while piece := file.read(PIECE):
            yield piece


def _is_as_written(archive: ZipFile, info: ZipInfo, sha256: str, size: int) -> bool:
    digest, read = hashlib.sha256(), 0
    try:
        for piece in _pieces(archive, info.orig_filename):
            digest.update(piece)
            read += len(piece)
    except _BROKEN:
        return False
    return (digest.hexdigest(), read) == (sha256, size)


def _parse(name: str, raw: bytes, model: type[_Model]) -> _Model:
    version = _read_version(name, raw)
    if version != VERSION:
        raise InvalidBundle(
            f"is a bundle of version {version}, but this mailgate reads version {VERSION}: use a newer mailgate"
        )
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "it"
        raise InvalidBundle(f"{name} does not match its schema: {_shown(place)}: {first['msg']}") from None


def _read_version(name: str, raw: bytes) -> int:
    try:
        return _Head.model_validate_json(raw).bundle
    except ValidationError as error:
        is_json = error.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid"
        raise InvalidBundle(f"{name} is not a bundle's" if is_json else f"{name} is not JSON") from None


def _check_references(record: ArchivedTicket, infos: dict[str, ZipInfo]) -> None:
    """Rejects a record that names files which are not there."""
    if [mail.number for mail in record.mails] != list(range(1, len(record.mails) + 1)):
        raise InvalidBundle(f"{TICKET}: the numbers of its emails do not count from 1")
    files = [file for message in record.messages for file in message.attachments]
    named = [mail.file for mail in record.mails] + [sent.file for sent in record.sent] + [file.file for file in files]
    for name in named:
        if name not in infos:
            raise InvalidBundle(f"{TICKET} names {_shown(name)}, which is missing")
    numbers = [message.mail for message in record.messages] + [step.mail for step in record.events]
    numbers += [file.mail for file in files]
    if any(number is not None and number > len(record.mails) for number in numbers):
        raise InvalidBundle(f"{TICKET} names an email that is missing")


def _shown(words: str) -> str:
    """Shows words from outside on one line of a terminal."""
    return ascii(words[:100]).strip("'\"")


def _words(error: BaseException) -> str:
    return " ".join(str(error).split())[:100].lower() or type(error).__name__
