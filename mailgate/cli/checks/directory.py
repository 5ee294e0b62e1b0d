"""Reads the directory's files as the desk would, for `check`."""

from __future__ import annotations

from collections.abc import Iterator

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.core.clock import Clock
from mailgate.core.text import counted

SHOWN = 20  # lines of a file that are named; more of them have one cause


def check_directory(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Reports the number of entries, and lines that cannot be used, or only in part."""
    from mailgate.config.directory.watcher import look_at_directory

    for status in look_at_directory(settings.directory, settings.limits.directory_size, clock):
        if status.error:
            words = f"{status.path} cannot be used: {status.error}; a running desk keeps what it read before"
            yield Finding("directory", CheckResult.FAILED, words)
            continue
        yield Finding("directory", CheckResult.OK, f"{status.count} {status.name} in {status.path}")
        for remark in status.remarks[:SHOWN]:
            yield Finding("directory", CheckResult.WARNING, f"{status.path.name}, {remark}")
        if len(status.remarks) > SHOWN:
            words = f"{status.path.name}: {counted(len(status.remarks) - SHOWN, 'more line')} with errors"
            yield Finding("directory", CheckResult.WARNING, words)
