"""Gives every mail to the virus scanner before it is processed (`[intake.scan]`).

A mail is scanned after it is stored and acknowledged, outside of any transaction. Exit status 0 of the command lets it
in. 1 quarantines it, and the operator gets an alarm. Anything else says that the scanner does not work: then mail
waits, and is never processed unscanned. A mail on which the scanner fails again and again while it examines others is
quarantined, too: it would wait for ever, and nobody would hear of it.
"""

from __future__ import annotations

import logging
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection

from mailgate.config import SCANNER
from mailgate.core.backoff import Backoff
from mailgate.core.log_fields import Fields
from mailgate.core.outage import Outage
from mailgate.daemon.desk import Desk
from mailgate.notices.alarms import QUARANTINED as QUARANTINED_MAIL
from mailgate.notices.alarms import Alarm
from mailgate.store.blobs import DamagedBlob, read_blob
from mailgate.store.errors import describe_error, log_error
from mailgate.store.journal import UNSCANNED, JournalRow, note_scanned, take_unscanned
from mailgate.store.schema import journal
from mailgate.store.source_status import note_failure, note_success
from mailgate.store.work_queue import QUARANTINED, finish, is_due, next_due, release
from mailgate.transport.program import run_program

log = logging.getLogger("mailgate.scanner")

AT_ONCE = 4  # mails that are scanned side by side
_PAUSES = Backoff(first=1.0, longest=60.0)
_LOOK_AGAIN = 0.2  # seconds that a step waits for a scan to end
_RARELY = timedelta(seconds=15)  # between two writes of the same status
_CUT = 2.0  # seconds for a scan to end when the daemon stops
_INFECTED = 1
_MOST_FAILURES = 5  # on one mail, each after a success with another
_PAUSE_OF_ONE = timedelta(minutes=1)  # after the second of them
_STUBBORN = timedelta(minutes=15)  # since the first of them, at least
_LONGEST = 300  # characters of the scanner's words that are kept


