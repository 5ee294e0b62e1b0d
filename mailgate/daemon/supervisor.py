"""Runs the roles of a desk in processes of their own: starts, restarts, reloads and ends them.

The parent does little else, so that little can fail in it; if it is killed, the kernel kills its children. A child
that cannot start at all ends the desk with the child's exit status. One that dies later is restarted, at once the first
time, later after growing pauses. One without a heartbeat is killed and restarted. On SIGHUP the children are restarted
one after the other with the new configuration, unless it is refused; no signal but SIGTERM and SIGINT ends the desk.
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from mailgate.core.log_fields import Fields
from mailgate.daemon.process_title import set_title
from mailgate.daemon.systemd import notify, notify_reloading
from mailgate.store.errors import log_error

log = logging.getLogger("mailgate.supervisor")

_SILENT = 150.0  # seconds without a beat after which a process counts as stuck
_GRACE = 15.0  # seconds for the processes to end; what is left then is killed
_STEADY = 60.0  # seconds of life after which the pauses begin anew
_LONGEST_PAUSE = 30.0
_START = 45.0  # seconds for a process to start anew with a new configuration
_APART = 25.0  # seconds; two of them, one after the other, fit between two beats for the watchdog
STEP_FAILED = "a step failed or took too long: see the log"
_READY, _BEAT, _BEAT_HELD = b"r", b".", b"h"
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8  # malloc.h of glibc


def _share_heaps() -> None:
    """Lets the threads of a process share two heaps (glibc arenas).

    Only one thread runs at a time, and the free memory that each heap keeps adds up. Without glibc nothing changes.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _end_with(parent: int) -> bool:
    """Lets the kernel kill this process when its parent ends; False where that has ended already."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent


def _reset_signals() -> None:
    """Gives a child the usual signals; SIGHUP is the parent's, also where the whole process group gets it."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def run_apart(call: Callable[[], Sequence[str]]) -> tuple[str, ...]:
    """Returns the lines that `call` returns, in a process of its own: no memory or connection of it stays here.

    It is STEP_FAILED alone where that process raised, was killed or took too long.
    """
    parent = os.getpid()
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if _end_with(parent):
                _reset_signals()
                os.environ.pop("NOTIFY_SOCKET", None)
                lines = json.dumps(list(call())).encode()
                with os.fdopen(write_end, "wb") as pipe:
                    pipe.write(lines)
        except BaseException as error:
            log_error(log, error, action="run_apart", result="failed")
        finally:
            sys.stderr.flush()
            os._exit(0)
    os.close(write_end)
    try:
        read = _read_all(read_end, time.monotonic() + _APART)
    finally:
        os.close(read_end)
        os.kill(pid, signal.SIGKILL)  # where it has ended, it has not been waited for
        os.waitpid(pid, 0)
    return tuple(json.loads(read)) if read else (STEP_FAILED,)


def _read_all(source: int, deadline: float) -> bytes:
    """Reads a pipe to its end; b"" where that does not come in time."""
    pieces: list[bytes] = []
    while select.select([source], [], [], max(deadline - time.monotonic(), 0))[0]:
        piece = os.read(source, 65536)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
    return b""


class ChildLink:
    """The pipe by which a child sends its parent READY once and then heartbeats."""

    def __init__(self, write_end: int) -> None:
        self._write_end = write_end

    def ready(self) -> None:
        os.write(self._write_end, _READY)

    def beat(self, is_held: bool = False) -> None:
        """Beats; `is_held` is True while the operator holds what this child would send."""
        os.write(self._write_end, _BEAT_HELD if is_held else _BEAT)


