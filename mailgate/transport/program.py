"""Runs a program of the operator: a hook's, or the virus scanner.

No shell is involved. The program has a process group of its own, few variables, and no signal blocked or ignored,
although the desk blocks some. Once its time is over it is killed with all that it started; when it ends by itself, what
is left of its group is killed.
"""

from __future__ import annotations

import os
import select
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mailgate.core.text import show_on_one_line

MOST_OUTPUT = 4096
"""Bytes of its output that are kept; the rest is read and dropped."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)  # which Python ignores
_LOOK = 0.05  # seconds between two looks whether it has ended, where it has closed its output before


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that ended. `status` is negative for a signal, None where it was killed: its time was over."""

    status: int | None
    output: str
    """The beginning of what it wrote to both outputs, without blanks around it."""

    @property
    def words(self) -> str:
        """How it ended, and what it said, on one line."""
        if self.status is None:
            how = "it was killed, because its time was over"
        elif self.status < 0:
            how = f"it was killed by signal {-self.status}"
        else:
            how = f"exit status {self.status}"
        return f"{how}: {self.said}" if self.said else how

    @property
    def said(self) -> str:
        """The output on one line, without controls."""
        return show_on_one_line(self.output)


def run_program(
    words: Sequence[str],
    given: Iterable[bytes],
    seconds: float,
    variables: Mapping[str, str] | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Ended:
    """Runs a program with these bytes on its standard input, which is a file; raises OSError where it cannot start.

    It is killed after so many seconds, or as soon as `is_stopped`.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    try:
        with tempfile.TemporaryFile() as file:
            for piece in given:
                file.write(piece)
            file.flush()
            file.seek(0)
            try:
                process = _spawn(words, file.fileno(), writing, variables or {})
            finally:
                os.close(writing)
        return _wait(process, reading, time.monotonic() + seconds, is_stopped)
    finally:
        os.close(reading)


def _spawn(words: Sequence[str], given: int, output: int, variables: Mapping[str, str]) -> int:
    home = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
    return os.posix_spawn(
        words[0],
        list(words),
        {"PATH": _PATH, "LANG": "C.UTF-8", **home, **variables},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, given, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
        ],
        setpgroup=0,
        setsigmask=(),
        setsigdef=_IGNORED,
    )


def _wait(process: int, reading: int, deadline: float, is_stopped: Callable[[], bool]) -> Ended:
    """Reads the output until the program ends or is killed; it is reaped last, so that its group is still its own."""
    kept, is_over = bytearray(), False
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() >= deadline or is_stopped():
            is_over = True
            break
        if poll.poll(_LOOK * 1000) and not _read(reading, kept):
            poll = select.poll()  # closed: nothing more to wait for but its end
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    while len(kept) < MOST_OUTPUT and _read(reading, kept):  # one that left the group may write for ever
        pass
    return Ended(None if is_over else status, kept.decode(errors="replace").strip())


def _read(reading: int, kept: bytearray) -> bool:
    """Reads some output, of which the beginning is kept; False where there is none, or no more."""
    try:
        piece = os.read(reading, 65536)
    except BlockingIOError:
        return False
    kept += piece[: MOST_OUTPUT - len(kept)]
    return bool(piece)
