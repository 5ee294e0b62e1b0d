"""Actions of the table of transitions that change the ticket itself; `tickets.service` has those that send notices.

An action returns the ticket as it stands afterwards; `tickets.service` saves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from mailgate.config import Queue
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.transitions import Action
from mailgate.parsers.commands.arguments import CloseKind, read_minutes, read_requester
from mailgate.store.approvals import list_approvals, note_decision, withdraw_approvals
from mailgate.store.events import NewEvent, add_event
from mailgate.store.knowledge import note_given
from mailgate.store.people import (
    ParticipantRow,
    add_participants,
    is_known,
    list_participants,
    note_contact,
    note_left,
    remove_participant,
)
from mailgate.store.tags import add_tags
from mailgate.store.tickets import (
    Ticket,
    find_by_reference,
    link_for_answers,
    link_tickets,
    lock_ticket,
    save_ticket,
    unlink_answers,
)
from mailgate.store.undo import find_step, restore
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent

_MOST_AWAITED = 10  # third parties that are named
RATING_WORDS = 2_000  # characters of the words beside a rating that are kept with it; the mail has them all


def begin(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Gives the ticket to a level; `tickets.service` sets the level's deadline.

    Reopening what was closed as spam takes the block of its sender back, whose answers would be ignored otherwise.
    """
    if ticket.close_reason == CloseKind.SPAM.value:
        note_contact(batch.connection, ticket.requester, blocked=False)
    return replace(
        ticket,
        level_since=ticket_event.at,
        waiting_since=None,
        questions=0,
        reminders=0,
        review_asked=False,
        resolved_at=None,
        closed_at=None,
        close_reason="",
    )


