"""Runs tests with every other Python that is here: `python -m tests.support.pythons EXTRAS TOOL… -- TEST…`.

Builds a wheel, installs it with the extras and the tools into a virtual environment of each Python, and runs the tests
there on what was installed, not on the folder. Names the Pythons that are missing; they are no failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build" / "pythons"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
UV = Path(sys.executable).parent / "uv"


def find_python(version: str) -> str | None:
    """Returns the path of a Python of this version that works, of the system or of pyenv; None where there is none."""
    named = shutil.which(f"python{version}")
    places = [named] if named else []
    places += map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    for place in places:  # a shim of pyenv fails where its version is not chosen
        if subprocess.run([place, "-c", ""], capture_output=True, check=False).returncode == 0:
            return place
    return None


def run_tests(python: str, version: str, wheel: Path, extras: str, tools: list[str], tests: list[str]) -> int:
    """Installs the wheel for a Python and returns the exit status of the tests."""
    place = BUILD / version
    _call(UV, "venv", "-q", "--clear", "-p", python, place / "venv")
    pins = ("-c", ROOT / "requirements.lock")
    _call(UV, "pip", "install", "-q", "-p", place / "venv", *pins, f"{wheel}[{extras}]", *tools)
    for source in ROOT.iterdir():  # all that the tests read, but the package
        link = place / source.name
        if source.name[0] != "." and source.name not in ("mailgate", "build", "dist"):
            link.unlink(missing_ok=True)
            link.symlink_to(source)
    return subprocess.run(
        [place / "venv/bin/python", "-m", "pytest", "-n", "auto", "-p", "no:cacheprovider",
         "-m", "not system and not long", *tests],
        cwd=place, check=False, env={**os.environ, "PYTHONPATH": str(place)},
    ).returncode  # fmt: skip


def main(arguments: list[str]) -> int:
    """Returns 1 where a Python fails, else 0."""
    at = arguments.index("--")
    extras, tools, tests = arguments[0], arguments[1:at], arguments[at + 1 :]
    _call(UV, "build", "-q", "--wheel", "--clear", "-o", BUILD / "wheel", ROOT)
    [wheel] = (BUILD / "wheel").glob("*.whl")
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {version: find_python(version) for version in VERSIONS if version != own}
    failed = []
    for version, python in found.items():
        print(f"Python {version}: {python or 'not on this machine'}", flush=True)
        if python is not None and run_tests(python, version, wheel, extras, tools, tests):
            failed.append(version)
    print(f"Python {own} runs all tests. Failed: {', '.join(failed) or 'none'}")
    return int(bool(failed))


def _call(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
