"""The messages of tickets, in and out: texts, files, the originals behind them, and who has seen which Message-ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, case, exists, false, func, insert, or_, select, update

from mailgate.core.domains import fold_address
from mailgate.core.mail import Attachment
from mailgate.core.workflow.events import Event, events_that
from mailgate.store.blobs import get_blobs
from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import attachments, events, journal, message_ids, messages, participants, tickets
from mailgate.store.upsert import for_engine, keep_first
from mailgate.store.write_behind import ReadCache, execute_touching, write_later

Direction = Literal["in", "out"]


class MessageRow(NamedTuple):
    """A stored mail of a ticket, in or out: the columns of the table."""

    id: int
    ticket_id: int
    direction: Direction
    sender: str
    recipients: list[str]
    subject: str
    message_id: str
    at: datetime
    internal: bool
    notice: str
    text: str
    new_text: str
    new_html: str
    journal_id: int | None


class AttachmentRow(NamedTuple):
    """A stored file of a mail: the columns of the table. Where it has a span, its blob is the raw mail."""

    id: int
    message_id: int
    filename: str
    mime_type: str
    size: int
    sha256: str
    inline: bool
    content_id: str
    blob_id: int
    span_start: int | None
    span_end: int | None

    @property
    def span(self) -> tuple[int, int] | None:
        """Where the base64 text of the file stands in its mail, in bytes; None where its blob is the file itself."""
        return None if self.span_start is None or self.span_end is None else (self.span_start, self.span_end)


class MailHeadRow(NamedTuple):
    """A mail of a ticket that came in, without its words."""

    id: int
    sender: str
    at: datetime
    internal: bool
    journal_id: int | None


class MailRow(NamedTuple):
    """A mail of a ticket that came in, with what its timeline shows; `text` is "" where there is a `new_text`."""

    id: int
    sender: str
    at: datetime
    internal: bool
    journal_id: int | None
    new_text: str
    new_html: str
    text: str


class OriginalRow(NamedTuple):
    """A mail of a ticket that came in, with the blob that holds it as it came and its size in bytes.

    `raw` are these bytes where `prefetch_mails` has read them; None where they are to be read from the blob.
    """

    id: int
    sender: str
    at: datetime
    new_text: str
    journal_id: int
    blob_id: int
    size: int
    recipients: list[str]
    subject: str
    message_id: str
    raw: bytes | None = None

    @property
    def is_of_several(self) -> bool:
        """Tells whether it is what a mail for several tickets said in this one: the mail itself may name the others."""
        return not self.message_id and not self.recipients


class ConversationRow(NamedTuple):
    """A mail of a ticket that came in and is not all internal, with an event that it caused; "" for none."""

    id: int
    sender: str
    recipients: list[str]
    at: datetime
    new_text: str
    internal: bool
    journal_id: int | None
    event: str
    row: str
    from_state: str | None
    undone: bool
    reason: str
    words: str
    """The requester's words in a mail that opened the ticket for them; "" in all others."""


