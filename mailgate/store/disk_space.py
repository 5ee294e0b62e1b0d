"""Disk space: how much is free where the desk writes. Asks the system; a folder that is not there is left out."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_LEAST_FREE = 100 * 1000 * 1000  # bytes; a few large mails on their way take so much


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The disk of a folder; sizes in bytes, `free` is what is free for the desk's user."""

    folder: Path
    free: int
    size: int

    @property
    def percent(self) -> int:
        """The free share, rounded down."""
        return self.free * 100 // self.size if self.size else 0

    def is_low(self, least_percent: int) -> bool:
        """Tells whether less than this share is free, or less than 100 MB."""
        return self.free < max(self.size * least_percent // 100, _LEAST_FREE)


def measure_disks(folders: Iterable[Path | None]) -> tuple[DiskSpace, ...]:
    """Measures the disks of folders, each disk once; None is no folder."""
    found: dict[int, DiskSpace] = {}
    for folder in folders:
        try:
            if folder is not None and (disk := folder.stat().st_dev) not in found:
                usage = shutil.disk_usage(folder)
                found[disk] = DiskSpace(folder, usage.free, usage.total)
        except OSError:  # a folder of archives that is not mounted says so itself
            continue
    return tuple(found.values())
