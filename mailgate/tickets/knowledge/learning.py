"""Learns from tickets: keeps a solution that its requester confirmed, and marks one that did not help.

Kept is the text of `#resolve`, without addresses, telephone numbers and the names of the ticket's people, unless the
agent wrote `#kb no`. Nothing is learned from spam, from what was withdrawn, merged or passed on, nor where only an
agent or a timer closed the ticket. Runs in the transaction of `tickets.service`; raises only what the database raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.workflow.events import EVENTS, LEVELS, Event, Reply, State
from mailgate.parsers.anonymize import anonymize
from mailgate.parsers.quoting.pictures import without_pictures
from mailgate.parsers.search_terms import words_of
from mailgate.store.events import EventRow, list_events
from mailgate.store.knowledge import (
    ArticleKind,
    NewArticle,
    add_solution,
    get_article,
    list_given,
    note_confirmed,
    note_given,
    note_refuted,
)
from mailgate.store.messages import list_messages
from mailgate.store.people import list_participants
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.knowledge.saved_replies import SavedReplies

CONSENT = "knowledge"  # the field of a ticket that `#kb no` sets to "no"
_SETTLED = frozenset(State) - frozenset(LEVELS)
_REQUEST = 400  # letters of a request that are kept beside its solution
_SOLUTION = 20_000
_SUBJECT = 200
_FEW = 2  # words; a shorter solution is of no use in another ticket ("done")
_LIKE = 0.8  # of the words of a solution that a given article has too: it is the same


def learn(connection: Connection, settings: Settings, was: Ticket, ticket: Ticket, ticket_event: TicketEvent) -> None:
    """Learns from one step of a ticket: called for every step, and cheap for nearly all."""
    if was.state == ticket.state or not settings.knowledge.enabled:
        return
    before, after = State(was.state), State(ticket.state)
    if after is State.CLOSED and before is State.FINALIZING:
        _note_success(connection, settings, ticket, ticket_event.at)
    elif before in _SETTLED and after in LEVELS and ticket_event.event.info.refutes_solution:
        _note_failure(connection, ticket)


def _note_success(connection: Connection, settings: Settings, ticket: Ticket, now: datetime) -> None:
    """Counts a solution as confirmed when the ticket is closed, if the requester said that it helped."""
    history = list_events(connection, ticket.id)
    since = ticket.confirm_at
    said_yes = since is not None and any(_is_yes(row.event) and row.at >= since and not row.undone for row in history)
    if not said_yes or ticket.close_reason or ticket.merged_into is not None:
        return
    given = list_given(connection, ticket.id, _begin_of_attempt(history, ticket))
    note_confirmed(connection, given)
    if (ticket.fields or {}).get(CONSENT) == "no":
        return
    writing = _write(connection, ticket)
    if writing is None or _repeats_given_article(connection, ticket, given):
        return
    if _repeats_saved_reply(settings, ticket, history):
        return
    number = add_solution(connection, writing, now)
    note_given(
        connection, ticket.id, number, now, ticket.last_agent
    )  # so that it counts as the agent's, whatever its first ticket was


def _is_yes(event: str) -> bool:
    info = EVENTS.get(event)
    return info is not None and info.reply is Reply.YES


def _note_failure(connection: Connection, ticket: Ticket) -> None:
    """Counts what the requester was given since the ticket was last opened as refuted."""
    history = list_events(connection, ticket.id)
    note_refuted(connection, list_given(connection, ticket.id, _begin_of_attempt(history[:-1], ticket)))


def _begin_of_attempt(history: Sequence[EventRow], ticket: Ticket) -> datetime:
    """Returns when the ticket was last reopened, else opened."""
    back = [row.at for row in history if row.from_state in _SETTLED and row.to_state in LEVELS and not row.undone]
    return max(back, default=ticket.created_at)


def _write(connection: Connection, ticket: Ticket) -> NewArticle | None:
    """Returns the ticket as an article; None where its solution is of no use in another ticket."""
    people = list_participants(connection, ticket.id)
    names = (ticket.requester_name, ticket.last_agent_name, *(row.name for row in people))
    addresses = (ticket.requester, *(row.address for row in people))
    solution = without_pictures(ticket.solution[:_SOLUTION])
    own = "\n".join(line for line in solution.split("\n") if not line.startswith(">"))
    solution = anonymize(own.strip(), names, addresses)  # without the requester's words that it answers
    words = words_of(solution, ticket.language)
    if len(words) < _FEW:
        return None
    # The first mail is the request; one that an agent wrote down beside a note is internal but for its new text.
    asked = next((row for row in list_messages(connection, ticket.id) if row.direction == "in"), None)
    whole = "" if asked is None else asked.new_text or ("" if asked.internal else asked.text)
    written = without_pictures(whole[:_REQUEST])
    request = anonymize(written, names, addresses)
    title = " ".join(anonymize(ticket.subject, names, addresses).split()) or request.partition("\n")[0]
    quoted = "\n".join(f"> {line}".rstrip() for line in request.splitlines() if line.strip())
    # A line of the solution that looks like a quotation would be taken for the request.
    body = f"{quoted}\n\n{solution.lstrip('> ')}" if quoted else solution.lstrip("> ")
    return NewArticle(
        kind=ArticleKind.SOLUTION,
        source=ticket.reference,
        title=title[:_SUBJECT] or ticket.reference,
        body=body,
        language=ticket.language,
        queue=ticket.queue,
        fingerprint=sha256(" ".join(words).encode()).hexdigest()[:32],
    )


def _repeats_given_article(connection: Connection, ticket: Ticket, given: Sequence[int]) -> bool:
    """Tells whether the solution repeats an article that was given: then that one is confirmed, and none is added."""
    words = set(words_of(ticket.solution[:_SOLUTION], ticket.language))
    articles = (get_article(connection, number) for number in given)
    texts = [article.answer for article in articles if article is not None and article.source != ticket.reference]
    return any(len(words & set(words_of(text, ticket.language))) >= _LIKE * len(words) for text in texts)


def _repeats_saved_reply(settings: Settings, ticket: Ticket, history: Sequence[EventRow]) -> bool:
    """Tells whether a solution says only what saved replies of its ticket say, which agents find by their names.

    The files are read where the ticket had one. What their fields were filled with is not compared.
    """
    names = {row.text for row in history if row.event == Event.REPLY and not row.undone}
    replies = SavedReplies(settings.knowledge.replies, settings.queues).status().replies if names else ()
    said = "\n".join(one.text for one in replies if one.name in names)
    values = f"{ticket.requester_name} {ticket.reference} {ticket.subject} {ticket.department} {ticket.last_agent_name}"
    desk = settings.queues[ticket.queue].display_name if ticket.queue in settings.queues else ""
    words = set(words_of(ticket.solution[:_SOLUTION], ticket.language))
    words -= set(words_of(f"{values} {ticket.requester} {desk}", ticket.language))
    return bool(said) and len(words & set(words_of(said, ticket.language))) >= _LIKE * len(words)