class _Verdict(Enum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNKNOWN = "the scanner does not work"


@dataclass(slots=True)
class _Failures:
    """Failures on one mail between which other mails were examined; `examined` is their count at the last one."""

    since: datetime
    examined: int
    count: int = 1


_Scan = tuple[_Verdict, str]  # with the scanner's words


class ScanWorker:
    """The worker that runs the virus scanner."""

    name = "scanner"

    def __init__(self, desk: Desk) -> None:
        scan = desk.settings.intake.scan
        assert scan is not None  # else it is not enabled
        self._scan = scan
        self._database = desk.database
        self._clock = desk.clock
        self._system_notices = desk.system_notices
        self._lease = scan.timeout.span + desk.settings.limits.lease.span
        self._pool = ThreadPoolExecutor(AT_ONCE, "scanner")
        self._busy: dict[Future[_Scan], JournalRow] = {}
        self._outage = Outage()
        self._pause = 0.0  # seconds after its last failure, 0 while it works
        self._rests_until: datetime | None = None
        self._noted: tuple[datetime, bool] | None = None  # the status that was written last, and whether it was well
        self._examined = 0  # mails, since the start
        self._failures: dict[int, _Failures] = {}  # by the row of the journal
        self._is_stopped = False

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            due = next_due(connection, journal, self._clock.now(), UNSCANNED)
        return due if due is None or self._rests_until is None else max(due, self._rests_until)

    def step(self) -> int:
        """Scans what is due; 0 where nothing is being scanned."""
        self._start()
        if not self._busy:
            return 0
        wait(self._busy, timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED)
        self._settle_ended()
        return 1

    def close(self) -> None:
        """Ends, once no step runs any more: scans have a moment, then they are killed and made again later."""
        wait(self._busy, timeout=_CUT, return_when=ALL_COMPLETED)
        self._is_stopped = True
        wait(self._busy, timeout=_CUT, return_when=ALL_COMPLETED)  # now that they are killed
        try:
            self._settle_ended()
        except Exception as error:  # the verdicts cannot be stored: these mails are scanned again, as after a crash
            log_error(log, error, action="stop", result="failed", unsettled=len(self._busy))
        self._pool.shutdown(wait=not self._busy)

    def _start(self) -> None:
        now, room = self._clock.now(), AT_ONCE - len(self._busy)
        if not room or (self._rests_until is not None and now < self._rests_until):
            return
        with self._database.read() as connection:
            if not is_due(connection, journal, now, UNSCANNED):
                return
        with self._database.write() as connection:
            rows = take_unscanned(connection, now, 1 if self._pause else room, self._lease)
        for row in rows:
            self._busy[self._pool.submit(self._examine, row)] = row

    def _examine(self, row: JournalRow) -> _Scan:
        """Runs the scanner with the bytes of a mail."""
        command, seconds = self._scan.command, self._scan.timeout.span.total_seconds()
        try:
            pieces = read_blob(self._database.read, row.blob_id)
            ended = run_program(command, pieces, seconds, is_stopped=lambda: self._is_stopped)
        except (DamagedBlob, KeyError):
            return _Verdict.CLEAN, ""  # its bytes are lost: the worker parks it, and nobody can read it
        except OSError as error:
            return _Verdict.UNKNOWN, f"cannot run {command[0]}: {(error.strerror or str(error)).lower()}"
        except Exception as error:  # the worker edge: whatever it was, the mail waits
            log_error(log, error, action="scan", result="failed", journal=row.id)
            return _Verdict.UNKNOWN, describe_error(error)
        if ended.status == 0:
            return _Verdict.CLEAN, ""
        if ended.status == _INFECTED:
            return _Verdict.INFECTED, ended.said[:_LONGEST] or "no words"
        return _Verdict.UNKNOWN, ended.words[:_LONGEST]

    def _settle_ended(self) -> None:
        """Commits the verdicts of scans that ended; one that no commit holds is made again once its lease is over."""
        ended = [(self._busy.pop(future), *future.result()) for future in list(self._busy) if future.done()]
        if not ended:
            return
        now = self._clock.now()
        with self._database.write() as connection:
            for row, verdict, words in ended:
                self._settle(connection, row, verdict, words, now)
        for row, verdict, words in ended:
            self._log(row, verdict, words)

    def _settle(self, connection: Connection, row: JournalRow, verdict: _Verdict, words: str, now: datetime) -> None:
        works = verdict is not _Verdict.UNKNOWN
        if works:
            self._pause, self._rests_until = 0.0, None
        elif not self._is_stopped:
            self._pause = _PAUSES.longer(self._pause)
            self._rests_until = now + timedelta(seconds=self._pause)
        if works or not self._is_stopped:
            self._note(connection, works, words, now)
        if works:
            self._examined += 1
            self._failures.pop(row.id, None)
        elif not self._is_stopped and self._is_stubborn(row, now):
            verdict, words = _Verdict.INFECTED, f"cannot be scanned: {words}"[:_LONGEST]
        match verdict:
            case _Verdict.CLEAN:
                note_scanned(connection, row, now)
            case _Verdict.INFECTED:
                if finish(connection, journal, row, QUARANTINED, last_error=words):
                    author = row.author or row.sender or "an unknown sender"
                    alarm = Alarm(QUARANTINED_MAIL, (row.id, author, row.subject, words))
                    self._system_notices.alarm(connection, alarm, now)
            case _Verdict.UNKNOWN:
                failures = self._failures.get(row.id)
                again = now + _PAUSE_OF_ONE if failures is not None and failures.count > 1 else now
                # An attempt is not the mail's.
                release(connection, journal, row, max(again, self._rests_until or now), words)

    def _is_stubborn(self, row: JournalRow, now: datetime) -> bool:
        """Counts a failure on a mail, and tells whether it is this mail that the scanner cannot examine."""
        known = self._failures.get(row.id)
        if known is None or now < known.since:
            self._failures[row.id] = _Failures(now, self._examined)
            return False
        if self._examined > known.examined:
            known.count, known.examined = known.count + 1, self._examined
        is_stubborn = known.count >= _MOST_FAILURES and now - known.since >= _STUBBORN
        if is_stubborn:
            del self._failures[row.id]
        return is_stubborn

    def _note(self, connection: Connection, works: bool, words: str, now: datetime) -> None:
        """Notes whether the scanner works: each change, and the same status now and then."""
        if self._noted is not None and self._noted[1] == works and abs(now - self._noted[0]) < _RARELY:
            return
        if works:
            note_success(connection, SCANNER, now)
        else:
            note_failure(connection, SCANNER, now, words)
        self._noted = now, works

    def _log(self, row: JournalRow, verdict: _Verdict, words: str) -> None:
        """Logs what was quarantined, and the beginning and the end of an outage; a clean mail has no line."""
        if verdict is _Verdict.UNKNOWN:
            if not self._is_stopped and self._outage.fail(words):
                log.error(Fields(action="scan", result="failed", journal=row.id, reason=words))
            return
        if failed := self._outage.end():
            log.warning(Fields(action="scan", result="works_again", failed=failed))
        if verdict is _Verdict.INFECTED:
            sender = {"from": row.author or row.sender}
            log.warning(Fields(action="scan", result="quarantined", journal=row.id, **sender, reason=words))
