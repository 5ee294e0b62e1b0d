"""An IMAP mailbox that the desk's own code reads into a real journal."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, select

from mailgate.core.clock import Clock, SystemClock
from mailgate.store.blobs import get_blob
from mailgate.store.database import Database
from mailgate.store.schema import journal
from mailgate.store.work_queue import finish, take
from mailgate.transport.acceptance import Accept, Acceptor
from mailgate.transport.imap.mailbox import Mailbox
from mailgate.transport.imap.settings import MailboxSettings
from mailgate.transport.imap.state import MailboxState
from tests.support.dovecot import PASSWORD, Dovecot

_users = itertools.count()


def fresh_user() -> str:
    """A user that no other test of this run writes to."""
    return f"user{next(_users)}"


def make_mail(number: int, size: int = 0) -> bytes:
    """A request; `size` more bytes of it."""
    head = f"From: u{number}@example.org\r\nTo: support@example.com\r\nSubject: help {number}\r\n"
    body = f"Message-ID: <{number}@client.example.org>\r\n\r\nIt is broken, number {number}.\r\n"
    return (head + body).encode() + (b"y" * 70 + b"\r\n") * (size // 72)


def numbers(rows: list[Row[Any]]) -> list[int]:
    """Which of `make_mail` they are."""
    return [int(row.message_id.partition("@")[0]) for row in rows]


@dataclass
class RecordedStatus:
    """Records the status that a mailbox reports."""

    successes: int = 0
    errors: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def succeeded(self, name: str) -> None:  # noqa: ARG002 - there is one
        with self.changed:
            self.successes += 1
            self.changed.notify_all()

    def counted(self, name: str, **figures: object) -> None:  # noqa: ARG002
        with self.changed:
            self.figures |= figures
            self.changed.notify_all()

    def failed(self, name: str, error: str) -> None:  # noqa: ARG002
        with self.changed:
            self.errors.append(error)
            self.changed.notify_all()

    def wait_for(self, successes: int = 0, errors: int = 0, seconds: float = 20.0) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.successes >= successes and len(self.errors) >= errors, seconds)


class MailboxReader:
    """`with MailboxReader(settings, url) as reader:` reads a mailbox into a journal."""

    def __init__(
        self, settings: MailboxSettings, database_url: str, clock: Clock | None = None, holder: str = ""
    ) -> None:
        self.status = RecordedStatus()
        self.database = Database(database_url)
        self.database.create()
        self._stored = threading.Condition()
        self._settings = settings
        self._clock = clock or SystemClock()
        self._holder = holder
        self.accept: Accept | None = None  # in place of the intake's

    def __enter__(self) -> MailboxReader:
        self.intake = Acceptor(self.database, self._note)
        ledger = MailboxState(self.database, self._clock, self._settings, self._holder)
        accept = self.accept or self.intake.accept
        self.mailbox = Mailbox(self._settings, accept, ledger, self.status, self._clock)
        self.mailbox.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.mailbox.stop()
        self.mailbox.join(20)
        assert not self.mailbox.is_alive()
        self.intake.close()
        self.database.close()

    def _note(self) -> None:
        with self._stored:
            self._stored.notify_all()

    def rows(self) -> list[Row[Any]]:
        """The journal."""
        with self.database.read() as connection:
            return list(connection.execute(select(journal).order_by(journal.c.id)))

    def raw(self, row: Row[Any]) -> bytes:
        """The bytes of a mail in the journal."""
        with self.database.read() as connection:
            return get_blob(connection, row.blob_id)

    def forget(self, row: Row[Any]) -> None:
        """Lose a mail: it was never stored."""
        with self.database.write() as connection:
            connection.execute(delete(journal).where(journal.c.id == row.id))

    def wait_for(self, count: int, seconds: float = 20.0) -> list[Row[Any]]:
        """Wait until so many mails are stored; all of them."""
        with self._stored:
            self._stored.wait_for(lambda: len(self.rows()) >= count, seconds)
        rows = self.rows()
        assert len(rows) >= count, f"{len(rows)} mails are stored, errors: {self.status.errors}"
        return rows

    def work_off(self, most: int = 1000) -> int:
        """Takes the place of the worker."""
        now = datetime.now(UTC)
        with self.database.write() as connection:
            rows = take(connection, journal, now, most, now - now)
            for row in rows:
                finish(connection, journal, row)
        return len(rows)


def settings_for(server: Dovecot, user: str, **more: Any) -> MailboxSettings:
    """A mailbox of that user, by plain IMAP, impatient."""
    base = MailboxSettings(
        name=f"imap {user}@127.0.0.1 INBOX", host="127.0.0.1", port=server.imap, tls="none", user=user,
        password=PASSWORD, first_start="all", first_pause=0.01, longest_pause=0.2, timeout=5.0, idle_window=2.0,
        poll_every=0.1,
    )  # fmt: skip
    return replace(base, **more)


def holds(server: Dovecot, user: str, folder: str = "INBOX") -> int:
    """How many mails stand in a folder, -1 where there is none."""
    with server.client(user) as client:
        if not client.folder_exists(folder):
            return -1
        return int(client.select_folder(folder, readonly=True)[b"EXISTS"])
