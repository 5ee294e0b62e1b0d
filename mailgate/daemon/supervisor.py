"""Runs the roles of a desk in processes of their own: forks them, starts a dead one again, ends them together.

The parent does nothing else, so that it can hardly fail; where it is killed, the kernel kills its children. A child
that cannot start at all ends the desk with the child's exit status; one that dies later is started again, at once the
first time and later each time after. One that stays silent is killed and started again.
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
from dataclasses import dataclass, field

from mailgate.daemon.systemd import notify

log = logging.getLogger("mailgate.supervisor")

_SILENT = 150.0  # seconds without a beat, after which a process is taken for stuck
_GRACE = 15.0  # seconds for the processes to end; what is left then is killed
_STEADY = 60.0  # seconds of life after which a death is no longer the last one's sequel
_LONGEST_PAUSE = 30.0
_READY, _BEAT = b"r", b"."
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8  # malloc.h of glibc


def _share_heaps() -> None:
    """Let the threads of each process allocate from two heaps, not from one each: only one of them runs at a time, and
    what each heap keeps for itself adds up. Where the C library has no such setting nothing changes."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


class ChildLink:
    """What a child says to its parent."""

    def __init__(self, writing: int) -> None:
        self._writing = writing

    def ready(self) -> None:
        os.write(self._writing, _READY)

    def beat(self) -> None:
        os.write(self._writing, _BEAT)


@dataclass
class _Child:
    """A group of roles and its process; `pid` 0 while there is none."""

    roles: tuple[str, ...]
    pid: int = 0
    reading: int = -1
    ready: bool = False
    began: float = 0.0
    heard: float = 0.0
    deaths: int = 0
    again_at: float = field(default=0.0)


class Supervisor:
    """Runs `run(roles, link)` in a process for each group of roles; what it returns is the process's exit status."""

    def __init__(self, groups: Sequence[tuple[str, ...]], run: Callable[[tuple[str, ...], ChildLink], int]) -> None:
        self._children = [_Child(roles) for roles in groups]
        self._run = run
        self._was_ready = False
        self._ending = False
        self._status = 0

    def serve(self) -> int:
        """Run until SIGTERM or SIGINT, or until a child cannot start; the exit status."""
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
                self._look_after()
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
            if not child.pid and now >= child.again_at:
                self._fork(child, now)

    def _fork(self, child: _Child, now: float) -> None:
        reading, writing = os.pipe()
        parent = os.getpid()
        # Nobody may end us between the fork and the moment when the child knows what to do then.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            self._be_child(child.roles, ChildLink(writing), parent)
        os.close(writing)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        os.set_blocking(reading, False)
        child.pid, child.reading, child.ready = pid, reading, False
        child.began = child.heard = now

    def _be_child(self, roles: tuple[str, ...], link: ChildLink, parent: int) -> None:
        """The child's whole life; the signals stay blocked, since `run` waits for them."""
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
            os._exit(status)  # what the parent has open is the parent's to close

    # -- watching --------------------------------------------------------------------------------------------------

    def _listen(self, wake: int) -> None:
        """Hear the children, until one says something, a signal comes or a dead one is to be started again."""
        living = {child.reading: child for child in self._children if child.pid}
        starts = [child.again_at - time.monotonic() for child in self._children if not child.pid]
        seconds = max(min([1.0, *starts]), 0.0)
        heard, _, _ = select.select([wake, *living], [], [], seconds)
        for source in heard:
            said = os.read(source, 4096)
            if source in living:
                self._hear(living[source], said)

    def _hear(self, child: _Child, said: bytes) -> None:
        if not said:  # the end of the pipe is the end of the process
            self._bury(child)
            return
        child.heard = time.monotonic()
        child.ready = child.ready or _READY in said

    def _bury(self, child: _Child) -> None:
        os.close(child.reading)
        _, how = os.waitpid(child.pid, 0)
        status = os.waitstatus_to_exitcode(how)
        pid, child.pid, child.reading = child.pid, 0, -1
        if self._ending:
            return
        if not child.ready and not self._was_ready:  # it has said why
            self._status, self._ending = max(status, 1), True
            return
        now = time.monotonic()
        if now - child.began > _STEADY:
            child.deaths = 0
        pause = min(2.0**child.deaths / 4, _LONGEST_PAUSE) if child.deaths else 0.0
        child.deaths += 1
        child.again_at = now + pause
        # A signal to the whole group reaches a child before its parent knows: not worth an error.
        level = logging.INFO if status == 0 else logging.ERROR
        log.log(level, "action=end roles=%s pid=%d status=%d again_in=%.1fs", ",".join(child.roles), pid, status, pause)

    def _look_after(self) -> None:
        now = time.monotonic()
        living = [child for child in self._children if child.pid and child.ready]
        for child in living:
            if now - child.heard > _SILENT:
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
        """End every child; all at once, since each leaves nothing behind that another must finish first."""
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
            living = {child.reading: child for child in self._children if child.pid}
            for source in select.select([*living], [], [], min(left, 1.0))[0]:
                self._hear(living[source], os.read(source, 4096))
