"""Satisfaction survey: decides whether a final notice carries it, and builds its five mailto links.

Only the requester is asked, once in a while over all their tickets, and only where they got a solution: there is none
to rate in a ticket that was withdrawn or belongs to another one. `inbound.ratings` reads the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.workflow.notice_catalogue import Asks, Notice
from mailgate.notices.recipients import REQUESTER, Recipient
from mailgate.parsers.commands.arguments import CloseKind, read_close_reason
from mailgate.parsers.ratings import MOST, write_rating
from mailgate.store.people import get_contact, note_contact
from mailgate.store.tickets import Ticket

_NOTHING_TO_JUDGE = frozenset({CloseKind.WITHDRAWN, CloseKind.DUPLICATE, CloseKind.SPAM, CloseKind.TRANSFERRED})


def is_asked(
    connection: Connection, settings: Settings, ticket: Ticket, notice: Notice, recipient: Recipient, now: datetime
) -> bool:
    """Decides whether this notice asks its recipient for a rating."""
    if notice.info.asks is not Asks.RATING or not settings.satisfaction.ask or ticket.resolved_at is None:
        return False
    key = ticket.person.key
    if recipient.lane != REQUESTER or recipient.address.key != key or key in map(fold_address, settings.trust.robots):
        return False
    if read_close_reason(ticket.close_reason).kind in _NOTHING_TO_JUDGE:
        return False
    contact = get_contact(connection, key)
    last = contact.rating_asked_at if contact is not None else None
    return last is None or last + settings.satisfaction.again_after.span <= now


def note_asked(connection: Connection, ticket: Ticket, now: datetime) -> Ticket:
    """Notes of the person and of the ticket that the survey is sent; returns the ticket."""
    note_contact(connection, ticket.requester, rating_asked_at=now)
    return replace(ticket, rating_asked=True)


def rating_links(language: str, link: Callable[[str], str]) -> tuple[str, ...]:
    """Builds the five links, the worst rating first; `link` makes one from the words of a mail."""
    return tuple(link(write_rating(stars, language)) for stars in range(1, MOST + 1))
