"""Mail that a delivery agent puts into a Maildir: looked for twice a second, stored, and only then moved to cur/.

A mail that a crash kept from being moved is known by its name and not stored twice. Nothing here raises: failures go to
the source status and the log, with what to do, and are tried again; a file that fails waits alone, the others pass.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailgate.core.backoff import Backoff
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Envelope
from mailgate.core.source_keys import maildir_key
from mailgate.store.database import describe_loss
from mailgate.store.errors import describe_error, log_error
from mailgate.store.spool import HEAD, Spool
from mailgate.transport.acceptance import Accept
from mailgate.transport.maildir.files import (
    MaildirUnavailable,
    NewFile,
    ReadMessage,
    UnreadableMessage,
    list_new,
    put_away,
    read_mail,
)
from mailgate.transport.status import StatusListener

log = logging.getLogger("mailgate.intake")

GROUP = 64  # mails
GROUP_SIZE = 8 * 2**20  # bytes
_SEEN, _FLAGGED = "S", "F"


@dataclass(slots=True)
class _Trial:
    """Retry of a failed file: `pause` in seconds, `until` in monotonic time; `refused`: the cause is not the file."""

    pause: float = 0.0
    until: float = 0.0
    refused: bool = False


class MaildirIntake(threading.Thread):
    """Empties new/ of the Maildir at `path` into the journal.

    `address` is whose mail it is, "" for nobody's. Of a mail larger than `max_size` bytes the head is stored. `known`
    tells which of these source keys stand in the journal already. `look_every` is in seconds. With `dry_run` nothing in
    the Maildir is changed.
    """

    def __init__(
        self,
        path: Path,
        address: str,
        max_size: int,
        accept: Accept,
        status: StatusListener,
        clock: Clock,
        *,
        look_every: float = 0.5,
        backoff: Backoff | None = None,
        known: Callable[[Sequence[str]], Container[str]] = lambda _: (),
        dry_run: bool = False,
    ) -> None:
        super().__init__(name=f"maildir {path}", daemon=True)
        self._path = path
        self._recipients = (address,) if address else ()
        self._max_size = max_size
        self._accept = accept
        self._status = status
        self._clock = clock
        self._look_every = look_every
        self._backoff = backoff or Backoff()
        self._known = known
        self._dry_run = dry_run
        self._stopped = threading.Event()
        self._pause = 0.0
        self._reported = ""
        self._unmoved = ""
        self._counted: dict[str, int] = {}
        self._stored: dict[str, str] = {}  # by file name: what is in the journal and still in new/, and its flag
        self._trials: dict[str, _Trial] = {}  # by file name

    @property
    def is_storing(self) -> bool:
        """Tells whether mails may be in hand that are not durable yet; always True, since nothing else takes long."""
        return True

    def stop(self) -> None:
        """Asks the thread to end; the group in progress is finished."""
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.is_set():
            self._stopped.wait(self.scan())

    def scan(self) -> float:
        """Takes the mails that wait and returns the seconds until the next scan."""
        try:
            problem = self._look()
        except Exception as error:  # the edge of the source: the thread must survive any error
            problem = describe_loss(error)
            if not problem:
                log_error(log, error, way=self.name, action="scan", result="failed")
                problem = f"an internal error of mailgate, see its log: {error!r}"
        self._report(problem or self._describe_rest())
        self._pause = self._backoff.longer(self._pause) if problem else 0.0
        return self._pause or self._look_every

    def _describe_rest(self) -> str:
        """Describes what is wrong with some mails although others pass; "" for nothing."""
        if self._unmoved:
            return self._unmoved
        refused = sum(trial.refused for trial in self._trials.values())
        unreadable = len(self._trials) - refused
        if (figures := {"unstored": refused, "unreadable": unreadable}) != self._counted:
            self._counted = figures
            self._status.counted(self.name, **figures)
        return "emails stay in new because they could not be stored; see the log for each reason" if refused else ""

    def _report(self, problem: str) -> None:
        if problem:
            self._status.failed(self.name, problem)
        else:
            self._status.succeeded(self.name)
        if problem != self._reported:
            self._reported = problem
            if problem:
                log.error(Fields(way=self.name, action="scan", result="failed", reason=problem))
            else:
                log.info(Fields(way=self.name, action="scan", result="ok"))

    def _look(self) -> str:
        """Takes all mails, group by group; returns the reason where it makes no sense to continue, else ""."""
        files = list_new(self._path)
        if isinstance(files, MaildirUnavailable):
            return files.words
        self._forget({file.name for file in files})
        now = time.monotonic()
        due = [file for file in files if file.name not in self._stored and self._is_due(file, now)]
        self._unmoved = ""
        self._put_away([file for file in files if file.name in self._stored])
        for group in self._groups(due):
            if self._stopped.is_set():
                break
            if problem := self._take(group):
                return problem
        return ""

    def _forget(self, names: set[str]) -> None:
        """Drops the state of files that are gone."""
        for gone in self._stored.keys() - names:
            del self._stored[gone]
        for gone in self._trials.keys() - names:
            del self._trials[gone]

    def _is_due(self, file: NewFile, now: float) -> bool:
        trial = self._trials.get(file.name)
        return trial is None or trial.until <= now

    def _groups(self, files: Sequence[NewFile]) -> Iterator[list[NewFile]]:
        """Files that are stored together: bounded, whatever lies there."""
        group: list[NewFile] = []
        size = 0
        for file in files:
            takes = HEAD if file.size > self._max_size else file.size
            if group and (len(group) == GROUP or size + takes > GROUP_SIZE):
                yield group
                group, size = [], 0
            group.append(file)
            size += takes
        if group:
            yield group

    def _take(self, group: Sequence[NewFile]) -> str:
        """Stores a group and then moves it; returns the reason where none of it could be stored, else ""."""
        known = self._known([self._key(file) for file in group])
        offered: list[tuple[NewFile, Future[Any]]] = []
        for file in group:
            if self._key(file) in known:
                self._note_stored(file, "known")  # from before a crash, or a dry run
            elif isinstance(read := read_mail(self._path, file, self._max_size), UnreadableMessage):
                self._postpone_unreadable(file, read)
            else:
                offered.append((file, self._offer(file, read)))
        failures = [
            describe_error(error) for file, future in offered if (error := self._wait_for(file, future)) is not None
        ]
        self._put_away([file for file in group if file.name in self._stored])
        if not offered or len(failures) < len(offered):
            return ""
        reason = failures[0].partition("\n")[0]
        return f"emails stay in new because they could not be stored ({reason}); they are retried, check the database"

    def _key(self, file: NewFile) -> str:
        return maildir_key(self._path, file.label)

    def _offer(self, file: NewFile, read: ReadMessage) -> Future[Any]:
        envelope = Envelope(
            sender=None,
            recipients=self._recipients,
            source="maildir",
            received_at=self._clock.now(),
            source_key=self._key(file),
            whole_size=read.whole_size,
        )
        try:
            return self._accept(envelope, read.content)
        except Exception as error:
            if isinstance(read.content, Spool):
                read.content.close()
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed

    def _wait_for(self, file: NewFile, future: Future[Any]) -> BaseException | None:
        """Waits until a mail is durable. Returns why it is not."""
        error = future.exception()
        if error is None:
            self._note_stored(file, "ok")
            return None
        if self._postpone(file, refused=True) and not describe_loss(error):  # that is logged where mails are stored
            log.error(
                Fields(way=self.name, action="accept", file=file.name, result="failed", reason=describe_error(error))
            )
        return error

    def _note_stored(self, file: NewFile, result: str) -> None:
        self._trials.pop(file.name, None)
        self._stored[file.name] = _FLAGGED if file.size > self._max_size else _SEEN
        log.info(Fields(way=self.name, action="accept", file=file.name, size=file.size, result=result))

    def _postpone_unreadable(self, file: NewFile, unreadable: UnreadableMessage) -> None:
        if unreadable.words and self._postpone(file, refused=unreadable.by_us):
            log.error(Fields(way=self.name, action="read", file=file.name, result="failed", reason=unreadable.words))

    def _postpone(self, file: NewFile, *, refused: bool = False) -> bool:
        """Postpones a file, longer each time; True at the first time."""
        is_first = file.name not in self._trials
        trial = self._trials.setdefault(file.name, _Trial())
        trial.pause = self._backoff.longer(trial.pause)
        trial.until = time.monotonic() + trial.pause
        trial.refused = refused
        return is_first

    def _put_away(self, files: Sequence[NewFile]) -> None:
        """Moves stored mails to cur/; one that cannot be moved is not stored again, and is moved at a later scan."""
        for file in files if not self._dry_run else ():
            closed = put_away(self._path, file, self._stored[file.name])
            if closed is None:
                del self._stored[file.name]
            else:
                self._unmoved = closed.words
