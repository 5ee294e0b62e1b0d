"""Notices that did not arrive: rejected by the relay, or bounced later. Staff always learns of one."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config.people import People
from mailgate.core.domains import fold_address
from mailgate.core.text import ellipsis
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Asks, Audience, Notice
from mailgate.inbound.follow_up import AnsweredNotice
from mailgate.notices.alarms import FAILED, Alarm
from mailgate.notices.recipients import REQUESTER
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.people import count_refusal
from mailgate.store.tickets import get_ticket
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.service import TicketService

_QUESTIONS = frozenset(notice.value for notice in Notice if notice.info.asks is Asks.YES_OR_NO)
# How often a server may say so until an address is set aside (RFC 3463 §3.2, RFC 7505): it does not exist, or it moved
# away; it is disabled, which may be for a while.
_MOST_REFUSALS = {"5.1.1": 1, "5.1.6": 1, "5.2.1": 2}
_LONGEST_REASON = 300
_REPLY = re.compile(r"\b5\d\d[ -](5\.\d{1,3}\.\d{1,3})\b")


class DeliveryFailures:
    """Reports a failed notice: to the level if it was for a requester or a third party, else to the operator."""

    def __init__(self, tickets: TicketService, system_notices: SystemNotices, people: People, operator: str) -> None:
        self._tickets = tickets
        self._people = people
        self._operator = operator
        self._system_notices = system_notices

    def note(
        self,
        connection: Connection,
        notice: AnsweredNotice,
        words: str,
        at: datetime,
        journal_id: int | None = None,
        *,
        server_words: str,
        status: str = "",
        is_doubtful: bool = False,
    ) -> None:
        """Records a permanent failure. A failed mail to a level must not cause more mail to that level.

        `words` go into the history. People read `server_words`: the reply or the status of the mail server, "" for
        none; `status` is the one that it gave for the recipient (RFC 3463), by which a dead address is set aside.
        `is_doubtful` says that anybody who has seen the notice may have made up its bounce: then, and where a newer
        question was asked meanwhile, the level learns of it and no reminder is stopped (docs/rules.md#18).
        """
        asked = Notice(notice.notice).info.audience is Audience.THIRD_PARTY
        internal = notice.lane != REQUESTER and not asked
        stops = notice.notice in _QUESTIONS and not is_doubtful and self._is_current(connection, notice)
        event = Event.CONFIRM_FAILED if stops else Event.NOTICE_FAILED
        event = Event.AUTOMATIC if internal else event
        failed = notice.notice if not is_doubtful else ""
        dead = not is_doubtful and not internal and not asked and self._is_dead(connection, notice, status, words, at)
        words = f"{words}; the address is set aside" if dead else words
        self._record(connection, notice, event, words, at, journal_id, server_words, failed, set_aside=dead)
        if internal:
            alarm = Alarm(FAILED, (Notice(notice.notice), notice.recipient, words))
            self._system_notices.alarm(connection, alarm, at)

    def reports_of(self, notice: str, recipient: str) -> bool:
        """Tells whether a failed notice of no ticket is reported to the operator.

        Not of one to themselves; and a probe that does not leave is a failing round trip.
        """
        return notice != Notice.PROBE and fold_address(recipient) != fold_address(self._operator)

    def note_outside(self, connection: Connection, notice: str, recipient: str, words: str, at: datetime) -> None:
        """Reports a failed notice of no ticket to the operator."""
        self._system_notices.alarm(connection, Alarm(FAILED, (Notice(notice), recipient, words)), at)

    def note_delay(
        self, connection: Connection, notice: AnsweredNotice, words: str, at: datetime, journal_id: int
    ) -> None:
        """Records that a notice is late in the history of its ticket, and nothing else."""
        self._record(connection, notice, Event.AUTOMATIC, words, at, journal_id)

    def _is_dead(self, connection: Connection, notice: AnsweredNotice, status: str, words: str, at: datetime) -> bool:
        """Counts a refusal of the address; tells whether it is set aside. Staff never are."""
        most = _MOST_REFUSALS.get(status, 0)
        if not most or self._people.is_staff(notice.recipient):
            return False
        reason = ellipsis(" ".join(words.split()), _LONGEST_REASON)
        return count_refusal(connection, notice.recipient, reason, at, most=most) is not None

    @staticmethod
    def _is_current(connection: Connection, notice: AnsweredNotice) -> bool:
        """Tells whether a question is about the solution that the ticket has now."""
        ticket = get_ticket(connection, notice.ticket_id)
        return ticket is not None and notice.number >= ticket.confirm_notice

    def _record(
        self,
        connection: Connection,
        notice: AnsweredNotice,
        event: Event,
        words: str,
        at: datetime,
        journal_id: int | None,
        server_words: str = "",
        failed: str = "",
        *,
        set_aside: bool = False,
    ) -> None:
        reason = f"{notice.notice} to {notice.recipient}: {words}"
        ticket_event = TicketEvent(
            event, at, "desk", reason, argument=notice.recipient, journal_id=journal_id, server_words=server_words,
            failed=failed, set_aside=set_aside,
        )  # fmt: skip
        self._tickets.apply(connection, notice.ticket_id, (ticket_event,))


def status_of_reply(words: str) -> str:
    """Returns the status in a relay's refusal (RFC 2034), "" where it has none."""
    found = _REPLY.search(words)
    return found[1] if found is not None else ""
