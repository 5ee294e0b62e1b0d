"""The outbox: notices as they will be sent, until the relay has them.

A notice's bytes are final when it is put here; files are references into the blobs, put together identically at
each attempt. Order is kept per ticket and addressee: a later notice waits while an earlier one to the same address
waits; a parked one blocks nothing (rule 22). Among tickets, people's words go first, then answers to a mail, then what
timers and hours of the day have made (`Urgency`); an earlier notice goes with the urgency of one that waits for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from mailgate.store.announcements import note_new_work
from mailgate.store.rows import columns_of, make_first
from mailgate.store.schema import messages, outbox, tickets
from mailgate.store.sending import IS_SENDING
from mailgate.store.work_queue import (
    DONE,
    PARKED,
    WAITING,
    count_due,
    is_due,
    is_in,
    measure_untried,
    next_due,
)
from mailgate.store.write_behind import ReadCache, write_later


class Urgency(IntEnum):
    """Which notices go to the relay first: those of the lowest number."""

    WORDS = 0  # a person's words, and other mail that loop protection never counts
    ANSWER = 1  # written because of a mail that came in, as a receipt is
    SCHEDULED = 2  # written because its time had come, as thousands may be at once


class OutboxRow(NamedTuple):
    """A row of the outbox: the columns of the table, in their order. `body` is b"" where it is damaged."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    leased_until: datetime | None
    last_error: str
    created_at: datetime
    ticket_id: int | None
    reference: str
    number: int
    notice: str
    lane: str
    queue: str
    recipient: str
    return_path: str
    message_id: str
    human: bool
    size: int
    inserts: list[list[Any]]
    body: bytes
    sent_at: datetime | None
    relay_reply: str
    requeued_at: datetime | None
    of_recipient: bool
    urgency: int

    @property
    def waits_since(self) -> datetime:
        """When it was queued, or last put back by the operator: its age counts from then."""
        return self.requeued_at or self.created_at


class SignedTicket(NamedTuple):
    """The ticket that a token names, with its word, and its notice of that number; None where it has none."""

    ticket_id: int
    word: str
    notice: NoticeRow | None


class NoticeRow(NamedTuple):
    """A notice that was put into the outbox, as a reply or a bounce names it."""

    ticket_id: int | None
    number: int
    notice: str
    lane: str
    queue: str
    recipient: str
    id: int


class NoticeStatus(NamedTuple):
    """The status of a notice; `message_id` is the one of its record among the ticket's messages."""

    message_id: str
    state: str
    due_at: datetime
    attempts: int
    last_error: str
    sent_at: datetime | None
    relay_reply: str

    @property
    def is_sent(self) -> bool:
        """True if the relay has it."""
        return self.state == DONE


