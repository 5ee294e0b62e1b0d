"""Sends the load: mails of the corpus over several connections, from a process of its own.

Every command waits for its reply, as most clients do. Everything is prepared before the clock starts. Any reply but
the expected one ends the measurement with an error. `python -m bench.client PORT LOAD` is what `send` starts.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.corpus import Sample, make_corpus, make_large_mail

DESK = "support@example.com"
PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Load:
    """The mails to send. `tag` is the form of a ticket's number in a subject of the target."""

    mails: int
    connections: int = 8
    seed: int = 1
    tag: str = "[SUP-{}]"
    replies: float = 0.4
    crowd: int | None = None  # whose people write, PEOPLE of them; None is new people for each mail and seed
    starttls: bool = False
    reconnect: bool = False  # a connection for each mail
    rate: float = 0.0  # mails a second, evenly; 0 is as fast as they are taken
    large: int = 0  # bytes of each mail, in place of the corpus

    def samples(self) -> list[Sample]:
        """Returns the mails, always the same for the same load."""
        if self.large:
            return [make_large_mail(self.seed * 100 + number, self.large) for number in range(self.mails)]
        return make_corpus(
            self.mails,
            seed=self.seed,
            senders=self.mails if self.crowd is None else PEOPLE,
            tag=lambda rank: self.tag.format(rank + 1),
            replies=self.replies,
            crowd=self.crowd,
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """The times of the first command, of the last 250 and of the 250 of each sender's first mail (monotonic s)."""

    began: float
    ended: float
    acknowledged: dict[str, float]


def send(port: int, load: Load) -> Sent:
    """Sends the load from another process. Raises CalledProcessError if a mail was not accepted."""
    command = [sys.executable, "-m", "bench.client", str(port), json.dumps(asdict(load))]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, check=True, stdout=subprocess.PIPE)
    return Sent(**json.loads(done.stdout))


def _send_all(port: int, load: Load) -> Sent:
    mails = [(sample, _wire(sample.raw)) for sample in load.samples()]
    todo = enumerate(mails)
    sessions = [_Session(port, load, todo) for _ in range(min(load.connections, len(mails)))]
    for session in sessions:
        session.start()
    began = time.monotonic()
    for session in sessions:
        session.begin(began)
    for session in sessions:
        session.join()
    ended = time.monotonic()
    failures = [session.failure for session in sessions if session.failure]
    if failures:
        raise SystemExit(failures[0])
    times: dict[str, float] = {}
    for session in sessions:
        times |= session.acknowledged
    return Sent(began, ended, times)


class _Session(threading.Thread):
    """Sends over one connection, or one after the other; takes the next mail of all, so that their order is kept."""

    def __init__(self, port: int, load: Load, todo: Iterator[tuple[int, tuple[Sample, bytes]]]) -> None:
        super().__init__()
        self.failure = ""
        self.acknowledged: dict[str, float] = {}
        self._ready = threading.Event()
        self._began = 0.0
        self._port = port
        self._load = load
        self._todo = todo
        if not load.reconnect:
            self._connect()

    def begin(self, moment: float) -> None:
        self._began = moment
        self._ready.set()

    def run(self) -> None:
        self._ready.wait()
        try:
            for number, (sample, wire) in self._todo:
                self._keep_pace(number)
                if self._load.reconnect:
                    self._connect()
                self._send(sample, wire)
                if self._load.reconnect:
                    self._quit()
            if not self._load.reconnect:
                self._quit()
        except (OSError, RuntimeError) as error:
            self.failure = str(error) or type(error).__name__

    def _keep_pace(self, number: int) -> None:
        if self._load.rate:
            due = self._began + number / self._load.rate
            time.sleep(max(0.0, due - time.monotonic()))

    def _send(self, sample: Sample, wire: bytes) -> None:
        self._say(f"MAIL FROM:<{sample.sender}>\r\n".encode("ascii"), b"250")
        self._say(f"RCPT TO:<{DESK}>\r\n".encode("ascii"), b"250")
        self._say(b"DATA\r\n", b"354")
        self._say(wire, b"250")
        if sample.answers is None:
            self.acknowledged.setdefault(sample.sender, time.monotonic())

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._expect(b"220")
        self._say(b"EHLO bench.example\r\n", b"250")
        if self._load.starttls:
            self._say(b"STARTTLS\r\n", b"220")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._socket = context.wrap_socket(self._socket)
            self._say(b"EHLO bench.example\r\n", b"250")

    def _quit(self) -> None:
        self._say(b"QUIT\r\n", b"221")
        self._socket.close()

    def _say(self, data: bytes, code: bytes) -> None:
        self._socket.sendall(data)
        self._expect(code)

    def _expect(self, code: bytes) -> None:
        reply = b""
        while not reply.endswith(b"\r\n") or reply.splitlines()[-1][3:4] == b"-":
            piece = self._socket.recv(4096)
            if not piece:
                raise RuntimeError(f"the server hung up after {reply!r}")
            reply += piece
        if not reply.splitlines()[-1].startswith(code):
            raise RuntimeError(f"{reply!r} instead of {code!r}")


def _wire(raw: bytes) -> bytes:
    return raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"


if __name__ == "__main__":
    json.dump(asdict(_send_all(int(sys.argv[1]), Load(**json.loads(sys.argv[2])))), sys.stdout)
