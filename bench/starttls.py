"""Measures the cost of STARTTLS, apart from the comparison: `python -m bench.starttls [--mails 400] [--rounds 5]`.

Bare aiosmtpd and mailgate's SMTP intake, each with STARTTLS and without, on connections that are kept and on a new one
for each mail (a whole handshake each; no resumption, as between mail servers). Rates are those of the 250. A ratio is
that to bare aiosmtpd in the same round with the same connections.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

from bench.client import Load, send
from bench.desk import WARM_UP, run_desk, url_of
from bench.figures import print_table, save, show, spread
from bench.processes import scratch
from bench.servers import make_certificate, run_server
from bench.sink import run_sink

SERVERS = ("bare", "intake", "serve")  # `intake` is that role of the desk alone, `serve` the whole desk


def measure(server: str, certificate: tuple[Path, Path], load: Load) -> float:
    """Mails a second up to the last 250, from a fresh server that offers STARTTLS whether it is used or not."""
    warm_up = Load(WARM_UP, seed=load.seed + 1000, starttls=load.starttls)
    if server == "bare":
        with run_server("bare", *certificate) as running:
            send(running.port, warm_up)
            sent = send(running.port, load)
    else:
        roles = ("intake",) if server == "intake" else ()
        with (
            scratch("tls") as folder,
            run_sink() as sink,
            run_desk(folder, url_of(folder / "mailgate.db"), sink.port, roles, certificate) as desk,
        ):
            send(desk.port, warm_up)
            if server == "serve":
                desk.wait_delivered()
            sent = send(desk.port, load)
    return load.mails / (sent.ended - sent.began)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.starttls", description="What STARTTLS costs.")
    parser.add_argument("--mails", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="two rounds of 100 mails")
    options = parser.parse_args()
    if options.quick:
        options.mails, options.rounds = 100, 2
    cases = list(product(SERVERS, ("plain", "STARTTLS"), ("kept", "new")))
    rounds: list[dict[str, float]] = []
    with scratch("certificate") as folder:
        certificate = make_certificate(folder)
        for number in range(options.rounds):
            place = number % len(cases)
            rounds.append({})
            for server, cover, kind in [*cases[place:], *cases[:place]]:
                load = Load(
                    options.mails,
                    seed=options.seed + number,
                    starttls=cover == "STARTTLS",
                    reconnect=kind == "new",
                )
                rounds[-1][f"{server} {cover} {kind}"] = measure(server, certificate, load)
            print(f"round {number + 1} done", flush=True)
    summary = {}
    for server, cover, kind in cases:
        name, base = f"{server} {cover} {kind}", f"bare {cover} {kind}"
        ratios = spread(one[name] / one[base] for one in rounds)
        summary[name] = {"acknowledged": spread((one[name] for one in rounds), 1), "to_bare": ratios}
    rows = [[name, show(figures["acknowledged"], ".0f"), show(figures["to_bare"])] for name, figures in summary.items()]
    print_table(["server, cover, connections", "250s a second", "to bare"], rows)
    save("starttls", {"options": vars(options), "summary": summary, "rounds": rounds})


if __name__ == "__main__":
    main()
