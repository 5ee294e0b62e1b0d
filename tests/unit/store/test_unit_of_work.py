"""Rows that wait in a unit of work are written as if each had been written at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from mailgate.store.database import Database
from mailgate.store.messages import NewMessage, SeenMessageId, note_seen
from mailgate.store.outbox import QueuedNotice, count_automatic, count_automatic_to_domain
from mailgate.store.schema import messages, outbox
from mailgate.store.tickets import open_ticket
from mailgate.store.timers import running_timers
from mailgate.store.unit_of_work import UnitOfWork

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    database = Database(database_url)
    database.create()
    with database.write() as found:
        yield found
    database.close()


@pytest.fixture
def batch(connection: Connection) -> UnitOfWork:
    values = {
        "queue": "support", "state": "level1", "level": "level1", "subject": "", "requester": "anna@example.org",
        "requester_name": "", "language": "en", "created_at": NOW, "level_since": NOW,
    }  # fmt: skip
    return UnitOfWork(connection, open_ticket(connection, values, "SUP").id, NOW)


def _put(batch: UnitOfWork, number: int, to: str, *, human: bool = False) -> None:
    message_id = f"{9 - number}@example.com"  # not in the order of the alphabet
    notice = QueuedNotice(
        notice="request",
        number=number,
        lane="level1",
        queue="support",
        recipient=to,
        return_path="",
        message_id=message_id,
        human=human,
        size=4,
        body=b"body",
        ticket_id=1,
    )
    batch.put_notice(notice, NewMessage("out", "desk@example.com", (to,), "", message_id, NOW, "words"))


def _running(batch: UnitOfWork) -> dict[str, datetime]:
    return {row.name: row.due_at for row in running_timers(batch.connection, 1)}


def test_notices_and_records_are_written_in_their_order(batch: UnitOfWork, connection: Connection) -> None:
    batch.add_message(NewMessage("in", "anna@example.org", (), "", "mail@example.org", NOW, "help"))
    _put(batch, 1, "one@example.com")
    _put(batch, 2, "two@example.com")
    assert connection.execute(select(outbox.c.id)).all() == []
    batch.write()
    batch.write()
    sent = connection.execute(select(outbox.c.number, outbox.c.recipient).order_by(outbox.c.id)).all()
    assert [tuple(row) for row in sent] == [(1, "one@example.com"), (2, "two@example.com")]
    ways = connection.execute(select(messages.c.direction).order_by(messages.c.id)).scalars().all()
    assert ways == ["in", "out", "out"]


def test_an_addressee_has_seen_what_waits_for_him(batch: UnitOfWork, connection: Connection) -> None:
    note_seen(
        connection,
        1,
        (SeenMessageId("x@example.org", "One@example.com", NOW), SeenMessageId("y@example.org", "b@c.de", NOW)),
    )
    _put(batch, 1, "one@example.com")
    _put(batch, 2, "two@example.com")
    _put(batch, 3, "ONE@example.com")
    waiting = batch.seen_by(["one@example.com"])
    assert waiting == ["x@example.org", "8@example.com", "6@example.com"]
    batch.write()
    assert batch.seen_by(["one@example.com"]) == waiting


def test_of_one_time_a_mail_stands_before_what_it_caused_and_behind_what_came_before(
    batch: UnitOfWork, connection: Connection
) -> None:
    """Rule 4: the order of the records decides, and no letter of an id."""
    for number, message_id in enumerate(("z@example.org", "A@example.org", "0@example.org"), start=1):
        note_seen(connection, 1, (SeenMessageId(message_id, "anna@example.org", NOW),))
        batch.add_message(NewMessage("in", "anna@example.org", (), "", message_id, NOW, "help"))
        _put(batch, number, "anna@example.org")
        if number < 3:
            batch.write()
    order = ["z@example.org", "8@example.com", "A@example.org", "7@example.com", "0@example.org", "6@example.com"]
    assert batch.seen_by(["anna@example.org"]) == order
    batch.write()
    assert batch.seen_by(["anna@example.org"]) == order


def test_an_id_beside_ours_stands_before_the_mail_that_named_it(batch: UnitOfWork, connection: Connection) -> None:
    """A relay had replaced the id of a notice; the mail that answers it comes later."""
    seen = [SeenMessageId(one, "anna@example.org", NOW) for one in ("z-relay@example.net", "mail@example.org")]
    note_seen(connection, 1, seen)
    batch.add_message(NewMessage("in", "anna@example.org", (), "", "mail@example.org", NOW, "help"))
    assert batch.seen_by(["anna@example.org"]) == ["z-relay@example.net", "mail@example.org"]
    batch.write()
    assert batch.seen_by(["anna@example.org"]) == ["z-relay@example.net", "mail@example.org"]


def test_breakers_count_what_waits(batch: UnitOfWork, connection: Connection) -> None:
    _put(batch, 1, "one@example.com", human=True)
    batch.write_automatic()
    assert connection.execute(select(outbox.c.id)).all() == []
    _put(batch, 2, "one@example.com")
    batch.write_automatic()
    assert count_automatic(connection, "one@example.com", NOW - timedelta(hours=1)) == 1


def test_a_breaker_counts_an_address_in_whatever_case_it_was_written(batch: UnitOfWork, connection: Connection) -> None:
    """A forger who varies the case of an address gets its owner no more mails than one who does not."""
    for number, address in enumerate(("one@example.com", "One@example.com", "ONE@Example.COM"), start=1):
        _put(batch, number, address)
    batch.write_automatic()
    since = NOW - timedelta(hours=1)
    assert count_automatic(connection, "oNe@example.com", since) == 3
    assert count_automatic_to_domain(connection, "EXAMPLE.com", since) == 3


def test_timers_end_as_the_last_word_says(batch: UnitOfWork) -> None:
    for name in ("ended", "begun anew", "goes on"):
        batch.start_timer(name, NOW)
    batch.write()
    batch.stop_timer("ended")
    batch.stop_timer("begun anew")
    batch.start_timer("begun anew", LATER)
    batch.start_timer("short", LATER)
    batch.stop_timer("short")
    batch.write()
    assert _running(batch) == {"begun anew": LATER, "goes on": NOW}


def test_all_timers_end_but_those_begun_afterwards(batch: UnitOfWork) -> None:
    batch.start_timer("old", NOW)
    batch.write()
    batch.start_timer("short", NOW)
    batch.stop_all_timers()
    batch.start_timer("new", LATER)
    batch.write()
    assert _running(batch) == {"new": LATER}
