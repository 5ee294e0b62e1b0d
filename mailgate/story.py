"""A ticket's story for a reader of the house: its mails, notes and steps in order, and the requester's earlier tickets.

Reads only. Notices that the desk wrote by itself are left out: their events tell the same.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mailgate.notices import Earlier, Entry
from mailgate.process.events import TIMER_EVENTS, Event
from mailgate.store.history import list_events
from mailgate.store.messages import list_messages
from mailgate.store.tickets import Ticket, earlier_tickets

EARLIER = 5
WORDS = 20_000  # characters of one mail in a story; the whole mail stays in `mailgate show`

# A mail stands for itself: the event beside it would say it twice.
_TOLD_BY_MAIL = frozenset(
    {Event.REQUEST, Event.WROTE, Event.SAID_THANKS, Event.OUTSIDER_WROTE, Event.ANSWERED, Event.COPIED}
)


def earlier_of(connection: Connection, ticket: Ticket) -> tuple[Earlier, ...]:
    """The requester's last tickets before this one."""
    return tuple(
        Earlier(old.reference, old.subject, old.state, old.created_at)
        for old in earlier_tickets(connection, ticket, EARLIER)
    )


def story_of(connection: Connection, ticket: Ticket) -> tuple[Entry, ...]:
    """Everything that was written and done, oldest first."""
    entries = [
        Entry(row.at, row.sender, "in", (row.new_text or row.text)[:WORDS], bool(row.internal))
        for row in list_messages(connection, ticket.id)
        if row.direction == "in"
    ]
    entries.extend(
        Entry(row.at, row.by, row.event, "" if row.event in TIMER_EVENTS else row.text or row.reason)
        for row in list_events(connection, ticket.id)
        if row.event not in _TOLD_BY_MAIL
    )
    return tuple(sorted(entries, key=lambda entry: entry.at))
