"""Measures the latency and the cost of an idle desk: `python -m bench.idle [--mails 50] [--idle 20]`.

Times each mail from its 250 to the moment its receipt is at the relay, one mail at a time, then leaves the desk
alone and reads its processor time and memory from the system.
"""

from __future__ import annotations

import argparse
import time

from bench.client import Load, send
from bench.desk import run_desk, url_of
from bench.figures import print_table, save, spread
from bench.processes import cpu_seconds, memory, scratch
from bench.sink import run_sink

PAUSE = 0.2  # seconds between two mails: the desk is idle again
SETTLED = 2.0  # seconds after the last mail


def measure(mails: int, idle: float) -> dict[str, float]:
    """Milliseconds to a receipt, the share of one core that idling takes, and memory in MB."""
    load = Load(mails, connections=1, replies=0, rate=1 / PAUSE)
    with (
        scratch("idle") as folder,
        run_sink(timed=True) as sink,
        run_desk(folder, url_of(folder / "mailgate.db"), sink.port) as desk,
    ):
        sent = send(desk.port, load)
        desk.wait_decided()
        desk.wait_delivered()
        arrived = sink.arrivals()
        time.sleep(SETTLED)
        used, began = cpu_seconds(desk.pid), time.monotonic()
        time.sleep(idle)
        share = (cpu_seconds(desk.pid) - used) / (time.monotonic() - began)
        rss, pss = memory(desk.pid)
    waits = sorted((arrived[sender] - moment) * 1000 for sender, moment in sent.acknowledged.items())
    low, middle, high = spread(waits, 1)
    return {
        "receipt_ms_min": low,
        "receipt_ms_median": middle,
        "receipt_ms_p95": round(waits[int(len(waits) * 0.95)], 1),
        "receipt_ms_max": high,
        "idle_core_percent": round(share * 100, 2),
        "rss_mb": round(rss, 1),
        "pss_mb": round(pss, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description="How quick an idle desk is.")
    parser.add_argument("--mails", type=int, default=50)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds")
    options = parser.parse_args()
    summary = measure(options.mails, options.idle)
    print_table(list(summary), [[str(value) for value in summary.values()]])
    save("idle", {"options": vars(options), "summary": summary})


if __name__ == "__main__":
    main()
