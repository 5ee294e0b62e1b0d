"""Builds the content of a notice: from a ticket and its event to the `NoticeContent` that a template renders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.entries import Directory, Person
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People, language_of
from mailgate.core.calendar.business_time import is_open, next_opening
from mailgate.core.calendar.durations import Duration
from mailgate.core.domains import fold_address
from mailgate.core.formatting import FormattedText
from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.sla.account import SlaAccount
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.engine import POOR_RATINGS
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.notice_catalogue import Asks, Audience, Background, Basis, Due, Notice, Suggestions
from mailgate.notices import forms
from mailgate.notices.mime.forwarded import mask_words
from mailgate.notices.mime.headers import clean_name
from mailgate.notices.recipients import ASKED, Recipient, queues_of
from mailgate.notices.rendering.branding import look_of
from mailgate.notices.rendering.content import NoticeContent, Suggestion, TimelineEntry
from mailgate.notices.requester_status import stand_of
from mailgate.notices.suggestions import offer, suggest
from mailgate.notices.timeline import SUBMITTED, earlier_of, likely_duplicate_of, recorded_words_of, timeline_of
from mailgate.parsers.language import choose_language
from mailgate.store.messages import first_text_by
from mailgate.store.people import get_contact, list_participants
from mailgate.store.tickets import Ticket, find_by_reference, list_links, reference_of
from mailgate.store.timers import running_timers
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.sla.deadlines import account_in
from mailgate.tickets.sla.terms import answer_promise, timer_due
from mailgate.tickets.transcript import list_missing

_MOST_EQUIPMENT = 10  # pieces that are shown: what a person has, and not the stock of a whole department
_LONGEST_SAID = 2_000  # characters of a requester's mail that the final notice quotes
_REQUESTS = (Event.REQUEST, SUBMITTED, "in")  # entries of the story, of which the first is the request
_NEWEST = 50  # entries of the story for `#show`, which shows 12 of them
_MOST_LINKED = 50  # tickets beside this one that are named


class ContentBuilder:
    """Collects the contents of notices, for one desk. Reads the store."""

    def __init__(self, settings: Settings, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._people = People(settings)
        self._directory = directory

    def gather(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        was: Ticket,
        notice: Notice,
        recipient: Recipient,
        ticket_event: TicketEvent,
        *,
        known: bool,
    ) -> NoticeContent:
        """Builds everything but what the dispatcher adds: links, files, and whether it is the recipient's first mail.

        `was` is the ticket before the event. `known` tells whether the notice may show what the requester wrote
        (rule 13).
        """
        connection, queue, info = batch.connection, recipient.queue, notice.info
        if notice is Notice.REQUEST and (ticket_event.assignee or ticket_event.tags):
            ticket = replace(ticket, assignee=ticket_event.assignee, tags=ticket_event.tags)
        desk_queue = self._settings.queue_of(ticket.queue)
        directory = self._directory.current()
        person = directory.person(ticket.requester) if recipient.internal else None
        inside = not recipient.internal or queue is desk_queue
        whole = inside and info.background is not Background.NONE
        timeline = info.background is Background.TIMELINE
        equipment = directory.equipment_of(ticket.requester, ticket.department) if whole else ()
        story, left_out = _story(batch, ticket, notice, directory) if inside and timeline else ((), 0)
        account = account_in(batch, self._settings, ticket, ticket_event.at) if info.due is Due.SILENCE else None
        earlier = earlier_of(connection, ticket, queues_of(recipient, self._settings)) if whole else ()
        is_new_mail = notice is Notice.REQUEST and ticket_event.journal_id is not None  # what was split off has none
        automatic_reply, thanks = (None, None)
        if info.absences:
            automatic_reply, thanks = recorded_words_of(connection, ticket, ticket_event.at)
        content = NoticeContent(
            notice=notice,
            language=_language(notice, recipient, ticket, ticket_event, directory.person(recipient.address.address)),
            zone=directory.zone_of(recipient.address.address, queue.zone),
            desk_name=desk_queue.display_name,
            desk_address=desk_queue.address,
            to=recipient.address if known else Address("", recipient.address.address),
            reference=ticket.reference,
            subject=ticket.subject if known else "",
            known=known,
            requester=ticket.person if known else None,
            department=ticket.department,
            vip=person is not None and person.vip,
            equipment=equipment[:_MOST_EQUIPMENT],
            more_equipment=len(equipment[_MOST_EQUIPMENT:]),
            author=_author(notice, ticket, ticket_event),
            agent=self._agent(notice, ticket, ticket_event),
            text=mask_words(_text(connection, notice, recipient, ticket, ticket_event)),
            formatted=_formatted(ticket_event, story),
            solution=mask_words(_solution(notice, ticket, ticket_event)),
            reason=_reason(notice, recipient, ticket, ticket_event),
            state=ticket.state,
            level=ticket.level,
            old_level=was.level,
            since=_since(batch, ticket, notice) if account is None else _silent_since(account),
            created_at=ticket.created_at,
            written_at=ticket_event.at,
            due=_due(ticket, notice, desk_queue, ticket_event.at) if account is None else account.answer.due,
            begins=ticket_event.begins and not recipient.internal,
            waits_for=_waits_for(recipient, ticket, ticket_event),
            clock_stands=recipient.internal and ticket.waiting_since is not None,
            until=_waits_until(recipient, ticket, ticket_event),
            **_silence(batch, desk_queue, ticket, notice, ticket_event),
            hidden_until=ticket.hidden_until if recipient.internal else None,
            opens=None if is_open(ticket_event.at, queue.hours) else next_opening(ticket_event.at, queue.hours),
            type=ticket.type,
            priority=ticket.priority,
            cause=ticket.cause,
            missing=_missing(batch, desk_queue, was, ticket, notice, ticket_event),
            causes=desk_queue.confirmation.causes,
            tags=ticket.tags if recipient.internal else (),
            assignee=_assignee(ticket, ticket_event, directory),
            holder=_holder(desk_queue, ticket, directory) if info.audience is Audience.MANAGER else None,
            taken=_has_taken(ticket, was, ticket_event),
            asked=ticket_event.argument if notice is Notice.COPY and ticket_event.event.info.asks_third_party else "",
            colleague=_colleague(directory, was, ticket_event) if info.harmless else None,
            minutes=ticket.minutes_spent,
            count=ticket.not_fixed if notice is Notice.NOT_FIXED else ticket.questions,
            command=ticket_event.event.value,
            window=_spell(desk_queue.confirmation.reopen_within),
            mistakes=ticket_event.mistakes,
            objection=ticket_event.rejection,
            done=ticket_event.done,
            sent=ticket_event.sent,
            undoable=ticket_event.undoable,
            earlier=earlier,
            requests=(stand_of(ticket, ticket_event.at),) if notice is Notice.REQUESTER_STATUS else (),
            likely_duplicate=likely_duplicate_of(connection, ticket, earlier, ticket_event.text)
            if is_new_mail
            else None,
            kept=reference_of(connection, ticket.merged_into) if notice is Notice.MERGED and ticket.merged_into else "",
            automatic_reply=automatic_reply,
            thanks=thanks,
            suggestions=_suggestions(connection, self._settings, ticket, notice, ticket_event, story),
            story=story,
            story_left_out=left_out,
            others=_others(connection, ticket, notice, recipient, ticket_event),
            in_copy=_in_copy(self._people, notice, ticket, ticket_event) if known else "",
            outsider=ticket_event.outsider,
            approval=ticket_event.approval,
            unproven=ticket_event.unproven,
            refused=ticket_event.refused,
            set_aside=ticket_event.set_aside,
            unsent=tuple(dict.fromkeys(batch.unsent)) if notice is Notice.COPY else (),
            newcomers=ticket_event.newcomers if recipient.internal else (),
            encrypted=ticket_event.encrypted,
            requester_language=_written_in(connection, ticket) if whole else ticket.language,
            answer_language=ticket.language,
            urgency=ticket.urgency if known else "",
            wanted=ticket.desired_outcome if known else "",
            reading=ticket_event.reading,
            channel=ticket.channel if recipient.internal and ticket.channel != "mail" else "",
            signed=ticket_event.signed,
            informed=recipient.lane == ASKED and notice is Notice.CLOSED,
            old_queue=was.queue if was.queue != ticket.queue else "",
            new_queue=ticket.queue if was.queue != ticket.queue else "",
            queues=_other_queues(self._settings, ticket, notice, ticket_event),
            strayed_to=ticket_event.strayed_to or (),
            lost=ticket_event.lost if inside else "",
            **_form(self._settings, ticket, notice, recipient, ticket_event),
            forwarded=ticket_event.forwarded if recipient.internal else None,
            submitter=ticket.submitter if recipient.internal else "",
            on_behalf=bool(ticket.submitter),
            linked=_linked(connection, self._settings, ticket) if notice is Notice.SHOWN else (),
            rating=_rating(notice, ticket, ticket_event) if inside else None,
            rating_words=mask_words(ticket.rating_words) if inside and notice is Notice.SHOWN else "",
            said=mask_words(_said(notice, recipient, ticket, ticket_event)) if known else "",
            look=look_of(desk_queue),
        )
        return content if inside or not timeline else _without_what_is_inside(content, desk_queue)

    def _agent(self, notice: Notice, ticket: Ticket, ticket_event: TicketEvent) -> str:
        """Returns the name of the agent who answers the requester, or has the ticket now, as the directory has it.

        "" where requesters are not to read names, where it has none, and for all other notices.
        """
        if not self._settings.notices.name_agents:
            return ""
        address = ticket.assignee if notice is Notice.TAKEN else ""
        if notice.info.audience is Audience.REQUESTER and not notice.info.automatic and ticket_event.author is not None:
            address = ticket_event.author.address
        return clean_name(self._directory.current().name_of(address)) if self._people.is_staff(address) else ""


def _language(
    notice: Notice, recipient: Recipient, ticket: Ticket, ticket_event: TicketEvent, person: Person | None
) -> str:
    """Chooses the language of a notice; a third party's is that of the directory, or of the agent's own words."""
    if notice.info.audience is Audience.THIRD_PARTY:
        guessed = choose_language(ticket_event.text)
        return language_of(recipient.queue.languages, person=person, guessed=guessed)
    return recipient.queue.language if recipient.internal else ticket.language


@lru_cache(maxsize=64)
def _spell(length: Duration) -> str:
    return str(length)


def _without_what_is_inside(content: NoticeContent, queue: Queue) -> NoticeContent:
    """Reduces the content for a level that passed the ticket to another queue: its place and state, not the work
    there."""
    return replace(content, solution="", cause="", tags=(), minutes=0, fields=(), new_queue=queue.name)


def _missing(
    batch: UnitOfWork, queue: Queue, was: Ticket, ticket: Ticket, notice: Notice, ticket_event: TicketEvent
) -> tuple[str, ...]:
    """Returns what the copy of a first solution asks the level to put on record; where none is sent, the transcript."""
    asks = notice is Notice.COPY and ticket_event.event is Event.RESOLVE
    if notice is Notice.TRANSCRIPT:
        asks = all(name != Notice.COPY for name, _ in batch.sent)
    return list_missing(queue.confirmation, was, ticket) if asks else ()


def _form(
    settings: Settings, ticket: Ticket, notice: Notice, recipient: Recipient, ticket_event: TicketEvent
) -> dict[str, Any]:
    """Returns the values of the ticket's form, and the form itself where the notice asks for it."""
    asks = notice.info.asks is Asks.FORM
    if not ticket.form or not (recipient.internal or asks):
        return {}
    language = recipient.queue.language if recipient.internal else ticket.language
    values = ticket.fields or {}
    return {
        "form_title": forms.title(settings, ticket.form, language),
        "fields": forms.show(settings, ticket.form, values, ticket_event.wrong, language),
        "form_asked": ticket.form_asked,
        "form": forms.ask(settings, ticket.form, values, ticket_event.wrong, ticket.form_asked, language)
        if asks
        else "",
    }


