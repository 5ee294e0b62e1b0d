"""Which queues somebody sees: those where he is listed at some level, the manager every one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailgate.config import Queue, Settings
from mailgate.core.workflow.events import State
from mailgate.store.tickets import Ticket


@dataclass(frozen=True, slots=True)
class QueryAccess:
    """What one address may see: `levels` has the names of its levels by queue, in the order of the configuration.

    The manager sees every queue and stands at no level but those that list him too.
    """

    levels: Mapping[str, tuple[str, ...]]
    is_manager: bool = False

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(self.levels)

    def sees(self, ticket: Ticket) -> bool:
        return ticket.queue in self.levels

    def level_for(self, ticket: Ticket) -> State | None:
        """As which level he speaks in a ticket: the one that has it if he is there; None for the manager alone."""
        levels = self.levels.get(ticket.queue, ())
        chosen = ticket.level if ticket.level in levels else next(iter(levels), None)
        return State(chosen) if chosen is not None else None

    def home(self, queue: str) -> str:
        """The queue whose language and zone he reads: the one that he wrote to, if it is one of his."""
        own = [name for name, levels in self.levels.items() if levels] or list(self.levels)
        return queue if queue in own or not own else own[0]


def rights_of(settings: Settings, address: str) -> QueryAccess | None:
    """The rights of an address of the house, None for all others."""
    key = address.casefold()
    is_manager = key == settings.desk.manager.casefold()
    levels = {queue.name: _levels(queue, key) for queue in settings.queues.values()}
    if not is_manager:
        levels = {queue: names for queue, names in levels.items() if names}
    return QueryAccess(levels, is_manager) if levels else None


def _levels(queue: Queue, key: str) -> tuple[str, ...]:
    return tuple(name for name, level in queue.levels.items() if key in level.addresses)
