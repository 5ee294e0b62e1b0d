"""To whom a notice goes: from the table's `To` to addresses, each with the lane that decides what his answer may do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.happening import Happening
from mailgate.mail import Address
from mailgate.process.effects import Notice, Send, To
from mailgate.process.events import LEVELS, State
from mailgate.store.people import list_participants
from mailgate.store.tickets import Ticket

REQUESTER, MANAGER, ASKED = "requester", "manager", "asked"
_LEVEL_NAMES = frozenset(level.value for level in LEVELS)


@dataclass(frozen=True, slots=True)
class Reader:
    """One addressee: `lane` says as what he gets it; `others` get the same in a mail of their own (rule 6)."""

    address: Address
    lane: str
    queue: Queue
    others: tuple[str, ...] = ()

    @property
    def internal(self) -> bool:
        return self.lane != REQUESTER

    @property
    def is_level(self) -> bool:
        return self.lane in _LEVEL_NAMES


class Readers:
    """Finds the readers of notices."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def find(
        self, connection: Connection, ticket: Ticket, was: Ticket, send: Send, happening: Happening
    ) -> list[Reader]:
        """Whom a notice is for, as the ticket stands now; `was` is the ticket before the event."""
        found = self._named(connection, ticket, was, send.to, happening)
        return [reader for reader in found if self._is_wanted(send.notice, reader, ticket, was, happening)]

    def _named(self, connection: Connection, ticket: Ticket, was: Ticket, to: To, happening: Happening) -> list[Reader]:
        queue = self._settings.queues[ticket.queue]
        if to is To.REQUESTER:
            return [Reader(ticket.person, REQUESTER, queue)]
        if to is To.PEOPLE:
            return self._people(connection, ticket, queue)
        if to is To.MANAGER:
            return [Reader(Address("", self._settings.desk.manager), MANAGER, queue)]
        if to is To.ASKED:
            return [Reader(Address("", happening.argument), ASKED, queue)]
        if to is To.AUTHOR:
            return [self._author(happening.author, ticket, happening)] if happening.author is not None else []
        return [self._level(ticket, was, to, happening)]

    def _author(self, author: Address, ticket: Ticket, happening: Happening) -> Reader:
        """Who ordered it; the manager acts for no level, and only as manager does his next answer count."""
        is_manager = happening.acts_for is None and author.key == self._settings.desk.manager.casefold()
        lane = MANAGER if is_manager else str(happening.acts_for or ticket.level)
        return Reader(author, lane, self._settings.queues[ticket.queue])

    def _people(self, connection: Connection, ticket: Ticket, queue: Queue) -> list[Reader]:
        people = [Address(row.name, row.address) for row in list_participants(connection, ticket.id)]
        people = [ticket.person, *(person for person in people if person.key != ticket.requester.casefold())]
        return [
            Reader(person, REQUESTER, queue, tuple(other.address for other in people if other is not person))
            for person in people
        ]

    def _level(self, ticket: Ticket, was: Ticket, to: To, happening: Happening) -> Reader:
        queue, level = self._settings.queues[ticket.queue], ticket.level
        if to is To.OLD_LEVEL:
            queue, level = self._settings.queues[was.queue], was.level
        elif to is To.LEVEL1:
            level = State.LEVEL1.value
        elif to is To.AUTHOR_LEVEL:
            queue, level = self._settings.queues[happening.acts_queue or ticket.queue], _acted_for(was, happening)
        return Reader(Address("", queue.levels[level].mailbox), level, queue)

    def _is_wanted(self, notice: Notice, reader: Reader, ticket: Ticket, was: Ticket, happening: Happening) -> bool:
        mailbox = reader.address.key
        if notice is Notice.COPY:
            by_mailbox = happening.author is not None and happening.author.key == mailbox
            return reader.queue.levels[reader.lane].copy_answers and not by_mailbox and bool(happening.text)
        if notice is Notice.QUESTION:
            return bool(happening.text)
        if notice is Notice.SOMEBODY_ANSWERED:  # it names him, and addresses of the house never leave (rule 16)
            return happening.author is None or not self._is_of_the_house(happening.author)
        if notice is Notice.TAKEN_OVER:
            return self._settings.queues[ticket.queue].levels[ticket.level].mailbox.casefold() != mailbox
        if notice is Notice.SOLUTION:
            queue = self._settings.queues[happening.acts_queue or was.queue]
            return queue.levels[_acted_for(was, happening)].mailbox.casefold() != mailbox
        return True

    def _is_of_the_house(self, person: Address) -> bool:
        desk, queues = self._settings.desk, self._settings.queues.values()
        return person.key in (desk.manager.casefold(), desk.operator.casefold()) or any(
            person.key in level.addresses for queue in queues for level in queue.levels.values()
        )


def _acted_for(was: Ticket, happening: Happening) -> str:
    """The level that did it: the token's, or the ticket's own where the operator or a timer did."""
    return str(happening.acts_for or was.level)
