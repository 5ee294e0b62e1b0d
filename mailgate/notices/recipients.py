"""Resolves a notice's recipients (`To` → addresses). A recipient's role decides what a reply may do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.people import People
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.workflow.effects import Send, To
from mailgate.core.workflow.events import EVENTS, LEVEL_NAMES, LEVELS, Event, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.store.events import list_events
from mailgate.store.people import get_absence, list_participants
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent

REQUESTER, MANAGER, ASKED = "requester", "manager", "asked"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Recipient of a notice in a role, `lane`: requester, a level's name, manager or asked.

    `others` get the notice in a mail of their own (rule 6).
    """

    address: Address
    lane: str
    queue: Queue
    others: tuple[str, ...] = ()

    @property
    def internal(self) -> bool:
        """True for everyone but the requester and the participants."""
        return self.lane != REQUESTER

    @property
    def is_level(self) -> bool:
        """True if they get it as one of a level, or as its mailbox."""
        return self.lane in LEVEL_NAMES


class Recipients:
    """Finds the recipients of notices, for one desk. Reads the store."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._people_of_desk = People(settings)

    def find(
        self, connection: Connection, ticket: Ticket, was: Ticket, send: Send, ticket_event: TicketEvent
    ) -> list[Recipient]:
        """Lists a notice's recipients as the ticket stands now; `was` is the ticket before the event."""
        found = self._named(connection, ticket, was, send, ticket_event)
        if send.notice is Notice.CLOSED:
            found += self._informed(connection, ticket, found, ticket_event)
        if send.notice in (Notice.COPY, Notice.TAKEN_OVER):
            found += self._colleague(was, ticket_event)
        found = [one for one in found if self._is_wanted(connection, send.notice, one, ticket, was, ticket_event)]
        return [one for one in found if not self._is_reached(one, found)]

    def _is_reached(self, recipient: Recipient, found: list[Recipient]) -> bool:
        """Tells whether a member of the staff gets the notice already by a mailbox that they read."""
        person = recipient.address.key
        others = (one.address.key for one in found if one.internal and one.address.key != person)
        return recipient.internal and any(self._people_of_desk.reads(person, other) for other in others)

    def _colleague(self, was: Ticket, ticket_event: TicketEvent) -> list[Recipient]:
        """Returns the agent who had the ticket, where another person answers, closes or moves it."""
        queue = self._settings.queues[was.queue]
        level, person = queue.levels[was.level], fold_address(was.assignee)
        is_agent = person in level.addresses and person != fold_address(level.mailbox)
        is_author = ticket_event.author is not None and ticket_event.author.key == person
        return [Recipient(Address("", was.assignee), was.level, queue)] if is_agent and not is_author else []

    def _named(
        self, connection: Connection, ticket: Ticket, was: Ticket, send: Send, ticket_event: TicketEvent
    ) -> list[Recipient]:
        queue, to = self._settings.queues[ticket.queue], send.to
        if to is To.REQUESTER:
            return [Recipient(ticket.person, REQUESTER, queue)]
        if to is To.PEOPLE:
            return self._people(connection, ticket, queue)
        if to is To.MANAGER:
            return [Recipient(Address("", self._settings.desk.manager), MANAGER, queue)]
        if to is To.ASKED:
            return [Recipient(Address("", ticket_event.argument), ASKED, queue)]
        if to is To.PARTICIPANT:
            return [Recipient(ticket_event.author, REQUESTER, queue)] if ticket_event.author is not None else []
        if to is To.AUTHOR:
            return [self._author(ticket_event.author, ticket, ticket_event)] if ticket_event.author is not None else []
        if to is To.ASSIGNEE:
            return self._assignee(connection, ticket, queue, ticket_event)
        level = self._level(ticket, was, to, ticket_event)
        return self._with_assignee(connection, level, ticket, send, ticket_event) if to is To.LEVEL else [level]

    def _assignee(
        self, connection: Connection, ticket: Ticket, queue: Queue, ticket_event: TicketEvent
    ) -> list[Recipient]:
        """Returns the agent who was assigned, in the role of the ticket's level; its mailbox while they are away.

        Agents who assigned the ticket to themselves get nothing.
        """
        if fold_address(ticket_event.by) == fold_address(ticket.assignee):
            return []
        away = get_absence(connection, ticket.assignee, ticket_event.at) is not None
        mailbox = queue.levels[ticket.level].mailbox
        return [Recipient(Address("", mailbox if away else ticket.assignee), ticket.level, queue)]

    def _with_assignee(
        self, connection: Connection, level: Recipient, ticket: Ticket, send: Send, ticket_event: TicketEvent
    ) -> list[Recipient]:
        """Returns the assignee in place of the level, unless they are away; both where the ticket is at risk."""
        person = fold_address(ticket.assignee)
        is_theirs = person in level.queue.levels[level.lane].addresses and person != level.address.key
        if not is_theirs or get_absence(connection, person, ticket_event.at) is not None:
            return [level]
        assignee = replace(level, address=Address("", ticket.assignee))
        return [level, assignee] if send.notice.info.whole_level else [assignee]

    def _author(self, author: Address, ticket: Ticket, ticket_event: TicketEvent) -> Recipient:
        """Returns the author in the role of the level that they act for, in its queue.

        The manager acts for no level: their next reply counts only as the manager's.
        """
        queues = self._settings.queues
        if ticket_event.acts_for is not None:
            return Recipient(author, str(ticket_event.acts_for), queues[ticket_event.acts_queue or ticket.queue])
        is_manager = author.key == fold_address(self._settings.desk.manager)
        return Recipient(author, MANAGER if is_manager else ticket.level, queues[ticket.queue])

    def _informed(
        self, connection: Connection, ticket: Ticket, told: list[Recipient], ticket_event: TicketEvent
    ) -> list[Recipient]:
        """Lists further staff who are notified of a closing, but for its author; people of the ticket never read what
        is internal."""
        queue = self._settings.queues[ticket.queue]
        known = {recipient.address.key for recipient in told}
        known |= {ticket_event.author.key} if ticket_event.author is not None else set()
        known |= {row.address for row in list_participants(connection, ticket.id)}
        people = dict.fromkeys(fold_address(address) for address in queue.confirmation.notify)
        return [Recipient(Address("", address), ASKED, queue) for address in people if address not in known]

    def _people(self, connection: Connection, ticket: Ticket, queue: Queue) -> list[Recipient]:
        rows = list_participants(connection, ticket.id)
        people = [Address(row.name, row.address) for row in rows if row.left_at is None]
        people = [ticket.person, *(person for person in people if person.key != fold_address(ticket.requester))]
        return [
            Recipient(person, REQUESTER, queue, tuple(other.address for other in people if other is not person))
            for person in people
        ]

    def _level(self, ticket: Ticket, was: Ticket, to: To, ticket_event: TicketEvent) -> Recipient:
        queue, level = self._settings.queues[ticket.queue], ticket.level
        if to is To.OLD_LEVEL:
            queue, level = self._settings.queues[was.queue], was.level
        elif to is To.LEVEL1:
            level = State.LEVEL1.value
        elif to is To.AUTHOR_LEVEL:
            queue, level = self._settings.queues[ticket_event.acts_queue or ticket.queue], _acted_for(was, ticket_event)
        return Recipient(Address("", queue.levels[level].mailbox), level, queue)

    def _is_wanted(
        self,
        connection: Connection,
        notice: Notice,
        recipient: Recipient,
        ticket: Ticket,
        was: Ticket,
        ticket_event: TicketEvent,
    ) -> bool:
        """Tells whether a recipient is to get the notice: not what each reader of the address knows already."""
        author = ticket_event.author.key if ticket_event.author is not None else ""
        queue = self._settings.queues[ticket.queue]
        match notice:
            case Notice.COPY:
                is_mailbox = recipient.address.key == fold_address(recipient.queue.levels[recipient.lane].mailbox)
                return not is_mailbox or self._is_copied(connection, recipient, was, ticket_event)
            case Notice.QUESTION:
                return bool(ticket_event.text)
            case Notice.TAKEN:  # staff have requests, too
                return recipient.address.key not in (author, fold_address(ticket.assignee))
            case Notice.SOMEBODY_ANSWERED:  # it names the author; addresses of staff never go outside (rule 16)
                return not author or not self._people_of_desk.is_staff(author)
            case Notice.UNCLEAR:
                return not ticket_event.words_told
            case Notice.TAKEN_OVER:
                told = queue.levels[ticket.level].mailbox
                return not self._knows(recipient, author, told) and not _had_openly(connection, was, ticket_event)
            case Notice.EARLY_YES if recipient.lane != ticket.level:
                same = fold_address(queue.levels[ticket.level].mailbox) == recipient.address.key
                return not same and not self._knows(recipient, _reader_of(queue, ticket))
            case Notice.SOLUTION:
                acted = self._level(ticket, was, To.AUTHOR_LEVEL, ticket_event)
                told = acted.address.address if self._is_copied(connection, acted, was, ticket_event) else ""
                return acted.address.key != recipient.address.key and not self._knows(recipient, author, told)
            case Notice.MANAGER | Notice.MANAGER_DECISION | Notice.POOR_RATING if recipient.lane == MANAGER:
                return not self._manager_knows(notice, recipient, ticket, was, ticket_event)
        return True

    def _is_copied(self, connection: Connection, mailbox: Recipient, was: Ticket, ticket_event: TicketEvent) -> bool:
        """Tells whether the mailbox of the author's level gets a copy of their words: unless only they read it.

        By default it gets no copy of what the agent who has the ticket goes on to write, and none of a question to a
        third party, whose answer comes to the level.
        """
        author = ticket_event.author.key if ticket_event.author is not None else ""
        level = mailbox.queue.levels[mailbox.lane]
        if not ticket_event.text or not level.copy_answers:
            return False
        # Of fifty tickets that one answer went to, the author's level needs one copy, and another level its own.
        told = bool(ticket_event.follows) and fold_address(ticket_event.by) in level.addresses
        if told or self._knows(mailbox, author):
            return False
        asks = ticket_event.event.info.asks_third_party
        return level.copy_answers is True or not (asks or _had_openly(connection, was, ticket_event))

    def _knows(self, recipient: Recipient, *told: str) -> bool:
        """Tells whether everybody who reads an address is one of those told, or reads a mailbox among them."""
        readers = self._people_of_desk.readers_of(recipient.address.address) or {recipient.address.key}
        known = [one for one in told if one]
        if any(fold_address(one) == recipient.address.key for one in known):
            return True
        return all(any(self._people_of_desk.reads(reader, one) for one in known) for reader in readers)

    def _manager_knows(
        self, notice: Notice, manager: Recipient, ticket: Ticket, was: Ticket, ticket_event: TicketEvent
    ) -> bool:
        """Tells whether the manager knows it as the author, or reads it as an agent in the mailbox of the level."""
        levels = self._settings.queues[ticket.queue].levels
        told = levels[ticket.level].mailbox
        match notice:
            case Notice.MANAGER:
                if ticket_event.author is not None and ticket_event.author.key == manager.address.key:
                    return True
                knows = State(was.state) not in LEVELS and State(ticket.state) in LEVELS  # it got the whole ticket
            case Notice.MANAGER_DECISION:
                knows = True
                told = levels[State.LEVEL1 if ticket.state == State.CONFIRMING else ticket.level].mailbox
            case _:
                knows = not ticket_event.words_told
                told = _reader_of(self._settings.queues[ticket.queue], ticket)
        return knows and self._people_of_desk.reads(manager.address.address, told)


