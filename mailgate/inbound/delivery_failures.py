"""A notice that did not arrive: refused by the relay or bounced later. Somebody is told, whoever it was for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notices import Asks, Notice
from mailgate.inbound.roles import AnsweredNotice
from mailgate.notices.alarms import FAILED, Alarm
from mailgate.notices.recipients import REQUESTER
from mailgate.notices.system_notices import SystemNotices
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.service import TicketService

_QUESTIONS = frozenset(notice.value for notice in Notice if notice.info.asks is Asks.YES_OR_NO)


class DeliveryFailures:
    """Tells the level of a failed notice to the requester, and the operator of one to the house itself."""

    def __init__(self, tickets: TicketService, system_notices: SystemNotices) -> None:
        self._tickets = tickets
        self._system_notices = system_notices

    def note(
        self, connection: Connection, notice: AnsweredNotice, words: str, at: datetime, journal_id: int | None = None
    ) -> None:
        """A notice failed for good. Mail to a level that fails must not cause more mail to that level."""
        internal = notice.lane != REQUESTER
        event = Event.CONFIRM_FAILED if notice.notice in _QUESTIONS else Event.NOTICE_FAILED
        self._happen(connection, notice, Event.AUTOMATIC if internal else event, words, at, journal_id)
        if internal:
            alarm = Alarm(FAILED, (Notice(notice.notice), notice.recipient, words))
            self._system_notices.alarm(connection, alarm, at)

    def note_delay(
        self, connection: Connection, notice: AnsweredNotice, words: str, at: datetime, journal_id: int
    ) -> None:
        """A notice is late; it is written down."""
        self._happen(connection, notice, Event.AUTOMATIC, words, at, journal_id)

    def _happen(
        self,
        connection: Connection,
        notice: AnsweredNotice,
        event: Event,
        words: str,
        at: datetime,
        journal_id: int | None,
    ) -> None:
        reason = f"{notice.notice} to {notice.recipient}: {words}"
        ticket_event = TicketEvent(event, at, "desk", reason, argument=notice.recipient, journal_id=journal_id)
        self._tickets.apply(connection, notice.ticket_id, (ticket_event,))
