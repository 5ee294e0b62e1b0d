"""Measures the parts of the SMTP intake: `python -m bench.intake [--targets bare,library,serve-intake,serve]`.

Rates of the 250 and processor time for a mail: of a bare aiosmtpd, of mailgate's SMTP session with nothing behind it,
of the intake role alone (which stores), and of the whole desk. Rounds as in the comparison.
"""

from __future__ import annotations

import argparse

from bench.client import Load, send
from bench.desk import WARM_UP, run_desk, url_of
from bench.figures import print_table, save, show, spread
from bench.processes import cpu_seconds, scratch
from bench.servers import run_server
from bench.sink import run_sink

BASE = "bare"
TARGETS = ("bare", "library", "serve-intake", "serve")


def measure(kind: str, load: Load) -> dict[str, float]:
    """Mails a second up to the last 250, and the server's CPU for one mail in milliseconds, of a fresh server."""
    if not kind.startswith("serve"):
        with run_server(kind) as server:
            return _measure(server.pid, server.port, load)
    roles = ("intake",) if kind == "serve-intake" else ()
    with (
        scratch("intake") as folder,
        run_sink() as sink,
        run_desk(folder, url_of(folder / "mailgate.db"), sink.port, roles) as desk,
    ):
        return _measure(desk.pid, desk.port, load)


def _measure(pid: int, port: int, load: Load) -> dict[str, float]:
    send(port, Load(WARM_UP, seed=load.seed + 1000))
    before = cpu_seconds(pid)
    sent = send(port, load)
    used = cpu_seconds(pid) - before
    return {"rate": load.mails / (sent.ended - sent.began), "cpu_ms": 1000 * used / load.mails}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description="How fast mail is acknowledged.")
    parser.add_argument("--targets", default=",".join(TARGETS), help="comma-separated: %(default)s")
    parser.add_argument("--mails", type=int, default=400, help="mails per target and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kinds = options.targets.split(",")
    if unknown := set(kinds) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    rounds = []
    for number in range(options.rounds):
        load = Load(options.mails, options.connections, options.seed + number)
        place = number % len(kinds)
        rounds.append({kind: measure(kind, load) for kind in [*kinds[place:], *kinds[:place]]})
        print(f"round {number + 1}: " + ", ".join(f"{kind} {one['rate']:.0f}/s" for kind, one in rounds[-1].items()))
    summary = {}
    for kind in kinds:
        summary[kind] = {name: spread(one[kind][name] for one in rounds) for name in ("rate", "cpu_ms")}
        if BASE in kinds:
            summary[kind]["to_bare"] = spread(one[kind]["rate"] / one[BASE]["rate"] for one in rounds)
    print_table(
        ["", "250s a second", "CPU ms", "to bare"],
        [
            [kind, show(one["rate"], ".0f"), show(one["cpu_ms"]), show(one["to_bare"]) if "to_bare" in one else "-"]
            for kind, one in summary.items()
        ],
    )
    save("intake", {"options": vars(options), "summary": summary, "rounds": rounds})


if __name__ == "__main__":
    main()
