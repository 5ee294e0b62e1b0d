"""Tickets: finding, locking and changing them, and how they belong together.

Only `tickets.service` calls what changes a ticket; everybody may read. A reference that no ticket has gives None.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    true,
    update,
)

from mailgate.core.mail import Address
from mailgate.core.tokens import make_word
from mailgate.core.workflow.events import LEVEL_NAMES
from mailgate.store.rows import columns_of, make_rows
from mailgate.store.schema import links, tags, tickets
from mailgate.store.tags import TAGS, add_tags, remove_tags
from mailgate.store.ticket_numbers import note_number
from mailgate.store.upsert import for_engine, keep_first, overwrite
from mailgate.store.write_behind import ReadCache, execute_touching, forget_key, note_new_ticket, write_later


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as stored; the fields are the columns of the table, and `tags` the rows of the table of tags."""

    id: int
    queue: str
    state: str
    level: str
    subject: str
    requester: str
    requester_name: str
    language: str
    created_at: datetime
    level_since: datetime
    reference: str = ""
    resolved_by: str | None = None
    department: str = ""
    type: str = ""
    priority: str = "normal"
    urgency: str = ""
    desired_outcome: str = ""
    fields: Any = None
    assignee: str = ""
    solution: str = ""
    close_reason: str = ""
    cause: str = ""
    minutes_spent: int = 0
    answered_at: datetime | None = None
    waiting_since: datetime | None = None
    promise_due: datetime | None = None
    confirm_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    not_fixed: int = 0
    questions: int = 0
    reminders: int = 0
    clarified: bool = False
    review_asked: bool = False
    notices: int = 0
    confirm_notice: int = 0
    question: str = ""
    last_answer: str = ""
    last_agent: str = ""
    last_agent_name: str = ""
    last_agent_notice: int = 0
    last_agent_at: datetime | None = None
    last_agent_did: str = ""
    merged_into: int | None = None
    submitter: str = ""
    form: str = ""
    form_asked: int = 0
    rating_asked: bool = False
    rating: int | None = None
    rating_words: str = ""
    rated_at: datetime | None = None
    unarchived: bool = False
    word: str = ""
    channel: str = "mail"
    waits_for: str = ""
    waits_until: datetime | None = None
    hidden_until: datetime | None = None
    version: int = 0
    tags: tuple[str, ...] = ()

    @property
    def asks_requester(self) -> bool:
        """Tells whether the clock stands for an answer of the requester, and not for a third party."""
        return self.waiting_since is not None and not self.waits_for

    @property
    def person(self) -> Address:
        """The requester."""
        return Address(self.requester_name, self.requester)

    @property
    def due(self) -> datetime | None:
        """Deadline of the level that has the ticket; None where none has it, or the clock is paused for a question."""
        return self.promise_due if self.state in LEVEL_NAMES and self.waiting_since is None else None


class EarlierTicket(NamedTuple):
    """A ticket that a requester opened before another one."""

    reference: str
    subject: str
    state: str
    created_at: datetime


class LinkedTicket(NamedTuple):
    """A ticket that is linked with another one, and how."""

    reference: str
    kind: str


_COLUMNS = tuple(field.name for field in fields(Ticket) if field.name != "tags")

# Statements are built once: building one costs more than running it.
_ALL = select(*(tickets.c[name] for name in _COLUMNS), TAGS)  # in the order of the fields
_GET = _ALL.where(tickets.c.id == bindparam("ticket"))
_LOCK = _GET.with_for_update(key_share=True)  # a row that only refers to the ticket need not wait
_LOCK_SEVERAL = (
    _ALL.where(tickets.c.id.in_(bindparam("tickets", expanding=True)))
    .order_by(tickets.c.id)
    .with_for_update(key_share=True)
)
_LOCKED = ReadCache[int, Ticket](tickets, tags)  # those that this transaction has locked
_NAMED = _ALL.where(tickets.c.reference == bindparam("named"))
_EARLIER: Select[Any] = (
    select(*columns_of(tickets, EarlierTicket))
    .where(
        tickets.c.requester == bindparam("person"),
        tickets.c.id < bindparam("ticket"),
        tickets.c.queue.in_(bindparam("known", expanding=True)),
    )
    .order_by(tickets.c.id.desc())
    .limit(bindparam("most"))
)
_EARLIER_ONE = tickets.alias()
_FIRST: Select[Any] = select(tickets.c.requester, tickets.c.id).where(
    tickets.c.id.in_(bindparam("tickets", expanding=True)),
    ~exists().where(_EARLIER_ONE.c.requester == tickets.c.requester, _EARLIER_ONE.c.id < tickets.c.id),
)
_REQUESTERS = select(tickets.c.requester).where(tickets.c.requester.in_(bindparam("people", expanding=True))).distinct()
_FIRST_TICKET = ReadCache[str, int](tickets)  # of requesters: the id of their first ticket, 0 for none
_LAST_LANGUAGE = (
    select(tickets.c.language)
    .where(tickets.c.requester.in_(bindparam("people", expanding=True)))
    .order_by(tickets.c.id.desc())
    .limit(1)
)
_OPEN = insert(tickets).returning(tickets.c.id)
_SAVE = update(tickets).where(tickets.c.id == bindparam("ticket"))
_LINK = keep_first(links)
ANSWERED_WITH = "answered with"
_LINK_ANEW = overwrite(links, ["ticket_id", "other_id"], ["kind"])
_ANSWERED_WITH = (
    select(links.c.other_id)
    .join(tickets, tickets.c.id == links.c.other_id)
    .where(
        links.c.ticket_id == bindparam("ticket"),
        links.c.kind == ANSWERED_WITH,
        tickets.c.state.not_in(("finalizing", "closed")),
        tickets.c.merged_into.is_(None),
    )
    .order_by(links.c.other_id)
)
_OTHER = or_(
    and_(links.c.ticket_id == bindparam("ticket"), tickets.c.id == links.c.other_id),
    and_(links.c.other_id == bindparam("ticket"), tickets.c.id == links.c.ticket_id),
)
_LINKS: Select[Any] = (
    select(tickets.c.reference, links.c.kind)
    .select_from(tickets.join(links, true()))
    .where(_OTHER)
    .order_by(tickets.c.id)
)


