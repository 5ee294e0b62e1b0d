"""Decisions after silence, gathered: which notices were kept for the mail of the day, for whom, and when it is due.

A notice of the column `daily` whose timer fired is not sent then (`[agents] decisions`). It is kept until its reader's
next digest would be due, or without digests until their queue opens. What is kept is computed from the history of the
tickets and the notices that were sent, so that nothing is lost by a restart, and nobody is asked what was settled
meanwhile. One ticket gets its own notice, which can be replied to; several get one mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.entries import Directory
from mailgate.core.domains import fold_address
from mailgate.core.mail import Address
from mailgate.core.text import ellipsis
from mailgate.core.workflow.effects import Send
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.core.workflow.transitions import ROWS
from mailgate.notices.digest import DigestRecipient, Digests, list_recipients
from mailgate.notices.recipients import MANAGER, Recipient, Recipients
from mailgate.notices.rendering.content import Decisions, UndecidedTicket
from mailgate.notices.system_notices import SystemNotices
from mailgate.notices.timeline import recorded_words_of
from mailgate.store.locks import take_advisory_lock
from mailgate.store.messages import NewMessage, add_messages, list_told
from mailgate.store.queries.worklists import list_undecided
from mailgate.store.tickets import Ticket, get_ticket
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.service import TicketService

_KEPT = {
    row.name: tuple(effect for effect in row.effects if isinstance(effect, Send) and effect.notice.info.daily)
    for row in ROWS
    if row.event.info.by_timer
}
"""The notices of each row of a timer that are kept."""
_NOTICES = tuple(notice.value for notice in Notice if notice.info.daily)
_LONGEST_WORDS = 300  # characters of a solution or a question


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """Notice about a ticket that was kept: what would have sent it, and since when it waits."""

    ticket: Ticket
    send: Send
    event: Event
    since: datetime


@dataclass(frozen=True, slots=True)
class DailyMail:
    """Notices that are kept for one reader, oldest first, and when their mail is due."""

    recipient: Recipient
    kept: tuple[KeptNotice, ...]
    due: datetime

    @property
    def key(self) -> tuple[str, bool]:
        return _key(self.recipient)


class DailyDecisions:
    """Finds and sends what was kept, for one desk."""

    def __init__(self, settings: Settings, system_notices: SystemNotices, tickets: TicketService) -> None:
        self._settings = settings
        self._digests = Digests(settings)
        self._recipients = Recipients(settings)
        self._system_notices = system_notices
        self._tickets = tickets

    def next_due(self, after: datetime, directory: Directory) -> datetime | None:
        """Returns when the next mail of anybody may be due; None where no day is found."""
        queue = self._settings.default_queue
        manager = self._schedule(Recipient(Address("", self._settings.desk.manager), MANAGER, queue))
        levels = (
            self._schedule(Recipient(Address("", level.mailbox), name, queue))
            for queue in self._settings.queues.values()
            for name, level in queue.levels.items()
        )
        readers = (manager, *levels, *list_recipients(self._settings))
        dues = (self._digests.next(reader, after, directory) for reader in readers)
        return min((due for due in dues if due is not None), default=None)

    def list_due(self, connection: Connection, directory: Directory, now: datetime) -> list[DailyMail]:
        """Lists the mails that are due; each has all that is kept for its reader by then."""
        found: dict[tuple[str, bool], list[tuple[Recipient, KeptNotice]]] = {}
        rows = list_undecided(connection)
        told = list_told(connection, {row.ticket_id for row in rows}, _NOTICES) if rows else []
        for row in rows:
            stored = get_ticket(connection, row.ticket_id)
            assert stored is not None
            ticket, event = locate_ticket(self._settings, stored), Event(row.event)
            for send in _KEPT.get(row.row, ()):
                asking = TicketEvent(event, now, event.value)
                for recipient in self._recipients.find(connection, ticket, ticket, send, asking):
                    mine = ticket.id, send.notice.value, recipient.address.key
                    if not any(one[:3] == mine and one[3] >= row.at for one in told):
                        kept = KeptNotice(ticket, send, event, row.at)
                        found.setdefault(_key(recipient), []).append((recipient, kept))
        mails = []
        for entries in found.values():
            recipient, notices = entries[0][0], tuple(one for _, one in entries)
            due = self._digests.next(self._schedule(recipient), min(one.since for one in notices), directory)
            if due is not None and due <= now:
                mails.append(DailyMail(recipient, notices, due))
        return mails

    def send(self, connection: Connection, key: tuple[str, bool], directory: Directory, now: datetime) -> int:
        """Sends a reader what is kept for them; returns how many tickets that was, 0 where another was first."""
        take_advisory_lock(connection, "daily decisions")
        mail = next((one for one in self.list_due(connection, directory, now) if one.key == key), None)
        if mail is None:
            return 0
        to = mail.recipient.address.address
        if len(mail.kept) == 1:
            (one,) = mail.kept
            asking = TicketEvent(one.event, now, one.event.value, only_to=to)
            self._tickets.send_kept(connection, one.ticket.id, one.send, asking)
            return 1
        several = len({one.ticket.queue for one in mail.kept}) > 1
        listed = tuple(self._tell(connection, one, now, several=several) for one in mail.kept)
        decisions = Decisions(listed, manages=mail.recipient.lane == MANAGER)
        self._system_notices.send_decisions(connection, mail.recipient, decisions, now)
        for one in mail.kept:
            # Of no Message-ID: a reply to the mail is about all of its tickets, and must not land in one of them.
            told = NewMessage(
                direction="out", sender=mail.recipient.queue.address, recipients=(to,), subject="", message_id="",
                at=now, text="", internal=True, notice=one.send.notice.value,
            )  # fmt: skip
            add_messages(connection, one.ticket.id, (told,))
        return len(mail.kept)

    def _tell(self, connection: Connection, kept: KeptNotice, now: datetime, *, several: bool) -> UndecidedTicket:
        ticket = kept.ticket
        waiting = kept.event is Event.WAITING_DECISION_DUE
        automatic_reply, thanks = recorded_words_of(connection, ticket, now)
        return UndecidedTicket(
            reference=ticket.reference,
            subject=ticket.subject,
            requester=ticket.person,
            waiting=waiting,
            since=ticket.waiting_since if waiting else ticket.confirm_at,
            words=ellipsis(ticket.question if waiting else ticket.solution, _LONGEST_WORDS),
            count=ticket.questions,
            assignee=ticket.assignee,
            assignee_name=ticket.last_agent_name if ticket.last_agent == ticket.assignee else "",
            queue=self._settings.queue_of(ticket.queue).display_name if several else "",
            thanks=thanks,
            automatic_reply=automatic_reply,
        )

    def _schedule(self, recipient: Recipient) -> DigestRecipient:
        """Returns a reader as one of a digest, with whose times their mails come."""
        return DigestRecipient(recipient.address.address, ((recipient.queue.name, recipient.lane),), recipient.queue)


def _key(recipient: Recipient) -> tuple[str, bool]:
    """Returns by what mails are gathered: the reader, and whether they manage or decide."""
    return fold_address(recipient.address.address), recipient.lane == MANAGER
