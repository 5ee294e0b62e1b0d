"""Measures receipts behind a mass of automatic mail: `python -m bench.fairness [--due 2000] [--rate 1] [--postgresql]`.

A desk starts with so many overdue escalations (three notices each), and while their notices leave, new mails come
evenly. A wait is from the 250 of a mail to its receipt at the relay. It also gives how long the mass took, and the
waits of the receipts that came after it.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.client import DESK, Load, send
from bench.cluster import run_cluster
from bench.desk import CONFIGURATION, run_desk, url_of
from bench.figures import print_table, save
from bench.processes import free_port, scratch
from bench.sink import Sink, run_sink
from bench.timers import clone_tickets
from mailgate.config import read_config
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.daemon.desk import build_desk
from mailgate.daemon.workers.inbound import InboundWorker
from mailgate.daemon.workers.registry import run_until_idle
from mailgate.daemon.workers.replanning import ReplanningWorker
from mailgate.store.journal import append
from mailgate.transport.acceptance import make_entry

ALLOWED = timedelta(hours=20)
MASS = "level2@example.com"  # where the escalations go
_CONFIGURATION = CONFIGURATION.replace('"4 business hours"', '"20 hours"\nwarn_at = 0').replace(
    '"2 business days"', '"2 days"\nwarn_at = 0'
)
_ALSO = "[limits]\nautomatic_per_address_hour = 0\nautomatic_per_ticket_day = 0\nagent_mails_per_hour = 1000000\n"
_FIRST = (
    f"From: user@example.org\r\nTo: {DESK}\r\nSubject: Printer\r\nMessage-ID: <first@example.org>\r\n\r\n"
    "It does not print any more.\r\n"
).encode()


def fill(folder: Path, database: str, due: int) -> None:
    """Fills a database with so many tickets whose promises ran out, one after the other, until a minute ago."""
    (folder / "secret").write_text("k" * 40 + "\n", "ascii")
    (folder / "secret").chmod(0o600)
    path = folder / "mailgate.toml"
    words = _CONFIGURATION.format(desk=DESK, database=database, port=free_port(), relay=free_port(), tls="")
    path.write_text(words + _ALSO, "utf-8")
    clock = HandClock(datetime.now(UTC) - ALLOWED - timedelta(seconds=due + 60))
    desk = build_desk(read_config(path), clock)
    desk.database.create()
    run_until_idle([ReplanningWorker(desk)])  # the queue is planned before its tickets come
    with desk.database.write() as connection:
        append(connection, make_entry(Envelope("user@example.org", (DESK,), "bench", clock.now()), _FIRST))
    run_until_idle([InboundWorker(desk)])
    clone_tickets(desk, due)
    desk.database.close()


def measure(database: str, due: int, load: Load) -> dict[str, float]:
    """Measures one desk. Raises SystemExit where a receipt is missing."""
    with scratch("fairness") as folder, run_sink(timed=True) as sink:
        fill(folder, database, due)
        with run_desk(folder, database, sink.port, also=_ALSO, configuration=_CONFIGURATION) as desk:
            sent = send(desk.port, load)
            desk.wait_decided()
            desk.wait_delivered()
        arrived, ended = sink.arrivals(), _last_arrival(sink)
    missing = sent.acknowledged.keys() - arrived.keys()
    if missing:
        raise SystemExit(f"{len(missing)} of {len(sent.acknowledged)} mails got no receipt")
    waits = {sender: max(0.0, arrived[sender] - moment) for sender, moment in sent.acknowledged.items()}
    among = sorted(wait for sender, wait in waits.items() if sent.acknowledged[sender] < ended)
    after = sorted(wait for sender, wait in waits.items() if sent.acknowledged[sender] >= ended)
    return {
        "mass_seconds": round(ended - sent.began, 1),
        "receipts": len(among),
        "median_ms": round(among[len(among) // 2] * 1000, 1) if among else 0.0,
        "p95_ms": round(among[int(len(among) * 0.95)] * 1000, 1) if among else 0.0,
        "max_ms": round(among[-1] * 1000, 1) if among else 0.0,
        "after_median_ms": round(after[len(after) // 2] * 1000, 1) if after else 0.0,
    }


def _last_arrival(sink: Sink) -> float:
    lines = sink.file.read_text("ascii").splitlines()
    return max((float(line.partition(" ")[0]) for line in lines if line.endswith(f" {MASS}")), default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description="Receipts behind a mass of mail.")
    parser.add_argument("--due", type=int, default=2000, help="overdue escalations: %(default)s")
    parser.add_argument("--rate", type=float, default=1.0, help="new mails a second: %(default)s")
    parser.add_argument("--mails", type=int, default=60, help="new mails: %(default)s")
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    options = parser.parse_args()
    load = Load(options.mails, replies=0.0, rate=options.rate)
    with ExitStack() as stack:
        folder = stack.enter_context(scratch("fairness-store"))
        cluster = stack.enter_context(run_cluster()) if options.postgresql else None
        found = measure(cluster.make_database() if cluster else url_of(folder / "desk.db"), options.due, load)
    engine = "postgresql" if options.postgresql else "sqlite"
    print("waits for receipts while the mass leaves, and after it")
    print_table([engine, *found], [[f"{options.due} escalations", *map(str, found.values())]])
    save("fairness", {"engine": engine, "options": vars(options), "summary": found})


if __name__ == "__main__":
    main()