class RecentMailRow(NamedTuple):
    """A mail of one of a ticket's people, with an event that it caused."""

    sender: str
    at: datetime
    new_text: str
    event: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A mail of a ticket, in or out, to be recorded."""

    direction: Direction
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    at: datetime
    text: str
    new_text: str = ""
    new_html: str = ""
    internal: bool = False
    notice: str = ""
    journal_id: int | None = None


@dataclass(frozen=True, slots=True)
class SeenMessageId:
    """A Message-ID with an address that has seen it."""

    message_id: str
    address: str
    at: datetime


# Statements are built once: building one costs more than running it.
_ADD = insert(messages)
_ADD_WITH_FILES = insert(messages).returning(messages.c.id)
_ALL: Select[Any] = select(*columns_of(messages, MessageRow))
_LIST = _ALL.where(messages.c.ticket_id == bindparam("ticket")).order_by(messages.c.id)
_ADD_FILES = insert(attachments)
_HOLDS = select(exists().where(messages.c.ticket_id == bindparam("ticket"), messages.c.journal_id == bindparam("mail")))
_FILES: Select[Any] = (
    select(messages.c.ticket_id, *columns_of(attachments, AttachmentRow))
    .join(messages, messages.c.id == attachments.c.message_id)
    .where(messages.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(attachments.c.id)
)
_HEADS: Select[Any] = select(*columns_of(messages, MailHeadRow))
_CAME_BEFORE = (
    messages.c.ticket_id == bindparam("ticket"),
    messages.c.direction == "in",
    messages.c.id < bindparam("before"),
)
_MAIL_HEADS = _HEADS.where(*_CAME_BEFORE).order_by(messages.c.id)
_MAILS: Select[Any] = _HEADS.add_columns(
    messages.c.new_text, messages.c.new_html, case((messages.c.new_text == "", messages.c.text), else_="").label("text")
)
# Chosen first: sorting the rows would read the words of them all.
_NEWEST_MAILS = _MAILS.where(
    messages.c.id.in_(
        select(messages.c.id)
        .where(messages.c.ticket_id == bindparam("ticket"), messages.c.direction == "in")
        .order_by(messages.c.id.desc())
        .limit(bindparam("most"))
    )
).order_by(messages.c.id)
_NAMED_MAILS = _MAILS.where(messages.c.id.in_(bindparam("named", expanding=True))).order_by(messages.c.id)
_MAILS_OF_SEVERAL = (
    _MAILS.add_columns(messages.c.ticket_id)
    .where(messages.c.ticket_id.in_(bindparam("tickets", expanding=True)), messages.c.direction == "in")
    .order_by(messages.c.id)
)
_LAST_OF_PEOPLE = (
    _ALL.where(
        messages.c.ticket_id == bindparam("ticket"),
        messages.c.direction == "in",
        messages.c.internal.is_(False),
        func.lower(messages.c.sender).in_(
            select(participants.c.address).where(participants.c.ticket_id == bindparam("ticket"))
        ),
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)
# The newest mails are chosen first: a join of all mails of a long ticket with its events would take the square of it.
# Each of them has an event, so that the outer join, which tells the planner the order, leaves no row without one.
_RECENT: Select[Any] = (
    select(messages.c.sender, messages.c.at, messages.c.new_text, events.c.event, events.c.reason)
    .outerjoin(events, (events.c.journal_id == messages.c.journal_id) & (events.c.ticket_id == messages.c.ticket_id))
    .where(
        messages.c.ticket_id == bindparam("ticket"),
        messages.c.id.in_(
            select(messages.c.id)
            .where(
                messages.c.ticket_id == bindparam("ticket"),
                messages.c.direction == "in",
                func.lower(messages.c.sender).in_(
                    select(participants.c.address).where(participants.c.ticket_id == bindparam("ticket"))
                ),
                messages.c.journal_id.in_(select(events.c.journal_id).where(events.c.ticket_id == bindparam("ticket"))),
            )
            .order_by(messages.c.id.desc())
            .limit(bindparam("most"))
        ),
    )
    .order_by(messages.c.id.desc(), events.c.id)
    .limit(bindparam("most"))
)
_FIRST_TEXTS: Select[Any] = (
    select(tickets.c.reference, messages.c.new_text)
    .join(messages, messages.c.ticket_id == tickets.c.id)
    .where(tickets.c.reference.in_(bindparam("named", expanding=True)), messages.c.direction == "in")
    .order_by(messages.c.id.desc())
)
_FIRST_MAIL = (
    select(messages.c.sender, messages.c.new_text)
    .where(messages.c.ticket_id == bindparam("ticket"), messages.c.direction == "in")
    .order_by(messages.c.id)
    .limit(1)
)
# A mail is internal that holds a note beside an answer: what it said to the requester is public all the same, and so is
# the request that an agent wrote down beside a note.
_PUBLIC = (
    messages.c.ticket_id == bindparam("ticket"),
    messages.c.direction == "in",
    messages.c.internal.is_(False)
    | messages.c.journal_id.in_(
        select(events.c.journal_id).where(
            events.c.ticket_id == bindparam("ticket"),
            events.c.event.in_((Event.REQUEST, *events_that(lambda info: info.text.speaks))),
        )
    ),
)
_CONVERSATION: Select[Any] = (
    select(
        messages.c.id,
        messages.c.sender,
        messages.c.recipients,
        messages.c.at,
        messages.c.new_text,
        messages.c.internal,
        messages.c.journal_id,
        func.coalesce(events.c.event, "").label("event"),
        func.coalesce(events.c.row, "").label("row"),
        events.c.from_state,
        func.coalesce(events.c.undone, false()).label("undone"),
        func.coalesce(events.c.reason, "").label("reason"),
        case((events.c.event == Event.REQUEST, events.c.text), else_="").label("words"),
    )
    .outerjoin(events, (events.c.journal_id == messages.c.journal_id) & (events.c.ticket_id == messages.c.ticket_id))
    .where(
        messages.c.ticket_id == bindparam("ticket"),
        or_(
            messages.c.id.in_(
                select(messages.c.id).where(*_PUBLIC).order_by(messages.c.id.desc()).limit(bindparam("most"))
            ),
            messages.c.id == select(func.min(messages.c.id)).where(*_PUBLIC).scalar_subquery(),
        ),
    )
    .order_by(messages.c.id.desc(), events.c.id)
)
_NOTE_SEEN = keep_first(message_ids)
_FIND = select(message_ids.c.ticket_id).where(message_ids.c.message_id == bindparam("wanted"))
_FIND_SEVERAL = select(message_ids.c.message_id, message_ids.c.ticket_id).where(
    message_ids.c.message_id.in_(bindparam("wanted", expanding=True))
)
# A mail and the notices that it caused have one time: the order of their records tells which came first. An id without
# a record is a foreign one that a mail named beside ours: it stands before that mail. Grouped first, since a join of
# the two tables row by row would take the square of a long ticket.
_PLACES = (
    select(messages.c.ticket_id, messages.c.message_id, func.min(messages.c.id).label("place"))
    .where(messages.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .group_by(messages.c.ticket_id, messages.c.message_id)
    .subquery()
)
_SEEN: Select[Any] = (
    select(
        message_ids.c.ticket_id,
        message_ids.c.message_id,
        message_ids.c.address,
        message_ids.c.seen_at,
        func.coalesce(_PLACES.c.place, 0),
    )
    .outerjoin(
        _PLACES,
        and_(_PLACES.c.ticket_id == message_ids.c.ticket_id, _PLACES.c.message_id == message_ids.c.message_id),
    )
    .where(message_ids.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(message_ids.c.seen_at, func.coalesce(_PLACES.c.place, 0), message_ids.c.message_id)
)
_SIZES: Select[Any] = (
    select(messages.c.ticket_id, func.sum(journal.c.size))
    .join(journal, journal.c.id == messages.c.journal_id)
    .where(messages.c.ticket_id.in_(bindparam("tickets", expanding=True)), messages.c.direction == "in")
    .group_by(messages.c.ticket_id)
)
_ORIGINALS: Select[Any] = (
    select(
        messages.c.ticket_id,
        messages.c.id,
        messages.c.sender,
        messages.c.at,
        messages.c.new_text,
        messages.c.journal_id,
        journal.c.blob_id,
        journal.c.size,
        messages.c.recipients,
        messages.c.subject,
        messages.c.message_id,
    )
    .join(journal, journal.c.id == messages.c.journal_id)
    .where(
        messages.c.ticket_id.in_(bindparam("tickets", expanding=True)),
        messages.c.direction == "in",
        journal.c.oversized.is_(False),
    )
    .order_by(messages.c.id)
)


_BEHIND_ALL = 2**62  # behind the ids of all records that are stored


class _SeenIds:
    """The Message-IDs of a ticket that a transaction has read, with those that it has added.

    Each has the place of its record, 0 where it has none, and its place among the ids that were read.
    """

    def __init__(self, rows: Sequence[tuple[str, str, datetime, int]] = ()) -> None:
        self._seen = {row[0]: SeenMessageId(row[0], row[1], row[2]) for row in rows}
        self._places = {row[0]: (row[3], at) for at, row in enumerate(rows)}
        self._records: dict[str, int] = {}

    def add_records(self, message_ids: Iterable[str]) -> None:
        """Notes records of the ticket's mails that are added."""
        for message_id in message_ids:
            self._records.setdefault(message_id, _BEHIND_ALL + len(self._records))

    def add(self, seen_id: SeenMessageId) -> None:
        """Notes an id that no ticket had."""
        self._seen.setdefault(seen_id.message_id, seen_id)

    def sort(self) -> list[SeenMessageId]:
        """Returns them in the order of `list_seen`."""
        return sorted(self._seen.values(), key=lambda one: (one.at, *self._place(one.message_id)))

    def is_ambiguous(self) -> bool:
        """Tells whether two ids without a record have one time, one of them added: the database sorts their letters."""
        bare = Counter(one.at for one in self._seen.values() if self._place(one.message_id)[0] == 0)
        added = (one for message_id, one in self._seen.items() if message_id not in self._places)
        return any(bare[one.at] > 1 for one in added)

    def _place(self, message_id: str) -> tuple[int, int]:
        place, rank = self._places.get(message_id, (0, 0))
        return place or self._records.get(message_id, 0), rank


