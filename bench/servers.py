"""The servers that are measured, each in a process of its own.

    python -m bench.servers bare|library     # prints its port, serves until it is ended

`bare` is aiosmtpd with a handler that does nothing, `library` is mailgate's SMTP intake with an accept that does
nothing. `mailgate serve` itself is started from a configuration written here.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DESK = "support@example.com"
STARTS_WITHIN = 20.0  # seconds
MAX_SIZE = 25 * 2**20

CONFIGURATION = """\
[desk]
name = "Support"
address = "{desk}"
languages = ["fr", "en"]
timezone = "Europe/Paris"
secret_file = "secret"
operator = "postmaster@example.com"
manager = "head@example.com"
[store]
database = "sqlite:///{folder}/mailgate.db"
[intake.smtp]
listen = "127.0.0.1:{port}"
[relay]
host = "127.0.0.1"
port = {relay}
[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com"]
resolve_within = "4 business hours"
[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
resolve_within = "2 business days"
"""


@contextmanager
def run_server(kind: str) -> Iterator[tuple[int, int]]:
    """Process id and port of a fresh server: "bare", "library", "serve", or "serve-intake" (that role alone)."""
    if kind.startswith("serve"):
        roles = ["--role", "intake"] if kind == "serve-intake" else []
        with run_server("bare") as (_, relay), run_mailgate(roles, relay) as running:
            yield running
        return
    command = [sys.executable, "-m", "bench.servers", kind]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.pid, int(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def run_mailgate(roles: list[str], relay: int) -> Iterator[tuple[int, int]]:
    """`mailgate serve` on an empty database; its notices go to the relay at that port."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        port = _free_port()
        (Path(folder) / "secret").write_text("k" * 40 + "\n", "ascii")
        (Path(folder) / "secret").chmod(0o600)
        file = Path(folder) / "mailgate.toml"
        file.write_text(CONFIGURATION.format(desk=DESK, folder=folder, port=port, relay=relay), "utf-8")
        command = [str(Path(sys.executable).with_name("mailgate")), "serve", "--config", str(file), *roles]
        with (
            (Path(folder) / "log").open("w+") as log,
            subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True) as process,
        ):
            try:
                _wait_for(port, process, Path(log.name))
                yield process.pid, port
            finally:
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"mailgate serve does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")


def cpu_seconds(pid: int) -> float:
    """What a process and its living descendants have used, in seconds; 0.0 where the system does not tell."""
    used, parents = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        number = int(entry.parent.name)
        parents[number] = int(fields[1])
        used[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    family = {pid}
    for _ in range(len(parents)):
        grown = family | {child for child, parent in parents.items() if parent in family}
        if grown == family:
            break
        family = grown
    return sum(used.get(member, 0.0) for member in family)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class _Nothing:
    """aiosmtpd's handler that takes a mail and does nothing."""

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        return "250 OK"


async def _serve_bare() -> None:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(_Nothing(), data_size_limit=MAX_SIZE, hostname="bench", loop=loop), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


async def _serve_library() -> None:
    from mailgate.clock import SystemClock
    from mailgate.intake.smtp import SmtpIntake, SmtpSettings
    from mailgate.mail import Envelope

    def accept(_envelope: Envelope, _raw: bytes) -> concurrent.futures.Future[object]:
        done: concurrent.futures.Future[object] = concurrent.futures.Future()
        done.set_result(None)
        return done

    intake = SmtpIntake(SmtpSettings(port=0), accept, lambda _address: True, SystemClock())
    await intake.start()
    print(intake.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve_bare() if sys.argv[1] == "bare" else _serve_library())
