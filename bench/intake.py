"""How fast mail is acknowledged, beside a bare aiosmtpd on the same machine in the same run.

    python -m bench.intake [--targets bare,library,serve-intake,serve] [--mails 400] [--rounds 5] [--connections 8]

In each round every target gets a fresh process, a fresh database and the same mails, one target after the other, so
that a machine that slows down slows them all. The ratio is taken inside a round. Results go to bench/results/.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from bench.corpus import describe, make_corpus
from bench.servers import ROOT, cpu_seconds, run_server

BASE = "bare"
TARGETS = ("bare", "library", "serve-intake", "serve")
WARM_UP = 40  # mails before the clock starts


def measure(kind: str, mails: int, connections: int, seed: int) -> dict[str, float]:
    """Mails a second up to the last 250, and the server's CPU for one mail in milliseconds."""
    with run_server(kind) as (pid, port):
        _send(port, WARM_UP, connections, seed + 1)
        before = cpu_seconds(pid)
        seconds = _send(port, mails, connections, seed)
        cpu = cpu_seconds(pid) - before
    return {"rate": mails / seconds, "cpu_ms": 1000 * cpu / mails}


def _send(port: int, mails: int, connections: int, seed: int) -> float:
    command = [sys.executable, "-m", "bench.client", *map(str, (port, mails, connections, seed))]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def summarise(rounds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, list[float]]]:
    """Per target: [min, median, max] of rate, of the ratio to the bare server of the same round, and of CPU."""
    found: dict[str, dict[str, list[float]]] = {}
    for kind in rounds[0]:
        rates = [one[kind]["rate"] for one in rounds]
        figures = {"rate": _spread(rates), "cpu_ms": _spread([one[kind]["cpu_ms"] for one in rounds])}
        if BASE in rounds[0]:
            figures["ratio"] = _spread([one[kind]["rate"] / one[BASE]["rate"] for one in rounds])
        found[kind] = figures
    return found


def _spread(values: list[float]) -> list[float]:
    return [round(value, 3) for value in (min(values), statistics.median(values), max(values))]


def print_table(summary: dict[str, dict[str, list[float]]]) -> None:
    """One line per target."""
    print(f"{'target':<14}{'mails/s (min med max)':>28}{'ratio (min med max)':>26}{'cpu ms (min med max)':>28}")
    for kind, figures in summary.items():
        rate = " ".join(f"{value:8.0f}" for value in figures["rate"])
        ratio = " ".join(f"{value:7.2f}" for value in figures.get("ratio", []))
        cpu = " ".join(f"{value:7.2f}" for value in figures["cpu_ms"])
        print(f"{kind:<14}{rate:>28}{ratio:>26}{cpu:>28}")


def save(options: argparse.Namespace, rounds: list[dict[str, dict[str, float]]]) -> Path:
    """Write what was measured, on what, and with which mails."""
    record = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "versions": {name: version(name) for name in ("aiosmtpd", "mailgate")},
        "options": vars(options),
        "corpus": describe(make_corpus(options.mails, seed=options.seed, senders=options.mails)),
        "summary": summarise(rounds),
        "rounds": rounds,
    }
    folder = ROOT / "bench" / "results"
    folder.mkdir(exist_ok=True)
    file = folder / f"intake-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
    file.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast mail is acknowledged, beside a bare aiosmtpd.")
    parser.add_argument("--targets", default=",".join(TARGETS), help="comma-separated: %(default)s")
    parser.add_argument("--mails", type=int, default=400, help="mails per target and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kinds = options.targets.split(",")
    unknown = set(kinds) - set(TARGETS)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    rounds = []
    for number in range(options.rounds):
        rounds.append({kind: measure(kind, options.mails, options.connections, options.seed) for kind in kinds})
        print(f"round {number + 1}: " + ", ".join(f"{kind} {one['rate']:.0f}/s" for kind, one in rounds[-1].items()))
    print_table(summarise(rounds))
    print(save(options, rounds))


if __name__ == "__main__":
    main()