def pause(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Stops the clock; another question while it stands begins the wait for an answer anew.

    An agent's question is an answer to the requester (rule 13): it has their subject, as all that follows.
    """
    _make_known(batch, ticket)
    question = ticket_event.text or ticket.question or ticket.last_answer
    answered = ticket.answered_at or ticket_event.at
    return replace(
        ticket, waiting_since=ticket_event.at, waits_for="", waits_until=None, question=question, answered_at=answered
    )


def wait_for(_batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Notes the third party that is waited for; of several that are asked, each, and the first to answer ends it."""
    name, until = ticket_event.argument, ticket_event.until
    if ticket_event.event.info.asks_third_party and ticket.waits_for:
        named = ticket.waits_for.split(", ")
        name = ticket.waits_for if name in named or len(named) >= _MOST_AWAITED else f"{ticket.waits_for}, {name}"
        until = ticket.waits_until
    return replace(ticket, waits_for=name, waits_until=until, questions=0, reminders=0)


def resume(ticket: Ticket) -> Ticket:
    """Ends the wait for an answer; the clock of the ticket runs again if it stood."""
    return replace(ticket, waiting_since=None, waits_for="", waits_until=None, questions=0, reminders=0)


def note_answer(batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Records an answer to the requester: from now on notices may quote what the requester wrote (rule 13)."""
    _make_known(batch, ticket)
    return replace(ticket, answered_at=ticket.answered_at or ticket_event.at, last_answer=ticket_event.text)


def keep_solution(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    _make_known(batch, ticket)
    return replace(
        ticket,
        solution=ticket_event.text or ticket.last_answer,
        resolved_by=str(ticket_event.acts_for or ticket.level),
        resolved_at=ticket_event.at,
        confirm_at=ticket_event.at,
        confirm_notice=ticket.notices + 1,
        answered_at=ticket.answered_at or ticket_event.at,
        clarified=False,
    )


def keep_answer(_batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Makes the last answer the solution of the level that has the ticket, where an objection returns it to."""
    return replace(
        ticket,
        solution=ticket.last_answer,
        resolved_by=ticket.level,
        resolved_at=ticket_event.at,
        confirm_at=ticket_event.at,
        confirm_notice=ticket.notices + 1,
        clarified=False,
    )


def _make_known(batch: UnitOfWork, ticket: Ticket) -> None:
    if not is_known(batch.connection, ticket.requester):
        note_contact(batch.connection, ticket.requester, known=True)


def count_not_fixed(_batch: UnitOfWork, _queue: Queue, ticket: Ticket, _ticket_event: TicketEvent) -> Ticket:
    by_level1 = ticket.resolved_by == State.LEVEL1.value
    return replace(ticket, not_fixed=ticket.not_fixed + 1) if by_level1 else ticket


def record(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    match ticket_event.event:
        case Event.TIME:
            return replace(ticket, minutes_spent=ticket.minutes_spent + (read_minutes(ticket_event.argument) or 0))
        case Event.TYPE:
            return replace(ticket, type=ticket_event.argument)
        case Event.PRIORITY:
            return replace(ticket, priority=ticket_event.argument)
        case Event.CAUSE:
            return replace(ticket, cause=ticket_event.argument)
        case Event.TAG:
            tagged = change_tags(ticket.tags, ticket_event.argument)
            batch.named = ", ".join(tagged) or "–"
            return replace(ticket, tags=tagged)
        case _:
            return ticket


def change_tags(tags: Iterable[str], argument: str) -> tuple[str, ...]:
    """Returns the tags of a ticket after `#tag ARGUMENT`, by the alphabet: a minus takes a tag off."""
    found = set(tags)
    for word in argument.split():
        if word.startswith("-"):
            found.discard(word[1:])
        else:
            found.add(word)
    return tuple(sorted(found))


def record_fields(_batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    return replace(ticket, fields={**(ticket.fields or {}), **dict(ticket_event.fields)})


def set_form(batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent, type_: str) -> Ticket:
    """Makes a ticket one of a form, which is asked for the first time; the form's type where it has none.

    It is an answer to the requester (rule 13). The values of the event are all that the ticket has then.
    """
    _make_known(batch, ticket)
    return replace(
        ticket,
        form=ticket_event.argument,
        form_asked=1,
        fields=dict(ticket_event.fields),
        type=ticket.type or type_,
        answered_at=ticket.answered_at or ticket_event.at,
    )


def rate(_batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Stores a rating with its words; the last one counts."""
    return replace(
        ticket,
        rating=int(ticket_event.argument),
        rating_words=ticket_event.text[:RATING_WORDS],
        rated_at=ticket_event.at,
    )


def assign(_batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    address = ticket_event.argument or (ticket_event.author.address if ticket_event.author else ticket_event.by)
    return replace(ticket, assignee=address)


def assign_author(_batch: UnitOfWork, queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Gives a ticket that nobody has to the agent who answers in it for its level.

    The level's mailbox has no ticket, and an answer that came here from another ticket takes none.
    """
    author, level = ticket_event.author, queue.levels[ticket.level]
    if ticket.assignee or author is None or ticket_event.follows or ticket_event.acts_for != ticket.level:
        return ticket
    is_agent = author.key in level.addresses and author.key != fold_address(level.mailbox)
    return replace(ticket, assignee=author.address) if is_agent else ticket


def route(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    unlink_answers(batch.connection, ticket.id)  # those were the other queue's to answer
    return replace(ticket, queue=ticket_event.argument, level=State.LEVEL1.value, assignee="")


def merge(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    named = find_by_reference(batch.connection, ticket_event.argument.partition(" ")[0].strip("[]"))
    assert named is not None  # `validation` has checked it
    kept = lock_ticket(batch.connection, named.id)  # or else two tickets could be merged into each other at once
    link_tickets(batch.connection, ticket.id, kept.id, "merged")
    add_tags(batch.connection, kept.id, ticket.tags)
    reason = f"{ticket.reference} was merged into this ticket"
    row = NewEvent(ticket_event.at, Event.MERGE.value, kept.state, kept.state, reason, ticket_event.by, text=reason)
    add_event(batch.connection, kept.id, row)
    is_with = (ticket.queue, ticket.level) == (kept.queue, kept.level) and State(kept.state) in LEVELS
    if ticket.assignee and not kept.assignee and is_with:  # who had this one has what it goes on in
        save_ticket(batch.connection, kept, replace(kept, assignee=ticket.assignee))
    return replace(ticket, merged_into=kept.id)


def link(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    if ticket_event.argument == "no":
        unlink_answers(batch.connection, ticket.id)
        return ticket
    for reference in ticket_event.argument.split():
        other = find_by_reference(batch.connection, reference)
        assert other is not None  # `validation` has checked it
        link_for_answers(batch.connection, ticket.id, other.id)
    return ticket


def add_people(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    rows = list_participants(batch.connection, ticket.id)
    present = {row.address for row in rows}
    people = [Address("", address) for address in ticket_event.argument.split()]
    _bring_back(batch, ticket, rows, people)
    for person in people:  # an agent names them, so that they may read the request (rule 13)
        note_contact(batch.connection, person.address, known=True)
    add_participants(batch.connection, ticket.id, people, len(present) + len(people), known=present)
    return ticket


def leave(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Sends a person in copy no more mails; no later mail of the requester brings them back (rule 6)."""
    note_left(batch.connection, ticket.id, ticket_event.by, ticket_event.at)
    return ticket


def _bring_back(batch: UnitOfWork, ticket: Ticket, rows: Iterable[ParticipantRow], people: Iterable[Address]) -> None:
    """Sends people whom an agent names mails again, though they had left."""
    named = {person.key for person in people}
    for row in rows:
        if row.left_at is not None and row.address in named:
            note_left(batch.connection, ticket.id, row.address, None)


def change_requester(batch: UnitOfWork, queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Changes the requester. The former one stays a participant, but an agent becomes the submitter."""
    person, channel = read_requester(ticket_event.argument)
    assert person is not None  # `validation` has checked it
    connection = batch.connection
    by_agent = any(fold_address(ticket.requester) in level.addresses for level in queue.levels.values())
    if by_agent:
        remove_participant(connection, ticket.id, ticket.requester)
    rows = list_participants(connection, ticket.id)
    present = {row.address for row in rows}
    add_participants(connection, ticket.id, (person,), len(present) + 1, known=present)
    _bring_back(batch, ticket, rows, (person,))
    submitter = ticket.requester if by_agent else ticket.submitter
    return replace(
        ticket,
        requester=person.address,
        requester_name=person.name,
        submitter=submitter,
        channel=channel or ticket.channel,
    )


def give_article(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    if ticket_event.argument == "no":
        return replace(ticket, fields={**(ticket.fields or {}), "knowledge": "no"})
    for number in ticket_event.argument.split():
        note_given(batch.connection, ticket.id, int(number), ticket_event.at, ticket_event.by)
    return ticket


def undo(batch: UnitOfWork, _queue: Queue, ticket: Ticket, _ticket_event: TicketEvent) -> Ticket:
    """Restores the ticket as it stood before the last step, and deletes the step."""
    step = find_step(batch.connection, ticket.id)
    assert step is not None  # `validation` has checked it
    batch.named = ", ".join(step.events)
    before = restore(batch.connection, ticket, step)
    batch.history_changed()
    batch.stop_all_timers()
    for name, due_at in step.timers.items():
        batch.start_timer(name, datetime.fromisoformat(due_at))
    return before


def block_sender(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    note_contact(batch.connection, ticket.requester, blocked=True, blocked_at=ticket_event.at)
    return ticket


def note_approval(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Records what an approver decided, with their words."""
    note_decision(
        batch.connection, ticket.id, ticket_event.answered, ticket_event.approval, ticket_event.at, ticket_event.text
    )
    if all(row.decision for row in list_approvals(batch.connection, ticket.id)):
        batch.stop_timer(Timer.APPROVAL.value)
    return ticket


def finish(batch: UnitOfWork, _queue: Queue, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Notes the time of closing; an approval that nobody has decided is not wanted any more."""
    withdraw_approvals(batch.connection, ticket.id, ticket_event.at)
    return replace(ticket, closed_at=ticket_event.at)


ACTS: dict[Action, Callable[[UnitOfWork, Queue, Ticket, TicketEvent], Ticket]] = {
    Action.BEGIN: begin,
    Action.PAUSE: pause,
    Action.PAUSE_FOR_THIRD_PARTY: lambda _b, _q, ticket, ticket_event: replace(ticket, waiting_since=ticket_event.at),
    Action.AWAIT: wait_for,
    Action.PUT_OFF: lambda _b, _q, ticket, ticket_event: replace(ticket, hidden_until=ticket_event.until),
    Action.KEEP_SOLUTION: keep_solution,
    Action.KEEP_ANSWER: keep_answer,
    Action.COUNT_NOT_FIXED: count_not_fixed,
    Action.COUNT_QUESTION: lambda _b, _q, ticket, _h: replace(ticket, questions=ticket.questions + 1),
    Action.FORGET_QUESTIONS: lambda _b, _q, ticket, _h: replace(ticket, questions=0, reminders=0),
    Action.NOTE_CLARIFIED: lambda _b, _q, ticket, _h: replace(ticket, clarified=True),
    Action.RECORD: record,
    Action.RATE: rate,
    Action.ASSIGN: assign,
    Action.ASSIGN_AUTHOR: assign_author,
    Action.ROUTE: route,
    Action.MERGE: merge,
    Action.BLOCK_SENDER: block_sender,
    Action.LINK: link,
    Action.ADD_PEOPLE: add_people,
    Action.LEAVE: leave,
    Action.CHANGE_REQUESTER: change_requester,
    Action.GIVE_ARTICLE: give_article,
    Action.UNDO: undo,
    Action.RECORD_FIELDS: record_fields,
    Action.COUNT_FORM: lambda _b, _q, ticket, _h: replace(ticket, form_asked=ticket.form_asked + 1),
    Action.NOTE_APPROVAL: note_approval,
    Action.FINISH: finish,
}
