"""The wheel: it has the example, the units and the compiled catalogues, and runs without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.system

_SOURCES = ("mailgate", "packaging", "systemd", "config.example.toml", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, built from a copy: the build compiles catalogues in place."""
    pytest.importorskip("hatchling", reason="hatchling is not installed in this environment: make sets it up")
    folder = tmp_path_factory.mktemp("wheel")
    for name in _SOURCES:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.mo")
            shutil.copytree(ROOT / name, folder / "source" / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / "source" / name)
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=folder / "source", check=True, capture_output=True, timeout=120)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    """The wheel as pip unpacks it; its dependencies are those of this environment."""
    folder = wheel.parent / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(unpacked),
        "LANG": "en_GB.UTF-8",
        "TZ": "Europe/London",
    }
    command = [sys.executable, "-m", "mailgate", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip


def test_the_wheel_has_what_is_shipped_and_the_catalogues(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for name in ("config.example.toml", *(f"systemd/{path.name}" for path in (ROOT / "systemd").iterdir())):
            assert archive.read(f"mailgate/shipped/{name}") == (ROOT / name).read_bytes()
    catalogues = (ROOT / "mailgate" / "locale").glob("*/LC_MESSAGES/*.po")
    assert {path.with_suffix(".mo").relative_to(ROOT).as_posix() for path in catalogues} <= names
    assert not [name for name in names if not name.startswith(("mailgate/", "mailgate-"))]


def test_reference_and_init_run_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    assert run(unpacked, tmp_path, "config", "--reference").stdout == (ROOT / "config.example.toml").read_text("utf-8")
    people = ("--level1", "level1@acme.test", "--level2", "level2@acme.test")
    desk = ("--yes", "--no-connect", "--address", "support@acme.test", "--intake", "smtp", *people)
    done = run(unpacked, tmp_path, "init", str(tmp_path / "desk"), *desk)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'timezone = "Europe/London"' in (tmp_path / "desk" / "mailgate.toml").read_text()
    where = run(unpacked, tmp_path, "check", "--config", str(tmp_path / "desk" / "mailgate.toml"))
    assert where.returncode == 0
