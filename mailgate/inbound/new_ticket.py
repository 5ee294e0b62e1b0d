"""Opens a ticket for a mail (S2): its queue, its language, the details of its form, what a rule at the door sets.

Runs in the worker's transaction. A mail may be ignored by a rule, and that of an unknown sender held or refused first,
if the desk is configured so; then it waits, or is ignored with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from mailgate.config import Queue, Rule, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import language_of
from mailgate.core.frozen import replace
from mailgate.core.mail import IMPORTED_QUIETLY, Address, InboundMessage
from mailgate.core.workflow.events import Event
from mailgate.inbound.forms import fill_request
from mailgate.inbound.holds.service import HoldService
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.routing import Router
from mailgate.inbound.rules import apply_rule, find_rule
from mailgate.inbound.submission import Submissions, choose_subject
from mailgate.notices.mime.forwarded import mask_words
from mailgate.parsers.stated_wishes import read_stated_wishes
from mailgate.store.events import has_event
from mailgate.store.people import note_contact
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.service import NewTicket, TicketService
from mailgate.tickets.values import FileRef

_MOST_NAMED = 5  # recipients that the reason names, of a mail that names no address of the desk


class TicketOpener:
    """Opens tickets, for one desk."""

    def __init__(
        self,
        settings: Settings,
        router: Router,
        tickets: TicketService,
        submissions: Submissions,
        holds: HoldService,
        directory: DirectoryFiles,
    ) -> None:
        self._settings = settings
        self._router = router
        self._tickets = tickets
        self._submissions = submissions
        self._holds = holds
        self._directory = directory

    def open(
        self,
        connection: Connection,
        message: InboundMessage,
        linked_to: int | None,
        reason: str,
        *,
        lost: str = "",
        reading: str = "",
        original: FileRef | None = None,
    ) -> Outcome:
        """Opens a ticket for a mail; `linked_to` is the id of one that the mail names without proof.

        `lost` is the reference of the ticket that it answers where that is not in this database. `reading` is PARTLY
        for a mail that could not be read whole, and `original` that mail, None where it may not be passed on.
        """
        mail, sender = message.mail, message.sender
        form = self._router.choose_form(message.recipients, mail)
        # What answers a ticket, or names one, and what the operator put back is never ignored.
        is_new = linked_to is None and not lost and not message.forced
        rule = find_rule(self._settings, message, form, may_ignore=is_new)
        if rule is not None and rule.ignore:
            return Outcome(Disposition.IGNORED, f"rule {rule.name}")
        queue = self._choose_queue(message, form, rule)
        language = self.choose_language(message, queue.languages)
        if self._holds.is_unknown_sender(message):
            return self._holds.receive_unknown(connection, message, queue, language)
        self._note_language(connection, message, queue, language)
        subject = choose_subject(mail, mail.subject, mail.new_text)
        strayed_to = None if message.recipients else tuple(one.address for one in (*mail.to, *mail.cc)[:_MOST_NAMED])
        if strayed_to is not None:
            named = f": to {', '.join(strayed_to)}" if strayed_to else ""
            reason = f"{reason}; it names no address of the desk{named}"
        subject, requester = mask_words(subject), Address(mask_words(sender.name), sender.address)
        wishes = read_stated_wishes(mail)
        new_ticket = NewTicket(
            requester,
            subject,
            queue.name,
            language,
            linked_to,
            urgency=mask_words(wishes.urgency),
            desired_outcome=mask_words(wishes.outcome),
        )
        ticket_event = TicketEvent(
            event=Event.REQUEST,
            at=message.received_at,
            by=sender.address,
            reason=reason,
            author=sender,
            text=mail.new_text,
            encrypted=mail.encrypted,
            strayed_to=strayed_to,
            lost=lost,
            reading=reading,
            original=original,
            journal_id=message.journal_id,
            forwarded=self._submissions.find_forwarded_author(message),
            quiet=message.envelope.source == IMPORTED_QUIETLY,
        )
        new_ticket, ticket_event = fill_request(self._settings, form, new_ticket, ticket_event, mail)
        new_ticket, ticket_event = apply_rule(rule, queue, new_ticket, ticket_event)
        message = replace(message, people=self._router.people_of(mail, sender))
        ticket = self._tickets.open(connection, new_ticket, message, ticket_event).ticket
        more = ask_for_clear_text(connection, message, ticket, ticket_event) if mail.encrypted else ()
        if more:
            self._tickets.apply(connection, ticket.id, more)
        outcome = f"{reason}; rule {rule.name}" if rule is not None else reason
        return Outcome(Disposition.DONE, outcome, ticket.id, ticket.reference)

    def choose_language(self, message: InboundMessage, languages: Sequence[str]) -> str:
        """Chooses the language in which the sender of a mail is written to."""
        person = self._directory.current().person(message.sender.address)
        written = message.contact.language
        return language_of(languages, written=written, person=person, guessed=message.mail.language)

    def _note_language(self, connection: Connection, message: InboundMessage, queue: Queue, language: str) -> None:
        """Remembers the language of a mail; not the directory's, which may change."""
        address, before, now = message.sender.address, message.contact.language, message.mail.language
        person = self._directory.current().person(address)
        listed = person.language if person is not None else ""
        if now in queue.languages and language not in (before, listed):
            note_contact(connection, address, language=language)
        elif now not in ("", before) and before not in queue.languages:  # the agent who answers reads it
            note_contact(connection, address, language=now)

    def _choose_queue(self, message: InboundMessage, form: str, rule: Rule | None) -> Queue:
        """Chooses the queue: that of the rule, else of the form, else of the address that was written to."""
        wanted = self._settings.forms.get(form)
        named = (rule.queue if rule is not None else "") or (wanted.queue if wanted is not None else "")
        return self._settings.queues[named] if named else self._router.choose_queue(message.recipients, message.mail)


def ask_for_clear_text(
    connection: Connection, message: InboundMessage, ticket: Ticket, ticket_event: TicketEvent
) -> Sequence[TicketEvent]:
    """Returns the event that asks the sender of an encrypted mail, once a ticket, to write in clear text.

    Returns () where the sender was asked before (docs/rules.md#21).
    """
    asked_since = ticket.created_at - timedelta(seconds=1)  # the mail that opens the ticket may have been the one
    if has_event(connection, ticket.id, Event.ENCRYPTED.value, message.sender.address, asked_since):
        return ()
    return (replace(ticket_event, event=Event.ENCRYPTED, reason="the mail cannot be read here", text=""),)
