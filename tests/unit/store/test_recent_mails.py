"""The newest mails of a ticket's people, each with the events that it caused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.store.messages import list_recent_of_participants
from tests.support.desk import TestDesk

ANNA, ALICE = "Anna <anna@example.org>", "Alice <alice@example.com>"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    yield desk
    desk.close()


def test_they_stand_newest_first_up_to_the_most_rows(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, "The printer is broken.", subject="Printer"))
    for number in range(3):
        desk.send(desk.answer(ALICE, f"Please try {number}.", desk.last("level1@example.com", "request")))
        desk.send(desk.answer(ANNA, f"That was {number}.", desk.last("anna@example.org", "answer")))
    with desk.desk.database.read() as connection:
        found = list_recent_of_participants(connection, 1, 100)
        assert [row.new_text for row in found] == [*(f"That was {n}." for n in (2, 1, 0)), "The printer is broken."]
        assert all(row.event for row in found)
        for most in range(1, 5):
            assert list_recent_of_participants(connection, 1, most) == found[:most]