# Statements are built once: building one costs more than running it.
_PUT = insert(outbox)
_CLAIMED = columns_of(outbox, NoticeRow)
_SIGNED: Select[Any] = (
    select(tickets.c.id, tickets.c.word, *_CLAIMED)
    .select_from(tickets)
    .outerjoin(outbox, and_(outbox.c.ticket_id == tickets.c.id, outbox.c.number == bindparam("counted")))
    .where(tickets.c.reference == bindparam("named"))
)
_REPORTED: Select[Any] = (
    select(*_CLAIMED)
    .where(outbox.c.message_id == bindparam("reported"))
    .order_by(
        outbox.c.id  # what came in with a bundle does not stand before the desk's own
    )
)
_WORDS = select(tickets.c.reference, tickets.c.id, tickets.c.word).where(
    tickets.c.reference.in_(bindparam("named", expanding=True))
)
_NOTICES: Select[Any] = select(*_CLAIMED).where(
    tuple_(outbox.c.ticket_id, outbox.c.number).in_(bindparam("places", expanding=True))
)
_SIGNED_TICKETS = ReadCache[tuple[str, int], SignedTicket | None](tickets, outbox)
_BYTES = select(outbox.c.body).where(outbox.c.id == bindparam("row"))
_STATUSES: Select[Any] = (
    select(*columns_of(outbox, NoticeStatus))
    .join(messages, messages.c.message_id == outbox.c.message_id)
    .where(messages.c.ticket_id == bindparam("ticket"), messages.c.direction == "out")
)
SAME_RECIPIENT = func.lower(outbox.c.recipient) == func.lower(bindparam("address"))
"""Condition: a notice is for `address`, in whatever case: nobody gets more mails because a forger varies it."""
_TO_ADDRESS = select(func.count()).where(
    SAME_RECIPIENT,
    outbox.c.created_at > bindparam("since"),
    outbox.c.human.is_(False),
)
_OF_TICKET = select(func.count()).where(
    outbox.c.ticket_id == bindparam("ticket"),
    outbox.c.created_at > bindparam("since_day"),
    outbox.c.human.is_(False),
    outbox.c.lane == bindparam("as_what"),
)
_OF_SEVERAL = (
    select(outbox.c.ticket_id, outbox.c.lane, func.count())
    .where(
        outbox.c.ticket_id.in_(bindparam("tickets", expanding=True)),
        outbox.c.created_at > bindparam("since_day"),
        outbox.c.human.is_(False),
    )
    .group_by(outbox.c.ticket_id, outbox.c.lane)
)
_TO_ADDRESSES = (
    select(func.lower(outbox.c.recipient), func.count())
    .where(
        func.lower(outbox.c.recipient).in_(bindparam("keys", expanding=True)),
        outbox.c.created_at > bindparam("since"),
        outbox.c.human.is_(False),
    )
    .group_by(func.lower(outbox.c.recipient))
)
_WAS_SENT = select(
    exists().where(
        outbox.c.notice == bindparam("kind"),
        SAME_RECIPIENT,
        outbox.c.created_at > bindparam("since"),
    )
)
_COUNT_SENT = select(func.count()).where(
    outbox.c.notice == bindparam("kind"),
    SAME_RECIPIENT,
    outbox.c.created_at > bindparam("since"),
)
_WAKE = update(outbox).where(
    is_in(outbox, WAITING),
    outbox.c.due_at > bindparam("now"),
    outbox.c.leased_until.is_(None),
    outbox.c.attempts > 0,  # a draft of a gathered mail waits for its hour
    outbox.c.of_recipient.is_(False),
)
_DRAFT = (
    select(outbox.c.id)
    .where(outbox.c.message_id == bindparam("carried"), outbox.c.state == WAITING, outbox.c.attempts == 0)
    .with_for_update()
)


@dataclass(slots=True)
class _Count:
    """The notices without a human author that were queued for an address since then."""

    since: datetime
    number: int


_TO = ReadCache[str, _Count](outbox)  # by the address in lower case


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _LaneCounts:
    """The notices without a human author of a ticket that were queued since then, by lane."""

    since: datetime = _LONG_AGO
    lanes: Counter[str] = field(default_factory=Counter)


_OF_TICKETS = ReadCache[int, _LaneCounts](outbox, of_new=_LaneCounts)


_other = outbox.alias()
# Scalar queries, and a state that fits no index but the ticket's: of a table that it does not know yet, PostgreSQL
# would make a join of `NOT EXISTS`, and read a whole index for each row.
_FIRST_OF_BOTH = select(func.min(_other.c.id)).where(
    _other.c.ticket_id == outbox.c.ticket_id,
    _other.c.recipient == outbox.c.recipient,
    func.lower(_other.c.state) == WAITING,
)
"""Query: the first notice that waits of the same ticket to the same address."""
_FIRST = _FIRST_OF_BOTH.where(_other.c.id < outbox.c.id).scalar_subquery().is_(None)


def _take(*order: ColumnElement[Any]) -> ReturningUpdate[Any]:
    """Leases due notices in an order; in place of one that waits for an earlier one, that earlier one.

    Where the earlier one cannot be taken now, neither is taken.
    """
    now: BindParameter[datetime] = bindparam("now")
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
    blocking = _FIRST_OF_BOTH.where(
        _other.c.id < outbox.c.id, or_(_other.c.due_at > now, _other.c.leased_until > now)
    ).scalar_subquery()
    due = is_in(outbox, WAITING), outbox.c.due_at <= now, free, IS_SENDING, blocking.is_(None)
    first_id = func.coalesce(_FIRST_OF_BOTH.scalar_subquery(), outbox.c.id).label("id")
    chosen = select(first_id).where(*due).order_by(*order).limit(bindparam("limit"))
    # PostgreSQL may run a plain sub-select more than once, and lock more than `limit`; a CTE it runs once.
    taken = chosen.with_for_update(skip_locked=True, of=outbox).cte("taken")
    leased = {"attempts": outbox.c.attempts + 1, "leased_until": bindparam("until")}
    # Once more, since the earlier one is not locked yet: it may have been taken, ended or postponed meanwhile.
    mine = outbox.c.id.in_(select(taken.c.id)), func.lower(outbox.c.state) == WAITING, outbox.c.due_at <= now, free
    return update(outbox).where(*mine).values(leased).returning(*outbox.c)


