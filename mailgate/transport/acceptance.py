"""Acceptance of mail: every source stores a mail with `Acceptor.accept`, and only then acknowledges it.

Mails that wait at the same moment share one commit (group commit): a writer thread takes those that have gathered,
stores them in one transaction and then resolves their futures. A mail that cannot be stored fails its future; the
source then answers 451 or exits with 75, and the peer keeps the mail and offers it again. No mail is parsed here:
only three of its headers are looked at, for the listings of the journal.

Failed stores are figures of their way in. A database that takes no mail may take no figures either: they are written
when it can be, at the latest with the first success.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from mailgate.core.log_fields import Fields
from mailgate.core.mail import Envelope
from mailgate.core.outage import Outage
from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.mime.headers import decode_header
from mailgate.store.database import Database, describe_loss
from mailgate.store.errors import describe_error, log_error
from mailgate.store.journal import JournalEntry, append_all
from mailgate.store.source_status import get_status, note_failure, note_figures, note_success
from mailgate.store.spool import Spool

log = logging.getLogger("mailgate.intake")

_LISTENERS = frozenset({"smtp", "lmtp"})  # the other ways in report what they cannot store themselves
_RARELY = 15.0  # seconds between attempts to write of failures
GROUP = 64  # mails that share one commit at most
HEAD_LIMIT = 65_536  # bytes of a mail in which its header block is looked for
LONGEST_AUTHOR, LONGEST_SUBJECT = 320, 200  # letters that the journal keeps for its listings
_HEADER_LIMIT = 2_000  # bytes of one header that are decoded: enough for those letters
# One pattern for the three headers: each is looked for at the beginnings of lines only, in one pass.
_LISTED = re.compile(
    rb"\n(?:message-id:[ \t]*(?:\r?\n[ \t]+)?<(?P<message_id>[^<>\r\n]{1,500})>"
    rb"|from[ \t]*:(?P<author>[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
    rb"|subject[ \t]*:(?P<subject>[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*))",
    re.IGNORECASE,
)

Accept = Callable[[Envelope, bytes | Spool], "Future[StoredMail]"]
"""Takes a mail and promises to store it. The future resolves when it is durable and raises when it cannot be."""


@dataclass(frozen=True, slots=True)
class StoredMail:
    """Result of storing a mail durably: the id of its row in the journal."""

    journal_id: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: JournalEntry
    future: Future[StoredMail]

    def close(self) -> None:
        if isinstance(self.entry.raw, Spool):
            self.entry.raw.close()


def make_entry(envelope: Envelope, raw: bytes | Spool) -> JournalEntry:
    """Makes the journal's entry of a mail: of its header block only what listings of the journal show is read."""
    headers = _read_listed(raw if isinstance(raw, bytes) else raw.head)
    authors = read_addresses(_unfold(headers.get("author", b"")))
    return JournalEntry(
        envelope=envelope,
        raw=raw,
        message_id=headers.get("message_id", b"").decode("ascii", "replace").replace("\0", ""),
        author=authors[0].address[:LONGEST_AUTHOR] if authors else "",
        subject=decode_header(_unfold(headers.get("subject", b"")))[:LONGEST_SUBJECT],
    )


def _read_listed(raw: bytes) -> dict[str, bytes]:
    """Finds the first of each header that the journal lists, as it stands there."""
    end = raw.find(b"\n\r\n", 0, HEAD_LIMIT)
    end = end if end >= 0 else HEAD_LIMIT
    bare = raw.find(b"\n\n", 0, end)
    headers: dict[str, bytes] = {}
    for found in _LISTED.finditer(b"\n" + raw[: bare if bare >= 0 else end]):
        name = str(found.lastgroup)
        headers.setdefault(name, found[name])
        if len(headers) == _LISTED.groups:
            break
    return headers


def _unfold(value: bytes) -> bytes:
    return value.replace(b"\r", b"").replace(b"\n", b"").strip()[:_HEADER_LIMIT]


def _log_stored(entry: JournalEntry, stored: StoredMail) -> None:
    envelope = entry.envelope
    log.info(
        Fields(
            action="store",
            result="ok",
            journal=stored.journal_id,
            message_id=entry.message_id and f"<{entry.message_id}>",
            source=envelope.source,
            source_key=envelope.source_key,
            peer=envelope.peer,
            from_=entry.author or envelope.sender,
            sender=envelope.sender if envelope.sender != entry.author else None,
            recipients=len(envelope.recipients),
            size=envelope.whole_size or len(entry.raw),
        )
    )


