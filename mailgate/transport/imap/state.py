"""State of an IMAP folder in the database, in short transactions. Raises as the database does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from mailgate.core.clock import Clock
from mailgate.store.database import Database
from mailgate.store.imap_state import MailboxRecord, get_mailbox, note_reached, put_mailbox
from mailgate.store.journal import find_offered
from mailgate.store.locks import find_lease_end, free_lease, hold_lease
from mailgate.store.outbox import count_notices_due
from mailgate.store.schema import journal
from mailgate.store.work_queue import count_due
from mailgate.transport.imap.settings import MailboxSettings


class MailboxState:
    """State of one folder. `holder` names this process among those that may read the folder; "" where none else
    may, and then nothing is leased. `lease` is how long a holder may be silent."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: MailboxSettings,
        holder: str = "",
        lease: timedelta = timedelta(seconds=30),
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._holder = holder
        self._span = lease
        self._free_in = 0.0

    def get(self) -> MailboxRecord | None:
        """Returns the state of the folder; None before the first contact."""
        with self._database.read() as connection:
            return get_mailbox(connection, self._settings.name)

    def put(self, known: MailboxRecord) -> None:
        with self._database.write() as connection:
            put_mailbox(connection, self._settings.name, known)

    def note_reached(self, uid: int) -> None:
        with self._database.write() as connection:
            note_reached(connection, self._settings.name, uid)

    def find_taken(self, uidvalidity: int, uids: Sequence[int]) -> Mapping[int, bool]:
        """Which of these mails are in the journal, and whether only their head is."""
        keys = {self._settings.source_key(uidvalidity, uid): uid for uid in uids}
        with self._database.read() as connection:
            return {keys[key]: oversized for key, oversized in find_offered(connection, list(keys)).items()}

    def count_ahead(self, mails: int, notices: int) -> tuple[int, int]:
        """Counts the mails to be processed and the notices to be sent, up to `mails` and `notices` of them."""
        now = self._clock.now()
        with self._database.read() as connection:
            return count_due(connection, journal, now, mails), count_notices_due(connection, now, notices)

    def hold(self) -> bool:
        """Takes or renews the lease of the folder; False while another process reads it."""
        if not self._holder:
            return True
        now = self._clock.now()
        with self._database.write() as connection:
            held = hold_lease(connection, self._lease, self._holder, now, now + self._span)
            end = None if held else find_lease_end(connection, self._lease)
        self._free_in = (end - now).total_seconds() if end is not None else 0.0
        return held

    def free(self) -> None:
        """Releases the lease."""
        if self._holder:
            with self._database.write() as connection:
                free_lease(connection, self._lease, self._holder)

    @property
    def ask_again(self) -> float:
        """Seconds after which to ask for a lease that another process has: it may run out then, or be freed before."""
        return min(max(self._free_in, 0.0), self.renew_every)

    @property
    def renew_every(self) -> float:
        """Seconds after which the lease is to be renewed."""
        return self._span.total_seconds() / 3 if self._holder else 86_400.0

    @property
    def _lease(self) -> str:
        return f"mailbox {self._settings.name}"
