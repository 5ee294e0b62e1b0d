"""Reads the directory's files as the desk would, for `check` and `status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.core.clock import Clock

if TYPE_CHECKING:
    from mailgate.config.directory.watcher import DirectoryFileStatus

SHOWN = 20  # lines of a file that are named; more of them have one cause


def look_at_directory(settings: Settings, clock: Clock) -> tuple[DirectoryFileStatus, ...]:
    """Reads each configured file and returns its status."""
    from mailgate.config.directory.watcher import DirectoryFiles

    paths, most = settings.directory, settings.limits.directory_size
    return DirectoryFiles(paths.people, paths.equipment, most, clock, quiet=True).looks()


def check_directory(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Reports the number of entries, and lines that cannot be used, or only in part."""
    for look in look_at_directory(settings, clock):
        if look.error:
            words = f"{look.path} cannot be used: {look.error}; a desk that runs keeps what it read before"
            yield Finding("directory", CheckResult.FAILED, words)
            continue
        yield Finding("directory", CheckResult.OK, f"{look.count} {look.name} in {look.path}")
        for remark in look.remarks[:SHOWN]:
            yield Finding("directory", CheckResult.WARNING, f"{look.path.name}, {remark}")
        if len(look.remarks) > SHOWN:
            words = f"{look.path.name}: {len(look.remarks) - SHOWN} more lines with something wrong"
            yield Finding("directory", CheckResult.WARNING, words)
