"""Turns: what only one transaction at a time may look at and then write, where no row can be locked yet."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select

_TAKE = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))


def take_turn(connection: Connection, name: str) -> None:
    """Wait until no other transaction has the turn of that name; it ends with this one.

    What follows sees what the other wrote. Nothing is done on SQLite, where whoever writes is alone.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE, {"name": name})