_MOST_URGENT = _take(outbox.c.urgency, outbox.c.due_at, outbox.c.id)
_OLDEST = _take(outbox.c.due_at, outbox.c.id)


@dataclass(frozen=True, slots=True)
class QueuedNotice:
    """A notice to be sent. `number` counts the notices of a ticket; `lane` is the role of the addressee;
    `inserts` are the places of its files: [position, blob, start, end, encoded, verbatim]; the last one is missing
    in rows of version 0003."""

    notice: str
    number: int
    lane: str
    queue: str
    recipient: str
    return_path: str
    message_id: str
    human: bool
    size: int
    body: bytes = field(repr=False)
    inserts: tuple[tuple[int, int, int | None, int | None, bool, bool], ...] = ()
    ticket_id: int | None = None
    reference: str = ""
    scheduled: bool = False
    """A timer, or an hour of the day, has caused it."""

    @property
    def urgency(self) -> Urgency:
        if self.scheduled:
            return Urgency.SCHEDULED
        return Urgency.WORDS if self.human else Urgency.ANSWER


def put_notices(
    connection: Connection, notices: Sequence[QueuedNotice], now: datetime, *, due_at: datetime | None = None
) -> None:
    """Adds notices, to be sent in this order, now or when they are due: all with the urgency of the most urgent."""
    urgency = min(outgoing.urgency for outgoing in notices)
    rows = [_values(outgoing, now, due_at or now, urgency) for outgoing in notices]
    note_new_work(connection, outbox)
    write_later(connection, _PUT, rows, touches={(one.reference, one.number) for one in notices})
    counts, of_tickets = _TO.values(connection), _OF_TICKETS.values(connection)
    for outgoing in notices:
        if not outgoing.human:
            known = counts.get(outgoing.recipient.lower())
            if known is not None and now > known.since:
                known.number += 1
            if outgoing.ticket_id in of_tickets and now > of_tickets[outgoing.ticket_id].since:
                of_tickets[outgoing.ticket_id].lanes[outgoing.lane] += 1


def _values(outgoing: QueuedNotice, now: datetime, due_at: datetime, urgency: Urgency) -> dict[str, object]:
    return {
        "ticket_id": outgoing.ticket_id,
        "reference": outgoing.reference,
        "number": outgoing.number,
        "notice": outgoing.notice,
        "lane": outgoing.lane,
        "queue": outgoing.queue,
        "recipient": outgoing.recipient,
        "return_path": outgoing.return_path,
        "message_id": outgoing.message_id,
        "human": outgoing.human,
        "size": outgoing.size,
        "body": outgoing.body,
        "inserts": [list(place) for place in outgoing.inserts],
        "due_at": due_at,
        "created_at": now,
        "urgency": urgency,
    }


def take_notices(
    connection: Connection, now: datetime, limit: int, lease: timedelta, *, oldest: bool = False
) -> list[OutboxRow]:
    """Leases due notices, at most one per ticket and addressee; none while sending is held.

    The most urgent first, or, with `oldest`, those that are due longest, whatever their urgency. There may be fewer
    than `limit` although more are due.
    """
    values = {"now": now, "limit": limit, "until": now + lease}
    rows = map(OutboxRow._make, connection.execute(_OLDEST if oldest else _MOST_URGENT, values))
    return sorted(rows, key=lambda row: (0 if oldest else row.urgency, row.due_at, row.id))


def is_notice_due(connection: Connection, now: datetime) -> bool:
    """Tells whether `take_notices` may find one."""
    return is_due(connection, outbox, now, IS_SENDING)


