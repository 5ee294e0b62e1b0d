"""Bells between the processes of one desk: a byte through a pipe wakes a role within a millisecond.

A bell that nobody hears costs nothing and nothing depends on one: a role that missed it finds its work when it looks
the next time. Made before the fork; each process listens to its own and rings the others.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress


class WakeupPipes:
    """One bell for each name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pipes = {name: os.pipe() for name in names}
        for _, writing in self._pipes.values():
            os.set_blocking(writing, False)

    def ring(self, name: str) -> None:
        """Wake who listens to that name, if anybody does."""
        pipe = self._pipes.get(name)
        if pipe is not None:
            with suppress(BlockingIOError):  # it is full of rings that were not heard yet
                os.write(pipe[1], b".")

    def listen(self, name: str, heard: Callable[[], None]) -> None:
        """Call `heard`, from a thread of its own, after each ring; several rings may be heard as one."""
        threading.Thread(target=self._listen, args=(name, heard), name=f"bell-{name}", daemon=True).start()

    def _listen(self, name: str, heard: Callable[[], None]) -> None:
        while os.read(self._pipes[name][0], 4096):
            heard()
