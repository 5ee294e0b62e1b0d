"""Runs the servers that the desk is compared with, each in a process of its own.

`bare` is aiosmtpd with a handler that does nothing, `library` is mailgate's SMTP intake with an accept that does
nothing, `floor` is a minimal desk on the same libraries (floor.py). `python -m bench.servers KIND PORT
FOLDER [CERTIFICATE KEY]` is what `run_server` starts.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP

from bench.processes import free_port, run_process, scratch

MAX_SIZE = 25 * 2**20


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    port: int


@contextmanager
def run_server(kind: str, certificate: Path | None = None, key: Path | None = None) -> Iterator[Server]:
    """Starts a fresh server; with a certificate it offers STARTTLS."""
    port = free_port()
    with scratch(kind) as folder:
        files = [str(file) for file in (certificate, key) if file is not None]
        command = [sys.executable, "-m", "bench.servers", kind, str(port), str(folder), *files]
        with run_process(command, folder / "log", port) as process:
            yield Server(process.pid, port)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Makes a self-signed certificate for this machine and its key of 2048 bits (openssl)."""
    certificate, key = folder / "smtp.crt", folder / "smtp.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


class _Nothing:
    """A handler for aiosmtpd that accepts a mail and does nothing."""

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        return "250 OK"


async def _serve_aiosmtpd(handler: object, port: int, files: list[str]) -> None:
    loop = asyncio.get_running_loop()
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)

    def answer() -> SMTP:
        return SMTP(handler, data_size_limit=MAX_SIZE, hostname="bench", loop=loop, tls_context=context)

    await loop.create_server(answer, "127.0.0.1", port, backlog=256)
    await asyncio.Event().wait()


async def _serve_library(port: int) -> None:
    from mailgate.core.clock import SystemClock
    from mailgate.core.mail import Envelope
    from mailgate.store.spool import Spool
    from mailgate.transport.acceptance import StoredMail
    from mailgate.transport.smtp.server import SmtpIntake, SmtpSettings

    def accept(_envelope: Envelope, _raw: bytes | Spool) -> concurrent.futures.Future[StoredMail]:
        done: concurrent.futures.Future[StoredMail] = concurrent.futures.Future()
        done.set_result(StoredMail(1))
        return done

    intake = SmtpIntake(SmtpSettings(port=port), accept, lambda _address: True, SystemClock())
    await intake.start()
    await asyncio.Event().wait()


def _main() -> None:
    kind, port, folder, files = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]
    if kind == "library":
        asyncio.run(_serve_library(port))
    elif kind == "floor":
        from bench.floor import Floor

        asyncio.run(_serve_aiosmtpd(Floor(folder / "floor.db"), port, files))
    else:
        asyncio.run(_serve_aiosmtpd(_Nothing(), port, files))


if __name__ == "__main__":
    _main()