def _other_queues(settings: Settings, ticket: Ticket, notice: Notice, ticket_event: TicketEvent) -> tuple[str, ...]:
    """Lists the queues for a request that names no address of the desk; for help, all that #route takes."""
    if notice is Notice.HELP:
        first = settings.default_queue.name
        return (first, *(name for name in settings.queues if name != first)) if len(settings.queues) > 1 else ()
    return () if ticket_event.strayed_to is None else tuple(name for name in settings.queues if name != ticket.queue)


def _written_in(connection: Connection, ticket: Ticket) -> str:
    """Returns the requester's own language, which may be none of the desk's."""
    contact = get_contact(connection, ticket.requester)
    return str(contact.language) if contact is not None and contact.language else ticket.language


def _story(
    batch: UnitOfWork, ticket: Ticket, notice: Notice, directory: Directory
) -> tuple[tuple[TimelineEntry, ...], int]:
    """Returns the timeline, and the number of entries left out."""
    batch.write()  # the mail that came with this event belongs to the story
    most = _NEWEST if notice is Notice.SHOWN else None
    return timeline_of(batch.connection, ticket, batch.histories(), directory, most)


def _formatted(ticket_event: TicketEvent, story: Sequence[TimelineEntry]) -> tuple[FormattedText, ...]:
    """Returns the words that the HTML may show as their authors formatted them; plain are those with a token."""
    found = [ticket_event.formatted] if ticket_event.formatted is not None else []
    found += [FormattedText(entry.text, entry.html) for entry in story if entry.html]
    return tuple(one for one in found if mask_words(one.html) == one.html)


