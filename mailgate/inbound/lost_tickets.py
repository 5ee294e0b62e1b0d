"""Receives mails that answer a ticket which this database does not have: an older backup of it was restored.

Nothing of such a mail may reach the ticket that has the number now (docs/rules.md#2). A requester's mail is a new
request. An agent's is none: its words were meant for a person who is not known here, so the agent gets them back.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import People
from mailgate.core.mail import InboundMessage
from mailgate.inbound.follow_up import LostTicket
from mailgate.inbound.new_ticket import TicketOpener
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.queries.service import Query, QueryService
from mailgate.inbound.routing import Router
from mailgate.notices.alarms import LOST, Alarm
from mailgate.notices.rendering.replies import QueryReply
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.ticket_numbers import raise_counter


class LostTickets:
    """Receives the mails that answer lost tickets, for one desk."""

    def __init__(
        self,
        settings: Settings,
        people: People,
        router: Router,
        opener: TicketOpener,
        queries: QueryService,
        system_notices: SystemNotices,
    ) -> None:
        self._prefix = settings.desk.reference.upper()
        self._people = people
        self._router = router
        self._opener = opener
        self._queries = queries
        self._system_notices = system_notices

    def receive(self, connection: Connection, message: InboundMessage, lost: LostTicket) -> Outcome:
        """Returns the mail to staff, or opens a ticket for it; the operator gets an alarm.

        But for a ticket whose person was erased there is none: no ticket is missing.
        """
        prefix, _, number = lost.reference.rpartition("-")
        if prefix == self._prefix:  # a number that was given once is not given again
            raise_counter(connection, int(number))
        sender = message.sender.address
        if lost.erased:
            reason = f"{lost.key}: the person of {lost.reference} was erased"
        else:
            self._system_notices.alarm(connection, Alarm(LOST, (sender, lost.reference)), message.received_at)
            reason = f"{lost.key}: {lost.reference} is not in this database (was an older backup restored?)"
        if self._people.access_of(sender) is None:
            return self._opener.open(connection, message, None, f"a new request; {reason}", lost=lost.reference)
        query = Query(message, message.sender, self._router.choose_queue(message.recipients, message.mail).name)
        reply = QueryReply("lost_ticket", "", reference=lost.reference)
        sent = self._queries.answer(connection, query, (), first=(reply,), give_back=True, asked=lost.reference)
        return Outcome(Disposition.IGNORED, f"{reason}; returned to {sender}{sent}")
