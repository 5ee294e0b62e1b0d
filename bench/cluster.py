"""Runs a private PostgreSQL for a measurement: its own data, a socket in its own folder, removed afterwards.

The settings are PostgreSQL's defaults (fsync and synchronous_commit on) except 512 MB of shared buffers. As root it
runs as the user `postgres`, since PostgreSQL refuses root.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import STARTS_WITHIN, NotInstalled, free_port, scratch

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster; `bench` is its superuser, without password."""

    pid: int
    programs: Path
    folder: Path
    port: int

    def run_sql(self, text: str, database: str = "postgres") -> str:
        """Returns the output of psql, without headings. Raises RuntimeError with its message where it fails."""
        server = ["-h", str(self.folder), "-p", str(self.port), "-U", "bench", "-d", database]
        command: list[str | Path] = [self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *server]
        done = subprocess.run(command, input=text, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def make_database(self) -> str:
        """Creates an empty database and returns its URL for a desk."""
        name = f"desk{next(_NUMBERS)}"
        self.run_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return f"postgresql+psycopg://bench@/{name}?host={self.folder}&port={self.port}"


def find_programs() -> Path:
    """Returns the folder of the newest PostgreSQL. Raises NotInstalled where there is none."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if not found:
        raise NotInstalled("PostgreSQL is not installed: apt-get install postgresql")
    return max(found, key=lambda path: int(path.parent.name))


@contextmanager
def run_cluster() -> Iterator[Cluster]:
    """Starts a fresh cluster; its socket is in its folder, and it listens on the loopback too."""
    programs = find_programs()
    user = "postgres" if os.geteuid() == 0 else None
    with scratch("postgresql") as folder:
        if user:
            shutil.chown(folder, user)
        data, port = folder / "data", free_port()
        make: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "bench",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        done = subprocess.run(make, user=user, cwd="/", capture_output=True, text=True)
        if done.returncode:
            raise NotInstalled(f"initdb: {done.stderr.strip()[-300:]}")
        settings = ["-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-c", "shared_buffers=512MB"]
        command: list[str | Path] = [programs / "postgres", "-D", data, *settings]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(command, user=user, cwd="/", stdout=log, stderr=log, start_new_session=True) as process,
        ):
            cluster = Cluster(process.pid, programs, folder, port)
            try:
                _wait_for(cluster)
                yield cluster
            finally:
                process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
                process.wait()


def _wait_for(cluster: Cluster) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            cluster.run_sql("SELECT 1")
            return
        except RuntimeError:
            time.sleep(0.1)
    raise NotInstalled(f"PostgreSQL does not start: {(cluster.folder / 'log').read_text()[-300:]}")
