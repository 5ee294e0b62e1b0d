"""Answers a requester who asks, in a mail of no ticket, where their open requests stand; no ticket is opened.

The answer goes to the address that From names, so that only its owner reads it, and has no subjects while nothing shows
that the address is theirs (docs/rules.md#13). The words of a sender without an open request are a request like any
other.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import IMPORTED, IMPORTED_QUIETLY, InboundMessage, Mail, MessageKind
from mailgate.core.workflow.events import Event
from mailgate.inbound.interpretation import asks_status
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.routing import Router
from mailgate.notices.loop_protection import find_exceeded_limit_outside
from mailgate.notices.requester_status import stand_of
from mailgate.notices.system_notices import SystemNotices
from mailgate.parsers.single_words import LONGEST_TEXT
from mailgate.store.tickets import list_open_of
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.service import TicketService


class RequesterStatus:
    """Answers questions about the status, for one desk."""

    def __init__(
        self,
        settings: Settings,
        router: Router,
        tickets: TicketService,
        system_notices: SystemNotices,
    ) -> None:
        self._settings = settings
        self._router = router
        self._tickets = tickets
        self._system_notices = system_notices
        self._reference = re.compile(rf"#?\b{re.escape(settings.desk.reference)}-\d{{1,12}}\b", re.IGNORECASE)
        self._robots = frozenset(fold_address(robot) for robot in settings.trust.robots)

    def answer(self, connection: Connection, message: InboundMessage) -> Outcome | None:
        """Answers a mail that only asks for the status; None for another one, and where nothing is open.

        One open ticket answers in its own thread, so that a reply belongs to it; several are listed, newest first, in
        the language of the newest. Where references stand beside the words, each must be that of an open one.
        """
        if not self._may_ask(message) or not asks_status(self._without_references(message.mail), in_subject=True):
            return None
        most = self._settings.limits.list_lines
        found = list_open_of(connection, message.sender, 2 * most)[::-1]
        words = f"{message.mail.subject} {message.mail.new_text}"
        named = {reference.lstrip("#").upper() for reference in self._reference.findall(words)}
        if named:
            found = [ticket for ticket in found if ticket.reference.upper() in named]
        if not found or len(found) < len(named):
            return None
        if len(found) == 1:
            ticket_event = TicketEvent(
                event=Event.ASKED_STATUS,
                at=message.at,
                by=message.sender.address,
                reason="a mail of no ticket",
                author=message.sender,
                text=message.mail.new_text,
                journal_id=message.journal_id,
            )
            ticket = self._tickets.apply(connection, found[0].id, (ticket_event,), message).ticket
            return Outcome(Disposition.DONE, "asks for the status", ticket.id, ticket.reference)
        now = message.received_at
        breach = find_exceeded_limit_outside(connection, self._settings.limits, message.sender.address, now)
        if breach is not None:
            return Outcome(Disposition.DONE, f"asks for the status of {len(found)} tickets, not answered: {breach}")
        queue = self._router.choose_queue(message.recipients, message.mail)
        stands = [stand_of(ticket, now) for ticket in found[:most]]
        self._system_notices.list_requests(
            connection, message, queue.name, found[0].language, stands, more=len(found) - len(stands)
        )
        return Outcome(Disposition.DONE, f"asks for the status of {len(found)} tickets")

    def _without_references(self, mail: Mail) -> Mail:
        if len(mail.new_text) > LONGEST_TEXT:
            return mail
        subject, text = (self._reference.sub(" ", words) for words in (mail.subject, mail.new_text))
        return replace(mail, subject=subject, new_text=text)

    def _may_ask(self, message: InboundMessage) -> bool:
        """Tells whether the mail is a person's own, by their From, which nothing contradicts; an old one is not."""
        mail, sender = message.mail, message.sender
        is_own = mail.kind is MessageKind.HUMAN and mail.sender is not None and mail.sender.key == sender.key
        imported = message.envelope.source in (IMPORTED, IMPORTED_QUIETLY)
        age = message.received_at - (mail.date or message.received_at)
        is_old = imported or age > self._settings.limits.first_contact_age.span  # docs/rules.md#28
        is_doubtful = message.auth_of_sender.is_doubt or mail.ambiguous_sender
        return is_own and not is_old and not is_doubtful and sender.key not in self._robots
