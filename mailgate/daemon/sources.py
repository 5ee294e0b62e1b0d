"""All ways in of one process: built from the settings, started, watched and stopped together.

SMTP and LMTP share an event loop in a thread of its own; each IMAP folder and each Maildir has a thread. A listener
that cannot listen keeps the desk from starting (OSError); a mailbox that does not answer does not: it is told, and
tried again.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from mailgate.config import ImapTable, Listen, MaildirTable, Settings
from mailgate.config.source_names import name_mailbox
from mailgate.core.clock import Clock
from mailgate.daemon.desk import Desk
from mailgate.store.database import Database
from mailgate.store.journal import find_offered
from mailgate.transport.acceptance import Acceptor
from mailgate.transport.imap.mailbox import Mailbox
from mailgate.transport.imap.settings import MailboxSettings
from mailgate.transport.imap.state import MailboxState
from mailgate.transport.maildir.watcher import MaildirIntake
from mailgate.transport.oauth.account import OAuthAccount
from mailgate.transport.smtp.listener import Listener
from mailgate.transport.smtp.lmtp import LmtpIntake, LmtpSettings
from mailgate.transport.smtp.server import SmtpIntake, SmtpSettings
from mailgate.transport.status import SourceStatus

_START = 10.0  # seconds to begin to listen
_IDLE_END = 1.0  # seconds for a reader that has no mail in hand


class Sources:
    """The ways in of a desk. `stored` is called after each commit; with `dry_run` mailboxes are left untouched."""

    def __init__(self, desk: Desk, stored: Callable[[], None], *, dry_run: bool = False) -> None:
        self._desk = desk
        self._dry_run = dry_run
        self._intake = Acceptor(desk.database, stored)
        self._events = asyncio.new_event_loop()
        self._events_thread = threading.Thread(target=self._events.run_forever, name="intake", daemon=True)
        self._listeners: list[tuple[Listener, Listen]] = []
        self._smtp = self._build_smtp()
        self._build_lmtp()
        self._readers: list[Mailbox | MaildirIntake] = self._build_readers()

    @property
    def smtp_port(self) -> int:
        """The port that SMTP listens on, once started."""
        assert self._smtp is not None
        return self._smtp.port

    def start(self) -> None:
        """Listen and read. Raises OSError where a listener cannot be."""
        self._events_thread.start()
        for listener, place in self._listeners:
            try:
                self._call(listener.start()).result(_START)
            except OSError as error:
                raise _name_place(error, place) from error
        for reader in self._readers:
            reader.start()

    def is_alive(self) -> bool:
        """Whether no way in has died."""
        return self._events_thread.is_alive() and all(reader.is_alive() for reader in self._readers)

    def stop(self, grace: float) -> None:
        """No new mail; what is under way has `grace` seconds (rule 30)."""
        deadline = time.monotonic() + grace
        for reader in self._readers:
            reader.stop()
        if self._events_thread.is_alive():
            ending = [self._call(listener.stop(grace)) for listener, _ in self._listeners]
            for one in ending:
                with suppress(TimeoutError):
                    one.result(max(deadline - time.monotonic(), 0.1) + 1)
        for reader in self._readers:  # one that only waits for a silent server needs no waiting for
            if reader.is_alive():
                reader.join(max(deadline - time.monotonic(), 0.1) if reader.is_storing else _IDLE_END)

    def close(self) -> None:
        """Let go of everything, after `stop`."""
        self._intake.close()
        if self._events_thread.is_alive():
            self._events.call_soon_threadsafe(self._events.stop)
            self._events_thread.join(2)
        if not self._events.is_running():
            self._events.close()

    def _call(self, coroutine: Coroutine[Any, Any, None]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._events)

    def _build_smtp(self) -> SmtpIntake | None:
        intake, smtp = self._desk.settings.intake, self._desk.settings.intake.smtp
        if smtp is None:
            return None
        settings = SmtpSettings(
            host=smtp.listen.host,
            port=smtp.listen.port,
            max_size=intake.max_size,
            max_connections=smtp.max_connections,
            hostname=smtp.hostname or socket.gethostname(),
            certificate=smtp.certificate,
            key=smtp.key,
            users=smtp.users_file,
        )
        built = SmtpIntake(settings, self._intake.accept, self._desk.receiver.origins.is_ours, self._desk.clock)
        self._listeners.append((built, smtp.listen))
        return built

    def _build_lmtp(self) -> None:
        intake, lmtp = self._desk.settings.intake, self._desk.settings.intake.lmtp
        if lmtp is None:
            return
        settings = LmtpSettings(
            host=lmtp.listen.host,
            port=lmtp.listen.port,
            path=lmtp.listen.path,
            mode=lmtp.mode,
            group=lmtp.group,
            max_size=intake.max_size,
            max_connections=lmtp.max_connections,
            hostname=lmtp.hostname or socket.gethostname(),
        )
        built = LmtpIntake(settings, self._intake.accept, self._desk.receiver.origins.is_ours, self._desk.clock)
        self._listeners.append((built, lmtp.listen))

    def _build_readers(self) -> list[Mailbox | MaildirIntake]:
        desk, intake = self._desk, self._desk.settings.intake
        reports = SourceStatus(desk.database, desk.clock)
        # On SQLite one `serve` has the database; elsewhere any host may read a folder, one at a time.
        holder = "" if desk.database.sqlite else f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex}"
        readers: list[Mailbox | MaildirIntake] = []
        for imap in intake.imap:
            settings = mailbox_settings(desk.settings, imap, desk.clock, untouched=self._dry_run)
            ledger = MailboxState(desk.database, desk.clock, settings, holder, desk.settings.limits.lease.span)
            readers.append(Mailbox(settings, self._intake.accept, ledger, reports, desk.clock))
        return readers + [self._build_maildir(folder, reports) for folder in intake.maildir]

    def _build_maildir(self, folder: MaildirTable, reports: SourceStatus) -> MaildirIntake:
        return MaildirIntake(
            folder.path,
            folder.address,
            self._desk.settings.intake.max_size,
            self._intake.accept,
            reports,
            self._desk.clock,
            known=partial(_find_offered, self._desk.database),
            dry_run=self._dry_run,
        )


def mailbox_settings(settings: Settings, imap: ImapTable, clock: Clock, *, untouched: bool = False) -> MailboxSettings:
    """A folder of an IMAP server as configured."""
    limits = settings.limits
    return MailboxSettings(
        name=name_mailbox(imap),
        host=imap.host,
        port=imap.port,
        tls=imap.tls,
        ca_file=imap.ca_file,
        user=imap.user,
        password=imap.password,
        access=OAuthAccount(imap.oauth2, imap.user, clock) if imap.oauth2 is not None else None,
        folder=imap.folder,
        after=imap.after,
        first_start=imap.first_start,
        first_age=limits.first_contact_age.span,
        first_mails=limits.first_contact_mails,
        address=imap.address,
        max_size=settings.intake.max_size,
        poll_every=imap.poll_every.span.total_seconds(),
        idle_window=limits.idle_window.span.total_seconds(),
        timeout=limits.mailbox_timeout.span.total_seconds(),
        longest_pause=limits.mailbox_pause.span.total_seconds(),
        reconcile_every=limits.reconcile_every.span.total_seconds(),
        untouched=untouched,
    )


def _name_place(error: OSError, place: Listen) -> OSError:
    """The same error with the place in it; the event loop has put words of its own before those of the system."""
    if error.filename is not None:
        return error
    known = error.errno is not None and error.errno > 0
    words = os.strerror(error.errno) if known and error.errno else error.strerror or str(error)
    return OSError(error.errno, words, f"cannot listen on {place}")


def _find_offered(database: Database, keys: Any) -> dict[str, bool]:
    with database.read() as connection:
        return find_offered(connection, keys)