def queues_of(recipient: Recipient, settings: Settings) -> tuple[str, ...]:
    """Lists the queues whose tickets a notice may show: the recipient's own, and those where all of their level work.

    An agent's mail and the level's show the same, since the whole level may read both.
    """
    if not recipient.is_level:
        return tuple(settings.queues) if recipient.lane == MANAGER else (recipient.queue.name,)
    people = recipient.queue.levels[recipient.lane].addresses
    return tuple(
        name
        for name, queue in settings.queues.items()
        if queue is recipient.queue
        or all(any(one in level.addresses for level in queue.levels.values()) for one in people)
    )


def _reader_of(queue: Queue, ticket: Ticket) -> str:
    """Returns the address that gets what comes to a ticket: the agent who has it, else its level's mailbox."""
    level = queue.levels[ticket.level]
    return ticket.assignee if fold_address(ticket.assignee) in level.addresses else level.mailbox


def _had_openly(connection: Connection, was: Ticket, ticket_event: TicketEvent) -> bool:
    """Tells whether the author had the ticket, and the level has read so in the copy of their first answer.

    The level gets no mail of `#take` and `#assign`, but a copy of the next answer; beside `#requester` its request says
    so. The history is read only where the ticket itself leaves it open.
    """
    author = ticket_event.author.key if ticket_event.author is not None else ""
    if not author or author != fold_address(was.assignee) or (was.last_agent_at is None and not was.submitter):
        return False
    if (
        author == fold_address(was.last_agent)
        and was.last_agent_at is not None
        and was.last_agent_at >= was.level_since
    ):
        return True
    rows = list_events(connection, was.id)
    for row in reversed(rows):
        if row.undone or row.journal_id == ticket_event.journal_id:
            continue
        if row.event in (Event.TAKE, Event.ASSIGN):
            return row.journal_id is not None and row.journal_id == rows[0].journal_id
        info = EVENTS.get(row.event)
        if fold_address(row.by) == author and info is not None and info.is_agent_work:
            return True
    return False


def _acted_for(was: Ticket, ticket_event: TicketEvent) -> str:
    """Returns the level that acted: the token's, or the ticket's own where the operator or a timer did."""
    return str(ticket_event.acts_for or was.level)
