"""Sends the outbox: hands notices to the relay on several connections at once and stores the outcomes (COMMIT 3).

One commit finishes what was sent on all connections and takes the next notices. A connection gets its next notice only
after the commit that holds its last 250, so that a kill duplicates at most one notice per connection, with the same
bytes and Message-ID. Three times of four the most urgent notices are taken (`store.outbox.Urgency`), the fourth time
those that are due longest, so that nothing waits without end. While the operator holds sending, no notice is taken, and
those in progress end.

Deferred notices are retried by rule 22 and given up by age; refused ones at once, and those whose bytes are damaged.
What was given up and reported as a delivery failure is `failed`, what was reported to nobody is `parked`. The first
success after an outage of the relay makes all due that the outage has kept.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import astuple
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from mailgate.core.backoff import next_gap
from mailgate.core.log_fields import Fields
from mailgate.core.message_parts import Insert, Message, assemble, stream
from mailgate.core.outage import Outage
from mailgate.daemon.desk import Desk
from mailgate.daemon.relay_status import RelayState, RelayStatus, write_state
from mailgate.inbound.delivery_failures import status_of_reply
from mailgate.inbound.follow_up import AnsweredNotice
from mailgate.notices.left_out import leave_out_largest
from mailgate.notices.mime.without_files import carries_files
from mailgate.store.blobs import DamagedBlob, get_blob, read_blob
from mailgate.store.errors import describe_error, log_error
from mailgate.store.outbox import OutboxRow, is_notice_due, next_notice_due, rewrite_notice, take_notices, wake_notices
from mailgate.store.schema import outbox
from mailgate.store.spool import PIECE
from mailgate.store.work_queue import FAILED, PARKED, finish, finish_all, postpone, renew
from mailgate.transport.relay import Deferred, Outcome, Rejected, Sent, Skipped, Streamed

log = logging.getLogger("mailgate.outbound")

_TOGETHER = 0.01  # seconds that a commit waits for the other dialogues of its round
_LOOK_AGAIN = timedelta(seconds=0.2)
_OF_AGE = 4  # of so many times that notices are taken, one takes the oldest
_BETWEEN_WAKES = timedelta(minutes=1)  # so that a relay that fails every other time does not get everything each time
_CUT = timedelta(seconds=2)  # for a dialogue to end when the daemon stops
_DAMAGED = "the bytes of the notice are damaged in the database"


class OutboundWorker:
    """The worker that sends the outbox, as many notices at once as the relay may have connections."""

    name = "courier"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._database = desk.database
        self._clock = desk.clock
        self._relay = desk.relay
        self._failures = desk.failures
        self._limits = desk.settings.limits
        self._count = desk.settings.relay.connections
        self._pool = ThreadPoolExecutor(self._count, "courier")
        self._takes = 0
        self._busy: dict[Future[Outcome], OutboxRow] = {}
        self._outcomes: list[tuple[OutboxRow, Outcome]] = []  # those that no commit holds yet
        self._relay_status = RelayStatus()
        self._outage = Outage()
        self._woken_at: datetime | None = None
        self._renewed_at = desk.clock.now()
        self._renew_every = self._limits.lease.span / 3

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            return next_notice_due(connection, self._clock.now())

    def step(self) -> int:
        """Sends what is due; 0 where no notice is in progress and none was settled."""
        self._start(self._look())
        if not self._busy and not self._outcomes:
            return 0
        # Idle connections look again meanwhile: a dialogue that hangs must not keep what comes due from them.
        self._gather(FIRST_COMPLETED, _LOOK_AGAIN if len(self._busy) < self._count else self._renew_every)
        if self._outcomes or self._is_renewal_due():
            self._settle_gathered(take=True)
        return 1

    def _start(self, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            self._busy[self._pool.submit(self._deliver, row)] = row

    def _look(self) -> Sequence[OutboxRow]:
        """Takes due notices for the idle connections."""
        if self._outcomes or len(self._busy) >= self._count:
            return ()
        with self._database.read() as connection:
            if not is_notice_due(connection, self._clock.now()):
                return ()
        with self._database.write() as connection:
            return self._take(connection)

    def _take(self, connection: Connection) -> Sequence[OutboxRow]:
        room = self._count - len(self._busy)
        if not room:
            return ()
        oldest = self._takes % _OF_AGE == _OF_AGE - 1
        rows = take_notices(connection, self._clock.now(), room, self._limits.lease.span, oldest=oldest)
        self._takes += bool(rows)
        return rows

    def close(self) -> None:
        """Settles what is in progress, once no step runs any more, and disconnects; a hanging dialogue is abandoned."""
        try:
            if self._outcomes:
                self._settle_gathered(take=False)
            if self._busy:
                self._gather(ALL_COMPLETED, _CUT)
                self._settle_gathered(take=False)
        except Exception as error:  # the outcomes cannot be stored: these notices go out once more, as after a crash
            log_error(log, error, action="stop", result="failed", unsettled=len(self._outcomes) + len(self._busy))
        self._relay.close()
        self._pool.shutdown(wait=not self._busy)

    def _gather(self, return_when: str, patience: timedelta) -> None:
        """Waits for dialogues to end and keeps their outcomes, unless some are kept that no commit holds yet."""
        if not self._outcomes:
            wait(self._busy, timeout=patience.total_seconds(), return_when=return_when)
            done, _ = wait(self._busy, timeout=_TOGETHER)
            self._outcomes = [(self._busy.pop(future), future.result()) for future in done]

    def _settle_gathered(self, *, take: bool) -> None:
        """Commits the outcomes and takes the next notices in the same transaction, which begin at once.

        Outcomes of a commit that fails are kept for the next: nothing is sent twice.
        """
        now = self._clock.now()
        news = self._relay_status.assess((one for _, one in self._outcomes), now, self._relay.size_limit)
        with self._database.write() as connection:
            self._settle(connection, now)
            self._renew(connection)
            following = self._take(connection) if take else ()
            if news is not None:  # last, so that couriers hold this row as shortly as possible
                self._write_state(connection, news)
        self._relay_status.keep(news)
        settled, self._outcomes = self._outcomes, []
        self._start(following)
        for row, outcome in settled:  # while the next dialogues go on
            self._log(row, outcome)

    def _write_state(self, connection: Connection, news: RelayState) -> None:
        """Writes the relay's state; where it works again, what waits only because of the relay is due at once."""
        # A time to come is from before a clock was set back.
        due = self._woken_at is None or abs(news.at - self._woken_at) >= _BETWEEN_WAKES
        if write_state(connection, news) and due:
            self._woken_at = news.at
            log.info(Fields(action="wake", notices=wake_notices(connection, news.at)))

    def _is_renewal_due(self) -> bool:
        return self._clock.now() - self._renewed_at >= self._renew_every

    def _renew(self, connection: Connection) -> None:
        if self._is_renewal_due():
            now = self._clock.now()
            renew(connection, outbox, list(self._busy.values()), now + self._limits.lease.span)
            self._renewed_at = now

    def _deliver(self, row: OutboxRow) -> Outcome:
        if not row.body:
            return Rejected(_DAMAGED)
        try:
            return self._relay.send(row.return_path, row.recipient, self._assemble(row))
        except DamagedBlob as error:
            return Rejected(str(error))
        except Exception as error:  # the worker edge: whatever it was, the notice stays and is tried again
            log_error(log, error, action="send", result="failed", outbox=row.id)
            return Deferred(describe_error(error))

    def _assemble(self, row: OutboxRow) -> bytes | Streamed:
        """Assembles the notice; a large one is read while it is sent."""
        message = _message(row)
        if not message.inserts:
            return message.body
        if row.size > PIECE:
            read = partial(read_blob, self._database.read)
            return Streamed(row.size, row.body.isascii(), partial(stream, message, read))
        with self._database.read() as connection:
            return assemble(message, partial(get_blob, connection))

    def _log(self, row: OutboxRow, outcome: Outcome) -> None:
        """Logs an outcome; in an outage of the relay only the first one of each reason."""
        if isinstance(outcome, Sent):
            if failed := self._outage.end():
                log.warning(Fields(action="send", result="works_again", failed=failed))
        elif isinstance(outcome, Deferred) and not outcome.of_recipient and not self._outage.fail(outcome.words):
            return
        log.log(
            logging.INFO if isinstance(outcome, Sent) else logging.WARNING,
            Fields(
                action="send",
                result=type(outcome).__name__.lower(),
                outbox=row.id,
                reference=row.reference,
                message_id=f"<{row.message_id}>",
                notice=row.notice,
                to=row.recipient,
                words=outcome.words,
            ),
        )

    def _settle(self, connection: Connection, now: datetime) -> None:
        """Writes the outcomes: of all notices that were sent in one statement, of each of the others for itself."""
        sent = [
            (row, {"last_error": "", "sent_at": now, "relay_reply": outcome.words})
            for row, outcome in self._outcomes
            if isinstance(outcome, Sent)
        ]
        finish_all(connection, outbox, sent)
        for row, outcome in self._outcomes:
            if not isinstance(outcome, Sent):
                self._settle_alone(connection, row, outcome, now)

    def _settle_alone(self, connection: Connection, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        try:
            with connection.begin_nested():
                self._settle_unsent(connection, row, outcome, now)
        except Exception as error:  # the worker edge: one notice must not undo the outcomes of the others
            log_error(log, error, action="settle", result="failed", outbox=row.id)
            postpone(connection, outbox, row, now + next_gap(row.attempts), describe_error(error))

    def _settle_unsent(self, connection: Connection, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        match outcome:
            case Skipped():
                finish(connection, outbox, row, PARKED, last_error=outcome.words)
            case Rejected(too_large=True) if carries_files(_message(row)):
                self._send_without_files(connection, row, outcome, now)
            case Deferred() if now - row.waits_since < self._limits.retry_for.span:
                more = {"relay_reply": outcome.reply, "of_recipient": outcome.of_recipient}
                postpone(connection, outbox, row, now + next_gap(row.attempts), outcome.words, **more)
            case Deferred() | Rejected():
                self._give_up(connection, row, outcome, now)

    def _send_without_files(self, connection: Connection, row: OutboxRow, refused: Rejected, now: datetime) -> None:
        """Queues the notice without its largest files: a ticket must not stay unseen because of them (rule 17)."""
        desk = self._desk
        small, left_out = leave_out_largest(
            connection, row, _message(row), refused.most,
            settings=desk.settings, templates=desk.templates, directory=desk.directory,
        )  # fmt: skip
        rewrite_notice(connection, row.id, small.body, small.size, tuple(map(astuple, small.inserts)))
        if row.ticket_id is not None:
            desk.tickets.note_left_out(connection, row.ticket_id, left_out, now)
        names = ", ".join(file.filename for file in left_out.files)
        postpone(connection, outbox, row, now, f"too large with {names}: {refused.words}")

    def _give_up(self, connection: Connection, row: OutboxRow, outcome: Deferred | Rejected, now: datetime) -> None:
        """Ends a notice that will not be sent: `failed` where that is reported to a person, else `parked`."""
        words = outcome.words
        is_reported = row.ticket_id is not None or self._failures.reports_of(row.notice, row.recipient)
        state = FAILED if is_reported else PARKED
        if not finish(connection, outbox, row, state, last_error=words, relay_reply=outcome.reply):
            return
        if not is_reported:
            log.error(
                Fields(action="send", result="parked", outbox=row.id, notice=row.notice, to=row.recipient, reason=words)
            )
            return
        if row.ticket_id is None:
            self._failures.note_outside(connection, row.notice, row.recipient, words, now)
            return
        key = "refused by the relay"
        refused = AnsweredNotice(row.ticket_id, row.number, row.notice, row.lane, row.queue, row.recipient, key)
        status = status_of_reply(words) if isinstance(outcome, Rejected) else ""
        self._failures.note(connection, refused, words, now, server_words=words, status=status)


def _message(row: OutboxRow) -> Message:
    return Message(row.body, tuple(Insert(*place) for place in row.inserts), row.size)
