"""Rows that wait are written before anything could miss them, and dropped with what they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Executable, Table, delete, event, exists, func, select, text, update
from sqlalchemy.exc import IntegrityError

from mailgate.core.mail import Address, Attachment, Envelope
from mailgate.store import messages as store_messages
from mailgate.store.blobs import put_blob
from mailgate.store.database import Database
from mailgate.store.events import NewEvent, add_event, list_events, prefetch_events
from mailgate.store.journal import (
    JournalEntry,
    JournalRow,
    append,
    awaits,
    is_duplicate,
    note_fingerprint,
    prefetch_journal,
    take_fresh,
)
from mailgate.store.messages import (
    AttachmentRow,
    MailRow,
    NewMessage,
    OriginalRow,
    SeenMessageId,
    add_message_with_files,
    add_messages,
    find_by_message_id,
    list_attachments,
    list_newest_mails,
    list_originals,
    list_seen,
    note_seen,
    prefetch_mails,
    prefetch_owners,
)
from mailgate.store.outbox import (
    QueuedNotice,
    count_automatic,
    count_automatic_of_ticket,
    prefetch_counts,
    prefetch_counts_of_tickets,
    put_notices,
)
from mailgate.store.people import (
    add_participants,
    get_contact,
    list_participants,
    note_contact,
    prefetch_contacts,
)
from mailgate.store.schema import (
    contacts,
    events,
    journal,
    message_ids,
    messages,
    outbox,
    participants,
    tickets,
    timers,
)
from mailgate.store.table_use import TableUse, find_named_tables, find_tables
from mailgate.store.tickets import (
    Ticket,
    earlier_tickets,
    get_ticket,
    lock_ticket,
    open_ticket,
    prefetch_first_tickets,
    prefetch_requesters,
    prefetch_tickets,
    save_ticket,
)
from mailgate.store.timers import prefetch_timers, running_timers, start_timers, stop_timers
from mailgate.store.work_queue import DONE, LostLease, finish_later, release

pytestmark = pytest.mark.postgresql

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
HOUR = timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")
_VALUES: dict[str, Any] = {
    "queue": "support", "state": "level1", "level": "level1", "subject": "", "requester": "anna@example.org",
    "requester_name": "", "language": "en", "created_at": NOW, "level_since": NOW,
}  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.create()
    yield database
    database.close()


@pytest.fixture
def statements(database: Database) -> list[str]:
    """The statements that were sent, each with how many rows it had."""
    sent: list[str] = []

    def note(_connection: Connection, _cursor: object, words: str, rows: Any, _context: object, many: bool) -> None:
        sent.append(f"{' '.join(words.split()[:3])} x{len(rows) if many else 1}")

    event.listen(database.engine, "before_cursor_execute", note)
    return sent


def _open(connection: Connection) -> Ticket:
    return open_ticket(connection, _VALUES, "SUP")


def _notice(ticket: Ticket, number: int, to: str = "anna@example.org", *, human: bool = False) -> QueuedNotice:
    return QueuedNotice(
        "receipt", number, "requester", "support", to, "", f"{ticket.id}.{number}@example.com", human, 4, b"body",
        ticket_id=ticket.id, reference=ticket.reference,
    )  # fmt: skip


def _message(message_id: str, at: datetime = NOW) -> NewMessage:
    return NewMessage("in", "anna@example.org", (), "", message_id, at, "words")


def _event(words: str = "") -> NewEvent:
    return NewEvent(NOW, "note", None, "level1", words, "anna@example.org")


def _add_mail(connection: Connection) -> JournalRow:
    append(connection, JournalEntry(Envelope(None, (), "smtp", NOW), b"raw", "m1@example.org"))
    return take_fresh(connection, NOW, 1, HOUR)[0]


_WRITES: dict[Table, Callable[[Connection, Ticket], None]] = {
    messages: lambda connection, ticket: add_messages(connection, ticket.id, [_message("a@example.org")]),
    message_ids: lambda connection, ticket: note_seen(
        connection, ticket.id, [SeenMessageId("a@example.org", "anna@example.org", NOW)]
    ),
    events: lambda connection, ticket: add_event(connection, ticket.id, _event()),
    outbox: lambda connection, ticket: put_notices(connection, [_notice(ticket, 1)], NOW),
    participants: lambda connection, ticket: add_participants(connection, ticket.id, [Address("", "b@c.de")], 5),
    contacts: lambda connection, _ticket: note_contact(connection, "b@c.de", language="fr"),
    timers: lambda connection, ticket: start_timers(connection, ticket.id, {"remind": LATER}, NOW),
}


@pytest.mark.parametrize("table", _WRITES, ids=lambda table: str(table.name))
@pytest.mark.parametrize(
    "read",
    [
        lambda table: select(func.count()).select_from(table),
        lambda table: select(select(func.count()).select_from(table.alias()).scalar_subquery()),
        lambda table: select(exists().where(table.c[table.c.keys()[0]].is_not(None))),
        lambda table: select(func.count()).select_from(select(table).cte("found")),
        lambda table: text(f"SELECT count(*) FROM {table.name}"),
    ],
    ids=["select", "subquery", "exists", "cte", "text"],
)
def test_whoever_reads_a_table_finds_the_rows_that_waited(
    database: Database, statements: list[str], table: Table, read: Callable[[Table], Executable]
) -> None:
    with database.write() as connection:
        ticket = _open(connection)
        del statements[:]
        _WRITES[table](connection, ticket)
        assert statements == []
        assert connection.execute(read(table)).scalar() == 1
    with database.read() as connection:
        assert connection.execute(read(table)).scalar() == 1


def test_a_change_of_a_ticket_is_read_and_its_version_counted(database: Database) -> None:
    with database.write() as connection:
        ticket = _open(connection)
        save_ticket(connection, ticket, replace(ticket, subject="Printer"))
        found = get_ticket(connection, ticket.id)
        assert found is not None
        assert (found.subject, found.version) == ("Printer", 1)


def test_rows_of_many_tickets_are_written_by_one_statement_in_their_order(
    database: Database, statements: list[str]
) -> None:
    with database.write() as connection:
        opened = [_open(connection) for _ in range(3)]
        del statements[:]
        for ticket in opened:
            add_event(connection, ticket.id, _event(f"first of {ticket.id}"))
            put_notices(connection, [_notice(ticket, 1), _notice(ticket, 2)], NOW)
            add_event(connection, ticket.id, _event(f"second of {ticket.id}"))
            stop_timers(connection, ticket.id, ["remind"])
            start_timers(connection, ticket.id, {"remind": LATER}, NOW)
    assert sorted(statements) == ["INSERT INTO events x6", "INSERT INTO outbox x6", "INSERT INTO timers x3",
                                  "UPDATE timers SET x3"]  # fmt: skip
    with database.read() as connection:
        reasons = connection.execute(select(events.c.reason).order_by(events.c.id)).scalars().all()
        assert reasons == [f"{word} of {number}" for number in (1, 2, 3) for word in ("first", "second")]
        sent = connection.execute(select(outbox.c.ticket_id, outbox.c.number).order_by(outbox.c.id)).all()
        assert [tuple(row) for row in sent] == [(ticket, number) for ticket in (1, 2, 3) for number in (1, 2)]


def test_what_touches_the_same_row_keeps_its_order(database: Database) -> None:
    with database.write() as connection:
        first, second = _open(connection), _open(connection)
        for ticket in (first, second, first):
            start_timers(connection, ticket.id, {"remind": LATER}, NOW)
            stop_timers(connection, ticket.id, ["remind"])
        start_timers(connection, second.id, {"remind": NOW}, NOW)
        note_contact(connection, "b@c.de", language="fr")
        note_contact(connection, "b@c.de", known=True)
        note_contact(connection, "b@c.de", language="de")
    with database.read() as connection:
        assert running_timers(connection, first.id) == []
        assert [row.due_at for row in running_timers(connection, second.id)] == [NOW]
        contact = get_contact(connection, "b@c.de")
        assert contact is not None
        assert (contact.language, contact.known) == ("de", True)


def test_a_savepoint_that_is_rolled_back_drops_its_own_rows_only(database: Database) -> None:
    with database.write() as connection:
        ticket = _open(connection)
        add_event(connection, ticket.id, _event("before"))
        with suppress(ZeroDivisionError), connection.begin_nested():
            add_event(connection, ticket.id, _event("undone"))
            with connection.begin_nested():
                add_event(connection, ticket.id, _event("undone with it"))
            raise ZeroDivisionError
        savepoint = connection.begin_nested()
        add_event(connection, ticket.id, _event("undone by hand"))
        savepoint.rollback()
        with connection.begin_nested():
            add_event(connection, ticket.id, _event("inside"))
        add_event(connection, ticket.id, _event("after"))
        assert [row.reason for row in list_events(connection, ticket.id)] == ["before", "inside", "after"]


def test_an_exception_leaves_nothing(database: Database) -> None:
    with suppress(ZeroDivisionError), database.write() as connection:
        add_event(connection, _open(connection).id, _event())
        raise ZeroDivisionError
    with database.write() as connection:
        assert connection.scalar(select(func.count()).select_from(events)) == 0


def _break(connection: Connection) -> None:
    note_seen(connection, 999, [SeenMessageId("a@example.org", "anna@example.org", NOW)])  # there is no such ticket


def _break_in_savepoint(connection: Connection, ticket: Ticket) -> None:
    with connection.begin_nested():
        add_event(connection, ticket.id, _event("undone"))
        _break(connection)


def _catch_the_error(database: Database) -> None:
    with database.write() as connection:
        _open(connection)
        _break(connection)
        with suppress(IntegrityError), connection.begin_nested():
            pass


def _finish(database: Database, row: JournalRow) -> None:
    with database.write() as connection:
        _open(connection)
        finish_later(connection, journal, row, touches=(row.id,))


def test_an_error_of_a_row_that_waits_is_that_of_its_savepoint(database: Database) -> None:
    with database.write() as connection:
        ticket = _open(connection)
        with pytest.raises(IntegrityError):
            _break_in_savepoint(connection, ticket)
        add_event(connection, ticket.id, _event("kept"))
    with database.read() as connection:
        assert [row.reason for row in list_events(connection, ticket.id)] == ["kept"]


def test_what_could_not_be_written_is_not_committed_though_the_error_is_caught(database: Database) -> None:
    with pytest.raises(IntegrityError):
        _catch_the_error(database)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tickets)) == 0


def test_a_lost_lease_undoes_the_transaction(database: Database) -> None:
    with database.write() as connection:
        row = _add_mail(connection)
    with pytest.raises(LostLease):
        _finish(database, row._replace(attempts=7))
    with database.write() as connection:
        assert connection.scalar(select(func.count()).select_from(tickets)) == 0
        finish_later(connection, journal, row, touches=(row.id,))
    with database.read() as connection:
        assert connection.scalar(select(journal.c.state)) == DONE


def test_outside_a_write_transaction_rows_are_written_at_once(database: Database) -> None:
    with database.engine.begin() as connection:
        note_contact(connection, "b@c.de", language="fr")
        assert connection.scalar(select(contacts.c.language)) == "fr"


# -- what was read ----------------------------------------------------------------------------------------------------


def test_a_contact_is_read_once_and_stays_as_it_is_written(database: Database, statements: list[str]) -> None:
    with database.write() as connection:
        note_contact(connection, "old@example.org", language="fr", blocked=True)
    with database.write() as connection:
        del statements[:]
        prefetch_contacts(connection, ["Old@example.org", "new@example.org"])
        note_contact(connection, "new@example.org", language="de")
        note_contact(connection, "old@example.org", known=True)
        new, old = get_contact(connection, "new@example.org"), get_contact(connection, "old@example.org")
        assert len(statements) == 1
        connection.execute(update(contacts).values(language="nl"))
        connection.execute(update(contacts).values(language="pl"))
        assert getattr(get_contact(connection, "new@example.org"), "language", "") == "pl"
        connection.execute(update(contacts).values(language="de").where(contacts.c.address == "new@example.org"))
        connection.execute(update(contacts).values(language="fr").where(contacts.c.address == "old@example.org"))
        assert (get_contact(connection, "new@example.org"), get_contact(connection, "old@example.org")) == (new, old)
        note_contact(connection, "old@example.org", blocked_at=NOW)
        assert getattr(get_contact(connection, "old@example.org"), "blocked_at", None) == NOW


def test_a_savepoint_that_is_rolled_back_drops_what_was_read(database: Database) -> None:
    with database.write() as connection:
        assert get_contact(connection, "b@c.de") is None
        with suppress(ZeroDivisionError), connection.begin_nested():
            note_contact(connection, "b@c.de", language="fr")
            assert get_contact(connection, "b@c.de") is not None
            raise ZeroDivisionError
        assert get_contact(connection, "b@c.de") is None


def test_copies_within_a_transaction_are_found(database: Database) -> None:
    with database.write() as connection:
        first = _add_mail(connection)
        second = _add_mail(connection)
        prefetch_journal(connection, ["looks"], ["m1@example.org"])
        assert not is_duplicate(connection, first.id, "looks")
        note_fingerprint(connection, first.id, "looks")
        assert is_duplicate(connection, second.id, "looks")
        assert awaits(connection, second.id, ["m1@example.org"], HOUR, NOW)
        finish_later(connection, journal, first, touches=(first.id, "m1@example.org"))
        assert not awaits(connection, second.id, ["m1@example.org"], HOUR, NOW)
        release(connection, journal, second, LATER)


def test_notices_of_a_transaction_count(database: Database, statements: list[str]) -> None:
    since = NOW - HOUR
    with database.write() as connection:
        old = _open(connection)
        put_notices(connection, [_notice(old, 1), _notice(old, 2, human=True)], since - HOUR)
        put_notices(connection, [_notice(old, 3)], NOW)
    with database.write() as connection:
        prefetch_counts(connection, ["ANNA@example.org", "new@example.org"], since)
        ticket = _open(connection)
        del statements[:]
        put_notices(connection, [_notice(ticket, 1), _notice(ticket, 2, human=True)], NOW)
        put_notices(connection, [_notice(ticket, 3, "new@example.org"), _notice(ticket, 4, "New@example.org")], NOW)
        assert count_automatic(connection, "anna@example.org", since, most=5) == 2
        assert count_automatic(connection, "new@example.org", since, most=5) == 2
        assert count_automatic_of_ticket(connection, ticket.id, "requester", since, most=9) == 3
        assert count_automatic_of_ticket(connection, ticket.id, "level1", since, most=9) == 0
        assert statements == []
        assert count_automatic_of_ticket(connection, ticket.id, "requester", since, most=3) == 3
        assert count_automatic_of_ticket(connection, old.id, "requester", since, most=9) == 1
        assert count_automatic(connection, "anna@example.org", since - 2 * HOUR) == 3
        assert count_automatic(connection, "anna@example.org", since, most=3) == 2
        assert count_automatic(connection, "anna@example.org", since, most=9) == 2
        assert count_automatic(connection, "anna@example.org", NOW + HOUR, most=9) == 2  # perhaps older ones
        assert count_automatic(connection, "anna@example.org", NOW + HOUR) == 0
        connection.execute(delete(outbox))
        assert count_automatic(connection, "new@example.org", since, most=5) == 0


def test_notices_to_an_address_with_other_letters_are_counted_as_the_database_folds_them(database: Database) -> None:
    since, address, other = NOW - HOUR, "J\u00dcRGEN@example.org", "j\u00fcrgen@example.org"
    with database.write() as connection:
        put_notices(connection, [_notice(_open(connection), 1, address)], NOW)
    with database.write() as connection:
        prefetch_counts(connection, [address], since)
        assert count_automatic(connection, other, since, most=5) == count_automatic(connection, other, since)
        assert count_automatic(connection, address, since, most=5) == 1
        put_notices(connection, [_notice(_open(connection), 1, address)], NOW)
        assert count_automatic(connection, address, since, most=5) == 2


def test_ids_that_were_seen_stand_as_the_database_sorts_them(database: Database, statements: list[str]) -> None:
    with database.write() as connection:
        old = _open(connection)
        note_seen(connection, old.id, [SeenMessageId("theirs@example.org", "anna@example.org", NOW)])
    with database.write() as connection:
        prefetch_owners(connection, ["theirs@example.org", "mail@example.org", "z@example.org", "foreign@example.org"])
        ticket = _open(connection)
        del statements[:]
        anna = "Anna@example.org"
        note_seen(connection, ticket.id, [SeenMessageId("foreign@example.org", anna, NOW)])
        note_seen(connection, ticket.id, [SeenMessageId("theirs@example.org", anna, NOW)])  # of another ticket
        add_messages(connection, ticket.id, [_message("z@example.org"), _message("mail@example.org")])
        note_seen(connection, ticket.id, [SeenMessageId("mail@example.org", anna, NOW)])
        note_seen(connection, ticket.id, [SeenMessageId("z@example.org", anna, NOW)])
        add_messages(connection, ticket.id, [_message("a@example.com", LATER)])
        note_seen(connection, ticket.id, [SeenMessageId("a@example.com", anna, NOW)], are_new=True)
        found = list_seen(connection, ticket.id)
        assert find_by_message_id(connection, "mail@example.org") == ticket.id
        assert find_by_message_id(connection, "theirs@example.org") == old.id
        assert statements == []
    assert [one.message_id for one in found] == [
        "foreign@example.org", "z@example.org", "mail@example.org", "a@example.com",
    ]  # fmt: skip
    with database.read() as connection:
        assert list_seen(connection, ticket.id) == found


def test_ids_of_which_nothing_is_known_are_read(database: Database) -> None:
    with database.write() as connection:
        ticket = _open(connection)
        seen = [SeenMessageId(f"{letter}@example.org", "anna@example.org", NOW) for letter in "ba"]
        note_seen(connection, ticket.id, seen)
        prefetch_owners(connection, ["d@example.org", "c@example.org"])
        assert [one.message_id[0] for one in list_seen(connection, ticket.id)] == ["a", "b"]
        note_seen(connection, ticket.id, [SeenMessageId("c@example.org", "anna@example.org", NOW)])
        assert [one.message_id[0] for one in list_seen(connection, ticket.id)] == ["a", "b", "c"]


def test_what_was_read_before_a_lock_is_read_again(database: Database) -> None:
    with database.write() as connection:
        ticket = _open(connection)
    with database.write() as connection:
        assert not list_participants(connection, ticket.id)
        assert not list_events(connection, ticket.id)
        _write_behind_its_back(connection, ticket)
        locked = lock_ticket(connection, ticket.id)
        assert [row.reason for row in list_events(connection, ticket.id)] == ["by another"]
        save_ticket(connection, locked, replace(locked, subject="Printer", level_since=LATER.astimezone(PARIS)))
        again = lock_ticket(connection, ticket.id)
        assert (again.subject, again.version, again.level_since) == ("Printer", 1, LATER)
        assert again.level_since.tzinfo is UTC
    with database.read() as connection:
        assert get_ticket(connection, ticket.id) == again


def _write_behind_its_back(connection: Connection, ticket: Ticket) -> None:
    """Adds an event behind the back of this connection, as another worker does on PostgreSQL."""
    values = {"ticket": ticket.id, "at": NOW if connection.dialect.name == "postgresql" else "2026-11-23 08:00:00"}
    cursor = connection.connection.cursor()
    columns = '(ticket_id, at, event, to_state, reason, "by", "row")'
    marks = "%(ticket)s, %(at)s" if connection.dialect.name == "postgresql" else ":ticket, :at"
    cursor.execute(f"INSERT INTO events {columns} VALUES ({marks}, 'note', 'level1', 'by another', '', '')", values)
    cursor.close()


def test_a_mail_that_waits_no_longer_may_have_a_ticket(database: Database) -> None:
    with database.write() as connection:
        mail, ticket = _add_mail(connection), _open(connection)
        prefetch_owners(connection, ["m1@example.org"])
        connection.execute(update(journal).values(state=DONE))
        connection.connection.cursor().execute(
            f"INSERT INTO message_ids VALUES ('m1@example.org', {ticket.id}, 'b@c.de', '2026-11-23 08:00:00')"
        )
        assert not awaits(connection, mail.id + 1, ["m1@example.org"], HOUR, NOW)
        assert find_by_message_id(connection, "m1@example.org") == ticket.id


def test_the_first_ticket_of_a_requester_has_none_before_it(database: Database, statements: list[str]) -> None:
    with database.write() as connection:
        prefetch_requesters(connection, ["anna@example.org", "ben@example.org"])
        first = _open(connection)
        del statements[:]
        assert earlier_tickets(connection, first, ["support"], 5) == []
        assert statements == []
        save_ticket(connection, replace(first, reference=""), first)
        second = _open(connection)
        save_ticket(connection, replace(second, reference=""), second)
        assert [one.reference for one in earlier_tickets(connection, second, ["support"], 5)] == ["SUP-1"]
        bens = open_ticket(connection, {**_VALUES, "requester": "ben@example.org"}, "SUP")
        save_ticket(connection, second, replace(second, requester="ben@example.org"))
        assert [one.reference for one in earlier_tickets(connection, bens, ["support"], 5)] == ["SUP-2"]
    with database.write() as connection:
        prefetch_requesters(connection, ["anna@example.org"])
        assert [one.reference for one in earlier_tickets(connection, _open(connection), ["support"], 5)] == ["SUP-1"]


def test_the_first_of_several_tickets_are_found_at_once(database: Database, statements: list[str]) -> None:
    with database.write() as connection:
        opened = [_open(connection), _open(connection)]
        opened.append(open_ticket(connection, {**_VALUES, "requester": "ben@example.org"}, "SUP"))
        for one in opened:
            save_ticket(connection, replace(one, reference=""), one)
    with database.write() as connection:
        first, second, bens = prefetch_tickets(connection, [one.id for one in opened])
        prefetch_first_tickets(connection, [one.id for one in opened])
        save_ticket(connection, first, replace(first, notices=1))
        save_ticket(connection, bens, replace(bens, notices=1))
        del statements[:]
        assert earlier_tickets(connection, first, ["support"], 5) == []
        assert earlier_tickets(connection, bens, ["support"], 5) == []
        assert statements == []
        assert [one.reference for one in earlier_tickets(connection, second, ["support"], 5)] == ["SUP-1"]


def test_notices_of_several_tickets_are_counted_at_once(database: Database, statements: list[str]) -> None:
    with database.write() as connection:
        ticket, other = _open(connection), _open(connection)
        put_notices(connection, [_notice(ticket, 1), _notice(ticket, 2, human=True)], NOW)
        put_notices(connection, [_notice(ticket, 3)], NOW - 2 * HOUR)
    with database.write() as connection:
        prefetch_counts_of_tickets(connection, [ticket.id, other.id], NOW - HOUR)
        put_notices(connection, [_notice(other, 1)], NOW)
        del statements[:]
        counts = [
            count_automatic_of_ticket(connection, one.id, "requester", NOW - HOUR, most=1) for one in (ticket, other)
        ]
        assert (counts, statements) == ([1, 1], [])
        assert count_automatic_of_ticket(connection, ticket.id, "level1", NOW - HOUR, most=1) == 0
        assert count_automatic_of_ticket(connection, ticket.id, "requester", NOW - 3 * HOUR, most=9) == 2
        assert len(statements) > 0, "of a longer time nothing was read"
        prefetch_counts_of_tickets(connection, [ticket.id], NOW - 3 * HOUR)
        assert count_automatic_of_ticket(connection, ticket.id, "requester", NOW - HOUR, most=2) == 1


def test_mails_that_were_read_ahead_are_those_of_the_ticket(database: Database, statements: list[str]) -> None:
    file = Attachment("a.txt", "text/plain", 3, "digest", inline=False, content=b"abc")
    with database.write() as connection:
        ticket, other = _open(connection), _open(connection)
        mail = _add_mail(connection)
        first = replace(_message("a@example.org"), new_text="new", new_html="<p>new</p>", journal_id=mail.id)
        add_message_with_files(connection, ticket.id, first, [(file, put_blob(connection, b"abc"))])
        add_messages(connection, ticket.id, [replace(_message("b@example.org"), direction="out")])
        add_messages(connection, ticket.id, [_message("c@example.org")])
    with database.write() as connection:
        read = _read_incoming(connection, ticket.id)
        assert [(one.new_text, one.new_html, one.text) for one in read[0]] == [
            ("new", "<p>new</p>", ""),
            ("", "", "words"),
        ]
        prefetch_tickets(connection, [ticket.id, other.id])
        prefetch_mails(connection, [ticket.id, other.id])
        add_messages(connection, ticket.id, [replace(_message("d@example.org"), direction="out")])
        del statements[:]
        ahead = _read_incoming(connection, ticket.id)
        assert [one.raw for one in ahead[1]] == [b"raw"]
        assert (ahead[0], [one._replace(raw=None) for one in ahead[1]], ahead[2]) == read
        assert _read_incoming(connection, other.id) == ([], [], [])
        assert list_newest_mails(connection, ticket.id, 1) == read[0][1:]
        assert statements == []
        add_messages(connection, ticket.id, [_message("e@example.org")])
        assert len(list_newest_mails(connection, ticket.id, 9)) == 3


def test_mails_of_large_tickets_are_not_read_ahead(
    database: Database, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as connection:
        opened = [_open(connection) for _ in range(2)]
        for one in opened:
            mail = _add_mail(connection)
            add_messages(connection, one.id, [replace(_message(f"{one.id}@example.org"), journal_id=mail.id)])
    monkeypatch.setattr(store_messages, "_MOST_AHEAD", len(b"raw") + 1)
    with database.write() as connection:
        prefetch_mails(connection, [one.id for one in opened])
        del statements[:]
        assert [len(list_newest_mails(connection, one.id, 9)) for one in opened] == [1, 1]
        assert len(statements) == 1, "of the first there was room, of the second not"


def _read_incoming(
    connection: Connection, ticket_id: int
) -> tuple[list[MailRow], list[OriginalRow], list[AttachmentRow]]:
    return (
        list_newest_mails(connection, ticket_id, 9),
        list_originals(connection, ticket_id),
        list_attachments(connection, ticket_id),
    )


def test_histories_and_timers_stay_as_they_are_written(database: Database, statements: list[str]) -> None:
    with database.write() as connection:
        ticket = _open(connection)
        add_event(connection, ticket.id, _event("old"))
        start_timers(connection, ticket.id, {"remind": LATER, "update": NOW}, NOW)
    with database.write() as connection:
        prefetch_events(connection, [ticket.id])
        prefetch_timers(connection, [ticket.id])
        del statements[:]
        facts = {"until": None, "levels": ["a", "b"]}
        added = NewEvent(LATER.astimezone(PARIS), "note", None, "level1", "new", "b@c.de", text="x", facts=facts)
        add_event(connection, ticket.id, added)
        stop_timers(connection, ticket.id, ["update"])
        start_timers(connection, ticket.id, {"overdue": (NOW + HOUR / 2).astimezone(PARIS)}, NOW)
        history, running = list_events(connection, ticket.id), running_timers(connection, ticket.id)
        assert statements == []
        assert [row.name for row in running] == ["overdue", "remind"]
    with database.read() as connection:
        assert running_timers(connection, ticket.id) == running
        stored = list_events(connection, ticket.id)
        assert [row._replace(id=0) for row in stored] == [row._replace(id=0) for row in history]
        assert [row.id for row in stored] == sorted(row.id for row in stored)


# -- tables of a statement --------------------------------------------------------------------------------------------


def _sets(use: TableUse) -> tuple[set[str], set[str]]:
    return set(use.used), set(use.written)


def test_the_tables_of_a_statement_are_found() -> None:
    chosen = select(journal.c.id).cte("chosen")
    joined = update(tickets).where(tickets.c.id.in_(select(chosen.c.id)), exists().where(events.c.id == 1))
    assert _sets(find_tables(joined)) == ({"tickets", "journal", "events"}, {"tickets"})
    copied = messages.insert().from_select(["text"], select(contacts.c.address).join(outbox, outbox.c.id > 0))
    assert _sets(find_tables(copied)) == ({"messages", "contacts", "outbox"}, {"messages"})
    assert _sets(find_tables(select(func.now()))) == (set(), set())
    assert find_tables(select(tickets.c.id).where(text("id IN (SELECT ticket_id FROM links)"))).used == {
        "tickets", "links",
    }  # fmt: skip
    removed = find_named_tables("DELETE FROM sqlite_sequence WHERE name = 'tickets'")
    assert _sets(removed) == ({"tickets"}, {"tickets"})
    assert _sets(find_named_tables("select 1 from holds")) == ({"holds"}, set())
