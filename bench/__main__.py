"""Runs the comparison: `python -m bench [--mails 600] [--rounds 5] [--targets ...] [--quick]`, or `make bench`.

In each round every target gets the same mails, one target after the other and each round another one first, so that a
machine that slows down slows them all. A ratio is that of two rates of the same round, and what is printed of it is
the median with minimum and maximum. The record goes to bench/results/; `python -m bench.chart` draws it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from bench.client import Load
from bench.corpus import describe
from bench.figures import print_table, save, show, spread
from bench.peers import CROWD
from bench.targets import BASE, NAMES, Figures, Target, set_up

MOMENTS = ("acknowledged", "decided", "delivered")
DESK = "mailgate-sqlite"
Rounds = list[dict[str, Figures]]


def measure(targets: dict[str, Target], load: Load, rounds: int, slow: int) -> Rounds:
    """Measures every target in every round."""
    found: Rounds = []
    for number in range(rounds):
        place = number % len(targets)
        order = [*list(targets)[place:], *list(targets)[:place]]
        found.append({})
        for name in order:
            target = targets[name]
            mails = min(load.mails, slow) if target.slow else load.mails
            figures = target.measure(replace(load, mails=mails, seed=load.seed + number, tag=target.tag))
            found[-1][name] = figures
            words = ", ".join(f"{rate:.1f}/s {moment}" for moment, rate in figures.items())
            print(f"round {number + 1}: {name} {words}", flush=True)
    return found


def summarise(rounds: Rounds) -> dict[str, dict[str, list[float]]]:
    """Returns spreads for each target: rates, ratios to the bare server, and how many times as fast the desk is."""
    found: dict[str, dict[str, list[float]]] = {}
    for name, first in rounds[0].items():
        figures: dict[str, list[float]] = {}
        for moment in first:
            figures[moment] = spread((one[name][moment] for one in rounds), 1)
            if BASE in rounds[0]:
                ratios = (one[name][moment] / one[BASE]["acknowledged"] for one in rounds)
                figures[f"{moment}_to_bare"] = spread(ratios)
        if DESK in rounds[0] and "decided" in first:
            figures["desk_is_times"] = spread((one[DESK]["decided"] / one[name]["decided"] for one in rounds), 2)
        found[name] = figures
    return found


def print_summary(summary: dict[str, dict[str, list[float]]], missing: dict[str, str]) -> None:
    """Prints mails a second, then ratios: median (minimum-maximum)."""
    print("\nmails a second")
    known = [name for name in NAMES if name in summary]
    rows = [[name, *(_cell(summary[name], moment, ".0f") for moment in MOMENTS)] for name in known]
    print_table(["", *MOMENTS], rows)
    print(f"\nratio to {BASE} of the same round; the last column: how many times as fast {DESK} decides")
    rows = [
        [name, *(_cell(summary[name], key) for key in (*(f"{one}_to_bare" for one in MOMENTS), "desk_is_times"))]
        for name in known
    ]
    print_table(["", *MOMENTS, "desk"], rows)
    for name, reason in missing.items():
        print(f"{name}: not installed: {reason}")


def _cell(figures: dict[str, list[float]], name: str, form: str = ".2f") -> str:
    return show(figures[name], form) if name in figures else "-"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast a desk is, beside others.")
    parser.add_argument("--targets", default=",".join(NAMES), help="comma-separated: %(default)s")
    parser.add_argument("--mails", type=int, default=600, help="mails per target and round")
    parser.add_argument("--slow-mails", type=int, default=120, help="how many of them Request Tracker gets")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first-only", action="store_true", help="no replies: a receipt and a forward for every mail")
    parser.add_argument("--quick", action="store_true", help="two rounds of 300 mails, to see that everything works")
    options = parser.parse_args()
    names = options.targets.split(",")
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if options.quick:
        options.mails, options.slow_mails, options.rounds = 300, 60, 2
    replies = 0.0 if options.first_only else 0.4
    load = Load(options.mails, options.connections, options.seed, replies=replies, crowd=CROWD)
    with set_up(names) as (targets, missing):
        rounds = measure(targets, load, options.rounds, options.slow_mails)
    summary = summarise(rounds)
    print_summary(summary, missing)
    versions = {name: target.version for name, target in targets.items() if target.version}
    record = {"options": vars(options), "corpus": describe(load.samples()), "peers": versions, "missing": missing}
    save("comparison", record | {"summary": summary, "rounds": rounds})


if __name__ == "__main__":
    main()
