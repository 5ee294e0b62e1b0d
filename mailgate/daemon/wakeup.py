"""Wake-up pipes between the processes of a desk (self-pipe): a byte wakes a role within a millisecond.

Best effort: a role that misses a wake-up finds its work at its next look. The pipes are made before the fork; each
process listens to those of its roles and writes to the others.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress


class WakeupPipes:
    """One pipe for each role."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pipes = {name: os.pipe() for name in names}
        for _, writing in self._pipes.values():
            os.set_blocking(writing, False)

    def wake(self, name: str) -> None:
        """Wakes the process that listens to a role, if there is one."""
        pipe = self._pipes.get(name)
        if pipe is not None:
            with suppress(BlockingIOError):  # full: the listener is to wake anyway
                os.write(pipe[1], b".")

    def listen(self, name: str, woken: Callable[[], None]) -> None:
        """Calls `woken`, from a thread of its own, after each wake-up; several may be combined into one call."""
        threading.Thread(target=self._listen, args=(name, woken), name=f"wakeup-{name}", daemon=True).start()

    def _listen(self, name: str, woken: Callable[[], None]) -> None:
        while os.read(self._pipes[name][0], 4096):
            woken()
