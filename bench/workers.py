"""Measures what a second worker gains on PostgreSQL: `python -m bench.workers [--mails 600] [--rounds 3]`.

The mails are taken in while nothing decides them; then one worker process decides them, or two. A rate counts the mails
from the first fifth to the last twentieth, so that the start of the processes is left out. Nothing is sent: each worker
and the server have what processors the machine has, and of two processors three processes have less than one each.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from bench.client import Load, send
from bench.cluster import Cluster, run_cluster
from bench.desk import LOOK, PATIENCE, Desk, run_desk
from bench.figures import print_table, save, show, spread
from bench.processes import free_port, run_process, scratch

MOST = 2  # workers
FIRST, LAST = 0.2, 0.95  # of the mails: between these the time is taken


def measure(cluster: Cluster, load: Load, workers: int) -> float:
    """Mails a second that so many workers decide."""
    with (
        scratch("workers") as folder,
        run_desk(folder, cluster.make_database(), free_port(), roles=("intake",)) as desk,
        ExitStack() as running,
    ):
        send(desk.port, load)
        program = str(Path(sys.executable).with_name("mailgate"))
        command = [program, "serve", "--config", str(folder / "mailgate.toml"), "--role", "worker"]
        for number in range(workers):
            running.enter_context(run_process(command, folder / f"log{number}", port=None))
        began, first = _wait_done(desk, FIRST * load.mails)
        ended, last = _wait_done(desk, LAST * load.mails)
    return (last - first) / (ended - began)


def _wait_done(desk: Desk, wanted: float) -> tuple[float, int]:
    """Waits until so many mails are decided; returns when that was, and how many were."""
    deadline = time.monotonic() + PATIENCE
    while (done := desk.tally("journal").get("done", 0)) < wanted:
        if time.monotonic() > deadline:
            raise SystemExit(f"{done} mails are decided after {PATIENCE:.0f} s, and {wanted:.0f} should be")
        time.sleep(LOOK)
    return time.monotonic(), done


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description="What a second worker gains.")
    parser.add_argument("--mails", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rounds: list[dict[int, float]] = []
    with run_cluster() as cluster:
        for number in range(options.rounds):
            load = Load(options.mails, seed=number)
            rounds.append({workers: measure(cluster, load, workers) for workers in range(1, MOST + 1)})
    gains = [[one[workers] / one[1] for one in rounds] for workers in range(1, MOST + 1)]
    rates = [[one[workers] for one in rounds] for workers in range(1, MOST + 1)]
    rows = [
        [str(workers), show(spread(rate), ".0f"), show(spread(gain), ".2f")]
        for workers, (rate, gain) in enumerate(zip(rates, gains, strict=True), 1)
    ]
    print_table(["workers", "decided a second", "times one worker"], rows)
    save("workers", {"options": vars(options), "rounds": rounds})


if __name__ == "__main__":
    main()
