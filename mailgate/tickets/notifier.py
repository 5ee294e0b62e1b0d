"""The port through which a ticket sends notices. `notices/dispatcher` implements it; tests may do so too."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from mailgate.core.mail import InboundMessage
from mailgate.core.workflow.effects import Send
from mailgate.store.tickets import Ticket
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.values import FileRef, LeftOut


class Notifier(Protocol):
    """Writes notices into the outbox, in the caller's transaction."""

    def send(self, batch: UnitOfWork, ticket: Ticket, was: Ticket, send: Send, ticket_event: TicketEvent) -> Ticket:
        """Puts one notice for each recipient and returns the ticket with its notices counted.

        `was` is the ticket before the event, for the recipients that it had then.
        """
        ...

    def note_left_out(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        was: Ticket,
        left_out: LeftOut,
        ticket_event: TicketEvent,
        since: datetime | None = None,
    ) -> Ticket:
        """Records that a notice went without files, and tells the agent whose mail had them, or else the level.

        Returns the ticket with its notices counted. Nobody gets a second mail about files that the
        history names since `since`.
        """
        ...

    def is_away(self, connection: Connection, ticket: Ticket) -> bool:
        """Tells whether a person of the ticket sent an automatic reply and has not written since."""
        ...

    def seal_original(self, connection: Connection, message: InboundMessage) -> FileRef | None:
        """Returns a signed or encrypted mail as a file to attach; None where it may not be passed on."""
        ...
