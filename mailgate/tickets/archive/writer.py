"""Writes the file of a bundle; only the record and its page are in memory whole.

The same ticket gives the same bytes. Raises OSError where the file cannot be written, and what the database raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from mailgate.tickets.archive.export import TicketExport
from mailgate.tickets.archive.format import MANIFEST, PAGE, TICKET, VERSION, Manifest, ManifestEntry
from mailgate.tickets.archive.page import draw_page

_UNIX = 3  # ZIP's number of the system that made a file
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # that a ZIP file can tell


def write_bundle(file: BinaryIO, gathered: TicketExport) -> None:
    """Writes a ticket to a seekable file; the manifest comes last."""
    record = gathered.record
    at = max(one.at for one in record.events) if record.events else record.created_at
    entries: list[ManifestEntry] = []
    with ZipFile(file, "w") as archive:
        entries.append(_add(archive, TICKET, at, (record.model_dump_json(indent=2).encode(),)))
        entries.append(_add(archive, PAGE, at, (draw_page(record).encode(),)))
        for part in gathered.parts:
            entries.append(_add(archive, part.name, part.at or at, part.pieces()))
        manifest = Manifest(bundle=VERSION, desk=record.desk, reference=record.reference, files=tuple(entries))
        _add(archive, MANIFEST, at, (manifest.model_dump_json(indent=2).encode(),))


def _add(archive: ZipFile, name: str, at: datetime, pieces: Iterable[bytes]) -> ManifestEntry:
    info = ZipInfo(name, max(at.astimezone(UTC), _EARLIEST).timetuple()[:6])
    info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, 0o600 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as target:
        for piece in pieces:
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return ManifestEntry(name=name, size=size, sha256=digest.hexdigest())


def digest_file(path: Path) -> str:
    """Returns the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