def count_notices_due(connection: Connection, now: datetime, most: int) -> int:
    """Counts the notices that wait for a courier, `most` at the most; none do while sending is held."""
    return count_due(connection, outbox, now, most, IS_SENDING)


def wake_notices(connection: Connection, now: datetime) -> int:
    """Makes all notices due that wait because the relay deferred them, and returns how many.

    A notice that was deferred because of its recipient (greylisting, a full mailbox) keeps its time.
    """
    note_new_work(connection, outbox)
    return connection.execute(_WAKE.values(due_at=now), {"now": now}).rowcount


def next_notice_due(connection: Connection, now: datetime) -> datetime | None:
    """When the next notice may be tried, without those that wait for an earlier one; None while sending is held."""
    return next_due(connection, outbox, now, IS_SENDING, _FIRST)


def measure_untried_notices(connection: Connection, now: datetime, before: datetime) -> tuple[int, datetime | None]:
    """Counts the notices that were due before then and not tried, and finds when the first was due.

    One that waits for an earlier one does not count, and none while sending is held.
    """
    return measure_untried(connection, outbox, now, before, IS_SENDING, _FIRST)


def count_skipped(connection: Connection, dry_run: str, only_to: str) -> tuple[int, int]:
    """Counts the parked notices whose error is that of a dry run, and those whose error ends with that of `only_to`."""
    of_only_to = outbox.c.last_error.endswith(only_to, autoescape=True)
    counts = select(func.count().filter(outbox.c.last_error == dry_run), func.count().filter(of_only_to)).where(
        is_in(outbox, PARKED)
    )
    by_dry_run, by_only_to = connection.execute(counts).one()
    return int(by_dry_run), int(by_only_to)


def list_parked(connection: Connection, error: str, recipient: str | None = None) -> list[tuple[int, str, datetime]]:
    """Lists id, addressee and time of the notices that are parked with this error, oldest first.

    `recipient` is a part of the address, without case.
    """
    query = select(outbox.c.id, outbox.c.recipient, outbox.c.created_at).order_by(outbox.c.id)
    query = query.where(is_in(outbox, PARKED), outbox.c.last_error == error)
    if recipient:
        query = query.where(outbox.c.recipient.icontains(recipient, autoescape=True))
    return [(row_id, address, at) for row_id, address, at in connection.execute(query)]


def find_signed(connection: Connection, reference: str, number: int) -> SignedTicket | None:
    """Finds what a token names, the ticket's own reference and the notice's number; None where there is no ticket."""
    key = reference.upper(), number
    return _SIGNED_TICKETS.read(connection, key, lambda: _find_signed(connection, *key))


def _find_signed(connection: Connection, reference: str, number: int) -> SignedTicket | None:
    found = connection.execute(_SIGNED, {"named": reference, "counted": number}).first()
    if found is None:
        return None
    ticket_id, word, *notice = found
    return SignedTicket(ticket_id, word, NoticeRow._make(notice) if notice[0] is not None else None)


def find_notice(connection: Connection, message_id: str) -> NoticeRow | None:
    """The notice that carries this Message-ID."""
    return make_first(NoticeRow._make, connection.execute(_REPORTED, {"reported": message_id}))


def list_statuses_of(connection: Connection, ticket_id: int) -> dict[str, NoticeStatus]:
    """The statuses of the notices of a ticket, by their Message-IDs."""
    rows = connection.execute(_STATUSES, {"ticket": ticket_id})
    return {row.message_id: NoticeStatus._make(row) for row in rows}


def read_bytes(connection: Connection, row_id: int) -> bytes:
    """Reads the bytes of a notice, without its files; b"" where there is none, or it is damaged."""
    return bytes(connection.execute(_BYTES, {"row": row_id}).scalar() or b"")


def prefetch_signed(connection: Connection, named: Collection[tuple[str, int]]) -> dict[tuple[str, int], SignedTicket]:
    """Finds what several tokens name, as `find_signed` does of one: references in capitals, and numbers of notices."""
    owners = {row[0]: row for row in connection.execute(_WORDS, {"named": sorted({one for one, _ in named})})}
    places = sorted({(owners[reference][1], number) for reference, number in named if reference in owners})
    rows = connection.execute(_NOTICES, {"places": places}).all() if places else ()
    notices = {(row[0], row[1]): NoticeRow._make(row) for row in rows}
    found: dict[tuple[str, int], SignedTicket | None] = dict.fromkeys(named)
    for reference, number in named:
        if reference in owners:
            _, ticket_id, word = owners[reference]
            found[reference, number] = SignedTicket(ticket_id, word, notices.get((ticket_id, number)))
    _SIGNED_TICKETS.values(connection).update(found)
    return {key: one for key, one in found.items() if one is not None}


