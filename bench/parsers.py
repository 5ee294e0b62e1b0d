"""Measures the parsers: `python -m bench.parsers [--only cost growth large median] [--sizes N ...] [--quick]`.

cost: milliseconds a kB of `read_mail`, from 1 kB to 25 MB, for sorts of mail. growth: every hostile shape of
`hostile` at growing sizes, for each reader that takes it; what grows faster than size**1.3 is flagged. large: seconds
and peak memory over size of the largest mails, in a fresh process each. median: the support mails of `corpus` through
all three readers, beside the standard library, mail-parser and libraries that cut quotes. A MB here is 2**20 bytes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

from bench.figures import print_table, save
from bench.growth import Growth, measure_growth
from bench.hostile import make_shapes
from bench.processes import ROOT
from bench.readers import measure_readers
from bench.sorts import SORTS, make_sort
from mailgate.parsers import read_mail

SECTIONS = ("cost", "growth", "large", "median")
COST_SIZES = (1_000, 10_000, 100_000, 1_000_000, 5_000_000, 25 * 2**20)
GROWTH_SIZES = (30_000, 120_000, 480_000)
DEAR = 0.25  # milliseconds a kB at the largest size: linear, but worth a line in the table
LARGEST = 25 * 2**20

# Memory: how far above what the process needs for a small mail, the raw mail itself included
_LARGE_SCRIPT = """
import json, re, sys, time
from pathlib import Path
from bench.sorts import make_sort
from mailgate.parsers import read_mail

def status(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text("ascii"))[1]) * 1024

raw = sys.stdin.buffer.read()
read_mail(make_sort(sys.argv[1], 10_000))
before = status("VmRSS") - len(raw)
Path("/proc/self/clear_refs").write_text("5", "ascii")
began = time.perf_counter()
mail = read_mail(raw)
seconds = time.perf_counter() - began
json.dump({"seconds": seconds, "times_size": (status("VmHWM") - before) / len(raw), "files": len(mail.attachments),
           "text": len(mail.text), "defects": mail.defects}, sys.stdout)
"""


def measure_cost(sizes: Sequence[int]) -> dict[str, dict[int, float]]:
    """Measures milliseconds a kB for each sort of mail and size."""
    return {name: {size: _cost(make_sort(name, size)) for size in sizes} for name in SORTS}


def _cost(raw: bytes) -> float:
    found: list[float] = []
    while len(found) < 3 or (sum(found) < 0.2 and len(found) < 200):
        began = time.perf_counter()
        read_mail(raw)
        found.append(time.perf_counter() - began)
        if sum(found) > 5:
            break
    return min(found) * 1e6 / len(raw)


def measure_large(size: int) -> dict[str, dict[str, object]]:
    """Measures seconds and memory for each sort of mail of the largest size."""
    figures: dict[str, dict[str, object]] = {}
    for name in SORTS:
        command = [sys.executable, "-c", _LARGE_SCRIPT, name]
        done = subprocess.run(command, input=make_sort(name, size), capture_output=True, cwd=ROOT, check=False)
        figures[name] = json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr[-300:].decode()}
    return figures


def show_growth(found: Sequence[Growth]) -> None:
    """Prints the flagged and the slow results; the record has all."""
    shown = [one for one in found if one.is_flagged or (one.per_kb and one.per_kb[-1] > DEAR)]
    print_table(
        ["shape", "reader", "exponent", "ms/kB at each size", "MB", ""],
        [
            [
                *(one.shape, one.reader, f"{one.exponent:.2f}", " ".join(f"{value:.3f}" for value in one.per_kb)),
                *(f"{one.memory / 2**20:.0f}", one.error or ("grows" if one.is_flagged else "")),
            ]
            for one in shown
        ],
    )
    flagged = sum(one.is_flagged for one in found)
    print(f"{len(found)} shapes and readers, {flagged} flagged, {len(shown) - flagged} linear above {DEAR} ms/kB")


def _run_cost(record: dict[str, object], sizes: Sequence[int]) -> None:
    costs = measure_cost(sizes)
    print("read_mail, ms a kB at each size, and the dearest kB over the cheapest from 10 kB on")
    rows = [
        [
            *(name, *(f"{value:.4f}" for value in row.values())),
            f"{max(list(row.values())[1:]) / min(list(row.values())[1:]):.1f}",
        ]
        for name, row in costs.items()
    ]
    print_table(["sort", *(f"{size:,}" for size in sizes), "factor"], rows)
    record["cost"] = costs


def _run_growth(record: dict[str, object], sizes: Sequence[int], names: Sequence[str]) -> None:
    chosen = (shape for shape in make_shapes() if not names or any(name in shape.name for name in names))
    found = [growth for shape in chosen for growth in measure_growth(shape, sizes)]
    show_growth(found)
    record["growth"] = [asdict(one) | {"exponent": round(one.exponent, 2)} for one in found]


def _run_large(record: dict[str, object], size: int) -> None:
    figures = measure_large(size)
    print(f"mails of {size / 2**20:g} MB: seconds, and peak memory over size (asked: under 1 s and 4)")
    rows = [
        [name, f"{row['seconds']:.2f}", f"{row['times_size']:.2f}", str(row["files"]), str(row["text"])]
        if "seconds" in row
        else [name, str(row["error"]).strip().rpartition("\n")[2], "", "", ""]
        for name, row in figures.items()
    ]
    print_table(["sort", "s", "times", "files", "text"], rows)
    record["large"] = figures


def _run_median(record: dict[str, object], mails: int, rounds: int, *, alone: bool) -> None:
    figures = measure_readers(mails, rounds, alone=alone)
    base = float(figures["standard library"]["p50"])
    print(f"{mails} support mails, ms a mail (libraries that cut quotes get the decoded text: no parse)")
    rows = [
        [name, f"{row['p50']:.3f}", f"{row['p95']:.3f}", f"{row['mean']:.3f}", f"{float(row['p50']) / base:.2f}"]
        if "p50" in row
        else [name, "left out:", str(row["error"]), "", ""]
        for name, row in figures.items()
    ]
    print_table(["what", "p50", "p95", "mean", "of standard"], rows)
    record["median"] = figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.parsers", description="What reading mails costs.")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--sizes", nargs="+", type=int, default=GROWTH_SIZES, help="bytes, for growth")
    parser.add_argument("--shapes", nargs="+", default=(), help="parts of the names of shapes; all where left out")
    parser.add_argument("--alone", action="store_true", help="without libraries that are to be installed")
    parser.add_argument("--quick", action="store_true", help="a short run that only shows that all of it works")
    options = parser.parse_args()
    sizes: Sequence[int] = COST_SIZES
    growth_sizes, largest, mails = options.sizes, LARGEST, 400
    if options.quick:
        sizes, growth_sizes, largest, mails = COST_SIZES[:3], [10_000, 40_000], 2**20, 40
    record: dict[str, object] = {"options": vars(options)}
    if "cost" in options.only:
        _run_cost(record, sizes)
    if "median" in options.only:
        _run_median(record, mails, 3, alone=options.alone)
    if "large" in options.only:
        _run_large(record, largest)
    if "growth" in options.only:
        _run_growth(record, growth_sizes, options.shapes)
    save("parsers", record)


if __name__ == "__main__":
    main()
