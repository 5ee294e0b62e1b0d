"""Mails that belong to no ticket: alarms to the operator, what a breaker held back, gathered (rule 24), what is
said of a mail that is too large to be taken, how the ways in fare, each agent's digest, and the probe to the desk
itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import Address
from mailgate.core.message_parts import Message
from mailgate.core.workflow.notices import Notice
from mailgate.notices.alarms import NOT_SENT, TOO_MANY_OVERSIZED, TOO_MANY_TO_ADDRESS, Alarm
from mailgate.notices.mime.message import Head, compose
from mailgate.notices.probe import make_probe_id, probe_message_id, probe_tag
from mailgate.notices.recipients import REQUESTER, Recipient
from mailgate.notices.rendering.branding import look_of
from mailgate.notices.rendering.content import NoticeContent, TimelineEntry, addressee
from mailgate.notices.rendering.digest import Digest
from mailgate.notices.rendering.replies import QueryReply
from mailgate.notices.rendering.report import ReportContent
from mailgate.notices.rendering.subject import subject_line
from mailgate.notices.rendering.templates import Templates
from mailgate.store.blobs import put_blob
from mailgate.store.database import do_at_end
from mailgate.store.events import list_held_back
from mailgate.store.journal import list_unanswered
from mailgate.store.locks import take_advisory_lock
from mailgate.store.outbox import (
    QueuedNotice,
    count_automatic,
    count_sent,
    find_draft,
    put_notices,
    rewrite_notice,
    was_sent,
)
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import Oversized
from mailgate.tickets.values import CommandMistake, FileRef

_HOUR = timedelta(hours=1)


class SystemNotices:
    """Writes them into the outbox."""

    def __init__(self, settings: Settings, templates: Templates, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._directory = directory
        self._templates = templates

    def alarm(self, connection: Connection, alarm: Alarm, now: datetime, ticket: Ticket | None = None) -> None:
        """Tell the operator what needs attention, at most once an hour."""
        operator = self._settings.desk.operator
        take_advisory_lock(connection, f"{Notice.ALARM.value} {operator}")
        if not was_sent(connection, Notice.ALARM.value, operator, now - _HOUR):
            self.tell(connection, alarm, now, ticket)

    def tell(self, connection: Connection, alarm: Alarm, now: datetime, ticket: Ticket | None = None) -> None:
        """The same for what happens once and is told nowhere else: it waits for no hour."""
        operator = Address("", self._settings.desk.operator)
        queue = self._settings.default_queue
        content = replace(self._content(Notice.ALARM, queue, operator), trouble=alarm)
        if ticket is not None:
            content = replace(content, reference=ticket.reference)
        message, message_id = self._compose(content, queue, now)
        put_notices(connection, (_outgoing(content, queue, message, message_id),), now)

    def gather(self, connection: Connection, reader: Recipient, now: datetime) -> None:
        """What a breaker keeps from a level or an agent comes in one mail when the hour is over.

        Until then the mail is a draft in the outbox, written anew at the end of each transaction that adds to it.
        """
        key = Notice.GATHERED, reader.address.key, now.replace(minute=0, second=0, microsecond=0)
        do_at_end(connection, key, lambda: self._gather(connection, reader.address, reader.queue, now))

    def _gather(
        self,
        connection: Connection,
        to: Address,
        queue: Queue,
        now: datetime,
        *,
        newest: tuple[TimelineEntry, ...] = (),
    ) -> None:
        """`newest` are lines that the store does not know yet."""
        take_advisory_lock(connection, f"{Notice.GATHERED.value} {to.key}")
        begin = now.replace(minute=0, second=0, microsecond=0)
        held = [
            TimelineEntry(row.at, row.reference, row.text, "") for row in list_held_back(connection, to.address, begin)
        ]
        held += (
            TimelineEntry(row.created_at, row.reference or "", row.outcome.partition(", proven by")[0], "")
            for row in list_unanswered(connection, to.address, begin)
        )
        lines = (*sorted(held, key=lambda one: one.at), *newest)
        if not lines:  # what was held back was undone
            return
        content = replace(self._content(Notice.GATHERED, queue, to), story=lines, count=len(lines))
        message, message_id = self._compose(content, queue, begin + _HOUR)
        draft = find_draft(connection, message_id)
        if draft is not None:
            rewrite_notice(connection, draft, message.body, message.size)
        else:
            outgoing = _outgoing(content, queue, message, message_id)
            put_notices(connection, (outgoing,), now, due_at=begin + _HOUR)

    def turn_away(self, connection: Connection, mail: Oversized) -> None:
        """Tell the author of a mail that is too large to send it again smaller; none of his words (rule 13)."""
        queue = self._settings.queues[mail.queue]
        content = replace(
            self._content(Notice.TOO_LARGE, queue, mail.author),
            language=mail.language, known=mail.known, since=mail.sent_at, created_at=mail.received_at,
            size=mail.size, most=self._settings.intake.max_size,
        )  # fmt: skip
        message, message_id = self._compose(content, queue, mail.received_at, str(mail.journal_id), mail.message_id)
        outgoing = replace(_outgoing(content, queue, message, message_id), lane=REQUESTER)
        put_notices(connection, (outgoing,), mail.received_at)

    def report_oversized(self, connection: Connection, mail: Oversized, *, told: bool) -> None:
        """Tell the operator of a mail that is too large, where it lies, and whether its author was `told`.

        Of more than `oversized_mails_per_hour` an alarm tells, as rarely as alarms come.
        """
        now, operator = mail.received_at, Address("", self._settings.desk.operator)
        most = self._settings.limits.oversized_mails_per_hour
        if count_sent(connection, Notice.OVERSIZED.value, operator.address, now - _HOUR) >= most:
            self.alarm(connection, Alarm(TOO_MANY_OVERSIZED, (most,)), now)
            return
        queue = self._settings.default_queue
        content = replace(
            self._content(Notice.OVERSIZED, queue, operator),
            author=mail.author, subject=mail.subject, since=mail.sent_at, created_at=now, size=mail.size,
            most=self._settings.intake.max_size, place=mail.place, told=told, journal_id=mail.journal_id,
        )  # fmt: skip
        message, message_id = self._compose(content, queue, now, str(mail.journal_id))
        put_notices(connection, (_outgoing(content, queue, message, message_id),), now)

    def tell_stopped(self, connection: Connection, way: str, since: datetime, error: str, now: datetime) -> None:
        """Tell the operator that a way in brings nothing since then, and with what error ("" where none is known)."""
        queue, operator = self._settings.default_queue, Address("", self._settings.desk.operator)
        content = self._content(Notice.WAY_STOPPED, queue, operator)
        content = replace(content, way=way, since=since, created_at=now, reason=error)
        self._put_of_way(connection, content, queue, now)

    def tell_works(self, connection: Connection, way: str, since: datetime, until: datetime, now: datetime) -> None:
        """Tell the operator that a way in works again, and how long it did not."""
        queue, operator = self._settings.default_queue, Address("", self._settings.desk.operator)
        content = self._content(Notice.WAY_WORKS, queue, operator)
        minutes = max(1, round((until - since).total_seconds() / 60))
        content = replace(content, way=way, since=since, created_at=now, minutes=minutes)
        self._put_of_way(connection, content, queue, now)

    def _put_of_way(self, connection: Connection, content: NoticeContent, queue: Queue, now: datetime) -> None:
        which = hashlib.sha256(content.way.encode()).hexdigest()[:12]  # several ways may stop in one second
        message, message_id = self._compose(content, queue, now, which)
        put_notices(connection, (_outgoing(content, queue, message, message_id),), now)

    def tell_morning(
        self, connection: Connection, reader: Address, language: str, queue: Queue, morning: Digest, now: datetime
    ) -> None:
        """Give an agent, or a level's mailbox, what his day has for him."""
        content = replace(
            self._content(Notice.DIGEST, queue, reader), language=language, created_at=now, morning=morning
        )
        message, message_id = self._compose(content, queue, now)
        put_notices(connection, (_outgoing(content, queue, message, message_id),), now)

    def tell_report(
        self,
        connection: Connection,
        people: Sequence[Address],
        language: str,
        bulletin: ReportContent,
        now: datetime,
        name: str = "",
    ) -> None:
        """Give these people a report; the drawings of its charts are kept once for all of them.

        `name` tells reports apart that go to the same reader at once.
        """
        queue = self._settings.default_queue
        drawings = tuple(
            FileRef(one.name, "image/png", put_blob(connection, one.data), len(one.data), content_id=one.content_id)
            for one in bulletin.drawings
        )
        which = hashlib.sha256(f"{name} {bulletin.text}".encode()).hexdigest()[:12]
        for person in people:
            content = replace(
                self._content(Notice.REPORT, queue, person), language=language, created_at=now, bulletin=bulletin
            )
            message, message_id = self._compose(content, queue, now, which, drawings=drawings)
            places = ((at.position, at.blob, at.start, at.end, at.encoded, at.verbatim) for at in message.inserts)
            outgoing = replace(_outgoing(content, queue, message, message_id), inserts=tuple(places))
            put_notices(connection, (outgoing,), now)

    def reply(
        self,
        connection: Connection,
        to: Address,
        language: str,
        queue: Queue,
        replies: tuple[QueryReply, ...],
        now: datetime,
        *,
        subject: str = "",
        answers: str = "",
        which: str = "",
        mistakes: tuple[CommandMistake, ...] = (),
        text: str = "",
        asked: str = "",
        reference: str = "",
    ) -> bool:
        """Answer what an agent asked or ordered in a mail of no ticket, in the thread of that mail.

        More automatic mails than an agent may get within an hour are not sent (rule 24): the operator is told, and
        the hour's gathered mail names what he `asked`, and the ticket of that `reference` if it is of one. Whether the
        answer goes out; whoever has it held back says so in the journal (`say_gathered`).
        """
        most = self._settings.limits.agent_mails_per_hour
        sent = count_automatic(connection, to.address, now - _HOUR) if most else 0
        if 0 < most <= sent:
            breach = Alarm(TOO_MANY_TO_ADDRESS, (to.address, sent))
            self.alarm(connection, Alarm(NOT_SENT, (Notice.REPLY, to.address, breach)), now)
            self._gather(connection, to, queue, now, newest=(TimelineEntry(now, reference, asked, ""),))
            return False
        content = replace(
            self._content(Notice.REPLY, queue, to),
            language=language, subject=subject, created_at=now, replies=replies, mistakes=mistakes, text=text,
        )  # fmt: skip
        message, message_id = self._compose(content, queue, now, which, answers)
        put_notices(connection, (_outgoing(content, queue, message, message_id),), now)
        return True

    def probe(self, connection: Connection, now: datetime) -> None:
        """Write to the desk itself: a mail that `roundtrip` knows when it comes back."""
        queue, every = self._settings.default_queue, self._settings.intake.probe_every
        desk = Address(queue.display_name, queue.address)
        content = replace(self._content(Notice.PROBE, queue, desk), window="" if every is None else str(every))
        rendered = replace(self._templates.render(content), html="")  # for people who look at it with any program
        probe = make_probe_id()
        message_id = probe_message_id(probe, queue.address)
        head = Head(
            desk, desk, subject_line(content, rendered, probe_tag(probe)), now, message_id, "",
            marker=f"notice={content.notice.value}", language=rendered.language, probe=probe,
        )  # fmt: skip
        put_notices(connection, (_outgoing(content, queue, compose(head, rendered), message_id),), now)

    def _content(self, notice: Notice, queue: Queue, to: Address) -> NoticeContent:
        zone = self._directory.current().zone_of(to.address, queue.zone)
        return NoticeContent(notice, queue.language, zone, queue.display_name, queue.address, to, look=look_of(queue))

    def _compose(
        self,
        content: NoticeContent,
        queue: Queue,
        at: datetime,
        which: str = "",
        answers: str = "",
        drawings: tuple[FileRef, ...] = (),
    ) -> tuple[Message, str]:
        """`which` tells several of one second apart; `answers` is the Message-ID of the mail that it answers."""
        rendered = self._templates.render(content)
        reader = content.to.key.replace("@", ".at.")
        left = ".".join(part for part in (content.notice.value, f"{at.timestamp():.0f}", which, reader) if part)
        message_id = f"{left}@{queue.address.rpartition('@')[2]}"
        head = Head(
            Address(queue.display_name, queue.address), addressee(content), subject_line(content, rendered, ""), at,
            message_id, queue.address, in_reply_to=answers, references=(answers,) if answers else (),
            marker=f"notice={content.notice.value}", language=rendered.language,
        )  # fmt: skip
        return compose(head, rendered, drawings=drawings), message_id


def _outgoing(content: NoticeContent, queue: Queue, message: Message, message_id: str) -> QueuedNotice:
    return QueuedNotice(
        notice=content.notice.value,
        number=0,
        lane="house",
        queue=queue.name,
        recipient=content.to.address,
        return_path="",
        message_id=message_id,
        human=False,
        size=message.size,
        body=message.body,
    )