class Reloading(Protocol):
    """State of the parent that a reload changes; children that start later get the new state by the fork."""

    def take(self) -> tuple[str, ...]:
        """Takes the new configuration, or returns why it is refused; then nothing has changed."""

    def revert(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Goes back to the configuration before `take`, since these roles could not start, and returns the reason."""

    def settle(self) -> None:
        """Gives up what only the configuration before needed, once every child has the new one."""

    def stop(self) -> None:
        """Lets nobody in any more: the desk ends."""


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
    renewed: bool = False  # its process ends for a reload
    holds: bool = False  # it sends nothing, since the operator holds sending
    failed: bool = False  # its last process ended before it was ready

    @property
    def title(self) -> str:
        return "+".join(self.roles)


class Supervisor:
    """Runs `run(roles, link)` in a process for each group of roles; its result is the process's exit status."""

    def __init__(
        self,
        groups: Sequence[tuple[str, ...]],
        run: Callable[[tuple[str, ...], ChildLink], int],
        reloading: Reloading | None = None,
        *,
        dry_run: bool = False,
    ) -> None:
        self._children = [_Child(roles) for roles in groups]
        self._run = run
        self._reloading = reloading
        self._dry_run = dry_run
        self._reload_wanted = False
        self._refused = ""  # the first reason why the last reload was refused
        self._told = ""
        self._was_ready = False
        self._ending = False
        self._status = 0

    def serve(self) -> int:
        """Runs until SIGTERM or SIGINT, or until a child cannot start, and returns the exit status."""
        wake_read, wake_write = os.pipe()
        for end in (wake_read, wake_write):
            os.set_blocking(end, False)
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._want_reload)
        signal.set_wakeup_fd(wake_write)
        gc.collect()
        gc.freeze()  # the collector would write into pages that the processes share
        _share_heaps()
        try:
            while not self._ending:
                self._step(wake_read)
                if self._reload_wanted and self._was_ready and not self._ending:
                    self._reload(wake_read)
            self._stop()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(wake_read)
            os.close(wake_write)
        return self._status

    def _step(self, wake: int) -> None:
        self._start_due()
        self._listen(wake)
        self._check_children()

    def _end(self, *_: object) -> None:
        self._ending = True

    def _want_reload(self, *_: object) -> None:
        self._reload_wanted = True

    # -- reloading -------------------------------------------------------------------------------------------------

    def _reload(self, wake: int) -> None:
        """Restarts the children with the new configuration; with the one before where a child cannot start with it."""
        self._reload_wanted = False
        if self._reloading is None:
            return
        notify_reloading()
        log.info(Fields(action="reload", result="begun"))
        refused = self._reloading.take()
        if not refused:
            if failed := self._renew_all(wake):
                refused = self._reloading.revert(failed)
                self._renew_all(wake)
            else:
                self._reloading.settle()
        for reason in refused:
            log.error(Fields(action="reload", result="refused", reason=reason))
        if not refused and not self._ending:
            log.info(Fields(action="reload", result="done", processes=len(self._children)))
        self._refused = refused[0] if refused else ""
        notify("READY=1", f"STATUS={self._describe()}")

    def _renew_all(self, wake: int) -> tuple[str, ...]:
        """Restarts the children, one after the other, and returns the roles of one that cannot start, else ().

        The intake is the last, so that it takes no mail for an address that the worker does not know yet.
        """
        for child in reversed(self._children):
            if child.pid:
                child.renewed = True
                self._signal_child(child, signal.SIGTERM)
                self._wait_while(child, lambda one: one.renewed, _GRACE, wake)
            child.failed, child.start_at = False, 0.0
            self._wait_while(child, lambda one: not (one.ready or one.failed), _START, wake)
            if not child.ready and not self._ending:
                return child.roles
        return ()

    def _wait_while(self, child: _Child, waits: Callable[[_Child], bool], seconds: float, wake: int) -> None:
        """Watches all children while `waits(child)` holds; after the time kills the child, whose end changes it."""
        deadline = time.monotonic() + seconds
        while waits(child) and not self._ending:
            notify("WATCHDOG=1")
            if time.monotonic() > deadline and child.pid:
                self._signal_child(child, signal.SIGKILL)
            self._step(wake)

    def _signal_child(self, child: _Child, number: signal.Signals) -> None:
        os.kill(child.pid, number)  # it is waited for only in _reap: the number is still its own

    def _describe(self) -> str:
        """Returns the line that `systemctl status` shows."""
        waiting = [child.title for child in self._children if not (child.pid and child.ready)]
        words = f"{len(self._children)} processes: " if len(self._children) > 1 else "1 process: "
        words += ", ".join(child.title for child in self._children)
        words += f"; not running: {', '.join(waiting)}" if waiting else ""
        words += "; dry run, nothing is sent" if self._dry_run else ""
        if any(child.holds for child in self._children):
            words += "; sending is held, `mailgate resume` ends the hold"
        return words + (f"; still the previous configuration, reload refused: {self._refused}" if self._refused else "")

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
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
        pid = os.fork()
        if pid == 0:
            os.close(read_end)
            self._run_child(child.roles, ChildLink(write_end), parent)
        os.close(write_end)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.set_blocking(read_end, False)
        child.pid, child.read_end, child.ready, child.failed = pid, read_end, False, False
        child.started_at = child.beat_at = now

    def _run_child(self, roles: tuple[str, ...], link: ChildLink, parent: int) -> None:
        """Runs a child to its end and does not return; the signals stay blocked, since `run` waits for them."""
        status = 1
        os.environ.pop("NOTIFY_SOCKET", None)  # the parent speaks to systemd
        try:
            if _end_with(parent):
                _reset_signals()
                set_title("+".join(roles))
                status = self._run(roles, link)
        except BaseException:
            log.exception(Fields(roles=",".join(roles), action="run", result="failed"))
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
        child.holds = received.endswith(_BEAT_HELD)

    def _reap(self, child: _Child) -> None:
        os.close(child.read_end)
        _, wait_status = os.waitpid(child.pid, 0)
        status = os.waitstatus_to_exitcode(wait_status)
        pid, child.pid, child.read_end = child.pid, 0, -1
        child.failed, child.ready = not child.ready, False
        if self._ending:
            return
        if child.renewed:
            child.renewed, child.failed = False, False
            return
        if child.failed and not self._was_ready:  # it has printed why
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
        how: dict[str, object] = {"status": status} if status >= 0 else {"reason": f"killed by signal {-status}"}
        log.log(level, Fields(action="end", roles=",".join(child.roles), pid=pid, **how, again_in=f"{pause:.1f}s"))
        self._tell()

    def _tell(self) -> None:
        """Tells systemd the state in words, where it is another one."""
        words = self._describe()
        if words != self._told:
            notify(f"STATUS={words}")
            self._told = words

    def _check_children(self) -> None:
        now = time.monotonic()
        living = [child for child in self._children if child.pid and child.ready]
        for child in living:
            if now - child.beat_at > _SILENT:
                log.error(Fields(action="kill", roles=",".join(child.roles), pid=child.pid, reason="it is stuck"))
                os.kill(child.pid, signal.SIGKILL)
        if len(living) < len(self._children) or self._ending:
            return
        if not self._was_ready:
            self._was_ready = True
            log.info(Fields(action="ready", processes=len(living)))
            notify("READY=1")
        self._tell()
        notify("WATCHDOG=1")

    # -- stopping --------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Ends every child, all at once, since none must wait for another."""
        notify("STOPPING=1")
        if self._reloading is not None:
            self._reloading.stop()
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
