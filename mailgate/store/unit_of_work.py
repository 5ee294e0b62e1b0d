"""Unit of work: the rows that a mail or a timer adds to a ticket, written together at the end.

Records of mails, notices with their Message-IDs, and timers wait in a `UnitOfWork` until `write`: one statement for
each table. A caller that reads a table of which rows may wait writes them first. A unit that is never written leaves
nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from mailgate.core.domains import fold_address
from mailgate.core.sla.account import SlaAccount, SlaEvent, read_entries
from mailgate.core.sla.terms import SlaTopic
from mailgate.store.events import EventRow, NewEvent, add_event, list_events, list_histories
from mailgate.store.messages import NewMessage, SeenMessageId, add_messages, list_seen, note_seen
from mailgate.store.outbox import QueuedNotice, put_notices
from mailgate.store.timers import start_timers, stop_timers


class UnitOfWork:
    """The rows of one ticket that wait to be written, in the order in which they were added."""

    def __init__(self, connection: Connection, ticket_id: int, now: datetime) -> None:
        self.connection = connection
        self._ticket_id = ticket_id
        self.now = now
        self._records: list[NewMessage] = []
        self._notices: list[QueuedNotice] = []
        self._seen_ids: list[SeenMessageId] = []
        self._started: dict[str, datetime] = {}
        self._stopped: set[str] = set()
        self._stopped_all = False
        self._seen: list[SeenMessageId] | None = None
        self._events: list[EventRow] | None = None
        self._histories: dict[int, list[EventRow]] | None = None
        self._history: tuple[SlaEvent, ...] | None = None
        self.accounts: dict[tuple[SlaTopic, datetime], SlaAccount] = {}
        """SLA accounts computed from the history as it stands; `tickets.sla.deadlines.account_in` keeps them."""
        self.sent: list[tuple[str, str]] = []
        """Every notice that was put: its name and its addressee."""
        self.unasked: tuple[str, str] | None = None
        """A question for yes or no that was not put, since the address is set aside: its addressee, and why."""
        self.unsent: list[str] = []
        """Addresses to which an agent's words did not go, since they are set aside."""
        self.elsewhere: list[tuple[str, str, str]] = []
        """The notices of tickets that this one has opened: name, addressee and reference."""
        self.enclosed: tuple[str, ...] = ()
        """For the transcript: names of the files that went to the third party who was asked last."""
        self.quotes = False
        """For the transcript: the request went to them, too."""
        self.named = ""
        """A name for the transcript: the ticket that an action opened, or the step that it undid."""

    def add_message(self, record: NewMessage) -> None:
        """Adds the record of a mail that has no files of its own."""
        self._records.append(record)

    def put_notice(self, outgoing: QueuedNotice, record: NewMessage) -> None:
        """Adds a notice to be sent now, and its record; its addressee counts as having seen its Message-ID."""
        self._notices.append(outgoing)
        self.sent.append((outgoing.notice, outgoing.recipient))
        self._records.append(record)
        self._seen_ids.append(SeenMessageId(outgoing.message_id, outgoing.recipient, self.now))

    def add_event(self, event: NewEvent) -> None:
        """Writes an event to the ticket's history at once."""
        add_event(self.connection, self._ticket_id, event)
        self.history_changed()

    def events(self) -> list[EventRow]:
        """Events of the ticket, oldest first; read once until its history changes."""
        if self._events is None:
            self._events = list_events(self.connection, self._ticket_id)
        return self._events

    def histories(self) -> dict[int, list[EventRow]]:
        """Events of the ticket and of those merged into it, by their ids; read once until its history changes."""
        if self._histories is None:
            self._histories = list_histories(self.connection, self._ticket_id, self.events())
        return self._histories

    def history(self) -> tuple[SlaEvent, ...]:
        """Event history of the ticket as its SLA account reads it, oldest first."""
        if self._history is None:
            self._history = read_entries(self.events())
        return self._history

    def history_changed(self) -> None:
        """Drops the cached history and the accounts computed from it."""
        self._events = self._histories = self._history = None
        self.accounts.clear()

    def start_timer(self, name: str, due_at: datetime) -> None:
        """Starts a timer, or restarts it."""
        self._started[name] = due_at

    def stop_timer(self, name: str) -> None:
        self._started.pop(name, None)
        self._stopped.add(name)

    def stop_all_timers(self) -> None:
        self._started.clear()
        self._stopped_all = True

    def seen_by(self, addresses: Iterable[str]) -> list[str]:
        """The Message-IDs of the ticket that any of these addresses has seen, oldest first.

        Of one time, mails of which the record still waits stand behind those recorded (docs/rules.md#4).
        """
        if self._seen is None:
            self._seen = list_seen(self.connection, self._ticket_id)
        keys, waiting = set(map(fold_address, addresses)), {record.message_id for record in self._records}
        seen = [seen_id for seen_id in (*self._seen, *self._seen_ids) if fold_address(seen_id.address) in keys]
        seen.sort(key=lambda seen_id: (seen_id.at, seen_id.message_id in waiting))
        return [seen_id.message_id for seen_id in seen]

    def times_seen_by(self, address: str) -> frozenset[datetime]:
        """The times at which an address wrote, or was sent a notice, as far as `seen_by` has read them."""
        key = fold_address(address)
        return frozenset(one.at for one in (*(self._seen or ()), *self._seen_ids) if fold_address(one.address) == key)

    def forget(self) -> None:
        """Drops the rows that wait, and their names for the transcript: their transaction is undone."""
        self._records, self._notices, self._seen_ids = [], [], []
        self._started, self._stopped, self._stopped_all = {}, set(), False
        self._seen, self.named, self.unasked = None, "", None
        self.history_changed()
        self.sent.clear()
        self.unsent.clear()
        self.elsewhere.clear()

    def write_automatic(self) -> None:
        """Writes the rows if one is an automatic notice: loop protection counts those in the outbox."""
        if not all(outgoing.human for outgoing in self._notices):
            self.write()

    def write(self) -> None:
        """Writes the rows that wait; the unit is empty then and can be used further."""
        if self._records:
            add_messages(self.connection, self._ticket_id, self._records)
            self._seen = None
        if self._notices:
            put_notices(self.connection, self._notices, self.now)
            note_seen(self.connection, self._ticket_id, self._seen_ids, are_new=True)
        if self._stopped_all or self._stopped:
            stop_timers(self.connection, self._ticket_id, None if self._stopped_all else sorted(self._stopped))
        if self._started:
            start_timers(self.connection, self._ticket_id, self._started, self.now)
        self._records, self._notices, self._seen_ids = [], [], []
        self._started, self._stopped, self._stopped_all = {}, set(), False
