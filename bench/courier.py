"""Measures what the courier spends on a notice: `python -m bench.courier [--notices 800] [--rounds 3] [--postgresql]`.

The courier of a desk in this process sends notices that wait in the outbox to a relay in another process. Two notices
come of each first mail of the corpus; they are written before the clock starts. It gives, a notice: the milliseconds
of processor time of all threads (the least of the rounds) with the lines of the log, the statements, the commits, and
how often a thread waited.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr

from bench.budget import Bench
from bench.cluster import run_cluster
from bench.desk import url_of
from bench.figures import print_table, save
from bench.processes import scratch
from bench.sink import run_sink
from mailgate.cli.logformat import KeyValue, log_to_stderr
from mailgate.daemon.workers.outbound import OutboundWorker

BATCH = 100  # first mails that are decided at once, so that loop protection never meets too many of one sender


def measure(rounds: int, notices: int, make_database: Callable[[], str]) -> dict[str, float]:
    """Measures so many rounds on one desk. Raises SystemExit where the relay did not get every notice."""
    found: list[dict[str, float]] = []
    with scratch("courier") as folder, run_sink() as sink:
        bench = Bench(folder, make_database() or url_of(folder / "desk.db"), min(BATCH, notices // 2), sink.port)
        courier = OutboundWorker(bench.desk)
        for turn in range(rounds + 1):  # the first warms up
            put = _fill(bench, notices, turn)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
            began = time.process_time()
            _, counts = bench.run(courier.step)
            spent = time.process_time() - began
            waits = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before
            found.append(
                {
                    "ms": spent / put * 1000,
                    "statements": counts["statements"] / put,
                    "commits": counts["commits"] / put,
                    "waits": waits / put,
                }
            )
        courier.close()
        bench.desk.database.close()
    return {name: round(min(one[name] for one in found[1:]), 3) for name in found[0]}


def _fill(bench: Bench, notices: int, turn: int) -> int:
    """Decides first mails until so many notices wait; returns how many do."""
    put = 0
    while put < notices:
        bench.put_in(bench.first_mails(seed=1000 * turn + put + 1))
        bench.run(bench.inbound.step)
        put += 2 * bench.mails
    return put


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.courier", description="What the courier spends on a notice.")
    parser.add_argument("--notices", type=int, default=800, help="of each round: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    options = parser.parse_args()
    with ExitStack() as stack, open(os.devnull, "w", encoding="utf-8") as log:
        with redirect_stderr(log):
            log_to_stderr(KeyValue())
        cluster = stack.enter_context(run_cluster()) if options.postgresql else None
        found = measure(options.rounds, options.notices, cluster.make_database if cluster else lambda: "")
    engine = "postgresql" if options.postgresql else "sqlite"
    print_table([engine, *found], [["a notice", *map(str, found.values())]])
    save("courier", {"engine": engine, "notices": options.notices, "notice": found})


if __name__ == "__main__":
    main()