def _suggestions(
    connection: Connection,
    settings: Settings,
    ticket: Ticket,
    notice: Notice,
    ticket_event: TicketEvent,
    story: tuple[TimelineEntry, ...],
) -> tuple[Suggestion, ...]:
    """Finds known solutions: for the level that gets the request, and public ones for the requester's receipt."""
    wanted = notice.info.suggestions
    if wanted is Suggestions.PUBLIC:
        return offer(connection, settings, ticket, ticket_event.text)
    if wanted is Suggestions.NONE:
        return ()
    request = next((entry.text for entry in story if entry.what in _REQUESTS and not entry.internal), ticket_event.text)
    return suggest(connection, settings, ticket, request)


def _others(
    connection: Connection, ticket: Ticket, notice: Notice, recipient: Recipient, ticket_event: TicketEvent
) -> tuple[str, ...]:
    """Lists other addresses that got a mail, or to whom the notice failed."""
    if notice is Notice.FAILED:
        return (ticket_event.argument,)
    # The confirm notice and a question to a third party have one recipient.
    has_one = ticket_event.event is Event.RESOLVE or ticket_event.event.info.asks_third_party
    told_apart = notice is Notice.COPY and not has_one
    if told_apart or notice is Notice.SHOWN:
        people = (row.address for row in list_participants(connection, ticket.id) if row.left_at is None)
        return tuple(one for one in people if one != fold_address(ticket.requester))
    return recipient.others