_SEEN_IDS = ReadCache[int, _SeenIds](messages, message_ids, of_new=_SeenIds)
_OWNERS = ReadCache[str, int | None](message_ids)  # of Message-IDs: the ticket, None for none
_FILES_OF = ReadCache[int, list[AttachmentRow]](messages, attachments)
# What was read ahead of tickets: no mail that came in is changed once its ticket is locked.
_MAILS_OF = ReadCache[int, list[MailRow]](messages)
_ORIGINALS_OF = ReadCache[int, list[OriginalRow]](messages)
_OF_INCOMING: tuple[ReadCache[int, Any], ...] = (_FILES_OF, _MAILS_OF, _ORIGINALS_OF)
_LARGEST_AHEAD = 64 * 1024  # bytes of an original that is read ahead
_MOST_AHEAD = 8 * 2**20  # bytes of the mails, as they came, of all tickets of which mails are read ahead


def add_messages(connection: Connection, ticket_id: int, rows: Sequence[NewMessage]) -> None:
    """Records mails of a ticket that have no files of their own."""
    seen = _SEEN_IDS.values(connection).pop(ticket_id, None)
    known: dict[ReadCache[int, Any], Any] = {}
    if all(row.direction == "out" for row in rows):
        known = {
            cache: values.pop(ticket_id) for cache in _OF_INCOMING if ticket_id in (values := cache.values(connection))
        }
    write_later(connection, _ADD, [_values(ticket_id, row) for row in rows], touches=(ticket_id,))
    if seen is not None:
        seen.add_records(row.message_id for row in rows)
        known[_SEEN_IDS] = seen
    for cache, value in known.items():
        cache.values(connection)[ticket_id] = value


