"""The simulation of a desk: its waits are those of queueing theory, and its tables go into the page."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from bench.scaling import PAGE, Costs, Layout, Pool, Process, Simulation, find_limits, plan_layout, read_costs, simulate


def _mean_wait(servers: int, load: float, customers: int) -> float:
    """The mean wait in a line with random arrivals and random services of 1 second in the mean (M/M/c)."""
    dice, simulation = random.Random(20), Simulation()
    pool, waits = Pool(simulation, servers), []

    def customer() -> Process:
        came = simulation.now
        yield pool.enter
        waits.append(simulation.now - came)
        yield dice.expovariate(1.0)
        pool.leave()

    moment = 0.0
    for _ in range(customers):
        moment += dice.expovariate(load * servers)
        simulation.plan(moment, lambda: simulation.start(customer()))
    simulation.run()
    return sum(waits) / len(waits)


def _erlang_c(servers: int, load: float) -> float:
    """The mean wait of an M/M/c line with services of 1 second in the mean (Erlang's C formula)."""
    offered = servers * load
    terms = [offered**number / math.factorial(number) for number in range(servers)]
    last = offered**servers / math.factorial(servers) / (1 - load)
    return last / (sum(terms) + last) / (servers * (1 - load))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.7), (3, 0.7), (8, 0.8)])
def test_the_mean_wait_is_that_of_the_formula(servers: int, load: float) -> None:
    assert _mean_wait(servers, load, 30_000) == pytest.approx(_erlang_c(servers, load), rel=0.08)


def test_a_single_server_waits_as_long_as_the_simpler_formula_says() -> None:
    assert _erlang_c(1, 0.7) == pytest.approx(0.7 / (1 - 0.7))


def test_every_mail_is_acknowledged_then_decided_then_delivered_with_the_same_figures_each_time() -> None:
    first, second = (simulate(Costs(), Layout(1, 2, 1), 50, 2000) for _ in range(2))
    assert first == second
    assert 0 < first.acknowledged.median < first.decided.median < first.delivered.median
    assert all(0 <= use < 1 for use in first.uses.values())


def test_too_few_workers_let_mails_wait_and_more_of_them_help() -> None:
    costs = Costs()
    rate = 1500 / costs.worker_wall_ms  # of one worker, one and a half times
    alone, two = (simulate(costs, Layout(1, workers, 2), rate, 3000) for workers in (1, 2))
    assert alone.decided.median > 10 * two.decided.median
    assert plan_layout(costs, rate).workers >= 2


def test_a_hot_ticket_waits_for_itself_however_many_workers_there_are() -> None:
    costs = Costs(hot_share=1.0, large_share=0.0)
    rate = 1.5 * find_limits(costs)["one hot ticket"]
    layout = Layout(1, 20, 4)
    hot, spread = (
        simulate(costs, layout, rate, 3000),
        simulate(Costs(large_share=0.0, hot_share=0.0), layout, rate, 3000),
    )
    assert hot.uses["one hot ticket"] > 0.9
    assert hot.decided.median > 10 * spread.decided.median


def test_costs_come_from_the_newest_record_of_postgresql(tmp_path: Path) -> None:
    assert read_costs(tmp_path) == (Costs(), "")
    kind = {"ms": 2.0, "statements": 10.0, "server_ms": 1.0, "log_kb": 8.0}
    machine = {"sync_ms": 0.2}
    old = {"engine": "postgresql", "kinds": {"first": kind, "reply": kind}, "machine": machine}
    new = old | {"kinds": {"first": kind | {"ms": 4.0}, "reply": kind | {"ms": 1.0}}}
    for name, record in [("1-1", old), ("1-2", new), ("1-3", old | {"engine": "sqlite"})]:
        (tmp_path / f"budget-{name}.json").write_text(json.dumps(record))
    costs, source = read_costs(tmp_path)
    assert source == "budget-1-2.json"
    assert (costs.worker_ms, costs.statements, costs.sync_ms) == (2.8, 10.0, 0.2)


def test_the_page_has_the_place_for_the_tables() -> None:
    text = PAGE.read_text("utf-8")
    assert text.index("<!-- python -m bench.scaling --page: begin -->") < text.index("<!-- end -->")
