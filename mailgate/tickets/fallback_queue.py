"""Where a ticket belongs whose queue or level is configured no more: with the default queue, at the highest level.

`serve` does not start while open tickets stand at such a place (`commands.places`); closed ones stay where they were
until somebody looks at them or writes to them. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from mailgate.config import Settings
from mailgate.core.workflow.events import LEVELS, State
from mailgate.store.tickets import Ticket


def locate_ticket(settings: Settings, ticket: Ticket) -> Ticket:
    """The ticket at a place that is configured: the very same one where its own still is."""
    queue = settings.queue_of(ticket.queue)
    level = queue.lane_of(ticket.level)
    resolver = queue.lane_of(ticket.resolved_by) if ticket.resolved_by else ticket.resolved_by
    if (queue.name, level, resolver) == (ticket.queue, ticket.level, ticket.resolved_by):
        return ticket
    state = queue.lane_of(ticket.state) if State(ticket.state) in LEVELS else ticket.state
    return replace(ticket, queue=queue.name, level=level, resolved_by=resolver, state=state)