def add_message_with_files(
    connection: Connection, ticket_id: int, row: NewMessage, files: Sequence[tuple[Attachment, int]]
) -> None:
    """Records a mail of a ticket and its files, each with the blob that holds its bytes."""
    seen = _SEEN_IDS.values(connection).pop(ticket_id, None)
    message = int(execute_touching(connection, _ADD_WITH_FILES, _values(ticket_id, row), (ticket_id,)).scalar_one())
    if seen is not None:
        seen.add_records((row.message_id,))
        _SEEN_IDS.values(connection)[ticket_id] = seen
    connection.execute(_ADD_FILES, [_file_values(message, file, blob) for file, blob in files])


def holds_mail(connection: Connection, ticket_id: int, journal_id: int) -> bool:
    """Tells whether a ticket holds the mail of that row of the journal."""
    return bool(connection.execute(_HOLDS, {"ticket": ticket_id, "mail": journal_id}).scalar())


def rewrite_message(
    connection: Connection, ticket_id: int, row: NewMessage, files: Sequence[tuple[Attachment, int]]
) -> bool:
    """Records a mail anew that could not be read whole, at its place and time; False where the ticket has none of it.

    It must have had no files.
    """
    again = ("subject", "recipients", "message_id", "text", "new_text", "new_html")
    values = {name: value for name, value in _values(ticket_id, row).items() if name in again}
    same = messages.c.ticket_id == ticket_id, messages.c.journal_id == row.journal_id
    message = connection.execute(update(messages).where(*same).values(values).returning(messages.c.id)).scalar()
    if message is not None and files:
        connection.execute(_ADD_FILES, [_file_values(message, file, blob) for file, blob in files])
    return message is not None


