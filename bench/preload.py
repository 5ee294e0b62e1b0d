"""Compares a full desk with an empty one: `python -m bench.preload [--tickets 200000] [--postgresql]`.

One real ticket is cloned in SQL with everything that belongs to it: its mail and notices, events and timers, journal
and outbox rows, each under names and ids of its own. The clones are spread over the past, one every two and a half
minutes; their timers lie in the future, so that none fires. Then rounds of the full desk and of an empty one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, make_url, text

from bench.client import Load, send
from bench.cluster import Cluster, run_cluster
from bench.desk import measure_desk, run_desk, url_of
from bench.figures import print_table, save, show, spread
from bench.processes import scratch
from bench.sink import run_sink
from mailgate.store.schema import metadata

CHUNK = 10_000  # clones that share one transaction
APART = 150  # seconds between two tickets
# Each table's rows of the ticket. Ids in these tables move by the clone's number, or are given by the database.
_TABLES = {
    "blobs": "id IN (SELECT blob_id FROM journal WHERE ticket_id = 1)",
    "journal": "ticket_id = 1",
    "tickets": "id = 1",
    "participants": "ticket_id = 1",
    "contacts": "address = (SELECT requester FROM tickets WHERE id = 1)",
    "messages": "ticket_id = 1",
    "message_ids": "ticket_id = 1",
    "events": "ticket_id = 1",
    "timers": "ticket_id = 1",
    "outbox": "ticket_id = 1",
}
_MOVED = {"blobs": {"id"}, "journal": {"id", "blob_id"}, "tickets": {"id"}}
_NAMED = {"message_id", "fingerprint", "requester"}  # what must differ from clone to clone
_ADDRESSES = {"address", "recipient"}  # the requester's differ, the level's stay


def fill(database: str, tickets: int) -> None:
    """Fills an empty database with that many tickets."""
    with scratch("template") as folder, run_sink() as sink, run_desk(folder, database, sink.port) as desk:
        send(desk.port, Load(1, replies=0))
        desk.wait_decided()
        desk.wait_delivered()
    engine = create_engine(database)
    for first in range(1, tickets, CHUNK):
        with engine.begin() as connection:
            for name, where in _TABLES.items():
                _clone(connection, metadata.tables[name], where, first, min(first + CHUNK, tickets) - 1)
    if engine.dialect.name == "postgresql":
        _settle_postgresql(engine.connect())
    engine.dispose()


def _clone(connection: Connection, table: Table, where: str, first: int, last: int) -> None:
    sqlite = connection.dialect.name == "sqlite"
    names, values = [], []
    for column in table.columns:
        if column.name == "id" and column.name not in _MOVED.get(table.name, ()):
            continue  # the database counts
        names.append(f'"{column.name}"')
        values.append(_value(table, column.name, sqlite))
    numbers = (
        "(WITH RECURSIVE counted(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM counted WHERE n < :last) "
        "SELECT n FROM counted)"
        if sqlite
        else "(SELECT generate_series(CAST(:first AS int), CAST(:last AS int)) AS n)"
    )
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)} "
        f"FROM {table.name} AS t, {numbers} AS c WHERE {where}"
    )
    connection.execute(text(statement), {"first": first, "last": last})


def _value(table: Table, name: str, sqlite: bool) -> str:
    """Returns the SQL for a column of clone n."""
    column = table.columns[name]
    kind = column.type.__class__.__name__
    own = f't."{name}"'
    if name in _MOVED.get(table.name, ()) or name in ("ticket_id", "journal_id"):
        return f"{own} + n"
    if name == "reference":
        return f"replace({own}, '-1', '-' || (n + 1))"
    if name in _NAMED:
        return f"n || '.' || {own}"
    if name in _ADDRESSES:
        return f"CASE WHEN {own} LIKE 'user%' THEN n || '.' || {own} ELSE {own} END"
    if kind == "Moment":
        shift = f"'+' || ({APART} * n) || ' seconds'" if name == "due_at" else f"'-' || ({APART} * n) || ' seconds'"
        if sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {own}, {shift}) || '000'"
        return f"{own} + CAST({shift} AS interval)"
    return own


def _settle_postgresql(connection: Connection) -> None:
    """Sets the sequences behind the clones and updates the statistics of the planner."""
    for name in _MOVED:
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))
    connection.commit()
    connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    connection.execute(text("CHECKPOINT"))
    connection.close()


@contextmanager
def _databases(postgresql: bool) -> Iterator[Callable[[], str]]:
    """Returns a function that creates a database and returns its URL."""
    with ExitStack() as stack:
        folder: Path = stack.enter_context(scratch("preload"))
        cluster: Cluster | None = stack.enter_context(run_cluster()) if postgresql else None
        numbers = iter(range(1_000_000))
        yield lambda: cluster.make_database() if cluster else url_of(folder / f"desk-{next(numbers)}.db")


def measure(database: str, load: Load) -> dict[str, float]:
    """Returns the rates of the desk on that database."""
    with scratch("desk") as folder, run_sink() as sink, run_desk(folder, database, sink.port) as desk:
        return asdict(measure_desk(desk, sink, load))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.preload", description="A full desk beside an empty one.")
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--mails", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--quick", action="store_true", help="5,000 tickets, two rounds of 200 mails")
    options = parser.parse_args()
    if options.quick:
        options.tickets, options.mails, options.rounds = 5_000, 200, 2
    with _databases(options.postgresql) as make:
        full, began = make(), time.monotonic()
        fill(full, options.tickets)
        print(f"{options.tickets} tickets in {time.monotonic() - began:.0f} s: {make_url(full).get_backend_name()}")
        rounds = []
        for number in range(options.rounds):
            load = Load(options.mails, seed=100 + number)
            pair = [("full", full), ("empty", make())]
            rounds.append({name: measure(url, load) for name, url in pair[:: 1 if number % 2 else -1]})
            print(f"round {number + 1}: {rounds[-1]}", flush=True)
    moments = ("acknowledged", "decided", "delivered")
    summary = {
        moment: {
            "empty": spread((one["empty"][moment] for one in rounds), 1),
            "full": spread((one["full"][moment] for one in rounds), 1),
            "full_to_empty": spread(one["full"][moment] / one["empty"][moment] for one in rounds),
        }
        for moment in moments
    }
    rows = [
        [moment, show(one["empty"], ".0f"), show(one["full"], ".0f"), show(one["full_to_empty"])]
        for moment, one in summary.items()
    ]
    print_table(["mails a second", "empty", "full", "full to empty"], rows)
    save("preload", {"options": vars(options), "summary": summary, "rounds": rounds})


if __name__ == "__main__":
    main()
