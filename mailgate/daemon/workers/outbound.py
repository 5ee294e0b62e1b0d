"""Works the outbox off: hands notices to the relay, several connections at once, and keeps what it said (COMMIT 3).

A connection gets its next notice only after the commit that holds its last 250, so that a kill doubles at most one
notice per connection, with the same bytes and Message-ID. Deferred notices are tried again by rule 22 and parked by
age; refused ones are parked at once, and somebody is told.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import astuple
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from mailgate.config import Limits
from mailgate.core.clock import Clock
from mailgate.core.message_parts import Insert, Message, assemble, stream
from mailgate.daemon.workers.relay_status import RelayStatus, write_state
from mailgate.inbound.delivery_failures import DeliveryFailures
from mailgate.inbound.roles import AnsweredNotice
from mailgate.notices.mime.without_files import carries_files, without_files
from mailgate.store.blobs import get_blob, read_blob
from mailgate.store.database import Database
from mailgate.store.outbox import next_notice_due, rewrite_notice, take_notices
from mailgate.store.queue import PARKED, finish, is_due, postpone, renew
from mailgate.store.schema import outbox
from mailgate.store.spool import PIECE
from mailgate.transport.relay import Deferred, Outcome, Rejected, Sent, Skipped, Streamed, next_gap

log = logging.getLogger("mailgate.outbound")

_TOGETHER = 0.003  # seconds that a commit waits for the other dialogues of its round
_CUT = 2.0  # seconds for a dialogue to end when the daemon stops


class NoticeSender(Protocol):
    """What takes notices: `mailgate.transport.relay.Relay`, or the far end that a test plays."""

    def send(self, sender: str, recipient: str, message: bytes | Streamed) -> Outcome: ...

    def close(self) -> None: ...


class OutboundWorker:
    """The worker of the outbox; up to `connections` notices are under way at once, each on a connection of its own."""

    name = "courier"

    def __init__(
        self,
        database: Database,
        clock: Clock,
        relay: NoticeSender,
        connections: int,
        failures: DeliveryFailures,
        limits: Limits,
    ) -> None:
        self._database = database
        self._clock = clock
        self._relay = relay
        self._failures = failures
        self._limits = limits
        self._count = connections
        self._pool = ThreadPoolExecutor(connections, "courier")
        self._busy: dict[Future[Outcome], Row[Any]] = {}
        self._told: list[tuple[Row[Any], Outcome]] = []  # what the relay said and no commit holds yet
        self._way_out = RelayStatus()
        self._renewed_at = clock.now()
        self._renew_every = limits.lease.span / 3

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            return next_notice_due(connection, self._clock.now())

    def step(self) -> int:
        """Send what is due; how many notices are under way or were settled."""
        self._start(self._look())
        if not self._busy and not self._told:
            return 0
        self._start(self._settle_done(FIRST_COMPLETED))
        return 1

    def _start(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            self._busy[self._pool.submit(self._deliver, row)] = row

    def _look(self) -> Sequence[Row[Any]]:
        """What is due, for the connections that have nothing to do."""
        if self._told or len(self._busy) >= self._count:
            return ()
        with self._database.read() as connection:
            if not is_due(connection, outbox, self._clock.now()):
                return ()
        with self._database.write() as connection:
            return self._take(connection)

    def _take(self, connection: Connection) -> Sequence[Row[Any]]:
        room = self._count - len(self._busy)
        return take_notices(connection, self._clock.now(), room, self._limits.lease.span)

    def close(self) -> None:
        """Settle what is under way, once no step runs any more, and hang up; a dialogue that hangs is left behind."""
        try:
            if self._told:
                self._settle_done(ALL_COMPLETED)
            if self._busy:
                self._settle_done(ALL_COMPLETED, _CUT)
        except Exception:  # without the database nothing can be noted: these notices go out once more, as after a crash
            log.exception("action=stop result=failed unsettled=%d", len(self._told) + len(self._busy))
        self._relay.close()
        self._pool.shutdown(wait=not self._busy)

    def _settle_done(self, return_when: str, seconds: float | None = None) -> Sequence[Row[Any]]:
        """Commit what the relay has said, and take what comes next in the same commit, unless this is the end. A
        commit that fails is made again: nothing is sent twice for that."""
        if not self._told:
            patience = self._renew_every.total_seconds() if seconds is None else seconds
            wait(self._busy, timeout=patience, return_when=return_when)
            done, _ = wait(self._busy, timeout=_TOGETHER)
            self._told = [(self._busy.pop(future), future.result()) for future in done]
        news = self._way_out.hear((outcome for _, outcome in self._told), self._clock.now())
        with self._database.write() as connection:
            for row, outcome in self._told:
                self._settle(connection, row, outcome)
            self._renew(connection)
            ends = return_when == ALL_COMPLETED
            following = () if ends or not self._told else self._take(connection)
            if news is not None:  # last, so that couriers wait for each other as shortly as can be
                write_state(connection, news)
        self._way_out.keep(news)
        self._told = []
        return following

    def _renew(self, connection: Connection) -> None:
        now = self._clock.now()
        if now - self._renewed_at >= self._renew_every:
            renew(connection, outbox, list(self._busy.values()), now + self._limits.lease.span)
            self._renewed_at = now

    def _deliver(self, row: Row[Any]) -> Outcome:
        try:
            return self._relay.send(row.return_path, row.recipient, self._assemble(row))
        except Exception as error:  # the worker edge: whatever it was, the notice stays and is tried again
            log.exception("action=send result=failed outbox=%d", row.id)
            return Deferred(f"{type(error).__name__}: {error}")

    def _assemble(self, row: Row[Any]) -> bytes | Streamed:
        """The notice; a large one is read while it is sent."""
        message = _message(row)
        if row.size > PIECE:
            read = partial(read_blob, self._database.read)
            return Streamed(row.size, row.body.isascii(), partial(stream, message, read))
        with self._database.read() as connection:
            return assemble(message, partial(get_blob, connection))

    def _settle(self, connection: Connection, row: Row[Any], outcome: Outcome) -> None:
        log.info(
            "action=send result=%s outbox=%d reference=%s notice=%s to=%s words=%r",
            type(outcome).__name__.lower(), row.id, row.reference, row.notice, row.recipient, outcome.words,
        )  # fmt: skip
        now = self._clock.now()
        if isinstance(outcome, Sent):
            finish(connection, outbox, row, last_error=outcome.words)
            return
        try:
            with connection.begin_nested():
                self._settle_unsent(connection, row, outcome, now)
        except Exception as error:  # the worker edge: one notice must not keep what was said of the others
            log.exception("action=settle result=failed outbox=%d", row.id)
            postpone(connection, outbox, row, now + next_gap(row.attempts), f"{type(error).__name__}: {error}")

    def _settle_unsent(self, connection: Connection, row: Row[Any], outcome: Outcome, now: datetime) -> None:
        match outcome:
            case Skipped():
                finish(connection, outbox, row, PARKED, last_error=outcome.words)
            case Rejected(too_large=True) if carries_files(_message(row)):
                self._send_without_files(connection, row, outcome.words, now)
            case Deferred() if now - row.created_at < self._limits.retry_for.span:
                postpone(connection, outbox, row, now + next_gap(row.attempts), outcome.words)
            case _:
                self._give_up(connection, row, outcome.words, now)

    def _send_without_files(self, connection: Connection, row: Row[Any], words: str, now: datetime) -> None:
        """Rule 17: no ticket stays invisible because its files are too large for the relay."""
        small = without_files(_message(row), f"mailgate export {row.reference}")
        rewrite_notice(connection, row.id, small.body, small.size, tuple(map(astuple, small.inserts)))
        postpone(connection, outbox, row, now, f"too large with its files: {words}")

    def _give_up(self, connection: Connection, row: Row[Any], words: str, now: datetime) -> None:
        if not finish(connection, outbox, row, PARKED, last_error=words) or row.ticket_id is None:
            return
        key = "refused by the relay"
        claim = AnsweredNotice(row.ticket_id, row.number, row.notice, row.lane, row.queue, row.recipient, key)
        self._failures.note(connection, claim, words, now)


def _message(row: Row[Any]) -> Message:
    return Message(row.body, tuple(Insert(*place) for place in row.inserts), row.size)
