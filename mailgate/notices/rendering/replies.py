"""Content of the reply to staff: one `QueryReply` for each query or command, in their order.

Frozen values, as `content` has them; the templates of `reply` render each by its `kind`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mailgate.core.mail import Address
from mailgate.core.sla.terms import is_overdue
from mailgate.store.queries.worklists import Listed
from mailgate.tickets.values import CommandResult, SentNotice


@dataclass(frozen=True, slots=True)
class TicketLine:
    """Ticket in a list.

    `queue` is "" where the recipient sees one queue only; `due` is None while no deadline runs. `waiting` is for the
    requester, `waits_for` names a third party.
    """

    reference: str
    subject: str
    requester: Address
    state: str
    queue: str = ""
    due: datetime | None = None
    overdue: bool = False
    waiting: bool = False
    assignee: str = ""
    waits_for: str = ""
    hidden_until: datetime | None = None
    tags: tuple[str, ...] = ()


def ticket_line(ticket: Listed, queue: str, now: datetime) -> TicketLine:
    """Returns the line of a ticket in a digest or in the reply to `#list`.

    `queue` is "" where the recipient sees one queue only.
    """
    return TicketLine(
        reference=ticket.reference,
        subject=ticket.subject,
        requester=Address(ticket.requester_name, ticket.requester),
        state=ticket.state,
        queue=queue,
        due=ticket.due,
        overdue=is_overdue(ticket.due, now),
        waiting=ticket.waiting_since is not None and not ticket.waits_for,
        assignee=ticket.assignee,
        waits_for=ticket.waits_for,
        hidden_until=ticket.hidden_until,
        tags=ticket.tags,
    )


@dataclass(frozen=True, slots=True)
class ListSection:
    """Tickets under one heading: `what` is the word after `#list`, `more` how many are not shown."""

    what: str
    lines: tuple[TicketLine, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """Article of the knowledge base that was found."""

    number: int
    title: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One mail or event of a ticket, and the reason that it is there."""

    at: datetime
    who: str  # "" for the desk itself
    what: str  # "mail", or an event's value
    key: str = ""  # of a mail: how it found the ticket
    subject: str = ""
    answered: datetime | None = None  # of a mail: when the notice was sent that it answers
    answered_by: str = ""  # of a mail: the address to which that notice was sent
    from_state: str = ""
    to_state: str = ""
    said: str = ""  # of an event: the words that decided
    step: str = ""  # of an event: the step of the process
    rule: str = ""  # of a request: the rule at the door that sorted it
    undone: bool = False
    refused: bool = False
    sent: tuple[tuple[str, str], ...] = ()  # of an event: its notices that have left, each with its recipient
    unsent: tuple[tuple[str, str], ...] = ()  # of an event: those that have not


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one queue, or of one level of it (`level`); medians in minutes, None where there is nothing."""

    queue: str
    level: str = ""
    new: int = 0
    resolved: int = 0
    confirmed: int = 0
    reopened: int = 0
    escalated: int = 0
    open: int = 0
    overdue: int = 0
    first_answer: int | None = None
    resolution: int | None = None


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """Figures of one type, tag and so on: numbers, and times in minutes, each with the name of its column."""

    item: str
    counts: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Figures by one property of tickets, or by agent: `table` has the words for its items, "" for none.

    `more` is how many rows are not shown.
    """

    name: str
    table: str
    rows: tuple[BreakdownRow, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class TicketResult:
    """Result of a bulk update for one ticket; where nothing is `done`, `why` names the refusal.

    That is the name of the notice that refuses such a command in a reply, or says that the ticket is not there for the
    author, or that it was merged into `kept`. `objection` is the sentence of a refusal and its values.
    """

    reference: str
    subject: str = ""
    requester: str = ""
    level: str = ""
    done: tuple[CommandResult, ...] = ()
    undoable: bool = False
    why: str = ""
    kept: str = ""
    objection: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockedAddress:
    """Address that is blocked or set aside: since when, None where that is not kept, and why."""

    address: str
    since: datetime | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class SavedReplyLine:
    """Saved reply of a list: its name, its text in one of its languages, and all of them."""

    name: str
    text: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryReply:
    """Reply to one query or command."""

    kind: str  # names the partial template
    line: str  # the query as it is written
    wanted: str = ""
    sections: tuple[ListSection, ...] = ()
    passages: tuple[ArticleLine, ...] = ()
    reference: str = ""
    subject: str = ""
    state: str = ""
    whys: tuple[ExplainedStep, ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # of the people of the ticket, by their addresses as compared
    more: int = 0
    figures: tuple[Figures, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    begin: datetime | None = None
    until: date | None = None
    count: int = 0
    choices: tuple[str, ...] = ()
    done: tuple[CommandResult, ...] = ()
    sent: tuple[SentNotice, ...] = ()
    results: tuple[TicketResult, ...] = ()
    blocked: tuple[BlockedAddress, ...] = ()
    set_aside: tuple[BlockedAddress, ...] = ()
    saved: tuple[SavedReplyLine, ...] = ()
