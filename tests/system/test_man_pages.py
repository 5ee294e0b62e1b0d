"""The manual pages of the Debian package: one for each command, which man shows without a complaint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mailgate.cli import SECTIONS
from tests.support.paths import ROOT

COMMANDS = [name for section in SECTIONS.values() for name in section]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("man1")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1792000000"}
    words = [sys.executable, str(ROOT / "packaging/man_pages.py"), str(folder)]
    subprocess.run(words, check=True, env=environment, timeout=60)
    return {path.name: path for path in folder.iterdir()}


def test_each_command_has_its_page(pages: dict[str, Path]) -> None:
    assert {"mailgate.1", *(f"mailgate-{name}.1" for name in COMMANDS)} <= pages.keys()
    page = pages["mailgate-check.1"].read_text("utf-8")
    assert page.startswith('.TH MAILGATE\\-CHECK 1 2026-10-14 "mailgate ')
    assert ".SH NAME\nmailgate\\-check \\- Check the configuration" in page
    assert ".SH EXAMPLES\n.EX\nmailgate check\n" in page
    listed = pages["mailgate.1"].read_text("utf-8")
    names = [name.replace("-", "\\-") for name in COMMANDS]
    assert [name for name in names if f"mailgate\\-{name} (1)" not in listed] == []


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not on this machine")
def test_groff_has_no_warning(pages: dict[str, Path]) -> None:
    words = ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z", *map(str, pages.values())]
    formatted = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (formatted.returncode, formatted.stderr) == (0, "")
