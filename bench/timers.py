"""Measures open timers: `python -m bench.timers [--sizes 1000,10000,100000,1000000] [--due 1000] [--postgresql]`.

Fills a desk with open tickets, each with its escalation, or with its warning as well, all consistent with their
histories: one real ticket is cloned in SQL, one every second. Then, with a clock moved by hand: the cost of a look that
finds nothing due, how fast so many due timers are fired (an escalation is three notices, a history and a new
promise, a warning is one notice), and beside them, on the same desk, how fast as many new mails are decided (two
notices each).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Table, text

from bench.cluster import run_cluster
from bench.desk import url_of
from bench.figures import print_table, save
from bench.processes import scratch
from mailgate.config import read_config
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.daemon.desk import Desk, build_desk
from mailgate.daemon.workers.inbound import InboundWorker
from mailgate.daemon.workers.registry import run_until_idle
from mailgate.daemon.workers.replanning import ReplanningWorker
from mailgate.daemon.workers.timers import TimerWorker
from mailgate.store.journal import append
from mailgate.store.schema import metadata
from mailgate.transport.acceptance import make_entry

BEGAN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ALLOWED = timedelta(days=20)  # longer than all the clones are apart: each of them has come before the first is due
CHUNK = 50_000  # clones that share one transaction
LOOKS = 200
TURNS = 5
WARNED = 0.75  # of the time allowed
CONFIG = """
[desk]
address = "support@example.com"
[intake.smtp]
listen = "127.0.0.1:0"
[digest]
at = ""
[knowledge]
enabled = false
[limits]
automatic_per_address_hour = 0
automatic_per_ticket_day = 0
[levels.level1]
mailbox = "level1@example.com"
resolve_within = "20 days"
warn_at = {warn_at}
[levels.level2]
mailbox = "level2@example.com"
resolve_within = "2 days"
warn_at = 0
"""
_TABLES = {"tickets": "id = 1", "participants": "ticket_id = 1", "events": "ticket_id = 1", "timers": "ticket_id = 1"}


class Full:
    """A desk with that many open tickets."""

    def __init__(self, folder: Path, database: str, tickets: int, warn_at: float) -> None:
        (folder / "secret").write_text("a key for the bench\n")
        path = folder / "mailgate.toml"
        path.write_text(f'{CONFIG.format(warn_at=warn_at)}\n[store]\ndatabase = "{database}"\n')
        self.clock = HandClock(BEGAN)
        self.desk: Desk = build_desk(read_config(path), self.clock)
        self.desk.database.create()
        self.inbound = InboundWorker(self.desk)
        self.timers = TimerWorker(self.desk)
        run_until_idle([ReplanningWorker(self.desk)])  # the queue is planned before its tickets come
        self.put_in(1)
        run_until_idle([self.inbound])
        clone_tickets(self.desk, tickets)

    def put_in(self, mails: int) -> None:
        """Adds new requests to the journal."""
        with self.desk.database.write() as connection:
            for number in range(mails):
                sender = f"user{time.monotonic_ns()}.{number}@example.org"
                raw = (
                    f"From: {sender}\r\nTo: support@example.com\r\nSubject: Printer {number}\r\n"
                    f"Message-ID: <{time.monotonic_ns()}.{number}@x>\r\n\r\nIt does not print any more.\r\n"
                ).encode()
                envelope = Envelope(sender, ("support@example.com",), "bench", self.clock.now())
                append(connection, make_entry(envelope, raw))

    def time_looks(self) -> list[float]:
        """Returns the milliseconds of a look that finds nothing due, and of computing when to look again."""
        found = []
        for _ in range(LOOKS):
            began = time.perf_counter()
            assert self.timers.step() == 0
            self.timers.next_due()
            found.append((time.perf_counter() - began) * 1000)
        return sorted(found)


def clone_tickets(desk: Desk, tickets: int) -> None:
    """Clones the only ticket of a desk until there are so many, each a second younger than the one before."""
    for first in range(1, tickets, CHUNK):
        with desk.database.write() as connection:
            for name, where in _TABLES.items():
                _clone(connection, metadata.tables[name], where, first, min(first + CHUNK, tickets) - 1)
    if not desk.database.sqlite:
        _settle_postgresql(desk)


def _clone(connection: Connection, table: Table, where: str, first: int, last: int) -> None:
    sqlite = connection.dialect.name == "sqlite"
    columns = [column for column in table.columns if column.name != "id" or table.name == "tickets"]
    values = [_value(table, column.name, column.type.__class__.__name__, sqlite=sqlite) for column in columns]
    numbers = (
        "(WITH RECURSIVE counted(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM counted WHERE n < :last) "
        "SELECT n FROM counted)"
        if sqlite
        else "(SELECT generate_series(CAST(:first AS int), CAST(:last AS int)) AS n)"
    )
    names = ", ".join(f'"{column.name}"' for column in columns)
    statement = f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)} FROM {table.name} t, {numbers} c WHERE "
    connection.execute(text(statement + where), {"first": first, "last": last})


def _value(table: Table, name: str, kind: str, *, sqlite: bool) -> str:
    """Returns the SQL for a column of clone n, which came n seconds later."""
    own = f't."{name}"'
    if name == "ticket_id" or (name == "id" and table.name == "tickets"):
        return f"{own} + n"
    if name == "reference":
        return f"replace({own}, '-1', '-' || (n + 1))"
    if name in ("requester", "address"):
        return f"n || '.' || {own}"
    if kind == "Moment":
        if sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {own}, '+' || n || ' seconds') || '000'"
        return f"{own} + CAST(n || ' seconds' AS interval)"
    return own


def _settle_postgresql(desk: Desk) -> None:
    engine = desk.database.engine
    with engine.begin() as connection:
        newest = "(SELECT max(id) FROM tickets)"
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('tickets', 'id'), {newest})"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


@dataclass
class Work:
    """Work that was done, with its elapsed time and its processor time."""

    done: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    def go_on(self, step: Callable[[], int], wanted: int) -> None:
        """Does so much more."""
        end = self.done + wanted
        began, used = time.perf_counter(), time.process_time()
        while self.done < end:
            worked = step()
            assert worked, f"{end - self.done} more were due"
            self.done += worked
        self.seconds += time.perf_counter() - began
        self.processor += time.process_time() - used


def measure(folder: Path, database: str, timers: int, due: int, kind: str) -> dict[str, float]:
    """Measures one desk. Timers and mails take turns, so that a machine that slows down slows both."""
    share = WARNED if kind == "warning" else 0
    began = time.monotonic()
    full = Full(folder, database, max(due, timers // 2 if share else timers), share)
    filled = time.monotonic() - began
    fired, decided = Work(), Work()
    first, part = BEGAN + ALLOWED * (share or 1), due // TURNS
    full.clock.set(first - timedelta(seconds=1))
    looks = full.time_looks()
    for turn in range(1, TURNS + 1):
        full.clock.set(first + timedelta(seconds=turn * part - 1))
        fired.go_on(full.timers.step, part)
        full.put_in(part)
        decided.go_on(full.inbound.step, part)
    full.desk.database.close()
    rates = fired.done / fired.seconds, decided.done / decided.seconds
    return {
        "tick_ms_median": round(statistics.median(looks), 3),
        "tick_ms_p95": round(looks[int(len(looks) * 0.95)], 3),
        "fired_per_second": round(rates[0], 1),
        "decided_per_second": round(rates[1], 1),
        "fired_to_decided": round(rates[0] / rates[1], 2),
        "fired_cpu_ms": round(fired.processor / fired.done * 1000, 2),
        "decided_cpu_ms": round(decided.processor / decided.done * 1000, 2),
        "filled_in_seconds": round(filled, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.timers", description="What open timers cost.")
    sizes = "1000,10000,100000,1000000"
    parser.add_argument("--sizes", default=sizes, help="open timers, comma-separated: %(default)s")
    parser.add_argument("--due", type=int, default=1_000, help="how many of them come due: %(default)s")
    kinds = "escalation", "warning"
    parser.add_argument("--kind", choices=kinds, default=kinds[0], help="which timers come due: %(default)s")
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    options = parser.parse_args()
    found: dict[int, dict[str, float]] = {}
    with ExitStack() as stack:
        cluster = stack.enter_context(run_cluster()) if options.postgresql else None
        for size in (int(part) for part in options.sizes.split(",")):
            with scratch("timers") as folder:
                url = cluster.make_database() if cluster else url_of(folder / "desk.db")
                found[size] = measure(folder, url, size, options.due, options.kind)
            print(f"{size}: {found[size]}", flush=True)
    names = list(next(iter(found.values())))
    print_table(["open timers", *names], [[f"{size:,}", *map(str, one.values())] for size, one in found.items()])
    longest = max(one["tick_ms_median"] for one in found.values())
    for size, one in found.items():
        bar = "#" * max(1, round(40 * one["tick_ms_median"] / longest))
        print(f"{size:>12,}  {bar} {one['tick_ms_median']} ms a tick")
    engine = "postgresql" if options.postgresql else "sqlite"
    save("timers", {"options": vars(options), "engine": engine, "sizes": found})


if __name__ == "__main__":
    main()
