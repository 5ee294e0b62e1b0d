"""Builds the sources of mail of one process from the settings, and starts, watches and stops them together.

SMTP and LMTP share an event loop in a thread of its own; each IMAP folder and each Maildir has a thread. A listener
that cannot listen keeps the desk from starting (OSError). A mailbox that does not answer does not prevent the start:
its status shows the failure, and it is tried again.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from mailgate.config import ImapTable, MaildirTable, Settings
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.core.networks import Networks, is_loopback
from mailgate.daemon.desk import Desk
from mailgate.daemon.listening import ListeningSockets
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

log = logging.getLogger("mailgate.intake")

_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_OVER = 60.0  # seconds
_START = 10.0  # seconds to begin to listen
_IDLE_END = 1.0  # seconds for a mailbox that stores no mail at the moment


class Sources:
    """The sources of a desk. `stored` is called after each commit; with `dry_run` mailboxes are left untouched.

    `listening` are sockets that another process has opened; without them the listeners open their own.
    """

    def __init__(
        self,
        desk: Desk,
        stored: Callable[[], None],
        *,
        dry_run: bool = False,
        listening: ListeningSockets | None = None,
    ) -> None:
        self._desk = desk
        self._dry_run = dry_run
        self._listening = listening or ListeningSockets()
        self._owns_sockets = listening is None
        self._acceptor = Acceptor(desk.database, stored)
        self._events = asyncio.new_event_loop()
        self._events.set_exception_handler(log_once_when_exhausted())
        self._events_thread = threading.Thread(target=self._events.run_forever, name="intake", daemon=True)
        self._listeners: list[Listener] = []
        self._smtp = self._build_smtp()
        self._build_lmtp()
        self._mailboxes: list[Mailbox | MaildirIntake] = self._build_mailboxes()

    @property
    def smtp_port(self) -> int:
        """The port that SMTP listens on, once started."""
        assert self._smtp is not None
        return self._smtp.port

    def start(self) -> None:
        """Starts listeners and mailboxes. Raises OSError where a listener cannot start."""
        self._events_thread.start()
        if self._owns_sockets:
            self._listening.open(self._desk.settings)
        for listener in self._listeners:
            self._call(listener.start(self._listening.find(listener.protocol))).result(_START)
        for mailbox in self._mailboxes:
            mailbox.start()

    def is_alive(self) -> bool:
        """True while every source runs."""
        return self._events_thread.is_alive() and all(mailbox.is_alive() for mailbox in self._mailboxes)

    def stop(self, grace: float) -> None:
        """Takes no new mail; what is in progress has `grace` seconds (rule 30)."""
        deadline = time.monotonic() + grace
        for mailbox in self._mailboxes:
            mailbox.stop()
        if self._owns_sockets:
            self._listening.remove_files()
        if self._events_thread.is_alive():
            ending = [self._call(listener.stop(grace)) for listener in self._listeners]
            for one in ending:
                with suppress(TimeoutError):
                    one.result(max(deadline - time.monotonic(), 0.1) + 1)
        for mailbox in self._mailboxes:  # one that waits for a silent server is not waited for
            if mailbox.is_alive():
                mailbox.join(max(deadline - time.monotonic(), 0.1) if mailbox.is_storing else _IDLE_END)

    def close(self) -> None:
        """Releases everything, after `stop`."""
        self._acceptor.close()
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
            per_address=smtp.per_address,
            wrong_passwords=smtp.wrong_passwords,
            hostname=smtp.hostname or socket.gethostname(),
            certificate=smtp.certificate,
            key=smtp.key,
            users=smtp.users_file,
        )
        near = Networks(self._desk.settings.trust.networks)
        built = SmtpIntake(
            settings,
            self._acceptor.accept,
            self._desk.receiver.people.is_system_address,
            self._desk.clock,
            is_free=lambda address: is_loopback(address) or near.include(address),
        )
        self._listeners.append(built)
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
        built = LmtpIntake(
            settings, self._acceptor.accept, self._desk.receiver.people.is_system_address, self._desk.clock
        )
        self._listeners.append(built)

    def _build_mailboxes(self) -> list[Mailbox | MaildirIntake]:
        desk, intake = self._desk, self._desk.settings.intake
        status = SourceStatus(desk.database, desk.clock)
        # On SQLite one `serve` has the database; elsewhere any host may read a folder, one at a time.
        holder = "" if desk.database.sqlite else f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex}"
        mailboxes: list[Mailbox | MaildirIntake] = []
        for imap in intake.imap:
            settings = mailbox_settings(desk.settings, imap, desk.clock, untouched=self._dry_run)
            state = MailboxState(desk.database, desk.clock, settings, holder, desk.settings.limits.lease.span)
            mailboxes.append(Mailbox(settings, self._acceptor.accept, state, status, desk.clock))
        return mailboxes + [self._build_maildir(folder, status) for folder in intake.maildir]

    def _build_maildir(self, folder: MaildirTable, status: SourceStatus) -> MaildirIntake:
        return MaildirIntake(
            folder.path,
            folder.address,
            self._desk.settings.intake.max_size,
            self._acceptor.accept,
            status,
            self._desk.clock,
            known=partial(_find_offered, self._desk.database),
            dry_run=self._dry_run,
        )


def mailbox_settings(settings: Settings, imap: ImapTable, clock: Clock, *, untouched: bool = False) -> MailboxSettings:
    """Returns the settings of a configured IMAP folder."""
    limits = settings.limits
    return MailboxSettings(
        name=imap.source_name,
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


def log_once_when_exhausted() -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """Returns the handler of an event loop's errors, which logs an exhausted descriptor table once.

    asyncio reports it for each connection that it cannot accept, and tries again after a second. It is a new one where
    a minute went by without.
    """
    seen = float("-inf")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal seen
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _EXHAUSTED:
            loop.default_exception_handler(context)
            return
        last, seen = seen, loop.time()
        if seen - last > _OVER:
            words = "connections wait until others end: raise LimitNOFILE, or lower max_connections"
            log.error(Fields(action="accept", result="failed", reason=os.strerror(error.errno), message=words))

    return handle


def _find_offered(database: Database, keys: Any) -> dict[str, bool]:
    with database.read() as connection:
        return find_offered(connection, keys)
