"""The people of a desk: who is staff, at which levels, and in which language a person is written to.

Reads the settings only. Addresses are compared without case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailgate.config.directory.entries import Directory, Person
from mailgate.config.settings import DEFAULT_QUEUE, Level, Queue, Settings
from mailgate.core.addressing import SystemAddresses
from mailgate.core.domains import fold_address
from mailgate.core.text import fold_case_accents
from mailgate.core.workflow.events import State

_NAME_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class LevelMembers:
    """The people of one level of one queue: its mailbox, which may always act (docs/rules.md#8), and its agents."""

    queue: str
    level: str
    mailbox: str
    people: frozenset[str]  # the mailbox and the agents, folded


@dataclass(frozen=True, slots=True)
class QueryAccess:
    """The queues and levels that one person may query.

    The manager sees every queue, and acts for those levels only that list them.
    """

    levels: Mapping[str, tuple[str, ...]]  # the names of the person's levels by queue, in the order of the settings
    is_manager: bool = False

    @property
    def queues(self) -> tuple[str, ...]:
        """The names of the queues whose tickets the person may see."""
        return tuple(self.levels)

    def sees(self, queue: str) -> bool:
        """Tells whether the person may see the tickets of a queue."""
        return queue in self.levels

    def level_for(self, queue: str, level: str) -> State | None:
        """Returns the level that the person acts for in a ticket of that queue and level; None for the manager alone.

        It is the ticket's own where it lists the person, else their first one in that queue.
        """
        levels = self.levels.get(queue, ())
        chosen = level if level in levels else next(iter(levels), None)
        return State(chosen) if chosen is not None else None

    def home(self, queue: str) -> str:
        """Returns the queue whose language and time zone hold for the person: `queue` if theirs, else their first."""
        own = [name for name, levels in self.levels.items() if levels] or list(self.levels)
        return queue if queue in own or not own else own[0]


class People:
    """Tells staff, addresses of the desk and requesters apart."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        desk = settings.desk
        self.levels = {
            (queue.name, name): LevelMembers(queue.name, name, level.mailbox, level.addresses)
            for queue in settings.queues.values()
            for name, level in queue.levels.items()
        }
        self._members = frozenset(address for level in self.levels.values() for address in level.people)
        self._mailboxes = frozenset(fold_address(level.mailbox) for level in self.levels.values())
        self._readers: dict[str, frozenset[str]] = {}
        if settings.agents.read_mailbox:
            for one in self.levels.values():
                mailbox = fold_address(one.mailbox)
                self._readers[mailbox] = self._readers.get(mailbox, frozenset()) | (one.people - {mailbox})
        self._manager = fold_address(desk.manager)
        self._staff = self._members | {self._manager, fold_address(desk.operator)}
        addresses = {name: queue.address for name, queue in settings.queues.items()}
        self._system = SystemAddresses(addresses, desk.reply_address, DEFAULT_QUEUE)

    def is_staff(self, address: str) -> bool:
        """Tells whether an address is a level's mailbox or agent of any queue, the manager's or the operator's."""
        return fold_address(address) in self._staff

    def is_level_member(self, address: str) -> bool:
        """Tells whether an address is the mailbox or an agent of a level of any queue."""
        return fold_address(address) in self._members

    def is_level_mailbox(self, address: str) -> bool:
        """Tells whether an address is the shared mailbox of a level of any queue."""
        return fold_address(address) in self._mailboxes

    def readers_of(self, mailbox: str) -> frozenset[str]:
        """Returns the agents who read a level's mailbox, folded; none where `[agents] read_mailbox` is off."""
        return self._readers.get(fold_address(mailbox), frozenset())

    def reads(self, person: str, address: str) -> bool:
        """Tells whether mail to an address reaches a person: it is theirs, or a mailbox that they read."""
        return fold_address(person) == fold_address(address) or fold_address(person) in self.readers_of(address)

    def mailboxes_of(self, person: str) -> tuple[str, ...]:
        """Lists the mailboxes of the levels for which an address is listed, folded; theirs may be one."""
        key = fold_address(person)
        return tuple({fold_address(level.mailbox): None for level in self.levels.values() if key in level.people})

    def spell(self, address: str) -> str:
        """Returns an address of staff as the configuration spells it; others unchanged."""
        key = fold_address(address)
        queues = self._settings.queues.values()
        listed = (
            self._settings.desk.manager,
            *(one for queue in queues for level in queue.levels.values() for one in level.agents),
            *(level.mailbox for queue in queues for level in queue.levels.values()),
        )
        return next((one for one in listed if fold_address(one) == key), address)

    def is_manager(self, address: str) -> bool:
        """Tells whether an address is the manager's."""
        return fold_address(address) == self._manager

    def is_system_address(self, address: str) -> bool:
        """Tells whether mail to an address comes to this desk, signed and extended addresses included."""
        return self._system.is_system_address(address)

    def is_internal(self, address: str) -> bool:
        """Tells whether an address is the desk's or of a level: it is no participant, but may be a requester."""
        return self.is_system_address(address) or self.is_level_member(address)

    def queue_of(self, address: str) -> Queue | None:
        """Returns the queue that an address of the desk belongs to; None for other addresses."""
        name = self._system.queue_of(address)
        return self._settings.queues[name] if name is not None else None

    def access_of(self, address: str) -> QueryAccess | None:
        """Returns the access of a level's mailbox or agent, or of the manager; None for all others."""
        key = fold_address(address)
        levels = {queue.name: levels_of(queue, key) for queue in self._settings.queues.values()}
        if key != self._manager:
            levels = {queue: names for queue, names in levels.items() if names}
        return QueryAccess(levels, key == self._manager) if levels else None


def levels_of(queue: Queue, address: str) -> tuple[str, ...]:
    """Returns the names of the levels of a queue that list an address, in the order of the levels."""
    key = fold_address(address)
    return tuple(name for name, level in queue.levels.items() if key in level.addresses)


def find_agents(level: Level, directory: Directory, name: str) -> tuple[str, ...]:
    """Finds the agents of a level who may be meant by a name: all of its words stand in the name that the directory
    has for them, or in the part of their address before the @. Case and accents do not count.
    """
    wanted = _name_parts(name)
    agents = {fold_address(agent): agent for agent in level.agents}
    return tuple(
        agent
        for agent in agents.values()
        if wanted
        and (wanted <= _name_parts(agent.rpartition("@")[0]) or wanted <= _name_parts(directory.name_of(agent)))
    )


def _name_parts(name: str) -> set[str]:
    return set(_NAME_PART.findall(fold_case_accents(name)))


def language_of(languages: Sequence[str], *, written: str = "", person: Person | None = None, guessed: str = "") -> str:
    """Chooses the language in which a person is written to, out of the languages of a queue.

    The order is the same everywhere: `written`, the language that they have written to the desk (their contact's,
    "" for none); then what the directory lists for them (`person`); then what the mail or the ticket at hand looks
    like (`guessed`). A language that the queue does not have counts for nothing; at last comes the queue's first.
    """
    listed = person.language if person is not None else ""
    return next((one for one in (written, listed, guessed) if one in languages), languages[0])
