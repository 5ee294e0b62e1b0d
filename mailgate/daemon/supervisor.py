"""Runs the roles of a desk in processes of their own: forks them, restarts a dead one, ends them together.

The parent does nothing else, so that little can fail in it; if it is killed, the kernel kills its children. A child
that cannot start at all ends the desk with the child's exit status. One that dies later is restarted, at once the first
time, later after growing pauses. One without a heartbeat is killed and restarted.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mailgate.daemon.systemd import notify

log = logging.getLogger("mailgate.supervisor")

_SILENT = 150.0  # seconds without a beat after which a process counts as stuck
_GRACE = 15.0  # seconds for the processes to end; what is left then is killed
_STEADY = 60.0  # seconds of life after which the pauses begin anew
_LONGEST_PAUSE = 30.0
_READY, _BEAT = b"r", b"."
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8  # malloc.h of glibc


def _share_heaps() -> None:
    """Lets the threads of a process share two heaps (glibc arenas).

    Only one thread runs at a time, and the free memory that each heap keeps adds up. Without glibc nothing changes.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


class ChildLink:
    """The pipe by which a child sends its parent READY once and then heartbeats."""

    def __init__(self, write_end: int) -> None:
        self._write_end = write_end

    def ready(self) -> None:
        os.write(self._write_end, _READY)

    def beat(self) -> None:
        os.write(self._write_end, _BEAT)


@dataclass
class _Child:
    """A group of roles and its process; `pid` 0 while there is none."""

    roles: tuple[str, ...]
    pid: int = 0
    read_end: int = -1
    ready: bool = False
    started_at: float = 0.0
    beat_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0


class Supervisor:
    """Runs `run(roles, link)` in a process for each group of roles; its result is the process's exit status."""

    def __init__(self, groups: Sequence[tuple[str, ...]], run: Callable[[tuple[str, ...], ChildLink], int]) -> None:
        self._children = [_Child(roles) for roles in groups]
        self._run = run
        self._was_ready = False
        self._ending = False
        self._status = 0

    def serve(self) -> int:
        """Runs until SIGTERM or SIGINT, or until a child cannot start, and returns the exit status."""
        wake_read, wake_write = os.pipe()
        for end in (wake_read, wake_write):
            os.set_blocking(end, False)
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        signal.set_wakeup_fd(wake_write)
        gc.collect()
        gc.freeze()  # the collector would write into pages that the processes share
        _share_heaps()
        try:
            while not self._ending:
                self._start_due()
                self._listen(wake_read)
                self._check_children()
            self._stop()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(wake_read)
            os.close(wake_write)
        return self._status

    def _end(self, *_: object) -> None:
        self._ending = True

    # -- starting --------------------------------------------------------------------------------------------------

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if not child.pid and now >= child.start_at:
                self._fork(child, now)

    def _fork(self, child: _Child, now: float) -> None:
        read_end, write_end = os.pipe()
        parent = os.getpid()
        # No signal may arrive between the fork and the moment when the child has its own handlers.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        pid = os.fork()
        if pid == 0:
            os.close(read_end)
            self._run_child(child.roles, ChildLink(write_end), parent)
        os.close(write_end)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.set_blocking(read_end, False)
        child.pid, child.read_end, child.ready = pid, read_end, False
        child.started_at = child.beat_at = now

    def _run_child(self, roles: tuple[str, ...], link: ChildLink, parent: int) -> None:
        """Runs a child to its end and does not return; the signals stay blocked, since `run` waits for them."""
        status = 1
        os.environ.pop("NOTIFY_SOCKET", None)  # the parent speaks to systemd
        try:
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == parent:
                signal.set_wakeup_fd(-1)
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_DFL)
                status = self._run(roles, link)
        except BaseException:
            log.exception("roles=%s action=run result=failed", ",".join(roles))
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(status)  # the parent closes what it has open

    # -- watching --------------------------------------------------------------------------------------------------

    def _listen(self, wake: int) -> None:
        """Waits until a child sends something, a signal arrives or a dead child is to be restarted."""
        living = {child.read_end: child for child in self._children if child.pid}
        starts = [child.start_at - time.monotonic() for child in self._children if not child.pid]
        seconds = max(min([1.0, *starts]), 0.0)
        readable, _, _ = select.select([wake, *living], [], [], seconds)
        for source in readable:
            received = os.read(source, 4096)
            if source in living:
                self._receive(living[source], received)

    def _receive(self, child: _Child, received: bytes) -> None:
        if not received:  # the end of the pipe is the end of the process
            self._reap(child)
            return
        child.beat_at = time.monotonic()
        child.ready = child.ready or _READY in received

    def _reap(self, child: _Child) -> None:
        os.close(child.read_end)
        _, wait_status = os.waitpid(child.pid, 0)
        status = os.waitstatus_to_exitcode(wait_status)
        pid, child.pid, child.read_end = child.pid, 0, -1
        if self._ending:
            return
        if not child.ready and not self._was_ready:  # it has printed why
            self._status, self._ending = max(status, 1), True
            return
        now = time.monotonic()
        if now - child.started_at > _STEADY:
            child.deaths = 0
        pause = min(2.0**child.deaths / 4, _LONGEST_PAUSE) if child.deaths else 0.0
        child.deaths += 1
        child.start_at = now + pause
        # A signal to the whole process group reaches a child before the parent: that is no error.
        level = logging.INFO if status == 0 else logging.ERROR
        log.log(level, "action=end roles=%s pid=%d status=%d again_in=%.1fs", ",".join(child.roles), pid, status, pause)

    def _check_children(self) -> None:
        now = time.monotonic()
        living = [child for child in self._children if child.pid and child.ready]
        for child in living:
            if now - child.beat_at > _SILENT:
                log.error("action=kill roles=%s pid=%d reason='it is stuck'", ",".join(child.roles), child.pid)
                os.kill(child.pid, signal.SIGKILL)
        if len(living) < len(self._children) or self._ending:
            return
        if not self._was_ready:
            self._was_ready = True
            log.info("action=ready processes=%d", len(living))
            notify("READY=1")
        notify("WATCHDOG=1")

    # -- stopping --------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Ends every child, all at once, since none must wait for another."""
        notify("STOPPING=1")
        for child in self._children:
            if child.pid:
                os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        while any(child.pid for child in self._children):
            left = deadline - time.monotonic()
            if left <= 0:
                for child in self._children:
                    if child.pid:
                        os.kill(child.pid, signal.SIGKILL)
                left = 1.0
            living = {child.read_end: child for child in self._children if child.pid}
            for source in select.select([*living], [], [], min(left, 1.0))[0]:
                self._receive(living[source], os.read(source, 4096))
