"""The composition of containers, as far as it can be examined without an engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

COMPOSITION = ROOT / "packaging/compose.yaml"


def read_variables() -> dict[str, str]:
    """The environment that compose.yaml gives the desk."""
    return {name: str(value) for name, value in _read_service()["environment"].items()}


def _read_service() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: make .venv/docs")
    service: dict[str, Any] = yaml.safe_load(COMPOSITION.read_text("utf-8"))["services"]["mailgate"]
    return service


def test_each_variable_is_a_setting(tmp_path: Path) -> None:
    for name in ("secret", "mail-password"):
        (tmp_path / name).write_text("a key that only the tests know, of 32 letters\n")
    given = {
        name: value.replace("/run/secrets", str(tmp_path)).replace("/var/lib/mailgate", str(tmp_path))
        for name, value in read_variables().items()
    }
    words = [sys.executable, "-m", "mailgate", "check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **given}
    checked = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert (checked.returncode, checked.stderr, "FAILED" in checked.stdout) == (0, "", False), checked.stdout
    assert "IMAP support@example.com on imap.example.com" in checked.stdout


def test_the_files_and_secrets_that_it_names_belong_together() -> None:
    service = _read_service()
    build = service["build"]
    assert (COMPOSITION.parent / build["context"] / build["dockerfile"]).is_file()
    given = read_variables()
    named = {value.removeprefix("/run/secrets/") for value in given.values() if value.startswith("/run/secrets/")}
    assert named == set(service["secrets"])
    [volume] = service["volumes"]
    assert given["MAILGATE_STORE__DATABASE"].startswith(f"sqlite:///{volume.partition(':')[2]}/")
