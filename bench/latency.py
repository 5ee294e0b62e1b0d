"""Measures the wait for the receipt: `python -m bench.latency [--rate R] [--mails 1200] [--postgresql]`.

Mails come evenly, R a second; without --rate at half of what the desk was just measured to deliver. A wait is from the
250 of a first mail to its receipt at the relay. Replies are in the load too, and get no receipt.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack

from bench.client import Load, send
from bench.cluster import run_cluster
from bench.desk import WARM_UP, measure_desk, run_desk, url_of
from bench.figures import print_table, save
from bench.processes import scratch
from bench.sink import run_sink

LIMIT = 1.0  # seconds within which a receipt should be at the relay


def measure(database: str, load: Load) -> list[float]:
    """Returns the seconds from each first mail's 250 to its receipt, ascending. Raises SystemExit if one is missing."""
    with scratch("latency") as folder, run_sink(timed=True) as sink, run_desk(folder, database, sink.port) as desk:
        send(desk.port, Load(WARM_UP, seed=load.seed + 1000))
        desk.wait_decided()
        desk.wait_delivered()
        sent = send(desk.port, load)
        desk.wait_decided()
        desk.wait_delivered()
        arrived = sink.arrivals()
    missing = sent.acknowledged.keys() - arrived.keys()
    if missing:
        raise SystemExit(f"{len(missing)} of {len(sent.acknowledged)} first mails got no receipt")
    # A receipt can be at the relay before the client has read its 250.
    return sorted(max(0.0, arrived[sender] - moment) for sender, moment in sent.acknowledged.items())


def find_rate(database: str, load: Load) -> float:
    """Returns half of the rate at which the desk delivers mails that arrive as fast as it accepts them."""
    with scratch("rate") as folder, run_sink() as sink, run_desk(folder, database, sink.port) as desk:
        return measure_desk(desk, sink, load).delivered / 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description="How long a receipt takes.")
    parser.add_argument("--rate", type=float, default=0.0, help="mails a second; half of what is delivered")
    parser.add_argument("--mails", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--quick", action="store_true", help="200 mails")
    options = parser.parse_args()
    if options.quick:
        options.mails = 200
    with ExitStack() as stack:
        folder = stack.enter_context(scratch("latency-store"))
        cluster = stack.enter_context(run_cluster()) if options.postgresql else None
        urls = [cluster.make_database() if cluster else url_of(folder / f"{name}.db") for name in ("rate", "latency")]
        rate = options.rate or find_rate(urls[0], Load(options.mails, seed=options.seed))
        waits = measure(urls[1], Load(options.mails, seed=options.seed, rate=rate))
    places = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    summary = {name: round(waits[int(len(waits) * share)] * 1000, 1) for name, share in places.items()}
    summary |= {
        "max": round(waits[-1] * 1000, 1),
        "rate": round(rate, 1),
        "receipts": len(waits),
        "percent_within_1_s": round(100 * sum(wait <= LIMIT for wait in waits) / len(waits), 2),
    }
    print("milliseconds from the 250 to the receipt at the relay")
    print_table(list(summary), [[str(value) for value in summary.values()]])
    save("latency", {"options": vars(options), "summary": summary})


if __name__ == "__main__":
    main()
