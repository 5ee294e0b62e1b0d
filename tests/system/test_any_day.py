"""A part of the tests in processes whose machine has another date: the suite passes on any day."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile

import pytest

from tests.support.paths import ROOT

# Dates as faketime reads them, in Europe/Paris.
DAYS = {
    "tomorrow": "+1d",
    "in 40 days": "+40d",
    "29 February": "@2028-02-29 10:00:00",
    "the clock goes forward": "@2027-03-28 01:59:30",
    "the clock goes back": "@2027-10-31 02:59:30",
    "the end of the year": "@2026-12-31 23:58:00",
}
# What has to do with dates: commands, reports, deadlines, the daemon; and programs that take the machine's date.
PARTS = {
    "quick": (
        "not system and not long",
        "tests/unit/cli",
        "tests/unit/core",
        "tests/unit/daemon",
        "tests/unit/reports",
        "tests/unit/tickets",
        "tests/unit/transport",
        "tests/scenarios/test_stories.py",
        "tests/security/test_tokens_in_use.py",
        "tests/security/test_hostile_imports.py",
    ),
    "programs": ("not long", "tests/system/test_demo.py", "tests/system/test_service.py"),
}


@pytest.mark.long
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("day", DAYS)
def test_the_suite_passes_on_another_day(day: str, part: str) -> None:
    faketime = shutil.which("faketime")
    assert faketime, "faketime is missing: `make packages` installs it"
    marks, *paths = PARTS[part]
    words = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-m", marks, *paths]
    # Without the second one each wait for a lock of Python ends at once: threads spin, and all takes ten times as long.
    faked = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
    environment = {**os.environ, "TZ": "Europe/Paris", **faked}
    with tempfile.TemporaryDirectory(prefix="day-") as folder:  # not in tmp_path: a socket's path must be short
        words += [f"--basetemp={folder}/t", "--timeout=600"]
        run = subprocess.run(
            [faketime, "-f", DAYS[day], *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert re.search(r"\b\d{2,} passed", run.stdout), "hardly anything ran"
