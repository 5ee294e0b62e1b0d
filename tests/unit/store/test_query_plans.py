"""Queries of tables that only grow use an index: no query scans everything that ever came in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from mailgate.store.events import NewEvent, add_event, list_held_back
from mailgate.store.messages import list_conversation, list_recent_of_participants
from mailgate.store.queries.listings import QUEUES, count_levels, count_tickets, measure_load, received_mails
from mailgate.store.queries.progress import (
    count_mails,
    count_notices,
    count_steps,
    list_reply_times,
    list_settled,
    list_states,
    list_waiting,
)
from mailgate.store.schema import journal
from tests.support.desk import MONDAY, TestDesk

Look = Callable[[Connection], object]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    yield desk
    desk.close()


def _measure(connection: Connection) -> None:
    for name in QUEUES:
        measure_load(connection, name, MONDAY, timedelta(minutes=5))
    count_tickets(connection)
    count_levels(connection, MONDAY)


def _count_progress(connection: Connection) -> None:
    count_mails(connection, 5)
    count_notices(connection, 5)
    count_steps(connection, 5)
    list_waiting(connection, journal)
    list_states(connection, journal, [1])
    list_settled(connection, 5, [1])
    list_reply_times(connection, [1])


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(_measure, id="the health"),
        pytest.param(_count_progress, id="the counters"),
        pytest.param(lambda connection: received_mails(connection, 1), id="the mails of a ticket"),
        pytest.param(lambda connection: list_conversation(connection, 1, 20), id="the conversation of a ticket"),
        pytest.param(
            lambda connection: list_recent_of_participants(connection, 1, 30), id="the newest mails of a ticket"
        ),
        pytest.param(lambda connection: list_held_back(connection, "a@example.com", MONDAY), id="what was held back"),
    ],
)
def test_nothing_is_read_from_end_to_end(desk: TestDesk, look: Look) -> None:
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    with desk.desk.database.read() as connection:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            look(connection)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        plans = [
            row[3]
            for statement, values in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
        ]
    assert any(re.search(r"USING (COVERING )?INDEX", plan) for plan in plans)
    assert [
        plan
        for plan in plans
        if re.match(r"SCAN (journal|outbox|events|messages|tickets)(?! USING (COVERING )?INDEX)", plan)
    ] == []


def test_what_was_held_back_is_told_to_whom_it_was_held_back_from(desk: TestDesk) -> None:
    desk.send(desk.mail("anna@example.org", "Help.", subject="Help"))
    readers = ("a_b@example.com", "axb@example.com", "A_B@example.com", "%@example.com")
    with desk.desk.database.write() as connection:
        for reader in readers:
            reason = f"warning to {reader} not sent: {reader} got 60 automatic mails within an hour"
            add_event(connection, 1, NewEvent(MONDAY, "breaker", "level1", "level1", reason, "desk", text="warning"))
        for reader in readers:
            assert len(list_held_back(connection, reader, MONDAY)) == 1
        assert list_held_back(connection, "a_b@example.com", MONDAY + timedelta(seconds=1)) == []
