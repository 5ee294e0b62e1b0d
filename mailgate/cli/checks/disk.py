"""Checks the free space of the disks that the database and the archive lie on."""

from __future__ import annotations

from collections.abc import Iterator

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.core.text import spell_size
from mailgate.store.database import sqlite_file
from mailgate.store.disk_space import measure_disks


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Reports a disk that is nearly full; FAILED where the largest mail would not fit. One disk has one line."""
    file = sqlite_file(settings.store.database)
    for disk in measure_disks((file.parent if file is not None else None, settings.archive.folder)):
        free = f"{spell_size(disk.free)} of {spell_size(disk.size)} free for {disk.folder}"
        if disk.free < settings.intake.max_size:
            words = (
                f"{free}, less than the largest email allowed (intake.max_size); email is refused until there is space"
            )
            yield Finding("disk", CheckResult.FAILED, words)
        elif disk.is_low(settings.limits.disk_free_percent):
            yield Finding(
                "disk", CheckResult.WARNING, (f"only {free}; free some space, or move the folder to a larger disk")
            )
        else:
            yield Finding("disk", CheckResult.OK, free)