def _ticket(row: Sequence[Any] | None) -> Ticket | None:
    return Ticket(*row) if row is not None else None


def get_ticket(connection: Connection, ticket_id: int) -> Ticket | None:
    """Returns a ticket by its id, also a merged one as it is; None for none."""
    return _ticket(connection.execute(_GET, {"ticket": ticket_id}).first())


def reference_of(connection: Connection, ticket_id: int) -> str:
    """Returns the reference of a ticket, of a merged one its own; "" for none."""
    found = get_ticket(connection, ticket_id)
    return found.reference if found is not None else ""


def lock_ticket(connection: Connection, ticket_id: int) -> Ticket:
    """The ticket, locked for this transaction; a merged one gives the ticket that was kept (rule 34)."""
    for _ in range(100):
        found = _LOCKED.read(connection, ticket_id, partial(_lock, connection, ticket_id))
        if found.merged_into is None:
            break
        ticket_id = found.merged_into
    return found


def prefetch_tickets(connection: Connection, ticket_ids: Collection[int]) -> list[Ticket]:
    """Locks tickets that the transaction will lock, in one statement and in the order of their ids; returns them."""
    rows = connection.execute(_LOCK_SEVERAL, {"tickets": sorted(ticket_ids)}).all()
    locked = [Ticket(*row) for row in rows]
    for ticket in locked:
        forget_key(connection, ticket.id)  # what was read before the lock may have changed
    _LOCKED.values(connection).update({ticket.id: ticket for ticket in locked})
    return locked


def _lock(connection: Connection, ticket_id: int) -> Ticket:
    found = Ticket(*connection.execute(_LOCK, {"ticket": ticket_id}).one())
    forget_key(connection, ticket_id)  # what was read before the lock may have changed
    return found


def find_by_reference(connection: Connection, reference: str) -> Ticket | None:
    """The ticket of that reference, without case; a merged one gives the ticket that was kept."""
    return _kept(connection, _ticket(connection.execute(_NAMED, {"named": reference.upper()}).first()))


def find_by_number(connection: Connection, number: int) -> Ticket | None:
    """The ticket whose reference ends with that number; a merged one gives the ticket that was kept."""
    return _kept(connection, get_ticket(connection, number))


def _kept(connection: Connection, found: Ticket | None) -> Ticket | None:
    while found is not None and found.merged_into is not None:
        found = get_ticket(connection, found.merged_into)
    return found


