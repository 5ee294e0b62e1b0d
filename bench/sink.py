"""Runs the relay that accepts every notice: Postfix's smtp-sink, or one of our own that also records arrival times.

`smtp-sink` costs the least, so measurements of rates use it; where it is not installed, ours. `python -m bench.sink
PORT FILE` appends a line "SECONDS RECIPIENT" for each notice, in monotonic seconds.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bench.processes import free_port, run_process, scratch

_PATHS = "/usr/sbin:/usr/bin:/usr/lib/postfix/sbin"
_REPLIES = {b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n", b"QUIT": b"221 bye\r\n", b"DATA": b"354 go\r\n"}


@dataclass(frozen=True, slots=True)
class Sink:
    """A running relay."""

    port: int
    file: Path
    timed: bool

    def count(self) -> int:
        """Counts the notices that have arrived."""
        words = self.file.read_bytes()
        if self.timed:
            return words.count(b"\n")
        counts = re.findall(rb"mesg=(\d+)", words[-200:])
        return int(counts[-1]) if counts else 0

    def arrivals(self) -> dict[str, float]:
        """Returns when the first notice to each address arrived, in monotonic seconds; of a timed sink only."""
        found: dict[str, float] = {}
        for line in self.file.read_text("ascii").splitlines():
            moment, _, recipient = line.partition(" ")
            found.setdefault(recipient, float(moment))
        return found


@contextmanager
def run_sink(timed: bool = False) -> Iterator[Sink]:
    """Runs a relay; a `timed` one records when each notice arrived."""
    program = shutil.which("smtp-sink", path=_PATHS)
    port = free_port()
    with scratch("sink") as folder:
        if program and not timed:
            drop = ["-u", "nobody"] if os.geteuid() == 0 else []
            command = [program, "-c", *drop, f"127.0.0.1:{port}", "256"]
            with run_process(command, folder / "log", port):
                yield Sink(port, folder / "log", False)
        else:
            command = [sys.executable, "-m", "bench.sink", str(port), str(folder / "arrivals")]
            with run_process(command, folder / "log", port):
                yield Sink(port, folder / "arrivals", True)


class _Session(asyncio.Protocol):
    """Accepts everything."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._waiting = bytearray()
        self._recipient = ""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        seen = max(0, len(self._waiting) - 4)
        self._waiting += data
        while (end := self._waiting.find(b"\r\n.\r\n" if self._in_data else b"\r\n", seen)) >= 0:
            length = end + (5 if self._in_data else 2)
            line = b"." if self._in_data else bytes(self._waiting[:end])
            del self._waiting[:length]
            seen = 0
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        if self._in_data:
            self._in_data = False
            self._file.write(f"{time.monotonic()} {self._recipient}\n")
            self._file.flush()
        elif line[:7].upper() == b"RCPT TO":
            self._recipient = line.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace")
        verb = line[:4].upper()
        self._in_data = verb == b"DATA"
        self._transport.write(_REPLIES.get(verb, b"250 OK\r\n"))


async def _serve(port: int, file: Path) -> None:
    with file.open("w", encoding="ascii") as arrivals:
        await asyncio.get_running_loop().create_server(lambda: _Session(arrivals), "127.0.0.1", port, backlog=256)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
