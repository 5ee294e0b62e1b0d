"""A mail that opens a ticket (S2): whose request it is, in which queue and language, and what its form asks for.

Runs in the worker's transaction. A stranger's mail may be held or refused first, where the desk wants that; then it
waits, or is ignored with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import IMPORTED_QUIETLY
from mailgate.core.workflow.events import Event
from mailgate.inbound.forms import fill_request
from mailgate.inbound.holds.service import HoldService
from mailgate.inbound.interpretation import InboundMessage
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.routing import Router
from mailgate.inbound.submission import Submissions
from mailgate.store.events import has_event
from mailgate.store.people import note_contact
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import Arrival, TicketEvent
from mailgate.tickets.service import NewTicket, TicketService

_MOST_NAMED = 5  # recipients that are told of a mail that names no address of the desk
_SUBJECT = 80  # characters of the first line that stand for a subject


class TicketOpener:
    """Opens tickets, for one desk."""

    def __init__(
        self,
        settings: Settings,
        origins: Router,
        tickets: TicketService,
        counter: Submissions,
        holds: HoldService,
        directory: DirectoryFiles,
    ) -> None:
        self._settings = settings
        self._origins = origins
        self._tickets = tickets
        self._counter = counter
        self._holds = holds
        self._directory = directory

    def open(self, connection: Connection, letter: InboundMessage, linked_to: int | None, reason: str) -> Outcome:
        """A ticket for this mail, linked to another one where it named that without proof."""
        mail, sender = letter.mail, letter.sender
        form = self._origins.choose_form(letter.recipients, mail)
        queue = self._queue_of_form(form) or self._origins.choose_queue(letter.recipients, mail)
        language = self.choose_language(letter, queue.languages)
        if self._holds.is_stranger(letter):
            outcome, waits = self._holds.receive_stranger(connection, letter, queue, language)
            return Outcome(Disposition.DONE if waits else Disposition.IGNORED, outcome)
        self._note_language(connection, letter, queue, language)
        subject = mail.subject or mail.new_text.strip().partition("\n")[0][:_SUBJECT]
        strayed_to = None if letter.recipients else tuple(one.address for one in (*mail.to, *mail.cc)[:_MOST_NAMED])
        if strayed_to is not None:
            named = f": to {', '.join(strayed_to)}" if strayed_to else ""
            reason = f"{reason}; it names no address of the desk{named}"
        new_ticket = NewTicket(sender, subject, queue.name, language, linked_to)
        ticket_event = TicketEvent(
            Event.REQUEST, letter.row.received_at, sender.address, reason, sender, text=mail.new_text,
            encrypted=mail.encrypted, strayed_to=strayed_to, journal_id=letter.row.id,
            forwarded=self._counter.offers(letter), quiet=letter.row.source == IMPORTED_QUIETLY,
        )  # fmt: skip
        new_ticket, ticket_event = fill_request(self._settings, form, new_ticket, ticket_event, mail)
        advanced = self._tickets.open(connection, new_ticket, read_arrival(self._origins, letter), ticket_event)
        more = ask_for_clear_words(connection, letter, advanced.ticket, ticket_event) if mail.encrypted else ()
        if more:
            self._tickets.apply(connection, advanced.ticket.id, more)
        return Outcome(Disposition.DONE, reason, advanced.ticket.id)

    def choose_language(self, letter: InboundMessage, languages: Sequence[str]) -> str:
        """What is known of somebody, best first, goes before what his mail looks like."""
        known = (_language_before(letter), self._language_listed(letter), letter.mail.language)
        return next((one for one in known if one in languages), languages[0])

    def _note_language(self, connection: Connection, letter: InboundMessage, queue: Queue, language: str) -> None:
        """Remember what somebody writes; not what the directory says, which may change its mind."""
        before, written, address = _language_before(letter), letter.mail.language, letter.sender.address
        if written in queue.languages and language not in (before, self._language_listed(letter)):
            note_contact(connection, address, language=language)
        elif written not in ("", before) and before not in queue.languages:  # whoever answers it
            note_contact(connection, address, language=written)

    def _language_listed(self, letter: InboundMessage) -> str:
        person = self._directory.current().person(letter.sender.address)
        return person.language if person is not None else ""

    def _queue_of_form(self, name: str) -> Queue | None:
        """The queue that requests of a form go to whatever address they came by, None where the form names none."""
        form = self._settings.forms.get(name)
        return self._settings.queues[form.queue] if form is not None and form.queue else None


def _language_before(letter: InboundMessage) -> str:
    return str(letter.contact.language) if letter.contact is not None else ""


def ask_for_clear_words(
    connection: Connection, letter: InboundMessage, ticket: Ticket, ticket_event: TicketEvent
) -> Sequence[TicketEvent]:
    """Rule 21: the requester of a mail that cannot be read is asked once to write in clear."""
    asked_since = ticket.created_at - timedelta(seconds=1)  # the mail that opens the ticket may have been the one
    if has_event(connection, ticket.id, Event.ENCRYPTED.value, letter.sender.address, asked_since):
        return ()
    return (replace(ticket_event, event=Event.ENCRYPTED, reason="the mail cannot be read here", text=""),)


def read_arrival(
    origins: Router, letter: InboundMessage, *, internal: bool = False, with_people: bool = True
) -> Arrival:
    """The mail as a ticket keeps it, with the people whom it brings."""
    row = letter.row
    people = origins.people_of(letter.mail, letter.sender) if with_people else ()
    return Arrival(letter.mail, letter.sender, row.id, row.blob_id, letter.at, internal, people)
