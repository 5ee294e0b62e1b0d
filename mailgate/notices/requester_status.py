"""How a ticket stands for its requester, who asks: who has to act, since when, and what is promised. Pure."""

from __future__ import annotations

from datetime import datetime

from mailgate.core.workflow.events import LEVELS, State
from mailgate.notices.rendering.content import OpenRequest
from mailgate.store.tickets import Ticket


def stand_of(ticket: Ticket, now: datetime) -> OpenRequest:
    """Returns how a ticket stands for its requester; a promise that is over by `now` is not repeated."""
    stands, since = ticket.state, None
    if State(ticket.state) in LEVELS:
        stands = "asked" if ticket.asks_requester else "working"
        since = ticket.waiting_since if ticket.asks_requester else None
    elif ticket.state == State.CONFIRMING:
        since = ticket.confirm_at
    is_promised = ticket.due is not None and ticket.due > now
    return OpenRequest(
        reference=ticket.reference,
        subject=ticket.subject,
        created_at=ticket.created_at,
        stands=stands,
        since=since,
        due=ticket.due if is_promised else None,
    )
