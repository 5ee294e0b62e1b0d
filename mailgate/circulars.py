"""Mails that belong to no ticket: alarms to the operator, and what a breaker held back, gathered (rule 24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.mail import Address
from mailgate.notices import Content, Entry, Head, Message, Templates, compose
from mailgate.process.effects import Notice
from mailgate.readers import Reader
from mailgate.store.history import list_held_back
from mailgate.store.outbox import Outgoing, find_draft, put_notices, rewrite_notice, was_sent
from mailgate.store.tickets import Ticket
from mailgate.store.turns import take_turn

_HOUR = timedelta(hours=1)


class Circulars:
    """Writes them into the outbox."""

    def __init__(self, settings: Settings, templates: Templates) -> None:
        self._settings = settings
        self._templates = templates

    def alarm(self, connection: Connection, reason: str, now: datetime, ticket: Ticket | None = None) -> None:
        """Tell the operator what needs attention, at most once an hour."""
        operator = Address("", self._settings.desk.operator)
        take_turn(connection, f"{Notice.ALARM.value} {operator.address}")
        if was_sent(connection, Notice.ALARM.value, operator.address, now - _HOUR):
            return
        queue = self._settings.default_queue
        content = replace(self._content(Notice.ALARM, queue, operator), reason=reason)
        if ticket is not None:
            content = replace(content, reference=ticket.reference)
        message, message_id = self._compose(content, queue, now)
        put_notices(connection, (_outgoing(content, queue, message, message_id),), now)

    def gather(self, connection: Connection, reader: Reader, now: datetime) -> None:
        """What a breaker keeps from a level or an agent comes in one mail when the hour is over.

        Until then the mail is a draft in the outbox that each held notice adds a line to.
        """
        take_turn(connection, f"{Notice.GATHERED.value} {reader.address.key}")
        begin = now.replace(minute=0, second=0, microsecond=0)
        held = list_held_back(connection, reader.address.address, begin)
        lines = tuple(Entry(row.at, row.reference, row.text, "") for row in held)
        content = replace(self._content(Notice.GATHERED, reader.queue, reader.address), story=lines, count=len(lines))
        message, message_id = self._compose(content, reader.queue, begin + _HOUR)
        draft = find_draft(connection, message_id)
        if draft is not None:
            rewrite_notice(connection, draft, message.body, message.size)
        else:
            outgoing = _outgoing(content, reader.queue, message, message_id)
            put_notices(connection, (outgoing,), now, due_at=begin + _HOUR)

    def _content(self, notice: Notice, queue: Queue, to: Address) -> Content:
        return Content(notice, queue.language, queue.zone, queue.display_name, queue.address, to)

    def _compose(self, content: Content, queue: Queue, at: datetime) -> tuple[Message, str]:
        rendered = self._templates.render(content)
        addressee = content.to.key.replace("@", ".at.")
        message_id = f"{content.notice.value}.{at.timestamp():.0f}.{addressee}@{queue.address.rpartition('@')[2]}"
        sender = Address(queue.display_name, queue.address)
        marker, language = f"notice={content.notice.value}", rendered.language
        head = Head(
            sender, content.to, rendered.subject, at, message_id, queue.address, marker=marker, language=language
        )
        return compose(head, rendered), message_id


def _outgoing(content: Content, queue: Queue, message: Message, message_id: str) -> Outgoing:
    return Outgoing(
        content.notice.value, 0, "house", queue.name, content.to.address, "", message_id, False, message.size,
        message.body,
    )  # fmt: skip
