"""Taking mails out of a folder: fetched in groups by size, stored, and only then put away.

One mail never blocks the others. What the server refuses to give together is asked for one by one; what it does not
give, or at what the connection is lost three times, is passed over for a day. What the journal does not take waits by
itself, longer each time. All of that stays in the folder, and `problem` has words for the operator.
Of a mail that is larger than the desk takes the head is stored.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field

from mailgate.core.backoff import Backoff
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Envelope
from mailgate.core.text import counted
from mailgate.store.database import describe_loss
from mailgate.store.spool import PIECE, Spool
from mailgate.transport.acceptance import Accept
from mailgate.transport.imap.errors import CommandRejected, ConnectionLost, words_of
from mailgate.transport.imap.session import Session
from mailgate.transport.imap.settings import MailboxSettings

log = logging.getLogger("mailgate.intake")

BATCH_BYTES = 2 * 2**20  # of mails that are fetched together; one of more than PIECE bytes is fetched alone, in pieces
_MOST_TRIES = 3  # losses of the connection while a mail is fetched, after which it is passed over
_NOT_GIVEN = "the server does not return this email; it stays in the mailbox: look at it there"


class NotStored(Exception):
    """Raised where none of the fetched mails could be stored; they stay in the folder."""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A mail, or with `whole_size` the head of one that is larger than the desk takes."""

    raw: bytes | Spool = field(repr=False)
    whole_size: int | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mail that the journal did not take: how long it waits, and until when (monotonic seconds)."""

    pause: float
    until: float
    reason: str


class Fetcher:
    """Takes the mails of one folder. `accept` stores a mail; its future is done when that is durable."""

    def __init__(self, settings: MailboxSettings, accept: Accept, clock: Clock) -> None:
        self._settings = settings
        self._accept = accept
        self._clock = clock
        self._backoff = Backoff(settings.first_pause, settings.longest_pause)
        self._tries: Counter[int] = Counter()  # by UID: how often the connection was lost at it
        self._passed_over: set[int] = set()
        self._waiting: dict[int, _Waiting] = {}  # by UID
        self.is_storing = False  # mails are in hand that are not durable yet
        self._losses = 0  # consecutive losses of the connection while mails were put away
        self._not_put_away = ""

    # -- status ----------------------------------------------------------------------------------------------------

    @property
    def figures(self) -> dict[str, int]:
        """Counts of mails that the server did not deliver (`unreadable`) and that could not be stored (`unstored`)."""
        return {"unreadable": len(self._passed_over), "unstored": len(self._waiting)}

    @property
    def problem(self) -> str:
        """Describes what the operator must mend although mails are taken; "" for nothing."""
        if self._waiting:
            reason = next(iter(self._waiting.values())).reason
            return f"could not be stored: {counted(len(self._waiting), 'email')}, left in the mailbox ({reason})"
        return self._not_put_away

    def ask_again(self) -> None:
        """Lets mails that were passed over be fetched again."""
        self._passed_over.clear()

    def forget(self) -> None:
        """Drops the state of all mails, for a new UIDVALIDITY."""
        self._tries.clear()
        self._passed_over.clear()
        self._waiting.clear()

    def find_due(self) -> list[int]:
        """The mails that waited long enough to be stored after all."""
        now = time.monotonic()
        return sorted(uid for uid, waiting in self._waiting.items() if waiting.until <= now)

    # -- taking ----------------------------------------------------------------------------------------------------

    def take(self, session: Session, uids: Sequence[int], go_on: Callable[[], None] = lambda: None) -> None:
        """Fetches and stores mails, then puts them away; `go_on` is called before each group and may raise to end it.

        Raises ConnectionLost, or NotStored where no mail was stored and one failed for the first time: the store fails.
        """
        stored, failed = 0, list[BaseException]()
        for group in self._group(session, uids):
            go_on()
            done, errors = self._take_group(session, group)
            stored += done
            failed += errors
        if failed and not stored:
            raise NotStored(f"emails could not be stored: {_first_line(failed[0])}; check the database")

    def put_away(self, session: Session, uids: Sequence[int]) -> None:
        """Moves, flags or deletes stored mails; what the server rejects is retried when the folder is reconciled."""
        if not uids or self._settings.untouched:
            return
        try:
            session.put_away(uids)
        except CommandRejected as refused:
            name, words = self._settings.name, str(refused)
            self._not_put_away = (
                f"emails are stored, but stay in {self._settings.folder}: {words}; name another folder in "
                "`after`, or give the account access to it"
            )
            log.warning(Fields(way=name, action="put_away", result="refused", mails=len(uids), reason=words))
            return
        except ConnectionLost:
            self._losses += 1
            raise
        self._losses, self._not_put_away = 0, ""

    def _group(self, session: Session, uids: Sequence[int]) -> Iterator[Mapping[int, int]]:
        """Yields the mails to fetch together, as UID → size; one at which the connection was lost comes alone."""
        asked = [uid for uid in uids if self._is_worth_a_try(uid)]
        sizes = session.get_sizes(asked)
        for gone in self._waiting.keys() & (set(asked) - sizes.keys()):
            del self._waiting[gone]
        group: dict[int, int] = {}
        for uid, size in sorted(sizes.items()):
            alone = size > PIECE or self._tries[uid] > 0
            if group and (alone or sum(group.values()) + size > BATCH_BYTES):
                yield group
                group = {}
            group[uid] = size
            if alone:
                yield group
                group = {}
        if group:
            yield group

    def _is_worth_a_try(self, uid: int) -> bool:
        if self._tries[uid] >= _MOST_TRIES:
            self._pass_over(uid, f"the connection was lost {_MOST_TRIES} times when it was asked for")
        waiting = self._waiting.get(uid)
        return uid not in self._passed_over and (waiting is None or waiting.until <= time.monotonic())

    def _pass_over(self, uid: int, reason: str) -> None:
        del self._tries[uid]
        self._passed_over.add(uid)
        name = self._settings.name
        log.error(Fields(way=name, action="fetch", result="failed", uid=uid, reason=reason, message=_NOT_GIVEN))

    def _take_group(self, session: Session, group: Mapping[int, int]) -> tuple[int, list[BaseException]]:
        """Fetches and stores a group; returns the number of stored mails, and the errors of those that failed newly."""
        try:
            found = self._fetch(session, group)
        except ConnectionLost:
            self._tries.update(group.keys())
            raise
        except CommandRejected as refused:
            if len(group) == 1:
                self._pass_over(next(iter(group)), str(refused))
                return 0, []
            taken = [self._take_group(session, {uid: size}) for uid, size in group.items()]
            return sum(count for count, _ in taken), [error for _, errors in taken for error in errors]
        known = self._waiting.keys() & found.keys()
        errors = self._store(session.uidvalidity, found)
        stored = [uid for uid in found if uid not in errors]
        for uid in stored:
            self._tries.pop(uid, None)
        if self._losses < _MOST_TRIES:
            self.put_away(session, [uid for uid in stored if found[uid].whole_size is None])
        for uid in stored:
            if found[uid].whole_size is not None and not self._settings.untouched:
                session.mark(uid)
        return len(stored), [error for uid, error in errors.items() if uid not in known]

    # -- fetching --------------------------------------------------------------------------------------------------

    def _fetch(self, session: Session, group: Mapping[int, int]) -> dict[int, _Fetched]:
        [(uid, size), *others] = group.items()
        if not others and size > PIECE:
            return self._fetch_large(session, uid, size)
        found: dict[int, _Fetched] = {}
        for number, raw in session.get_mails(list(group)).items():
            if not raw:
                self._pass_over(number, "the server returns nothing of it")
            elif len(raw) <= self._settings.max_size:
                found[number] = _Fetched(raw)
            else:
                found |= self._fetch_head(session, number, len(raw))
        return found

    def _fetch_large(self, session: Session, uid: int, size: int) -> dict[int, _Fetched]:
        most = self._settings.max_size
        if size > most:
            return self._fetch_head(session, uid, size)
        spool = session.get_large_mail(uid, size, most)
        if spool is None:
            return {}
        if 0 < len(spool) <= most:
            return {uid: _Fetched(spool)}
        spool.close()
        if not len(spool):
            self._pass_over(uid, "the server returns nothing of it")
            return {}
        return self._fetch_head(session, uid, len(spool))

    def _fetch_head(self, session: Session, uid: int, size: int) -> dict[int, _Fetched]:
        head = session.get_head(uid)
        return {uid: _Fetched(head, size)} if head else {}

    # -- storing ---------------------------------------------------------------------------------------------------

    def _store(self, uidvalidity: int, found: Mapping[int, _Fetched]) -> dict[int, BaseException]:
        """Stores mails in the order of their UIDs, waits until they are durable, and returns the errors by UID."""
        mails = ((uid, found[uid]) for uid in sorted(found))
        self.is_storing = True
        offered = {uid: self._accept(self._envelope(uidvalidity, uid, mail), mail.raw) for uid, mail in mails}
        wait(offered.values())
        self.is_storing = False
        errors = {uid: error for uid, future in offered.items() if (error := future.exception()) is not None}
        for uid in offered.keys() - errors.keys():
            self._waiting.pop(uid, None)
        for uid, error in errors.items():
            self._put_off(uid, error)
        return errors

    def _put_off(self, uid: int, error: BaseException) -> None:
        before = self._waiting.get(uid)
        pause = self._backoff.longer(before.pause if before is not None else 0.0)
        reason = _first_line(error)
        self._waiting[uid] = _Waiting(pause, time.monotonic() + pause, reason)
        if before is None and not describe_loss(error):  # an outage of the database is logged where mails are stored
            log.error(Fields(way=self._settings.name, action="store", uid=uid, result="failed", reason=reason))

    def _envelope(self, uidvalidity: int, uid: int, mail: _Fetched) -> Envelope:
        """Builds the envelope; the time of receipt is when the desk has the mail, as with every source (rule 27)."""
        address = self._settings.address
        return Envelope(
            sender=None,
            recipients=(address,) if address else (),
            source="imap",
            received_at=self._clock.now(),
            source_key=self._settings.source_key(uidvalidity, uid),
            whole_size=mail.whole_size,
        )


def _first_line(error: BaseException) -> str:
    return describe_loss(error) or words_of(ValueError(str(error).partition("\n")[0])) or type(error).__name__
