"""The load: mails of the corpus over several connections, from a process of its own.

    python -m bench.client PORT MAILS CONNECTIONS SEED     # prints how many seconds it took

Every command waits for its reply, as most clients do. Everything is laid ready before the clock starts.
"""

from __future__ import annotations

import socket
import sys
import threading
import time

from bench.corpus import make_corpus

DESK = "support@example.com"


def send_all(port: int, count: int, connections: int, seed: int) -> float:
    """Seconds from the first command to the last 250. Raises RuntimeError on any other reply."""
    mails = [
        (f"MAIL FROM:<{sample.sender}>\r\n".encode("ascii"), _wire(sample.raw))
        for sample in make_corpus(count, seed=seed, senders=count)
    ]
    failures: list[str] = []
    sessions = [_Session(port, mails[number::connections], failures) for number in range(connections)]
    for session in sessions:
        session.start()
    began = time.perf_counter()
    for session in sessions:
        session.ready.set()
    for session in sessions:
        session.join()
    took = time.perf_counter() - began
    if failures:
        raise RuntimeError(failures[0])
    return took


class _Session(threading.Thread):
    """One connection, its mails one after the other."""

    def __init__(self, port: int, mails: list[tuple[bytes, bytes]], failures: list[str]) -> None:
        super().__init__()
        self.ready = threading.Event()
        self._mails = mails
        self._failures = failures
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._expect(b"220")
        self._say(b"EHLO bench.example\r\n", b"250")

    def run(self) -> None:
        self.ready.wait()
        try:
            for sender, wire in self._mails:
                self._say(sender, b"250")
                self._say(f"RCPT TO:<{DESK}>\r\n".encode("ascii"), b"250")
                self._say(b"DATA\r\n", b"354")
                self._say(wire, b"250")
            self._say(b"QUIT\r\n", b"221")
        except (OSError, RuntimeError) as error:
            self._failures.append(str(error))
        finally:
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
    port, count, connections, seed = map(int, sys.argv[1:5])
    print(send_all(port, count, connections, seed))
