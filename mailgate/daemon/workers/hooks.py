"""Makes the calls of hooks: one at a time for each hook, all hooks side by side, apart from the couriers.

A call that fails is tried again with pauses that grow, and parked where it is too old, or where its receiver has
refused it for good. While a hook fails, its next call waits for a pause, too; its first success makes all due that its
failures have put off. A call whose outcome no commit holds is made again, under the same id. A dry run makes no call:
they are dismissed.
"""

from __future__ import annotations

import logging
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import Hook, name_hook
from mailgate.core.backoff import Backoff, next_gap
from mailgate.core.log_fields import Fields
from mailgate.core.outage import Outage
from mailgate.daemon.desk import Desk, DryRun
from mailgate.store.errors import describe_error, log_error
from mailgate.store.hook_calls import HookCallRow, list_dues, take_call, wake_calls
from mailgate.store.schema import hook_calls
from mailgate.store.source_status import note_failure, note_success
from mailgate.store.work_queue import DISMISSED, DONE, PARKED, finish, postpone, release
from mailgate.transport.hooks import Called, Failed, HookCall, call_hook

log = logging.getLogger("mailgate.hooks")

NOT_CALLED = "not called: dry run"
_PAUSES = Backoff(first=1.0, longest=60.0)
_LOOK_AGAIN = 0.2  # seconds that a step waits for a call to end: another hook's may come due
_RARELY = timedelta(seconds=15)  # between two writes of the same status
_CUT = 2.0  # seconds for a call to end when the daemon stops
_Outcome = Called | Failed


@dataclass(slots=True)
class _Lane:
    """A hook with its state in this process."""

    hook: Hook
    outage: Outage = field(default_factory=Outage)
    pause: float = 0.0  # seconds after its last failure, 0 while it works
    rests_until: datetime | None = None
    call: tuple[HookCallRow, Future[_Outcome]] | None = None
    noted: tuple[datetime, bool] | None = None  # the status that was written last, and whether it was a success


