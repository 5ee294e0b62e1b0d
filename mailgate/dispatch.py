"""Who gets which notice, and with what in it: from an effect `Send` to rows of the outbox.

Runs inside the transaction of `advance`. A notice that a breaker stops (rule 24) is written to the ticket's history
and the operator is told, at most once an hour; whatever carries a person's words is never stopped.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailgate.breakers import find_breach
from mailgate.circulars import Circulars
from mailgate.config import Queue, Settings
from mailgate.files import files_to_carry, fit
from mailgate.happening import Happening
from mailgate.mail import Address
from mailgate.notices import Content, Head, Message, Rendered, Templates, compose, mailto, subject_line, via_name
from mailgate.process.calendar import is_open, next_opening
from mailgate.process.effects import Notice, Send, Timer
from mailgate.process.events import AGENT_EVENTS, LEVELS, Event, State
from mailgate.promises import answer_promise, timer_due
from mailgate.readers import Reader, Readers
from mailgate.store.outbox import Outgoing, put_notice
from mailgate.store.tickets import (
    EventRow,
    MessageRow,
    Ticket,
    add_event,
    add_message,
    get_contact,
    list_participants,
    note_seen,
    seen_by,
)
from mailgate.story import earlier_of, story_of
from mailgate.tokens import Token, sign, tag

# What no human wrote: it says so in its headers, and the breakers count it (rules 19 and 24).
AUTOMATIC = frozenset(
    {
        Notice.RECEIPT, Notice.ESCALATED, Notice.MOVED, Notice.CLARIFY, Notice.REMINDER, Notice.WAITING_REMINDER,
        Notice.REOPENED, Notice.SOMEBODY_ANSWERED, Notice.WRITE_IN_CLEAR, Notice.TAKEN_OVER, Notice.WARNING,
        Notice.DECISION, Notice.WAITING_DECISION, Notice.CLOSED, Notice.FAILED, Notice.RETURNED_AUTOMATIC,
        Notice.LATE_LEVEL, Notice.MISTYPED, Notice.NOT_POSSIBLE, Notice.NOT_YET, Notice.OVERTAKEN,
        Notice.REASON_WANTED, Notice.LAST_LEVEL, Notice.STATUS, Notice.HELP, Notice.MANAGER, Notice.MANAGER_DECISION,
        Notice.REVIEW, Notice.HELD,
    }
)  # fmt: skip

# These are answers to automatic questions but never held back; their headers still say that no human wrote them.
UNSTOPPABLE = frozenset({Notice.FINAL, Notice.TRANSFERRED})

_ASKS_YES_OR_NO = frozenset({Notice.CONFIRM, Notice.CLARIFY, Notice.REMINDER})
_BUNDLES = frozenset({Notice.ESCALATION, Notice.ROUTED, Notice.HANDED_BACK, Notice.STATUS, Notice.MANAGER})


class Dispatch:
    """Writes notices into the outbox."""

    def __init__(self, settings: Settings, templates: Templates, circulars: Circulars) -> None:
        self._settings = settings
        self._circulars = circulars
        self._readers = Readers(settings)
        self._templates = templates

    def send(self, connection: Connection, ticket: Ticket, was: Ticket, send: Send, happening: Happening) -> Ticket:
        """Put one notice for each of its readers; the ticket with its notices counted.

        `was` is the ticket before the event, for whoever had it then.
        """
        for reader in self._readers.find(connection, ticket, was, send, happening):
            if not self._is_stopped(connection, ticket, send.notice, reader, happening.at):
                ticket = self._put(connection, ticket, was, send.notice, reader, happening)
        return ticket

    def _is_stopped(
        self, connection: Connection, ticket: Ticket, notice: Notice, reader: Reader, now: datetime
    ) -> bool:
        """A breaker's stop is written to the history, and the operator is told (rule 24)."""
        if notice not in AUTOMATIC:
            return False
        breach = find_breach(connection, self._settings.limits, ticket, reader, now)
        if breach:
            reason = f"{notice.value} to {reader.address.address} not sent: {breach}"
            row = EventRow(now, "breaker", ticket.state, ticket.state, reason, "desk", text=notice.value)
            add_event(connection, ticket.id, row)
            self._circulars.alarm(connection, reason, now, ticket)
            if reader.internal:
                self._circulars.gather(connection, reader, now)
        return bool(breach)

    # -- with what -------------------------------------------------------------------------------------------------

    def _put(
        self, connection: Connection, ticket: Ticket, was: Ticket, notice: Notice, reader: Reader, happening: Happening
    ) -> Ticket:
        ticket = replace(ticket, notices=ticket.notices + 1)
        token = sign(self._settings.desk.keys, ticket.reference, ticket.notices, reader.address.address)
        seen = self._seen(connection, ticket, reader)
        content = self._content(connection, ticket, was, notice, reader, happening)
        yes_link, no_link = self._links(content, token, notice, reader.queue)
        content = replace(content, first=not seen, yes_link=yes_link, no_link=no_link)
        kept, left_out = fit(files_to_carry(connection, ticket, notice, happening), self._settings.limits)
        content = replace(content, files=tuple(file.filename for file in kept), left_out=left_out)
        rendered = self._templates.render(content)
        head = self._head(content, rendered, token, reader, happening, seen)
        message = compose(head, rendered, kept)
        self._store(connection, ticket, notice, reader, (token, head, rendered, message), happening.at)
        return ticket

    def _store(
        self,
        connection: Connection,
        ticket: Ticket,
        notice: Notice,
        reader: Reader,
        made: tuple[Token, Head, Rendered, Message],
        now: datetime,
    ) -> None:
        token, head, rendered, message = made
        outgoing = Outgoing(
            notice=notice.value,
            number=token.notice,
            lane=reader.lane,
            queue=reader.queue.name,
            recipient=reader.address.address,
            return_path=self._return_path(connection, ticket, notice, reader, token),
            message_id=head.message_id,
            human=notice not in AUTOMATIC,
            size=message.size,
            body=message.body,
            inserts=tuple((at.position, at.blob, at.start, at.end, at.encoded) for at in message.inserts),
            ticket_id=ticket.id,
            reference=ticket.reference,
        )
        put_notice(connection, outgoing, now)
        note_seen(connection, ticket.id, head.message_id, reader.address.address, now)
        record = MessageRow(
            "out", head.sender.address, (reader.address.address,), head.subject, head.message_id, now,
            rendered.text, internal=reader.internal, notice=notice.value,
        )  # fmt: skip
        add_message(connection, ticket.id, record)

    def _content(
        self, connection: Connection, ticket: Ticket, was: Ticket, notice: Notice, reader: Reader, happening: Happening
    ) -> Content:
        queue = reader.queue
        desk_queue = self._settings.queues[ticket.queue]
        known = reader.internal or self._is_known(connection, reader.address.address)
        return Content(
            notice=notice,
            language=queue.language if reader.internal else ticket.language,
            zone=queue.zone,
            desk_name=desk_queue.display_name,
            desk_address=desk_queue.address,
            to=reader.address if known else Address("", reader.address.address),
            reference=ticket.reference,
            subject=ticket.subject if known else "",
            known=known,
            requester=ticket.person if known else None,
            department=ticket.department,
            author=_author(notice, ticket, happening),
            text=_text(notice, reader, ticket, happening),
            solution="" if notice is Notice.FINAL and ticket.resolved_at is None else ticket.solution,
            reason=_reason(notice, reader, ticket, happening),
            state=ticket.state,
            level=ticket.level,
            old_level=was.level,
            since=_since(ticket, notice),
            created_at=ticket.created_at,
            due=self._due(ticket, notice, desk_queue, happening.at),
            opens=None if is_open(happening.at, queue.hours) else next_opening(happening.at, queue.hours),
            type=ticket.type,
            priority=ticket.priority,
            cause=ticket.cause,
            assignee=ticket.assignee,
            minutes=ticket.minutes_spent,
            count=ticket.not_fixed if notice is Notice.NOT_FIXED else ticket.questions,
            command=happening.argument if notice is Notice.NOT_YET else happening.event.value,
            window=str(desk_queue.confirmation.reopen_within),
            mistakes=happening.mistakes,
            earlier=earlier_of(connection, ticket) if notice in (Notice.REQUEST, *_BUNDLES) else (),
            story=story_of(connection, ticket) if notice in _BUNDLES else (),
            others=self._others(connection, ticket, notice, reader, happening),
            outsider=happening.outsider,
            encrypted=happening.encrypted,
            requester_language=ticket.language,
        )

    def _others(
        self, connection: Connection, ticket: Ticket, notice: Notice, reader: Reader, happening: Happening
    ) -> tuple[str, ...]:
        if notice is Notice.FAILED:
            return (happening.argument,)
        if notice is Notice.COPY and happening.event is not Event.RESOLVE:  # the confirm notice has one reader
            people = (row.address for row in list_participants(connection, ticket.id))
            return tuple(one for one in people if one != ticket.requester.casefold())
        return reader.others

    def _due(self, ticket: Ticket, notice: Notice, queue: Queue, now: datetime) -> datetime | None:
        if notice is Notice.RECEIPT:
            return answer_promise(queue, ticket.created_at)
        if notice is Notice.FINAL:
            return timer_due(Timer.OBJECTION, queue, ticket, now)
        if notice is Notice.REVIEW:
            return timer_due(Timer.REVIEW, queue, ticket, now)
        return ticket.promise_due

    def _links(self, content: Content, token: Token, notice: Notice, queue: Queue) -> tuple[str, str]:
        if notice not in _ASKS_YES_OR_NO:
            return "", ""
        yes, no = self._templates.options(content.language)
        address, subject = self._reply_to(token, queue), f"Re: {tag(token)}"
        return mailto(address, subject, yes), mailto(address, subject, no)

    # -- headers ---------------------------------------------------------------------------------------------------

    def _head(
        self,
        content: Content,
        rendered: Rendered,
        token: Token,
        reader: Reader,
        happening: Happening,
        seen: list[str],
    ) -> Head:
        queue = self._settings.queues[reader.queue.name]
        carried = happening.author or content.requester
        via = reader.is_level and content.notice not in AUTOMATIC and carried is not None
        name = via_name(carried.name or carried.address, queue.display_name) if via and carried else queue.display_name
        bare = f"[{token.reference}]"
        return Head(
            sender=Address(name, queue.address),
            to=content.to,
            subject=subject_line(
                content, rendered, tag(token) if self._settings.desk.reply_address == "none" else bare
            ),
            date=happening.at,
            message_id=f"{token}@{queue.address.rpartition('@')[2]}",
            reply_to=self._reply_to(token, queue),
            in_reply_to=seen[-1] if seen else "",
            references=tuple(seen),
            original_from=content.requester.address if via and content.requester else "",
            automatic=content.notice in AUTOMATIC or content.notice in UNSTOPPABLE,
            marker=f"{token.reference}; notice={content.notice.value}",
            language=rendered.language,
        )

    def _seen(self, connection: Connection, ticket: Ticket, reader: Reader) -> list[str]:
        addresses = [reader.address.address]
        if reader.is_level:
            addresses.extend(reader.queue.levels[reader.lane].agents)
        seen = seen_by(connection, ticket.id, addresses)
        limit = self._settings.limits.references - 1
        return seen if len(seen) <= limit else [seen[0], *seen[-(limit - 1) :]]

    def _reply_to(self, token: Token, queue: Queue) -> str:
        local, _, domain = queue.address.rpartition("@")
        mode = self._settings.desk.reply_address
        spelled = {"plus": f"{local}+{token}", "minus": f"{local}-{token}", "catch-all": str(token), "none": local}
        return f"{spelled[mode]}@{domain}"

    def _return_path(self, connection: Connection, ticket: Ticket, notice: Notice, reader: Reader, token: Token) -> str:
        """A signed bounce address; null only on automatic notices to a stranger (rule 18)."""
        stranger = not reader.internal and not self._is_known(connection, reader.address.address)
        if notice in AUTOMATIC and stranger:
            return ""
        if self._settings.desk.reply_address == "none":
            return self._settings.relay.return_path or reader.queue.address
        bounce = sign(self._settings.desk.keys, ticket.reference, token.notice, reader.address.address, bounce=True)
        return self._reply_to(bounce, reader.queue)

    def _is_known(self, connection: Connection, address: str) -> bool:
        contact = get_contact(connection, address)
        return contact is not None and bool(contact.known)


