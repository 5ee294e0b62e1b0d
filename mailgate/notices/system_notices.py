"""Mails that belong to no ticket: alarms, oversized mails, digests, reports, replies to staff, and the probe.

What loop protection stops is gathered in one mail an hour (rule 24), and so are alarms of one kind.
"""

from __future__ import annotations

import hashlib
import logging
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.addressing import NONE, message_id_at, signed_address
from mailgate.core.frozen import replace
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Address, InboundMessage
from mailgate.core.tokens import sign_for_staff, tag
from mailgate.core.workflow.events import State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.alarms import NOT_SENT, TOO_MANY_OVERSIZED, TOO_MANY_TO_ADDRESS, Alarm, HeldAlarm
from mailgate.notices.colleagues import Colleagues
from mailgate.notices.composer import Composer, NoticeEnvelope, content_for
from mailgate.notices.probe import make_probe_id, probe_message_id, probe_tag
from mailgate.notices.recipients import REQUESTER, Recipient
from mailgate.notices.rendering.content import Decisions, LongestStop, NoticeContent, OpenRequest, TimelineEntry
from mailgate.notices.rendering.digest import Digest
from mailgate.notices.rendering.replies import QueryReply
from mailgate.notices.rendering.report import ReportContent
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
)
from mailgate.store.source_status import (
    ALARM,
    SourceStatusRow,
    held_alarms,
    list_statuses,
    lock_status,
    note_figures,
    note_success,
)
from mailgate.store.tickets import Ticket
from mailgate.tickets.hooks import ALARM as ALARM_CALL
from mailgate.tickets.hooks import RECOVERY, HookCaller
from mailgate.tickets.values import CommandMistake, FileRef

log = logging.getLogger("mailgate.alarms")

_HOUR = timedelta(hours=1)
_ANSWERED = (Notice.REPLY, Notice.DIGEST, Notice.DECISIONS)
_STAFF = "house"  # the role of staff in the outbox, where a mail is of no ticket
_VERIFIED_BY = re.compile(", (?:verified|proven) by")  # older rows have the second word
_MOST_HELD = 20  # alarms of one kind that are kept until the next mail; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReply:
    """The answer to what staff asked or ordered in a mail of no ticket."""

    to: Address
    language: str
    queue: Queue
    replies: tuple[QueryReply, ...]
    subject: str
    answers: str
    """The Message-ID of the mail that it answers; "" where it had none."""
    which: str
    """Makes the Message-IDs of one second differ."""
    mistakes: tuple[CommandMistake, ...] = ()
    text: str = ""
    """The mail as it was written, given back with its mistakes."""
    asked: str = ""
    """Names in short what was asked, for the hour's gathered mail."""
    reference: str = ""
    """The ticket that the mail was of, if any."""


