"""One folder of an IMAP server, watched by a thread of its own.

    meet       the first contact, or the first after the server numbered the mails anew
    reconcile  what the folder holds is held against the journal: what is missing is fetched, what is stored put away
    drain      what is new first, then what is left of a backlog, in batches; stored, then put away
    wait       until the server announces a change, or it is time to look

A backlog is fetched no faster than it is processed and answered: a mail that comes meanwhile does not wait for all of
it, and a large mailbox is not held in memory.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from mailgate.core.backoff import Backoff
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.core.outage import Outage
from mailgate.store.errors import describe_error, describe_known, log_error
from mailgate.store.imap_state import MailboxRecord
from mailgate.transport.acceptance import Accept
from mailgate.transport.imap.errors import CommandRejected, ConnectionLost, MailboxUnavailable
from mailgate.transport.imap.fetch import Fetcher, NotStored
from mailgate.transport.imap.first_contact import plan_first_contact, plan_renumbered
from mailgate.transport.imap.session import Session, open_session
from mailgate.transport.imap.settings import MailboxSettings
from mailgate.transport.imap.state import MailboxState
from mailgate.transport.imap.watchdog import Wake
from mailgate.transport.status import StatusListener

log = logging.getLogger("mailgate.intake")

BATCH = 64  # mails that are taken together
# How many mails may wait to be processed, and notices to be sent, when the next mails of a backlog are fetched.
MAILS_AHEAD, NOTICES_AHEAD = 128, 3_000
_LOOK_AGAIN, _LOOK_RARELY = 0.1, 5.0  # seconds, while the worker and the courier catch up
_STEADY = 60.0  # seconds that a connection must last for the pauses to begin anew
_WORKED = 16  # times the first pause: the longest pause after a connection on which everything was taken
_REST = 1.0  # seconds after a server has woken us for nothing several times


class _NotOurs(Exception):
    """Raised where another process holds the lease of this folder."""


class Mailbox(threading.Thread):
    """Reads one folder until it is stopped."""

    def __init__(
        self, settings: MailboxSettings, accept: Accept, state: MailboxState, status: StatusListener, clock: Clock
    ) -> None:
        super().__init__(name=settings.name, daemon=True)
        self._settings = settings
        self._state = state
        self._status = status
        self._clock = clock
        self._fetcher = Fetcher(settings, accept, clock)
        self._wake = Wake()
        self._stopped = threading.Event()
        self._backoff = Backoff(settings.first_pause, settings.longest_pause)
        self._pause = 0.0
        self._worked = False  # all mails that were there have been taken on this connection
        self._backlog: deque[int] = deque()
        self._leftovers: list[int] = []
        self._counted: dict[str, int] = {}
        self._patience = _LOOK_AGAIN
        self._ahead = (0, 0)
        self._last = 0
        self._renewed = 0.0
        self._outage = Outage()

    @property
    def is_storing(self) -> bool:
        """Tells whether mails are in hand that are not durable yet."""
        return self._fetcher.is_storing

    def stop(self) -> None:
        """Asks the thread to end; a mail that is in progress is stored first."""
        self._stopped.set()
        self._wake.trigger()

    def run(self) -> None:
        while not self._stopped.is_set():
            pause = self._run_connection()
            self._stopped.wait(pause)
        try:
            self._state.free()
        except Exception as error:  # the lease runs out by itself
            log.warning(Fields(way=self.name, action="free", result="failed", reason=describe_error(error)))
        self._wake.close()

    def _run_connection(self) -> float:
        """Runs one connection to its end; returns the seconds to pause before the next one."""
        refused, self._worked, began = False, False, time.monotonic()
        try:
            self._require_lease()
            with open_session(self._settings, self._wake) as session:
                self._read(session)
            return 0.0
        except _NotOurs:
            self._renewed = 0.0
            return self._state.ask_again
        except (ConnectionLost, NotStored) as lost:
            words = str(lost)
        except (MailboxUnavailable, CommandRejected) as unready:
            words, refused = str(unready), True
        except Exception as error:  # the edge of the thread: it must outlive whatever a server or a database does
            words = describe_error(error)
            if not describe_known(error):
                log_error(log, error, way=self.name, action="read", result="failed")
        if time.monotonic() - began > _STEADY:
            self._pause = 0.0
        backoff = Backoff(self._backoff.first, min(self._backoff.first * _WORKED, self._backoff.longest))
        self._pause = (backoff if self._worked else self._backoff).longer(self._pause, refused=refused)
        if self._outage.fail(words):
            log.warning(
                Fields(way=self.name, action="read", result="failed", again_in=f"{self._pause:.0f}s", reason=words)
            )
        self._status.failed(self.name, words)
        return self._pause

    def _read(self, session: Session) -> None:
        """Runs the first contact and reconciliation, then takes mails and waits, until the thread is stopped."""
        known = self._look_through(session)
        looked = time.monotonic()
        while not self._stopped.is_set():
            self._drain(session, known)
            if self._stopped.is_set():
                return
            self._report()
            self._worked = True
            if failed := self._outage.end():
                log.warning(Fields(way=self.name, action="read", result="works_again", failed=failed))
            self._put_away_leftovers(session)
            self._wait(session)
            if time.monotonic() - looked >= self._settings.reconcile_every:
                self._fetcher.ask_again()
                session.select()
                known = self._look_through(session)
                looked = time.monotonic()

    def _report(self) -> None:
        """Reports the status of the folder, after a step of work."""
        if self._fetcher.figures != self._counted:
            self._counted = self._fetcher.figures
            self._status.counted(self.name, **self._counted)
        if problem := self._fetcher.problem:
            self._status.failed(self.name, problem)
        else:
            self._status.succeeded(self.name)

    def _look_through(self, session: Session) -> MailboxRecord:
        known = self._contact(session)
        self._reconcile(session, known)
        return known

    def _contact(self, session: Session) -> MailboxRecord:
        known = self._state.get()
        if known is None:
            known = plan_first_contact(session, self._settings, self._clock.now())
        elif known.uidvalidity != session.uidvalidity:
            known = plan_renumbered(session, self._settings, known)
            self._fetcher.forget()
        else:
            return known
        self._state.put(known)
        return known

    def _reconcile(self, session: Session, known: MailboxRecord) -> None:
        """Compares the folder with the journal: mails that it lacks are fetched, the others put away."""
        held = session.find_all()
        wanted = [uid for uid in held if known.is_wanted(uid)]
        stored = self._state.find_taken(known.uidvalidity, wanted)
        lacking = [uid for uid in wanted if uid not in stored]
        missing = sum(uid <= known.last_uid for uid in lacking)
        left = len(held) - len(wanted)
        log.info(
            Fields(
                way=self.name,
                action="reconcile",
                held=len(held),
                stored=len(stored),
                new=len(lacking) - missing,
                missing=missing,
                left=left,
            )
        )
        self._status.counted(self.name, held=len(held), missing=missing, left=left)
        self._backlog = deque(lacking)
        self._last = max(known.last_uid, max(held, default=0))
        self._leftovers = [uid for uid in self._find_unfinished(session, held) if stored.get(uid) is False]

    def _find_unfinished(self, session: Session, held: list[int]) -> list[int]:
        """Finds the mails that are still to be put away if they are stored."""
        if self._settings.after.action != "flag":
            return held
        # Where the folder keeps no keywords nothing tells which are flagged, and people unflag them.
        return session.find_all(unfinished=True) if session.keeps_keywords else []

    def _put_away_leftovers(self, session: Session) -> None:
        """Puts away mails that an earlier connection stored; after new mail, so that it does not wait for them."""
        while self._leftovers and not self._stopped.is_set():
            self._require_lease()
            batch, self._leftovers = self._leftovers[:BATCH], self._leftovers[BATCH:]
            self._fetcher.put_away(session, batch)

    def _drain(self, session: Session, known: MailboxRecord) -> None:
        """Stores all mails that are there, new ones before those of the backlog."""
        while not self._stopped.is_set():
            self._require_lease()
            fresh = [uid for uid in session.find_after(self._last) if known.is_wanted(uid)]
            if fresh:
                self._last = fresh[-1]
                session.note_mail()
            if len(fresh) > BATCH:  # more than the few mails of a moment
                self._backlog.extend(fresh)
                fresh = []
            batch = fresh or self._fetcher.find_due()[:BATCH] or self._take_backlog()
            if batch:
                self._fetcher.take(session, batch, self._require_lease)
                self._note_reached(max(batch))
                self._report()
            elif not self._backlog:
                return

    def _note_reached(self, uid: int) -> None:
        """Records that every mail before the first one of the backlog was looked at."""
        self._state.note_reached(min(uid, self._backlog[0] - 1) if self._backlog else uid)

    def _take_backlog(self) -> list[int]:
        """The next mails of the backlog; none while the desk has enough to do."""
        if self._backlog and not self._has_room():
            self._report()  # it works; if the relay does not, the status of the relay says so
            self._stopped.wait(self._patience)
            return []
        return [self._backlog.popleft() for _ in range(min(BATCH, len(self._backlog)))]

    def _has_room(self) -> bool:
        """Tells whether the desk can take more; if not, the pause grows while its queues do not move."""
        before, self._ahead = self._ahead, self._state.count_ahead(2 * MAILS_AHEAD, 2 * NOTICES_AHEAD)
        moves = self._ahead != before
        self._patience = _LOOK_AGAIN if moves else min(self._patience * 2, _LOOK_RARELY)
        return self._ahead[0] < MAILS_AHEAD and self._ahead[1] < NOTICES_AHEAD

    def _wait(self, session: Session) -> None:
        """Waits until there may be new mails, or the lease must be renewed."""
        settings = self._settings
        if session.can_idle:
            restful = session.wait(min(settings.idle_window, self._state.renew_every))
            self._stopped.wait(0.0 if restful else _REST)
            return
        self._stopped.wait(min(settings.poll_every, self._state.renew_every))
        if not self._stopped.is_set():
            session.keep_alive()

    def _require_lease(self) -> None:
        now = time.monotonic()
        if self._renewed and now - self._renewed < self._state.renew_every:
            return
        if not self._state.hold():
            raise _NotOurs
        self._renewed = now