@dataclass(slots=True)
class _Failures:
    """Failed stores of a way in: those not written yet, since when, and the last error."""

    since: datetime
    count: int = 0
    error: str = ""


class Acceptor:
    """Stores mails. `stored` is called after each commit, so that the worker wakes up."""

    def __init__(self, database: Database, stored: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._stored = stored
        self._outage = Outage()
        self._failures: dict[str, _Failures] = {}  # of the writer thread: by way in, until it works again
        self._tried_at = float("-inf")  # monotonic
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="intake-writer", daemon=True)
        self._writer.start()

    def accept(self, envelope: Envelope, raw: bytes | Spool) -> Future[StoredMail]:
        """Hands over a mail; the future resolves when it is durable, and raises if it cannot be stored.

        A Spool is closed in both cases.
        """
        future: Future[StoredMail] = Future()
        future.set_running_or_notify_cancel()  # a peer that hangs up must not cancel the storing
        self._waiting.put(_Waiting(make_entry(envelope, raw), future))
        return future

    def close(self) -> None:
        """Stores the mails that wait, then ends the writer thread."""
        self._waiting.put(None)
        self._writer.join()

    def _write(self) -> None:
        ending = False
        while not ending:
            group = [self._waiting.get()]
            while len(group) < GROUP and not self._waiting.empty():
                group.append(self._waiting.get())
            ending = None in group
            self._store([waiting for waiting in group if waiting is not None])

    def _store(self, group: list[_Waiting]) -> None:
        if not group:
            return
        try:
            with self._database.write(urgent=True) as connection:
                stored = [StoredMail(row) for row in append_all(connection, [waiting.entry for waiting in group])]
        except Exception as error:  # an intake edge: whatever it was, no source may answer 250
            # One mail that cannot be stored must not refuse the others; a lost database would make each of them wait.
            if len(group) > 1 and not describe_loss(error):
                for waiting in group:
                    self._store([waiting])
                return
            for waiting in group:
                self._refuse(waiting, error)
            return
        for waiting, receipt in zip(group, stored, strict=True):
            _log_stored(waiting.entry, receipt)  # before it is acknowledged: what a peer has a number of is in the log
            waiting.close()
        for waiting, receipt in zip(group, stored, strict=True):  # one after the other: they wake their source once
            waiting.future.set_result(receipt)
        if failed := self._outage.end():
            log.warning(Fields(action="store", result="works_again", failed=failed))
        if self._failures:
            self._write_failures(group[-1].entry.envelope.received_at, works=True)
        self._stored()

    def _refuse(self, waiting: _Waiting, error: Exception) -> None:
        self._log_failure(error)
        waiting.close()
        self._note_failure(waiting.entry.envelope, error)
        waiting.future.set_exception(error)

    def _log_failure(self, error: Exception) -> None:
        """Logs the first failure of an outage: each source offers each of its mails again and again."""
        if self._outage.fail(type(error).__name__):
            log_error(log, error, action="store", result="failed")

    def _note_failure(self, envelope: Envelope, error: Exception) -> None:
        """Counts a failed store of a way in and writes it at once if the database lets it, but not at each mail."""
        if envelope.source not in _LISTENERS:
            return
        failures = self._failures.setdefault(envelope.source, _Failures(since=envelope.received_at))
        failures.count, failures.error = failures.count + 1, describe_error(error)
        if time.monotonic() - self._tried_at >= _RARELY:
            self._tried_at = time.monotonic()
            self._write_failures(envelope.received_at, works=False)

    def _write_failures(self, now: datetime, *, works: bool) -> None:
        """Writes what failed, and with `works` that all of it works again; what cannot be written is kept."""
        with suppress(Exception):  # the database that takes no mail: the log has that
            with self._database.write() as connection:
                for way, failures in self._failures.items():
                    row = get_status(connection, way)
                    total = failures.count + (int(row.figures.get("not_stored", 0)) if row is not None else 0)
                    if works:
                        note_success(connection, way, now, not_stored=total, not_stored_at=now.isoformat())
                    else:
                        note_failure(connection, way, failures.since, failures.error)
                        note_figures(connection, way, not_stored=total)
            for failures in self._failures.values():
                failures.count = 0
            if works:
                self._failures.clear()
