"""Whether a final notice asks how content the requester is with the help, and the links with which it does.

Asked is the requester alone, once in a while over all his tickets, and only where he got a solution: who has taken his
request back, or whose request belongs to another one, has none to judge. What he answers is for `ratings`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.workflow.notices import Asks, Notice
from mailgate.notices.recipients import REQUESTER, Recipient
from mailgate.parsers.commands.arguments import CloseKind, read_close_reason
from mailgate.parsers.ratings import MOST, write_rating
from mailgate.store.people import get_contact, note_contact
from mailgate.store.tickets import Ticket

_NOTHING_TO_JUDGE = frozenset({CloseKind.WITHDRAWN, CloseKind.DUPLICATE, CloseKind.SPAM, CloseKind.TRANSFERRED})


def is_asked(
    connection: Connection, settings: Settings, ticket: Ticket, notice: Notice, reader: Recipient, now: datetime
) -> bool:
    """Whether this notice asks its reader how content he is."""
    if notice.info.asks is not Asks.RATING or not settings.satisfaction.ask or ticket.resolved_at is None:
        return False
    key = ticket.person.key
    if reader.lane != REQUESTER or reader.address.key != key or key in map(str.casefold, settings.trust.robots):
        return False
    if read_close_reason(ticket.close_reason).kind in _NOTHING_TO_JUDGE:
        return False
    contact = get_contact(connection, key)
    last = contact.rating_asked_at if contact is not None else None
    return last is None or last + settings.satisfaction.again_after.span <= now


def note_asked(connection: Connection, ticket: Ticket, now: datetime) -> Ticket:
    """Remember of the person and of the ticket that the question is put."""
    note_contact(connection, ticket.requester, rating_asked_at=now)
    return replace(ticket, rating_asked=True)


def rating_links(language: str, link: Callable[[str], str]) -> tuple[str, ...]:
    """The five links, the worst first; `link` makes the one that opens a mail with these words."""
    return tuple(link(write_rating(stars, language)) for stars in range(1, MOST + 1))
