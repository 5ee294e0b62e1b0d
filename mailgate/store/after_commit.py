"""Calls made after a transaction has committed: lines of the log, and what else must not tell of a rollback."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine, event

_CALLS = "mailgate.after_commit"  # of a connection: the calls that wait for the commit
_SAVED = "mailgate.after_commit_saved"  # of a connection: how many they were at each savepoint, the innermost last


def do_after_commit(connection: Connection, call: Callable[[], None]) -> None:
    """Registers a call to be made once this transaction has committed; never, where it or its savepoint is undone.

    The call must not raise. It is made at once where the transaction is not one of `Database.write`.
    """
    calls = connection.info.get(_CALLS)
    if calls is None:
        call()
    else:
        calls.append(call)


def gather_calls(connection: Connection) -> list[Callable[[], None]]:
    """Begins to gather calls; returns the list, which the caller carries out after the commit."""
    calls: list[Callable[[], None]] = []
    connection.info[_CALLS] = calls
    return calls


def end_gathering(connection: Connection) -> None:
    connection.info.pop(_CALLS, None)
    connection.info.pop(_SAVED, None)


def follow_savepoints(engine: Engine) -> None:
    """Drops the calls that were registered since a savepoint that is rolled back."""

    @event.listens_for(engine, "savepoint")
    def _keep(connection: Connection, _name: str) -> None:
        connection.info.setdefault(_SAVED, []).append(len(connection.info.get(_CALLS, ())))

    @event.listens_for(engine, "release_savepoint")
    def _release(connection: Connection, _name: str, _context: object) -> None:
        _pop(connection)

    @event.listens_for(engine, "rollback_savepoint")
    def _drop(connection: Connection, _name: str, _context: object) -> None:
        kept = _pop(connection)
        del connection.info.get(_CALLS, [])[kept:]


def _pop(connection: Connection) -> int:
    saved = connection.info.get(_SAVED)
    return int(saved.pop()) if saved else 0
