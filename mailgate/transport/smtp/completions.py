"""Futures that another thread completes, awaited in an event loop; those completed together wake it once.

asyncio's own way wakes the loop for each of them, with a system call and a turn of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import Any


class Completions:
    """The futures of one event loop."""

    def __init__(self) -> None:
        self._done: deque[asyncio.Future[None]] = deque()
        self._is_waking = False

    async def wait(self, future: Future[Any]) -> None:
        """Waits until a future is done, with whatever result; the future is left alone where this is cancelled."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        future.add_done_callback(lambda _: self._complete(loop, waiting))
        await waiting

    def _complete(self, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[None]) -> None:
        """Called in the thread that completes the future."""
        self._done.append(waiting)
        if not self._is_waking:
            self._is_waking = True
            with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._is_waking = False  # first: what is completed from now on wakes the loop again
        while self._done:
            waiting = self._done.popleft()
            if not waiting.done():  # the peer may have hung up
                waiting.set_result(None)
