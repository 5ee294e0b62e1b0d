"""Queries of tables that only grow use an index: no query scans everything that ever came in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from mailgate.store.events import NewEvent, add_event, list_held_back
from mailgate.store.queries.listings import received_mails
from tests.support.desk import MONDAY, TestDesk

Look = Callable[[Connection], object]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    yield desk
    desk.close()


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda connection: received_mails(connection, 1), id="the mails of a ticket"),
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
    assert [plan for plan in plans if re.match(r"SCAN (journal|events|messages)", plan)] == []


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