def _linked(connection: Connection, settings: Settings, ticket: Ticket) -> tuple[str, ...]:
    """Lists linked tickets of the same queue: a person who may see the one may see the others."""
    named = (find_by_reference(connection, row.reference) for row in list_links(connection, ticket.id)[:_MOST_LINKED])
    queue = settings.queue_of(ticket.queue)
    seen = (one.reference for one in named if one is not None and settings.queue_of(one.queue) is queue)
    return tuple(one for one in dict.fromkeys(seen) if one != ticket.reference)  # one that was merged is this one


def _due(ticket: Ticket, notice: Notice, queue: Queue, now: datetime) -> datetime | None:
    """Returns the deadline that the notice names; None for none."""
    match notice.info.due:
        case Due.FIRST_ANSWER:
            return answer_promise(queue, ticket)
        case Due.OBJECTION:
            return timer_due(Timer.OBJECTION, queue, ticket, now)
        case Due.REVIEW:
            return timer_due(Timer.REVIEW, queue, ticket, now)
        case Due.NONE:
            return None
        case Due.PROMISE | Due.SILENCE:
            return ticket.due


def _author(notice: Notice, ticket: Ticket, ticket_event: TicketEvent) -> Address | None:
    """Returns the author of the words, or the colleague who acted before."""
    if notice.info.basis is Basis.LAST_AGENT:
        return Address(ticket.last_agent_name, ticket.last_agent)
    return ticket_event.author