def _author(notice: Notice, ticket: Ticket, happening: Happening) -> Address | None:
    """Who wrote the words, or the colleague who was faster."""
    if notice is Notice.OVERTAKEN:
        return Address(ticket.last_agent_name, ticket.last_agent)
    return happening.author


def _text(notice: Notice, reader: Reader, ticket: Ticket, happening: Happening) -> str:
    """The words that a notice carries; a requester gets those of agents only, never his own back."""
    if notice in (Notice.WAITING_REMINDER, Notice.WAITING_DECISION):
        return ticket.question
    return happening.text if reader.internal or happening.event in AGENT_EVENTS else ""


def _reason(notice: Notice, reader: Reader, ticket: Ticket, happening: Happening) -> str:
    if notice is Notice.OVERTAKEN:
        return ticket.last_agent_did
    return happening.reason if reader.internal else ticket.close_reason


def _since(ticket: Ticket, notice: Notice) -> datetime | None:
    """Since when it is as the notice says: with the level, waiting, asked or closed."""
    if notice is Notice.OVERTAKEN:
        return ticket.last_agent_at
    if notice in (Notice.WAITING_REMINDER, Notice.WAITING_DECISION):
        return ticket.waiting_since
    if notice in (Notice.TAKEN_OVER, Notice.LATE_LEVEL) or State(ticket.state) in LEVELS:
        return ticket.level_since
    # When the final notice went out is not kept: no time is better than a wrong one.
    known = {State.CONFIRMING.value: ticket.confirm_at, State.CLOSED.value: ticket.closed_at}
    return known.get(ticket.state)
