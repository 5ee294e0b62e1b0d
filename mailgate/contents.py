"""What a notice has to say: from a ticket and what happened to it to the `Content` that its template renders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.happening import Happening
from mailgate.mail import Address
from mailgate.notices import Content, Entry
from mailgate.process.calendar import is_open, next_opening
from mailgate.process.effects import Notice, Timer
from mailgate.process.events import AGENT_EVENTS, LEVELS, Event, State
from mailgate.promises import answer_promise, timer_due
from mailgate.readers import Reader
from mailgate.store.batch import Batch
from mailgate.store.people import is_known, list_participants
from mailgate.store.tickets import Ticket
from mailgate.story import earlier_of, story_of

_BUNDLES = frozenset({Notice.ESCALATION, Notice.ROUTED, Notice.HANDED_BACK, Notice.STATUS, Notice.MANAGER})


class Contents:
    """Gathers the contents of notices, for one desk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def gather(
        self, batch: Batch, ticket: Ticket, was: Ticket, notice: Notice, reader: Reader, happening: Happening
    ) -> Content:
        """Everything but what `dispatch` adds: links, files, and whether the reader has seen a mail of the ticket.

        `known` tells whether the notice may name what the requester wrote (rule 13).
        """
        connection, queue = batch.connection, reader.queue
        known = reader.internal or is_known(connection, reader.address.address)
        desk_queue = self._settings.queues[ticket.queue]
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
            due=_due(ticket, notice, desk_queue, happening.at),
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
            story=_story(batch, ticket) if notice in _BUNDLES else (),
            others=_others(connection, ticket, notice, reader, happening),
            outsider=happening.outsider,
            encrypted=happening.encrypted,
            requester_language=ticket.language,
            old_queue=was.queue if was.queue != ticket.queue else "",
            new_queue=ticket.queue if was.queue != ticket.queue else "",
            queues=_other_queues(self._settings, ticket, happening),
            strayed_to=happening.strayed_to or (),
        )


def _other_queues(settings: Settings, ticket: Ticket, happening: Happening) -> tuple[str, ...]:
    """Where a request may belong that names no address of the desk."""
    return () if happening.strayed_to is None else tuple(name for name in settings.queues if name != ticket.queue)


def _story(batch: Batch, ticket: Ticket) -> tuple[Entry, ...]:
    batch.write()  # the mail that came with this event belongs to the story
    return story_of(batch.connection, ticket)


def _others(
    connection: Connection, ticket: Ticket, notice: Notice, reader: Reader, happening: Happening
) -> tuple[str, ...]:
    if notice is Notice.FAILED:
        return (happening.argument,)
    if notice is Notice.COPY and happening.event is not Event.RESOLVE:  # the confirm notice has one reader
        people = (row.address for row in list_participants(connection, ticket.id))
        return tuple(one for one in people if one != ticket.requester.casefold())
    return reader.others


def _due(ticket: Ticket, notice: Notice, queue: Queue, now: datetime) -> datetime | None:
    if notice is Notice.RECEIPT:
        return answer_promise(queue, ticket.created_at)
    if notice is Notice.FINAL:
        return timer_due(Timer.OBJECTION, queue, ticket, now)
    if notice is Notice.REVIEW:
        return timer_due(Timer.REVIEW, queue, ticket, now)
    return ticket.promise_due


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