def _in_copy(people: People, notice: Notice, ticket: Ticket, ticket_event: TicketEvent) -> str:
    """Returns the address of the participant whose words the requester is asked about; "" for the requester's own."""
    author = ticket_event.author
    if notice is not Notice.CLARIFY or author is None or author.key == fold_address(ticket.requester):
        return ""
    return "" if people.is_staff(author.address) else author.address


def _assignee(ticket: Ticket, ticket_event: TicketEvent, directory: Directory) -> str:
    """Returns the name of the agent who has the ticket: the directory's, else that of this mail or of their last one,
    else the address.
    """
    person, author = fold_address(ticket.assignee), ticket_event.author
    name = directory.name_of(ticket.assignee) or (author.name if author is not None and author.key == person else "")
    return name or (person == fold_address(ticket.last_agent) and ticket.last_agent_name) or ticket.assignee


def _holder(queue: Queue, ticket: Ticket, directory: Directory) -> Address | None:
    """Returns the agent who has the ticket, else the mailbox of its level; None where the level is there no more."""
    if ticket.assignee:
        return Address(directory.name_of(ticket.assignee), ticket.assignee)
    level = queue.levels.get(ticket.level)
    return Address("", level.mailbox) if level is not None else None


def _has_taken(ticket: Ticket, was: Ticket, ticket_event: TicketEvent) -> bool:
    author = ticket_event.author.key if ticket_event.author is not None else ""
    return fold_address(ticket.assignee) == author != fold_address(was.assignee) and bool(author)


def _colleague(directory: Directory, was: Ticket, ticket_event: TicketEvent) -> Address | None:
    """Returns the agent who had the ticket when another one acted, with the name that the directory has."""
    author = ticket_event.author
    if author is None or not was.assignee or author.key == fold_address(was.assignee):
        return None
    return Address(directory.name_of(was.assignee), was.assignee)


def _text(
    connection: Connection, notice: Notice, recipient: Recipient, ticket: Ticket, ticket_event: TicketEvent
) -> str:
    """Returns the words that the notice carries; requesters get those of agents only, never their own back."""
    if notice.info.basis is Basis.OPEN_QUESTION:
        return ticket.question
    if notice.info.basis is Basis.REQUEST:
        return first_text_by(connection, ticket.id, (ticket.requester,))
    return ticket_event.text if recipient.internal or ticket_event.event.info.by_agent else ""


def _solution(notice: Notice, ticket: Ticket, ticket_event: TicketEvent) -> str:
    """Returns the solution: in the final notice one that holds, in a copy one that went out with the mail."""
    unresolved = notice is Notice.FINAL and ticket.resolved_at is None
    other = notice is Notice.COPY and ticket_event.event is not Event.RESOLVE
    return "" if unresolved or other else ticket.solution


def _said(notice: Notice, recipient: Recipient, ticket: Ticket, ticket_event: TicketEvent) -> str:
    """Returns the words that the final notice takes for a yes that nobody asked for; for the requester and the author.

    Other participants have not seen that mail.
    """
    people = {ticket.person.key, ticket_event.author.key if ticket_event.author is not None else ""}
    wanted = notice is Notice.FINAL and ticket_event.early_yes and recipient.address.key in people
    return ticket_event.text[:_LONGEST_SAID] if wanted else ""


def _rating(notice: Notice, ticket: Ticket, ticket_event: TicketEvent) -> int | None:
    """Returns the rating that the notice shows; beside an unclear answer only one that speaks against a yes."""
    if notice is Notice.SHOWN:
        return ticket.rating
    shown = notice is Notice.POOR_RATING or (notice is Notice.UNCLEAR and ticket_event.stars in POOR_RATINGS)
    return ticket_event.stars if shown else None


