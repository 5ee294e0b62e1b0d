"""Starts, watches and ends the processes that are measured.

Every process is the head of a group of its own, and the whole group is ended with it. A figure that the system does
not provide (no /proc) counts as 0.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(__file__).resolve().parent / ".work"  # what is installed for a measurement, and kept
RESULTS = Path(__file__).resolve().parent / "results"
STARTS_WITHIN = 60.0  # seconds

# SIGTERM also ends the processes of a measurement: leaving by an exception does that, dying of the signal does not.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class NotInstalled(SystemExit):
    """Raised where a program that a measurement needs is missing; uncaught, it ends the run with the reason."""


def work_folder() -> Path:
    """Returns the folder for installed programs, which git and linters ignore."""
    WORK.mkdir(exist_ok=True)
    (WORK / ".gitignore").write_text("*\n", "ascii")
    return WORK


def free_port() -> int:
    """Returns a free port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """Makes a temporary folder that other users may enter."""
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def run_process(
    command: Sequence[str | Path], log: Path, port: int | None, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a process and waits until it listens on its port, if it has one. Raises SystemExit with its log if not."""
    with (
        log.open("wb") as words,
        subprocess.Popen(
            command, stdout=words, stderr=words, stdin=subprocess.DEVNULL, start_new_session=True, cwd=ROOT,
            env={**os.environ, **(environment or {})},
        ) as process,
    ):  # fmt: skip
        try:
            if port is not None:
                _wait_for(port, process, log)
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{process.args!r} does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")


def run_tool(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    """Runs a command and returns its output. Raises NotInstalled with the end of it where the command failed."""
    # Python peers start from compiled modules, as they do where they are installed for use.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, env={**kept, **(environment or {})}, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise NotInstalled(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout


def install(name: str, package: str) -> Path:
    """Returns the bin folder of a virtual environment with a package of PyPI; made at the first call."""
    folder = work_folder() / f"venv-{name}"
    if not (folder / "ready").exists():
        run_tool([sys.executable, "-m", "venv", folder])
        run_tool([folder / "bin" / "pip", "install", "--quiet", package])
        subprocess.run([folder / "bin" / "python", "-m", "compileall", "-q", folder / "lib"], capture_output=True)
        (folder / "ready").touch()
    return folder / "bin"


def family(pid: int) -> dict[int, list[str]]:
    """Lists a process and its living descendants: the fields of /proc/PID/stat after the name."""
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            found[int(entry.parent.name)] = entry.read_text("utf-8", "replace").rpartition(")")[2].split()
    members = {pid}
    while True:
        grown = members | {number for number, fields in found.items() if int(fields[1]) in members}
        if grown == members:
            return {number: found[number] for number in members if number in found}
        members = grown


def cpu_seconds(pid: int) -> float:
    """Returns the processor time of a process and its living descendants, in seconds."""
    return sum(int(fields[11]) + int(fields[12]) for fields in family(pid).values()) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> tuple[float, float]:
    """Returns RSS and PSS of a process and its descendants in MB (2**20); PSS counts a page shared by n as 1/n each."""
    rss = pss = 0
    for number in family(pid):
        with suppress(OSError, ValueError):
            for line in Path(f"/proc/{number}/smaps_rollup").read_text("ascii").splitlines():
                rss += int(line.split()[1]) if line.startswith("Rss:") else 0
                pss += int(line.split()[1]) if line.startswith("Pss:") else 0
    return rss / 1024, pss / 1024


class MemoryPeak(threading.Thread):
    """Samples the memory of a process and its descendants twenty times a second, while it is entered."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.rss = self.pss = 0.0
        self._pid = pid
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.05):
            rss, pss = memory(self._pid)
            self.rss, self.pss = max(self.rss, rss), max(self.pss, pss)

    def __enter__(self) -> MemoryPeak:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()