def _values(ticket_id: int, row: NewMessage) -> dict[str, object]:
    return {
        "ticket_id": ticket_id,
        "direction": row.direction,
        "sender": row.sender,
        "recipients": list(row.recipients),
        "subject": row.subject,
        "message_id": row.message_id,
        "at": row.at,
        "text": row.text,
        "new_text": row.new_text,
        "new_html": row.new_html,
        "internal": row.internal,
        "notice": row.notice,
        "journal_id": row.journal_id,
    }


def _file_values(message_id: int, file: Attachment, blob: int) -> dict[str, object]:
    """Where the file has a span, the blob is the raw mail."""
    start, end = file.span or (None, None)
    return {
        "message_id": message_id,
        "filename": file.filename,
        "mime_type": file.mime_type,
        "size": file.size,
        "sha256": file.sha256,
        "inline": file.inline,
        "content_id": file.content_id,
        "blob_id": blob,
        "span_start": start,
        "span_end": end,
    }


def list_messages(connection: Connection, ticket_id: int) -> list[MessageRow]:
    """The mails of a ticket, in and out, oldest first."""
    return make_rows(MessageRow._make, connection.execute(_LIST, {"ticket": ticket_id}))


def list_attachments(connection: Connection, ticket_id: int) -> list[AttachmentRow]:
    """Every file of a ticket's mails, oldest first."""
    return _FILES_OF.read(connection, ticket_id, lambda: _read_files(connection, (ticket_id,))[ticket_id])


def _read_files(connection: Connection, ticket_ids: Collection[int]) -> dict[int, list[AttachmentRow]]:
    found: dict[int, list[AttachmentRow]] = {ticket_id: [] for ticket_id in ticket_ids}
    for ticket_id, *row in connection.execute(_FILES, {"tickets": list(ticket_ids)}):
        found[ticket_id].append(AttachmentRow._make(row))
    return found


def last_of_participants(connection: Connection, ticket_id: int) -> MessageRow | None:
    """The last mail that one of the ticket's people wrote to the desk."""
    return make_first(MessageRow._make, connection.execute(_LAST_OF_PEOPLE, {"ticket": ticket_id}))


def list_recent_of_participants(connection: Connection, ticket_id: int, most: int) -> list[RecentMailRow]:
    """Lists what the ticket's people wrote last, newest first: a row for each event of a mail."""
    return make_rows(RecentMailRow._make, connection.execute(_RECENT, {"ticket": ticket_id, "most": most}))


def first_texts(connection: Connection, references: Sequence[str]) -> dict[str, str]:
    """Returns the text of the first mail of each ticket that is named; one without mails is left out."""
    rows = connection.execute(_FIRST_TEXTS, {"named": list(references)})
    return {str(row.reference): str(row.new_text) for row in rows}


def first_text_by(connection: Connection, ticket_id: int, authors: Collection[str]) -> str:
    """Returns the text of a ticket's first mail, "" where none of these addresses wrote it."""
    row = connection.execute(_FIRST_MAIL, {"ticket": ticket_id}).first()
    return str(row.new_text) if row is not None and fold_address(row.sender) in map(fold_address, authors) else ""