def _reason(notice: Notice, recipient: Recipient, ticket: Ticket, ticket_event: TicketEvent) -> str:
    """Returns the reason that the notice gives; requesters read the reason of a closing only."""
    if notice.info.basis is Basis.LAST_AGENT:
        return ticket.last_agent_did
    if notice is Notice.HELD:
        return ticket_event.argument
    if ticket_event.event in (Event.CONFIRM_FAILED, Event.NOTICE_FAILED):
        return ticket_event.server_words
    return ticket_event.reason if recipient.internal else ticket.close_reason


def _silent_since(account: SlaAccount) -> datetime:
    """Returns the time since when the requester has had no news."""
    silence = account.silences[-1] if account.silences else None
    return silence.began.at if silence is not None else account.answer.began.at


def _waits_for(recipient: Recipient, ticket: Ticket, ticket_event: TicketEvent) -> str:
    """Returns the third party that is waited for; to the requester as the answer says, and never an address."""
    if recipient.internal:
        return ticket.waits_for
    return ticket_event.waits_for if "@" not in ticket_event.waits_for else ""


def _waits_until(recipient: Recipient, ticket: Ticket, ticket_event: TicketEvent) -> datetime | None:
    """Returns the time ahead until which the third party is waited for, as the agent named it; None for none."""
    until = ticket.waits_until if recipient.internal else ticket_event.until
    return until if until is not None and until > ticket_event.at else None


def _silence(
    batch: UnitOfWork, queue: Queue, ticket: Ticket, notice: Notice, ticket_event: TicketEvent
) -> dict[str, Any]:
    """Returns when a requester who was asked something is reminded, and when the desk closes without their answer.

    An agent's mail and a reminder start the timers right after this notice; else they run already.
    """
    if notice.info.audience is not Audience.REQUESTER or not (ticket.waiting_since or ticket.state == State.CONFIRMING):
        return {}
    closes = ticket.waiting_since is None and queue.confirmation.on_silence == "close"
    reminder = Timer.REMINDER if ticket.waiting_since is None else Timer.WAITING_REMINDER
    decision = (Timer.DECISION,) if closes else ()
    if ticket_event.event.info.by_agent or ticket_event.event.info.by_timer:
        ticket = replace(ticket, hidden_until=ticket_event.put_off_until or ticket.hidden_until)
        dues = {timer: timer_due(timer, queue, ticket, ticket_event.at) for timer in (reminder, *decision)}
    else:
        dues = {Timer(name): due for name, due in running_timers(batch.connection, ticket.id)}
    return {"reminds_at": dues.get(reminder), "closes_at": dues.get(Timer.DECISION) if closes else None}


def _ordered_at(batch: UnitOfWork, notice: Notice) -> datetime | None:
    """Returns when the command was given that the notice comes back to."""
    orders = (Event.LATER,) if notice is Notice.BACK else (Event.WAITING_FOR, Event.ASK, Event.APPROVE_BY)
    given = (entry.at for entry in reversed(batch.history()) if entry.event in orders and not entry.undone)
    return next(given, None)


def _since(batch: UnitOfWork, ticket: Ticket, notice: Notice) -> datetime | None:
    """Returns the time since when the ticket is with the level, waiting, asked or closed, as the notice says."""
    basis = notice.info.basis
    if basis is Basis.LAST_AGENT:
        return ticket.last_agent_at
    if basis is Basis.OPEN_QUESTION:
        return ticket.waiting_since
    if basis is Basis.ORDER:
        return _ordered_at(batch, notice)
    if basis is Basis.LEVEL or State(ticket.state) in LEVELS:
        return ticket.level_since
    # When the final notice went out is not kept: no time is better than a wrong one.
    known = {State.CONFIRMING.value: ticket.confirm_at, State.CLOSED.value: ticket.closed_at}
    return known.get(ticket.state)