class HookWorker:
    """The worker that makes the calls of all hooks."""

    name = "hooks"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._lease = desk.settings.limits.lease.span
        self._retry_for = desk.settings.limits.retry_for.span
        self._lanes = {hook.name: _Lane(hook) for hook in desk.settings.hooks}
        self._is_dry = isinstance(desk.relay, DryRun)
        self._pool = ThreadPoolExecutor(max(len(self._lanes), 1), "hook")
        self._is_stopped = False

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            dues = list_dues(connection)
        ready = (self._ready_at(lane, dues.get(name)) for name, lane in self._lanes.items())
        return min((at for at in ready if at is not None), default=None)

    def step(self) -> int:
        """Makes what calls are due; 0 where none is being made."""
        self._start()
        busy = self._list_busy()
        if not busy:
            return 0
        wait(busy, timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED)
        self._settle_ended()
        return 1

    def close(self) -> None:
        """Ends, once no step runs any more: calls have a moment, then commands are killed and requests abandoned."""
        wait(self._list_busy(), timeout=_CUT, return_when=ALL_COMPLETED)
        self._is_stopped = True
        wait(self._list_busy(), timeout=_CUT, return_when=ALL_COMPLETED)  # now that commands are killed
        try:
            self._settle_ended()
        except Exception as error:  # the outcomes cannot be stored: these calls are made once more, as after a crash
            log_error(log, error, action="stop", result="failed", unsettled=len(self._list_busy()))
        self._pool.shutdown(wait=not self._list_busy())

    def _list_busy(self) -> list[Future[_Outcome]]:
        return [lane.call[1] for lane in self._lanes.values() if lane.call is not None]

    @staticmethod
    def _ready_at(lane: _Lane, due: datetime | None) -> datetime | None:
        """Returns when a hook may make its next call; None while it makes one, or has none to make."""
        if due is None or lane.call is not None:
            return None
        return due if lane.rests_until is None else max(due, lane.rests_until)

    def _start(self) -> None:
        """Takes the calls that are due of hooks that make none, and begins to make them."""
        now = self._clock.now()
        with self._database.read() as connection:
            dues = list_dues(connection)
        ready = [
            lane for name, lane in self._lanes.items() if (at := self._ready_at(lane, dues.get(name))) and at <= now
        ]
        if not ready:
            return
        with self._database.write() as connection:
            taken = [
                (lane, row)
                for lane in ready
                if (row := take_call(connection, lane.hook.name, now, lane.hook.timeout.span + self._lease)) is not None
            ]
        for lane, row in taken:
            lane.call = row, self._pool.submit(self._make, lane.hook, row)

    def _make(self, hook: Hook, row: HookCallRow) -> _Outcome:
        if self._is_dry:
            return Failed(NOT_CALLED)
        try:
            return call_hook(hook, HookCall(row.uid, row.type, row.body), self._clock.now(), lambda: self._is_stopped)
        except Exception as error:  # the worker edge: whatever it was, the call stays and is made again
            log_error(log, error, action="call", result="failed", hook=hook.name, call=row.id)
            return Failed(describe_error(error))

    def _settle_ended(self) -> None:
        """Commits the outcomes of calls that ended; one that no commit holds is made again once its lease is over."""
        ended = [(lane, *lane.call) for lane in self._lanes.values() if lane.call is not None and lane.call[1].done()]
        if not ended:
            return
        for lane, _, _ in ended:
            lane.call = None
        now = self._clock.now()
        with self._database.write() as connection:
            results = [self._settle(connection, lane, row, future.result(), now) for lane, row, future in ended]
        for (lane, row, future), result in zip(ended, results, strict=True):
            self._log(lane, row, future.result(), result)

    def _settle(self, connection: Connection, lane: _Lane, row: HookCallRow, outcome: _Outcome, now: datetime) -> str:
        """Writes an outcome; returns what became of the call, for the log."""
        if self._is_dry:
            finish(connection, hook_calls, row, DISMISSED, last_error=NOT_CALLED)
            return DISMISSED
        if self._is_stopped and isinstance(outcome, Failed):
            release(connection, hook_calls, row, now, row.last_error)
            return "stopped"
        self._note(connection, lane, outcome, now)
        match outcome:
            case Called(reply=reply):
                finish(connection, hook_calls, row, DONE, called_at=now, reply=reply, last_error="", body="")
                return "called"
            case Failed(is_final=False) if now - row.waits_since < self._retry_for:
                postpone(connection, hook_calls, row, now + next_gap(row.attempts), outcome.words)
                return "deferred"
            case Failed():
                finish(connection, hook_calls, row, PARKED, last_error=outcome.words[:2000])
        return PARKED

    def _note(self, connection: Connection, lane: _Lane, outcome: _Outcome, now: datetime) -> None:
        """Notes whether the hook works: each change, and the same status now and then."""
        works = isinstance(outcome, Called)
        lane.pause = 0.0 if works else _PAUSES.longer(lane.pause)
        lane.rests_until = None if works else now + timedelta(seconds=lane.pause)
        if lane.noted is not None and lane.noted[1] == works and abs(now - lane.noted[0]) < _RARELY:
            return
        way = name_hook(lane.hook)
        if isinstance(outcome, Failed):
            note_failure(connection, way, now, outcome.words)
        elif note_success(connection, way, now):
            wake_calls(connection, lane.hook.name, now)
        lane.noted = now, works

    def _log(self, lane: _Lane, row: HookCallRow, outcome: _Outcome, result: str) -> None:
        """Logs an outcome; in an outage of a hook only the first one of each reason, and what is parked."""
        facts = {"action": "call", "hook": lane.hook.name}
        words = outcome.reply if isinstance(outcome, Called) else outcome.words
        if isinstance(outcome, Called):
            if failed := lane.outage.end():
                log.warning(Fields(**facts, result="works_again", failed=failed))
        elif result == "stopped" or (result == "deferred" and not lane.outage.fail(words)):
            return
        level = (
            logging.INFO if result in ("called", DISMISSED) else logging.ERROR if result == PARKED else logging.WARNING
        )
        log.log(level, Fields(**facts, result=result, call=row.id, type=row.type, words=words))
