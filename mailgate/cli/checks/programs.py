"""Checks that the desk's user may run the programs that the configuration names; runs none of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.config.permissions import describe_denied


def check_programs(settings: Settings) -> Iterator[Finding]:
    """Reports each program of a hook or of the scanner that cannot be run, and hooks whose calls are not signed."""
    programs = [(f"the hook {hook.name}", hook.command[0]) for hook in settings.hooks if hook.command]
    if settings.intake.scan is not None:
        programs.append(("the virus scanner", settings.intake.scan.command[0]))
    for owner, program in programs:
        if words := _describe(Path(program)):
            yield Finding("programs", CheckResult.FAILED, f"{owner}: {words}")
    unsigned = [hook.name for hook in settings.hooks if hook.url and hook.secret_file is None]
    if unsigned:
        words = "calls have no signature without secret_file; a receiver cannot tell that they are genuine"
        yield Finding(
            "hooks", CheckResult.NOTE, f"{'hook' if len(unsigned) == 1 else 'hooks'} {', '.join(unsigned)}: {words}"
        )


def _describe(program: Path) -> str:
    if program.is_dir():
        return f"{program} is a folder"
    return describe_denied(program, os.X_OK)
