"""Measures the cost of the largest mails: `python -m bench.large [--mails 8] [--megabytes 25] [--postgresql]`.

That many mails, each just under the largest size the desk takes (with the file in base64), all at once. Their files
are too large for a notice; those of `--megabytes 14` go on to the level. Memory is that of all processes of the desk,
looked at twenty times a second: RSS counts a shared page in each process, PSS by its share. The peaks of the single
processes, which need not fall together, are printed first. Growth is that of the database, its write-ahead log emptied,
over the raw bytes of the mails.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from bench.client import Load, send
from bench.cluster import run_cluster
from bench.desk import WARM_UP, run_desk, url_of
from bench.figures import print_table, save
from bench.processes import MemoryPeak, family, memory, scratch
from bench.sink import run_sink


def measure(database: str, load: Load) -> dict[str, float]:
    """Memory in MB before and at its peak, growth, and seconds until the last notice was out."""
    raw = sum(len(sample.raw) for sample in load.samples())
    with scratch("large") as folder, run_sink() as sink, run_desk(folder, database, sink.port) as desk:
        send(desk.port, Load(WARM_UP, seed=load.seed + 1000))
        desk.wait_decided()
        desk.wait_delivered()
        _empty_log(database)
        stored, (rss, pss) = desk.bytes_stored(), memory(desk.pid)
        with ExitStack() as stack:
            peak = stack.enter_context(MemoryPeak(desk.pid))
            children = {child: memory(child)[1] for child in sorted(family(desk.pid)) if child != desk.pid}
            peaks = {child: stack.enter_context(MemoryPeak(child)) for child in children}
            sent = send(desk.port, load)
            decided = desk.wait_decided()
            delivered = desk.wait_delivered()
        log = desk.bytes_stored()
        _empty_log(database)
        grown = desk.bytes_stored() - stored
        states = desk.tally("journal"), desk.tally("outbox")
    print(f"journal {states[0]}, outbox {states[1]}")
    print_table(
        ["process", "pss_idle", "pss_peak"],
        [[str(pid), f"{children[pid]:.0f}", f"{one.pss:.0f}"] for pid, one in peaks.items()],
    )
    return {
        "mails": load.mails,
        "raw_mb": raw / 2**20,
        "rss_idle": rss,
        "rss_peak": peak.rss,
        "pss_idle": pss,
        "pss_peak": peak.pss,
        "growth": grown / raw,
        "with_log": (log - stored) / raw,
        "s_to_250": sent.ended - sent.began,
        "s_decided": decided - sent.began,
        "s_delivered": delivered - sent.began,
    }


def _empty_log(database: str) -> None:
    """Writes SQLite's write-ahead log into the file and truncates it."""
    if make_url(database).get_backend_name() == "sqlite":
        engine = create_engine(database)
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.large", description="What the largest mails cost.")
    parser.add_argument("--mails", type=int, default=8)
    parser.add_argument("--megabytes", type=float, default=25.0, help="bytes of a mail / 2**20")
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    options = parser.parse_args()
    load = Load(options.mails, options.mails, large=int(options.megabytes * 2**20))
    with ExitStack() as stack:
        folder: Path = stack.enter_context(scratch("large-store"))
        cluster = stack.enter_context(run_cluster()) if options.postgresql else None
        figures = measure(cluster.make_database() if cluster else url_of(folder / "mailgate.db"), load)
    summary = {name: round(value, 2) for name, value in figures.items()}
    print_table(list(summary), [[str(value) for value in summary.values()]])
    save("large", {"options": vars(options), "summary": summary})


if __name__ == "__main__":
    main()
