"""Calls after a commit: made once it is there, and never for a transaction or a savepoint that was rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mailgate.store.after_commit import do_after_commit
from mailgate.store.database import Database

pytestmark = pytest.mark.postgresql


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.create()
    yield database
    database.close()


def test_calls_are_made_in_their_order_once_all_is_committed(database: Database) -> None:
    done: list[str] = []

    def note(name: str) -> Callable[[], None]:
        return lambda: done.append(name)

    with database.write() as connection:
        do_after_commit(connection, note("first"))
        with connection.begin_nested():
            do_after_commit(connection, note("second"))
        undone = connection.begin_nested()
        do_after_commit(connection, note("undone"))
        with connection.begin_nested():
            do_after_commit(connection, note("undone with it"))
        undone.rollback()
        do_after_commit(connection, note("third"))
        assert done == []
    assert done == ["first", "second", "third"]


def test_a_transaction_that_is_rolled_back_leaves_nothing_for_the_next(database: Database) -> None:
    done: list[str] = []
    with pytest.raises(ValueError, match="undone"), database.write() as connection:  # noqa: PT012
        do_after_commit(connection, lambda: done.append("undone"))
        raise ValueError("undone")
    with database.write():
        pass
    assert done == []
    with database.read() as connection:
        do_after_commit(connection, lambda: done.append("at once"))
        assert done == ["at once"]
