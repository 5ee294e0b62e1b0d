"""Fallback for a ticket whose queue or level is no longer configured: the default queue, the highest level.

`serve` does not start while open tickets have such a queue or level (`cli.checks.queues`); closed ones keep theirs
until a mail or a command comes for them. Pure.
"""

from __future__ import annotations

from mailgate.config import Settings
from mailgate.core.frozen import replace
from mailgate.core.workflow.events import LEVELS, State
from mailgate.store.tickets import Ticket


def locate_ticket(settings: Settings, ticket: Ticket) -> Ticket:
    """Returns the ticket with a configured queue and level; the same object where its own are."""
    queue = settings.queue_of(ticket.queue)
    level = queue.configured_level(ticket.level)
    resolver = queue.configured_level(ticket.resolved_by) if ticket.resolved_by else ticket.resolved_by
    if (queue.name, level, resolver) == (ticket.queue, ticket.level, ticket.resolved_by):
        return ticket
    state = queue.configured_level(ticket.state) if State(ticket.state) in LEVELS else ticket.state
    return replace(ticket, queue=queue.name, level=level, resolved_by=resolver, state=state)
