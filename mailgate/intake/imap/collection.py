"""Taking mails out of a folder: fetched in groups by size, stored, and only then put away.

One mail never blocks the others. What the server refuses to give together is asked for one by one; at what the
connection is lost three times is passed over, and so is what the server does not give. Both stay in the folder and
are asked for again when it is reconciled. Of a mail that is larger than the desk takes the head is stored.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field

from mailgate.clock import Clock
from mailgate.intake import Accept
from mailgate.intake.imap.outcomes import Gone, Refused
from mailgate.intake.imap.session import Session
from mailgate.intake.imap.settings import MailboxSettings
from mailgate.mail import Envelope
from mailgate.store.database import describe_loss
from mailgate.store.spool import PIECE, Spool

log = logging.getLogger("mailgate.intake")

BATCH_BYTES = 2 * 2**20  # of mails that are fetched together; one of more than PIECE bytes is fetched alone, in pieces
_MOST_TRIES = 3  # of one mail at which the connection is lost


class NotStored(Exception):
    """The journal did not take a mail, which stays where it is."""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A mail, or with `whole_size` the head of one that is larger than the desk takes."""

    raw: bytes | Spool = field(repr=False)
    whole_size: int | None = None


class Collection:
    """Takes the mails of one folder. `accept` stores a mail; its future is done when that is durable."""

    def __init__(self, settings: MailboxSettings, accept: Accept, clock: Clock) -> None:
        self._settings = settings
        self._accept = accept
        self._clock = clock
        self._tries: Counter[int] = Counter()  # by UID: how often the connection was lost at it
        self._passed_over: set[int] = set()

    @property
    def passed_over(self) -> int:
        """How many mails the server did not give."""
        return len(self._passed_over)

    def ask_again(self) -> None:
        """Give mails that were passed over another chance."""
        self._passed_over.clear()

    def forget(self) -> None:
        """UIDs mean other mails now."""
        self._tries.clear()
        self._passed_over.clear()

    def take(self, session: Session, uids: Sequence[int]) -> None:
        """Fetch and store mails, then put them away. Raises Gone, or NotStored where the journal takes none."""
        for group in self._group(session, uids):
            try:
                self._take_group(session, group)
            except Gone:
                self._tries.update(group.keys())
                raise

    def put_away(self, session: Session, uids: Sequence[int]) -> None:
        """Move, flag or delete what is stored. Where the server refuses it is done when the folder is reconciled."""
        if not uids or self._settings.untouched:
            return
        try:
            session.put_away(uids)
        except Refused as refused:
            name = self._settings.name
            log.warning("way=%r action=put_away result=refused mails=%d reason=%r", name, len(uids), str(refused))

    def _group(self, session: Session, uids: Sequence[int]) -> Iterator[Mapping[int, int]]:
        """Mails that are fetched together, with their sizes: after the connection was lost at one, it alone."""
        sizes = session.get_sizes([uid for uid in uids if self._is_worth_a_try(uid)])
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
        return uid not in self._passed_over

    def _pass_over(self, uid: int, reason: str) -> None:
        del self._tries[uid]
        self._passed_over.add(uid)
        log.error(
            "way=%r action=fetch result=failed uid=%d reason=%r message=%r",
            self._settings.name, uid, reason,
            "the server does not give this mail; it stays in the mailbox: look at it there",
        )  # fmt: skip

    def _take_group(self, session: Session, group: Mapping[int, int]) -> None:
        try:
            found = self._fetch(session, group)
        except Refused as refused:
            if len(group) == 1:
                self._pass_over(next(iter(group)), str(refused))
                return
            for uid, size in group.items():
                self._take_group(session, {uid: size})
            return
        self._store(session.uidvalidity, found)
        for uid in found:
            self._tries.pop(uid, None)
        self.put_away(session, [uid for uid, one in found.items() if one.whole_size is None])
        for uid, one in found.items():
            if one.whole_size is not None and not self._settings.untouched:
                session.mark(uid)

    def _fetch(self, session: Session, group: Mapping[int, int]) -> dict[int, _Fetched]:
        [(uid, size), *others] = group.items()
        if not others and size > PIECE:
            return self._fetch_large(session, uid, size)
        found: dict[int, _Fetched] = {}
        for number, raw in session.get_mails(list(group)).items():
            if len(raw) <= self._settings.max_size:
                found[number] = _Fetched(raw)
            else:
                found |= self._fetch_head(session, number, len(raw))
        return found

    def _fetch_large(self, session: Session, uid: int, size: int) -> dict[int, _Fetched]:
        most = self._settings.max_size
        if size > most:
            return self._fetch_head(session, uid, size)
        spool = session.get_large_mail(uid, most)
        if 0 < len(spool) <= most:
            return {uid: _Fetched(spool)}
        spool.close()
        return self._fetch_head(session, uid, len(spool)) if len(spool) else {}

    def _fetch_head(self, session: Session, uid: int, size: int) -> dict[int, _Fetched]:
        head = session.get_head(uid)
        return {uid: _Fetched(head, size)} if head else {}

    def _store(self, uidvalidity: int, found: Mapping[int, _Fetched]) -> None:
        """Hand mails on, in the order of their UIDs, and wait until all are durable."""
        waiting = [self._accept(self._envelope(uidvalidity, uid, found[uid]), found[uid].raw) for uid in sorted(found)]
        wait(waiting)
        for future in waiting:
            if (error := future.exception()) is not None:
                raise NotStored(f"the mail could not be stored: {describe_loss(error) or error}")
        if waiting:
            log.info("way=%r action=store mails=%d", self._settings.name, len(waiting))

    def _envelope(self, uidvalidity: int, uid: int, mail: _Fetched) -> Envelope:
        """The desk's promises begin when it has the mail, as with every other way in (rule 27)."""
        address = self._settings.address
        return Envelope(
            sender=None,
            recipients=(address,) if address else (),
            source="imap",
            received_at=self._clock.now(),
            source_key=self._settings.source_key(uidvalidity, uid),
            whole_size=mail.whole_size,
        )