def list_tickets(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> Sequence[Ticket]:
    """Tickets that were not merged away, newest last; with `limit` the newest of them."""
    where = (tickets.c.merged_into.is_(None), *conditions)
    query = _ALL.where(*where).order_by(tickets.c.id)
    if limit is not None:
        newest = select(tickets.c.id).where(*where).order_by(tickets.c.id.desc()).limit(limit)
        query = _ALL.where(tickets.c.id.in_(newest)).order_by(tickets.c.id)
    return [Ticket(*row) for row in connection.execute(query)]


def list_open_of(connection: Connection, person: Address, limit: int) -> Sequence[Ticket]:
    """The newest tickets of a requester that are not finished, newest last; by the address as it is, and folded."""
    theirs = tickets.c.requester.in_({person.address, person.key})
    return list_tickets(connection, theirs, tickets.c.state.not_in(("finalizing", "closed")), limit=limit)


def earlier_tickets(connection: Connection, ticket: Ticket, queues: Sequence[str], limit: int) -> list[EarlierTicket]:
    """The requester's tickets of these queues before this one, newest first: reference, subject, state, created_at."""
    if _FIRST_TICKET.values(connection).get(ticket.requester) == ticket.id:
        return []
    values = {"person": ticket.requester, "ticket": ticket.id, "known": list(queues), "most": limit}
    return make_rows(EarlierTicket._make, connection.execute(_EARLIER, values))


def prefetch_requesters(connection: Connection, addresses: Collection[str]) -> None:
    """Finds which of these addresses have no ticket yet: what they open is their first."""
    wanted = sorted(set(addresses))
    known = set(connection.execute(_REQUESTERS, {"people": wanted}).scalars()) if wanted else set()
    _FIRST_TICKET.values(connection).update({address: 0 for address in wanted if address not in known})


def prefetch_first_tickets(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Finds which of these tickets have none of their requester before them."""
    rows = connection.execute(_FIRST, {"tickets": list(ticket_ids)})
    _FIRST_TICKET.values(connection).update({str(row[0]): int(row[1]) for row in rows})


def last_language_of(connection: Connection, person: Address) -> str:
    """Returns the language of a requester's newest ticket, "" for none; by the address as it is, and folded."""
    found = connection.execute(_LAST_LANGUAGE, {"people": sorted({person.address, person.key})}).scalar()
    return str(found or "")


def open_ticket(connection: Connection, values: dict[str, Any], prefix: str) -> Ticket:
    """Inserts a ticket with a word of its own.

    Its reference, the prefix and its number, is written by the `save_ticket` that follows.
    """
    values = {"fields": {}, "word": make_word(), **values}
    requester = values["requester"]
    had = _FIRST_TICKET.values(connection).get(requester)
    number = int(execute_touching(connection, _OPEN, values, (requester,)).scalar_one())
    if had is not None:
        _FIRST_TICKET.values(connection)[requester] = had or number
    note_new_ticket(connection, number)
    note_number(connection, number)
    return Ticket(id=number, reference=f"{prefix}-{number}".upper(), **values)


def save_ticket(connection: Connection, before: Ticket, after: Ticket) -> None:
    """Writes the fields that changed, and increments the version."""
    changed: dict[str, Any] = {
        name: value for name in _COLUMNS if (value := getattr(after, name)) != getattr(before, name)
    }
    row = {"ticket": before.id, **changed, "version": before.version + 1}
    locked = _LOCKED.values(connection).pop(before.id, None)
    first = _FIRST_TICKET.values(connection).pop(before.requester, None)
    write_later(connection, _SAVE, [row], touches={before.id, before.requester, after.requester})
    if first is not None and before.requester == after.requester:
        _FIRST_TICKET.values(connection)[before.requester] = first
    if locked is not None and "fields" not in changed and before.tags == after.tags:
        stored = {name: _as_read(value) for name, value in changed.items()} | {"version": before.version + 1}
        _LOCKED.values(connection)[before.id] = replace(locked, **stored)
    if before.tags != after.tags:
        remove_tags(connection, before.id, set(before.tags) - set(after.tags))
        add_tags(connection, before.id, sorted(set(after.tags) - set(before.tags)))


def _as_read(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def link_tickets(connection: Connection, ticket_id: int, other_id: int, kind: str) -> None:
    """Links a ticket with another: `merged` (other_id was kept), `split` (from that one) or `linked`."""
    values = {"ticket_id": ticket_id, "other_id": other_id, "kind": kind}
    connection.execute(for_engine(_LINK, connection), values)


def link_for_answers(connection: Connection, ticket_id: int, other_id: int) -> None:
    """Links a ticket so that its answers and solutions go to another one too, however they were linked before."""
    values = {"ticket_id": ticket_id, "other_id": other_id, "kind": ANSWERED_WITH}
    connection.execute(for_engine(_LINK_ANEW, connection), values)


def unlink_answers(connection: Connection, ticket_id: int) -> None:
    """Ends the links by which a ticket's answers go to other tickets as well."""
    mine = links.c.ticket_id == ticket_id, links.c.kind == ANSWERED_WITH
    connection.execute(update(links).where(*mine).values(kind="linked"))


def list_answered_with(connection: Connection, ticket_id: int) -> Sequence[int]:
    """The ids of the open tickets that a ticket's answers and solutions go to as well, lowest first."""
    return connection.execute(_ANSWERED_WITH, {"ticket": ticket_id}).scalars().all()


def list_links(connection: Connection, ticket_id: int) -> list[LinkedTicket]:
    """The tickets linked with this one: (reference, kind)."""
    return make_rows(LinkedTicket._make, connection.execute(_LINKS, {"ticket": ticket_id}))
