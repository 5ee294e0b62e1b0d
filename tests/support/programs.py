"""A guard against programs: only tests marked `system` start one that is not Python."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest


def forbid_programs(patch: pytest.MonkeyPatch) -> None:
    """Makes starting a program an error until the patch is undone."""
    start = subprocess.Popen.__init__

    def refuse(self: subprocess.Popen[Any], args: Any, *more: Any, **keys: Any) -> None:
        program = args if isinstance(args, str) else args[0]
        assert program == sys.executable, f"{program} is started by a test that is not marked `system`"
        start(self, args, *more, **keys)

    patch.setattr(subprocess.Popen, "__init__", refuse)
