"""Checks the free space of the disks that the database and the archive lie on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.cli.output import size
from mailgate.config import Settings

_SHARE = 0.05  # of the disk; with less of it left there is a warning
_LITTLE = 1_000_000_000  # bytes: with less there is one, too


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Reports a disk that is nearly full; FAILED where the largest mail would not fit. One disk has one line."""
    url = make_url(settings.store.database)
    files = [Path(url.database).parent] if url.get_backend_name() == "sqlite" and url.database else []
    folders = [*files, *filter(None, [settings.archive.folder])]
    disks = {os.stat(folder).st_dev: folder for folder in reversed(folders) if os.path.isdir(folder)}
    for folder in reversed(disks.values()):
        disk = shutil.disk_usage(folder)
        free = f"{size(disk.free)} of {size(disk.total)} are free for {folder}"
        if disk.free < settings.intake.max_size:
            words = f"{free}, less than a mail may have (intake.max_size); mail is refused until there is room"
            yield Finding("disk", CheckResult.FAILED, words)
        elif disk.free < max(_LITTLE, _SHARE * disk.total):
            yield Finding("disk", CheckResult.WARNING, f"only {free}; make room, or move it to a larger disk")
        else:
            yield Finding("disk", CheckResult.OK, free)