def count_automatic(connection: Connection, address: str, since: datetime, *, most: int = 0) -> int:
    """Counts the notices without a human author that were queued for an address since then (rule 24).

    Below `most` the count may include some that are older: one count serves the whole transaction, kept up to date.
    """
    if not address.isascii():  # the database has its own way to lower other letters
        return int(connection.execute(_TO_ADDRESS, {"address": address, "since": since}).scalar_one())
    counts, key = _TO.values(connection), address.lower()
    known = counts.get(key)
    if known is None or known.since > since or (known.number >= most and known.since < since):
        number = connection.execute(_TO_ADDRESS, {"address": address, "since": since}).scalar_one()
        known = counts[key] = _Count(since, int(number))
    return known.number


def prefetch_counts(connection: Connection, addresses: Iterable[str], since: datetime) -> None:
    """Counts the notices without a human author of several addresses, as `count_automatic` of each will ask."""
    if keys := sorted({address.lower() for address in addresses if address.isascii()}):
        rows = connection.execute(_TO_ADDRESSES, {"keys": keys, "since": since}).all()
        counted = {str(row[0]): int(row[1]) for row in rows}
        _TO.values(connection).update({key: _Count(since, counted.get(key, 0)) for key in keys})


def count_automatic_to_domain(connection: Connection, domain: str, since: datetime) -> int:
    """Counts the notices without a human author that were queued for a domain since then (rule 24)."""
    to_domain = func.lower(outbox.c.recipient).endswith(f"@{domain.lower()}", autoescape=True)
    query = select(func.count()).where(to_domain, outbox.c.created_at > since, outbox.c.human.is_(False))
    return int(connection.execute(query).scalar_one())


def count_automatic_of_ticket(connection: Connection, ticket_id: int, lane: str, since: datetime, *, most: int) -> int:
    """Counts the automatic notices of a ticket to that lane since then; below `most` perhaps some that are older."""
    known = _OF_TICKETS.values(connection).get(ticket_id)
    if known is not None and (known.since == since or (known.since < since and known.lanes[lane] < most)):
        return known.lanes[lane]
    return int(connection.execute(_OF_TICKET, {"ticket": ticket_id, "as_what": lane, "since_day": since}).scalar_one())


def prefetch_counts_of_tickets(connection: Connection, ticket_ids: Collection[int], since: datetime) -> None:
    """Counts the automatic notices of several tickets, as `count_automatic_of_ticket` of each will ask."""
    counts = {ticket_id: _LaneCounts(since) for ticket_id in ticket_ids}
    for ticket_id, lane, number in connection.execute(_OF_SEVERAL, {"tickets": list(counts), "since_day": since}):
        counts[ticket_id].lanes[lane] = int(number)
    _OF_TICKETS.values(connection).update(counts)


def was_sent(connection: Connection, notice: str, recipient: str, since: datetime) -> bool:
    """Tells whether a notice of this kind was queued for an address since then."""
    return bool(connection.execute(_WAS_SENT, {"kind": notice, "address": recipient, "since": since}).scalar())


def count_sent(connection: Connection, notice: str, recipient: str, since: datetime) -> int:
    """How many such notices were put for that address since then."""
    return int(connection.execute(_COUNT_SENT, {"kind": notice, "address": recipient, "since": since}).scalar_one())


def find_draft(connection: Connection, message_id: str) -> int | None:
    """Finds and locks a notice with this Message-ID that was never tried; returns its id, None for none."""
    return connection.execute(_DRAFT, {"carried": message_id}).scalar()


def rewrite_notice(
    connection: Connection, row_id: int, body: bytes, size: int, inserts: Sequence[tuple[Any, ...]] = ()
) -> None:
    """Replaces a notice's bytes by others, with no files but those of `inserts`, before it is tried again."""
    values = {"body": body, "inserts": [list(place) for place in inserts], "size": size}
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(values))
