"""A program at a terminal of its own (a pty): a test reads what it prints and types the answers.

`with Terminal(...) as terminal:`. Nothing waits for longer than `PATIENCE` seconds.
"""

from __future__ import annotations

import os
import pty
import select
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0


class Terminal:
    """A program that runs at a pty, with the environment given and no other."""

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.printed = ""
        self._read = 0  # letters of `printed` that a `wait_for` has found
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            os.execve(words[0], list(words), dict(environment))
        self._status: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def wait_for(self, words: str) -> None:
        """Reads until these words are printed, after those of the last call. Raises AssertionError if they are not."""
        while words not in self.printed[self._read :]:
            assert self._read_more(), f"{words!r} is not printed:\n{self.printed}"
        self._read = self.printed.index(words, self._read) + len(words)

    def answer(self, prompt: str, text: str) -> None:
        """Types a line at a prompt."""
        self.wait_for(prompt)
        self.wait_for(": ")
        os.write(self._terminal, f"{text}\n".encode())

    def interrupt(self) -> None:
        """Presses Ctrl-C, and again while nothing happens: Python may miss one that comes just before it reads."""
        ended = False
        while not ended:
            os.write(self._terminal, b"\x03")
            while not ended and select.select([self._terminal], [], [], 5)[0]:
                ended = not self._read_more()

    def finish(self) -> int:
        """Reads to the end; returns the exit status."""
        while self._read_more():
            pass
        _, status = os.waitpid(self._pid, 0)
        self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def _read_more(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], PATIENCE)
        assert ready, f"nothing is printed for {PATIENCE:g} seconds after:\n{self.printed}"
        try:
            text = os.read(self._terminal, 65536).decode("utf-8", "replace")
        except OSError:  # Linux: EIO where the program has ended
            return False
        self.printed += text.replace("\r\n", "\n")
        return bool(text)