def list_told(
    connection: Connection, ticket_ids: Collection[int], notices: Collection[str]
) -> list[tuple[int, str, str, datetime]]:
    """Lists when which of these notices about the tickets went to whom: ticket, notice, folded address, time."""
    query = select(messages.c.ticket_id, messages.c.notice, messages.c.recipients, messages.c.at).where(
        messages.c.ticket_id.in_(ticket_ids), messages.c.direction == "out", messages.c.notice.in_(notices)
    )
    return [
        (ticket, notice, fold_address(address), at)
        for ticket, notice, recipients, at in connection.execute(query)
        for address in recipients
    ]


def list_conversation(connection: Connection, ticket_id: int, most: int) -> list[ConversationRow]:
    """Lists the `most` newest mails that came in and are not all internal, newest first, and at last the oldest one.

    A mail has a row for each event that it caused.
    """
    return make_rows(ConversationRow._make, connection.execute(_CONVERSATION, {"ticket": ticket_id, "most": most}))


def find_copy(connection: Connection, message: MessageRow) -> str:
    """The reference of another ticket that holds the same mail, "" where none does."""
    same = messages.c.journal_id == message.journal_id, messages.c.ticket_id != message.ticket_id
    query = select(tickets.c.reference).join(messages, messages.c.ticket_id == tickets.c.id).where(*same)
    return connection.execute(query.limit(1)).scalar() or "" if message.journal_id is not None else ""


def copy_message(connection: Connection, message: MessageRow, ticket_id: int) -> list[AttachmentRow]:
    """Records a mail of one ticket in another as well; its files there. The bytes stay where they are."""
    values = {name: value for name, value in message._asdict().items() if name != "id"}
    copied = connection.execute(_ADD_WITH_FILES, values | {"ticket_id": ticket_id}).scalar_one()
    kept = [column for column in attachments.columns if column.name not in ("id", "message_id")]
    files = connection.execute(select(*kept).where(attachments.c.message_id == message.id).order_by(attachments.c.id))
    rows = [dict(row) | {"message_id": copied} for row in files.mappings()]
    if rows:
        connection.execute(_ADD_FILES, rows)
    return list_attachments(connection, ticket_id)


def note_seen(
    connection: Connection, ticket_id: int, seen_ids: Iterable[SeenMessageId], *, are_new: bool = False
) -> None:
    """Records which addresses have seen which Message-IDs of a ticket; an id stays with its first ticket.

    `are_new` says that the desk has just made the ids.
    """
    seen, owners = _SEEN_IDS.values(connection).pop(ticket_id, None), _OWNERS.values(connection)
    noted = [replace(one, address=fold_address(one.address)) for one in seen_ids if one.message_id]
    ids = [one.message_id for one in noted]
    known: dict[str, int | None] = {one: None if are_new else owners[one] for one in ids if are_new or one in owners}
    rows = [
        {"message_id": one.message_id, "ticket_id": ticket_id, "address": one.address, "seen_at": one.at}
        for one in noted
    ]
    write_later(connection, for_engine(_NOTE_SEEN, connection), rows, touches={ticket_id, *ids})
    for one in noted:
        if known.get(one.message_id, ticket_id) is None:
            known[one.message_id] = ticket_id
            if seen is not None:
                seen.add(one)
    owners.update(known)
    if seen is not None and len(known) == len(set(ids)):
        _SEEN_IDS.values(connection)[ticket_id] = seen


def list_seen(connection: Connection, ticket_id: int) -> list[SeenMessageId]:
    """Lists the Message-IDs of a ticket with the addresses that have seen them, oldest first.

    Those of one time stand in the order in which their mails were recorded (docs/rules.md#4).
    """
    known = _SEEN_IDS.values(connection)
    seen = known.get(ticket_id)
    if seen is None or seen.is_ambiguous():
        seen = known[ticket_id] = _read_seen(connection, (ticket_id,))[ticket_id]
    return seen.sort()