class SystemNotices:
    """Writes mails of no ticket into the outbox, in the caller's transaction."""

    def __init__(self, settings: Settings, templates: Templates, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._directory = directory
        self._composer = Composer(templates, Colleagues(settings, directory))
        self._hooks = HookCaller(settings)

    def alarm(self, connection: Connection, alarm: Alarm, now: datetime, ticket: Ticket | None = None) -> None:
        """Sends the operator an alarm, at most one an hour of each sentence; what is held back comes in the next one.

        The row `alarm SENTENCE` of the table `ways` has when the last one went out, and those held back since.
        """
        name = f"{ALARM}{alarm.sentence}"
        row = lock_status(connection, name)
        if row is None or _is_hour_over(row, now):
            self._send_alarm(connection, alarm, now, "" if ticket is None else ticket.reference, row)
            return
        log.warning(Fields(action="alarm", result="held", reason=str(alarm)))
        held, more = held_alarms(row), int(row.figures.get("more", 0))
        if len(held) < _MOST_HELD:
            held.append(HeldAlarm(now, alarm, "" if ticket is None else ticket.reference).as_json())
        else:
            more += 1
        note_figures(connection, name, held=held, more=more)

    def send_held_alarms(self, connection: Connection, now: datetime) -> int:
        """Sends what was held back where the hour is over; returns the number of mails."""
        sent = 0
        for name in [row.name for row in list_statuses(connection) if has_due_alarms(row, now)]:
            row = lock_status(connection, name)
            if row is not None and has_due_alarms(row, now):  # no other process was first
                newest = HeldAlarm.read(held_alarms(row)[-1])
                self._send_alarm(connection, newest.alarm, now, newest.reference, row)
                sent += 1
        return sent

    def _send_alarm(
        self, connection: Connection, alarm: Alarm, now: datetime, reference: str, row: SourceStatusRow | None
    ) -> None:
        held = () if row is None else tuple(map(HeldAlarm.read, held_alarms(row)))
        more = 0 if row is None else int(row.figures.get("more", 0))
        self._put_alarm(connection, alarm, now, reference, held, more)
        note_success(connection, f"{ALARM}{alarm.sentence}", now, held=[], more=0)

    def tell(self, connection: Connection, alarm: Alarm, now: datetime, ticket: Ticket | None = None) -> None:
        """Sends the operator an alarm at once: it happens once and is reported nowhere else."""
        self._put_alarm(connection, alarm, now, "" if ticket is None else ticket.reference)

    def _put_alarm(
        self,
        connection: Connection,
        alarm: Alarm,
        now: datetime,
        reference: str,
        held: tuple[HeldAlarm, ...] = (),
        more: int = 0,
    ) -> None:
        queue, operator = self._settings.default_queue, Address("", self._settings.desk.operator)
        content = replace(
            self._content(Notice.ALARM, queue, operator),
            trouble=alarm, host=socket.gethostname(), held_alarms=held, more_held=more,
        )  # fmt: skip
        if reference:
            content = replace(content, reference=reference)
        which = hashlib.sha256(str(alarm).encode()).hexdigest()[:12]  # several kinds may come in one second
        self._put(connection, content, queue, now, which=which)
        self._call_hooks(connection, ALARM_CALL, str(alarm), now, reference)

    def gather(self, connection: Connection, recipient: Recipient, now: datetime) -> None:
        """Gathers what loop protection keeps from a level or an agent in one mail, due at the end of the hour.

        Until then the mail is a draft in the outbox, written anew at the end of each transaction that adds to it.
        """
        key = Notice.GATHERED, recipient.address.key, now.replace(minute=0, second=0, microsecond=0)
        do_at_end(connection, key, lambda: self._gather(connection, recipient.address, recipient.queue, now))

    def _gather(
        self,
        connection: Connection,
        to: Address,
        queue: Queue,
        now: datetime,
        *,
        newest: tuple[TimelineEntry, ...] = (),
    ) -> None:
        """Writes the gathered mail of this hour, or its draft anew; `newest` are lines that the store does not have
        yet."""
        take_advisory_lock(connection, f"{Notice.GATHERED.value} {to.key}")
        begin = now.replace(minute=0, second=0, microsecond=0)
        held = [
            TimelineEntry(row.at, row.reference, row.text, "") for row in list_held_back(connection, to.address, begin)
        ]
        held += (
            TimelineEntry(row.created_at, row.reference or "", _VERIFIED_BY.split(row.outcome, maxsplit=1)[0], "")
            for row in list_unanswered(connection, to.address, begin)
        )
        lines = (*sorted(held, key=lambda one: one.at), *newest)
        if not lines:  # what was held back was undone
            return
        content = replace(self._content(Notice.GATHERED, queue, to), story=lines, count=len(lines))
        queued = self._compose(connection, content, queue, begin + _HOUR)
        draft = find_draft(connection, queued.message_id)
        if draft is not None:
            rewrite_notice(connection, draft, queued.body, queued.size)
        else:
            put_notices(connection, (replace(queued, scheduled=True),), now, due_at=begin + _HOUR)

    def turn_away(
        self, connection: Connection, message: InboundMessage, queue: str, language: str, sent_at: datetime
    ) -> None:
        """Asks the author of an oversized mail to send a smaller one; repeats none of their words (docs/rules.md#13).

        `sent_at` is the date of the mail.
        """
        to = self._settings.queues[queue]
        content = replace(
            self._content(Notice.TOO_LARGE, to, message.sender),
            language=language,
            known=message.contact.known,
            since=sent_at,
            created_at=message.received_at,
            size=message.envelope.whole_size or 0,
            most=self._settings.intake.max_size,
        )
        queued = self._compose(
            connection,
            content,
            to,
            message.received_at,
            which=str(message.journal_id),
            answers=message.mail.message_id,
            role=REQUESTER,
        )
        put_notices(connection, (queued,), message.received_at)

    def list_requests(
        self,
        connection: Connection,
        message: InboundMessage,
        queue: str,
        language: str,
        requests: Sequence[OpenRequest],
        more: int,
    ) -> None:
        """Answers a requester who asks where their open requests stand; `more` of these are not named."""
        to = self._settings.queues[queue]
        content = replace(
            self._content(Notice.REQUESTER_STATUS, to, message.sender),
            language=language,
            known=message.contact.known,
            subject=message.mail.subject,
            created_at=message.received_at,
            requests=tuple(requests),
            count=more,
        )
        queued = self._compose(
            connection,
            content,
            to,
            message.received_at,
            which=str(message.journal_id),
            answers=message.mail.message_id,
            role=REQUESTER,
        )
        put_notices(connection, (queued,), message.received_at)

    def report_oversized(
        self, connection: Connection, message: InboundMessage, place: str, sent_at: datetime, *, told: bool
    ) -> None:
        """Reports an oversized mail to the operator: its place, and whether its author got a mail (`told`).

        More than `oversized_mails_per_hour` are an alarm, as rare as alarms are. `sent_at` is the date of the mail.
        """
        now, operator = message.received_at, Address("", self._settings.desk.operator)
        most = self._settings.limits.oversized_mails_per_hour
        if count_sent(connection, Notice.OVERSIZED.value, operator.address, now - _HOUR) >= most:
            self.alarm(connection, Alarm(TOO_MANY_OVERSIZED, (most,)), now)
            return
        queue = self._settings.default_queue
        content = replace(
            self._content(Notice.OVERSIZED, queue, operator),
            author=message.sender, subject=message.mail.subject, since=sent_at, created_at=now,
            size=message.envelope.whole_size or 0,
            most=self._settings.intake.max_size, place=place, told=told, journal_id=message.journal_id,
        )  # fmt: skip
        self._put(connection, content, queue, now, which=str(message.journal_id))

    def send_unprocessed(
        self,
        connection: Connection,
        queue: Queue,
        journal_id: int,
        author: Address | None,
        subject: str,
        received_at: datetime,
        now: datetime,
        original: FileRef | None,
    ) -> None:
        """Sends Level 1 of a queue a mail that was parked, as the file `original`; None: it cannot be attached.

        Sends nothing where the mailbox got as many within an hour as an agent may (docs/rules.md#24): the operator's
        alarm and the journal have the others.
        """
        to = Address("", queue.levels[State.LEVEL1.value].mailbox)
        most = self._settings.limits.agent_mails_per_hour
        if 0 < most <= count_sent(connection, Notice.UNPROCESSED.value, to.address, now - _HOUR):
            return
        content = replace(
            self._content(Notice.UNPROCESSED, queue, to),
            author=author, subject=subject, created_at=received_at, journal_id=journal_id,
            original=original is not None,
        )  # fmt: skip
        files = () if original is None else (original,)
        queued = self._compose(connection, content, queue, now, which=str(journal_id), files=files)
        put_notices(connection, (queued,), now)

    def send_source_stopped(self, connection: Connection, way: str, since: datetime, error: str, now: datetime) -> None:
        """Notifies the operator that a source has brought nothing since then; `error` is "" where none is known."""
        queue, operator = self._settings.default_queue, Address("", self._settings.desk.operator)
        content = self._content(Notice.WAY_STOPPED, queue, operator)
        content = replace(content, way=way, since=since, created_at=now, reason=error)
        self._put_of_way(connection, content, queue, now)

    def send_source_recovered(
        self,
        connection: Connection,
        way: str,
        since: datetime,
        until: datetime,
        now: datetime,
        stop: LongestStop | None = None,
    ) -> None:
        """Notifies the operator that a source works again, and how long it did not.

        `stop` is where the probe that came back was late.
        """
        queue, operator = self._settings.default_queue, Address("", self._settings.desk.operator)
        content = self._content(Notice.WAY_WORKS, queue, operator)
        minutes = max(1, round((until - since).total_seconds() / 60))
        content = replace(content, way=way, since=since, created_at=now, minutes=minutes, stop=stop)
        self._put_of_way(connection, content, queue, now)

    def call_hooks_of_way(
        self,
        connection: Connection,
        way: str,
        since: datetime,
        now: datetime,
        *,
        error: str = "",
        works: bool = False,
    ) -> None:
        """Calls the hooks of alarms about a source, the relay or a hook: no success since then, or it `works`."""
        why = f": {error}" if error else ""
        text = f"{way} works again" if works else f"{way} has had no success since {since:%Y-%m-%d %H:%M} UTC{why}"
        self._call_hooks(connection, RECOVERY if works else ALARM_CALL, text, now)

    def _call_hooks(self, connection: Connection, kind: str, text: str, now: datetime, reference: str = "") -> None:
        self._hooks.call_for_alarm(connection, kind, text, socket.gethostname(), now, reference)

    def _put_of_way(self, connection: Connection, content: NoticeContent, queue: Queue, now: datetime) -> None:
        which = hashlib.sha256(content.way.encode()).hexdigest()[:12]  # several ways may stop in one second
        self._put(connection, content, queue, now, which=which)

    def send_digest(
        self, connection: Connection, recipient: Address, language: str, queue: Queue, morning: Digest, now: datetime
    ) -> None:
        """Sends an agent, or a level's mailbox, a digest."""
        content = replace(
            self._content(Notice.DIGEST, queue, recipient), language=language, created_at=now, morning=morning
        )
        self._put(connection, content, queue, now, scheduled=True)

    def send_decisions(self, connection: Connection, recipient: Recipient, decisions: Decisions, now: datetime) -> None:
        """Sends a level, an agent or the manager the decisions of a day; the caller records them with the tickets."""
        content = self._content(Notice.DECISIONS, recipient.queue, recipient.address)
        self._put(
            connection, replace(content, created_at=now, decisions=decisions), recipient.queue, now, scheduled=True
        )

    def send_report(
        self,
        connection: Connection,
        people: Sequence[Address],
        language: str,
        bulletin: ReportContent,
        now: datetime,
        name: str = "",
    ) -> None:
        """Sends a report; the images of its charts are stored once for all recipients.

        `name` makes the Message-IDs of several reports to one recipient differ.
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
            self._put(connection, content, queue, now, which=which, drawings=drawings, scheduled=True)

    def reply(self, connection: Connection, reply: StaffReply, now: datetime) -> bool:
        """Answers what staff asked or ordered in a mail of no ticket, in the thread of that mail.

        Returns False where the recipient got as many automatic mails within an hour as an agent may
        (docs/rules.md#24): the operator is notified, and the hour's gathered mail names what was `asked`. The caller
        writes that to the journal (`say_gathered`).
        """
        to, queue = reply.to, reply.queue
        most = self._settings.limits.agent_mails_per_hour
        sent = count_automatic(connection, to.address, now - _HOUR, most=most) if most else 0
        if 0 < most <= sent:
            breach = Alarm(TOO_MANY_TO_ADDRESS, (to.address, sent))
            self.alarm(connection, Alarm(NOT_SENT, (Notice.REPLY, to.address, breach)), now)
            newest = TimelineEntry(now, reply.reference, reply.asked, "")
            self._gather(connection, to, queue, now, newest=(newest,))
            return False
        content = replace(
            self._content(Notice.REPLY, queue, to),
            language=reply.language,
            subject=reply.subject,
            created_at=now,
            replies=reply.replies,
            mistakes=reply.mistakes,
            text=reply.text,
        )
        self._put(connection, content, queue, now, which=reply.which, answers=reply.answers)
        return True

    def probe(self, connection: Connection, now: datetime) -> None:
        """Sends the desk a probe, which `notices.probe` recognises when it comes back."""
        queue, every = self._settings.default_queue, self._settings.intake.probe_every
        desk = Address(queue.display_name, queue.address)
        content = replace(self._content(Notice.PROBE, queue, desk), window="" if every is None else str(every))
        probe = make_probe_id()
        envelope = NoticeEnvelope(
            queue=queue,
            role=_STAFF,
            at=now,
            message_id=probe_message_id(probe, queue.address),
            reply_to="",
            tag=probe_tag(probe),
            probe=probe,
        )
        put_notices(connection, (self._composer.compose(connection, content, envelope).queued,), now)

    def _content(self, notice: Notice, queue: Queue, to: Address) -> NoticeContent:
        return content_for(notice, queue, to, self._directory.current())

    def _put(
        self,
        connection: Connection,
        content: NoticeContent,
        queue: Queue,
        now: datetime,
        *,
        which: str = "",
        answers: str = "",
        drawings: tuple[FileRef, ...] = (),
        scheduled: bool = False,
    ) -> None:
        """Writes a mail of no ticket into the outbox, to be sent now; the other parameters are those of `_compose`."""
        queued = self._compose(connection, content, queue, now, which=which, answers=answers, drawings=drawings)
        put_notices(connection, (replace(queued, scheduled=scheduled),), now)

    def _compose(
        self,
        connection: Connection,
        content: NoticeContent,
        queue: Queue,
        at: datetime,
        *,
        which: str = "",
        answers: str = "",
        role: str = _STAFF,
        files: tuple[FileRef, ...] = (),
        drawings: tuple[FileRef, ...] = (),
    ) -> QueuedNotice:
        """Composes a mail of no ticket.

        `which` makes the Message-IDs of one second differ; `answers` is the Message-ID of the mail that it answers.
        """
        recipient = content.to.key.replace("@", ".at.")
        left = ".".join(part for part in (content.notice.value, f"{at.timestamp():.0f}", which, recipient) if part)
        desk, token = self._settings.desk, None
        if content.notice in _ANSWERED:  # with commands, which the token proves (docs/rules.md#8)
            token = sign_for_staff(desk.keys, int(at.timestamp()), content.to.address)
        envelope = NoticeEnvelope(
            queue=queue,
            role=role,
            at=at,
            message_id=message_id_at(left, queue.address),
            reply_to=queue.address if token is None else signed_address(token, queue.address, desk.reply_address),
            tag=tag(token) if token is not None and desk.reply_address == NONE else "",
            references=(answers,) if answers else (),
        )
        return self._composer.compose(connection, content, envelope, files=files, drawings=drawings).queued


def has_due_alarms(row: SourceStatusRow, now: datetime) -> bool:
    """Tells whether a row of `ways` is of a kind of alarm of which some were held back that may go out now."""
    return bool(held_alarms(row)) and _is_hour_over(row, now)


def _is_hour_over(row: SourceStatusRow, now: datetime) -> bool:
    """Tells whether the last alarm of a kind went out an hour ago or more; a time to come is a clock's mistake."""
    return row.succeeded_at is None or not timedelta(0) <= now - row.succeeded_at < _HOUR