def prefetch_seen(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Reads what `list_seen` will list of several tickets, in one statement."""
    _SEEN_IDS.values(connection).update(_read_seen(connection, ticket_ids))


def _read_seen(connection: Connection, ticket_ids: Collection[int]) -> dict[int, _SeenIds]:
    rows: dict[int, list[tuple[str, str, datetime, int]]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in connection.execute(_SEEN, {"tickets": list(ticket_ids)}):
        rows[row[0]].append((row[1], row[2], row[3], row[4]))
    return {ticket_id: _SeenIds(found) for ticket_id, found in rows.items()}


def find_by_message_id(connection: Connection, message_id: str) -> int | None:
    """The id of the ticket that a Message-ID belongs to."""
    return _OWNERS.read(connection, message_id, lambda: connection.execute(_FIND, {"wanted": message_id}).scalar())


def prefetch_owners(connection: Connection, message_ids: Iterable[str]) -> None:
    """Finds the tickets of Message-IDs that the transaction will ask for, or add to a ticket, in one statement."""
    if ids := sorted(set(message_ids)):
        rows = connection.execute(_FIND_SEVERAL, {"wanted": ids}).all()
        _OWNERS.values(connection).update({**dict.fromkeys(ids), **{str(row[0]): int(row[1]) for row in rows}})


def list_newest_mails(connection: Connection, ticket_id: int, most: int) -> list[MailRow]:
    """Lists the `most` newest mails of a ticket that came in, oldest first."""
    known = _MAILS_OF.values(connection).get(ticket_id)
    if known is not None:
        return known[-most:]
    return make_rows(MailRow._make, connection.execute(_NEWEST_MAILS, {"ticket": ticket_id, "most": most}))


def list_mail_heads(connection: Connection, ticket_id: int, before: int) -> list[MailHeadRow]:
    """Lists the mails of a ticket that came in and have lower ids than `before`, oldest first, without their words."""
    return make_rows(MailHeadRow._make, connection.execute(_MAIL_HEADS, {"ticket": ticket_id, "before": before}))


def read_mails(connection: Connection, ids: Collection[int]) -> list[MailRow]:
    """Reads mails by their ids, oldest first."""
    return make_rows(MailRow._make, connection.execute(_NAMED_MAILS, {"named": list(ids)}))


def list_originals(connection: Connection, ticket_id: int) -> list[OriginalRow]:
    """The mails that came in, oldest first, with the blob that holds each."""
    known = _ORIGINALS_OF.values(connection).get(ticket_id)
    return _read_originals(connection, (ticket_id,))[ticket_id] if known is None else known


def prefetch_mails(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Reads the mails of tickets that came in, their files and their small originals, in a statement for each.

    For tickets with few mails; those for which there is no room in memory beside the others are left out.
    """
    sizes = {row[0]: int(row[1]) for row in connection.execute(_SIZES, {"tickets": list(ticket_ids)})}
    room, chosen = _MOST_AHEAD, list[int]()
    for ticket_id in sorted(ticket_ids):
        if sizes.get(ticket_id, 0) <= room:
            room -= sizes.get(ticket_id, 0)
            chosen.append(ticket_id)
    if not chosen:
        return
    mails: dict[int, list[MailRow]] = {ticket_id: [] for ticket_id in chosen}
    for *row, ticket_id in connection.execute(_MAILS_OF_SEVERAL, {"tickets": chosen}):
        mails[ticket_id].append(MailRow._make(row))
    _MAILS_OF.values(connection).update(mails)
    _FILES_OF.values(connection).update(_read_files(connection, chosen))
    originals = _read_originals(connection, chosen)
    small = {one.blob_id for rows in originals.values() for one in rows if one.size <= _LARGEST_AHEAD}
    raw = get_blobs(connection, small) if small else {}
    _ORIGINALS_OF.values(connection).update(
        {ticket: [one._replace(raw=raw.get(one.blob_id)) for one in rows] for ticket, rows in originals.items()}
    )


def _read_originals(connection: Connection, ticket_ids: Collection[int]) -> dict[int, list[OriginalRow]]:
    found: dict[int, list[OriginalRow]] = {ticket_id: [] for ticket_id in ticket_ids}
    for ticket_id, *row in connection.execute(_ORIGINALS, {"tickets": list(ticket_ids)}):
        found[ticket_id].append(OriginalRow(*row))
    return found
