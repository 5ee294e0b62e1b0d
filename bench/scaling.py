"""Simulates a desk on several hosts and one PostgreSQL: `python -m bench.scaling [--rates 10,100,300,1000] [--page]`.

A discrete-event simulation of the line of a mail: intake, commit, worker, commit, courier. It answers which resource
ends first at a rate, how long a mail takes to its 250, to its ticket and to the relay, and what more processes help.

The costs of a mail come from the newest record of `python -m bench.budget --postgresql` where there is one, all others
from `Costs`, where each names its source. What is simulated is a model:

- Arrivals are random (Poisson), each process has a processor of its own, and every mail costs the mean.
- Commits that announce work follow one another: PostgreSQL holds a lock of the whole server while a transaction with a
  NOTIFY commits, the sync of the log included. The other commits share the sync of those, and only wait for one.
- A mail of the hot ticket holds the ticket's row until the transaction of its slice ends.
- Bytes go to the log before the commit, in pieces of 1 MB; they share the disk, not the lock.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import math
import random
import re
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from bench.figures import print_table, save
from bench.processes import RESULTS, ROOT
from mailgate.daemon.workers.inbound import BATCH, WHOLE
from mailgate.transport.acceptance import GROUP

RATES = (10, 100, 300, 1000)  # mails a second
BUSY = 0.7  # of its time that a process may work: above that waiting grows fast
PAGE = ROOT / "docs" / "scaling.md"
_FROM, _TO = "<!-- python -m bench.scaling --page: begin -->", "<!-- end -->"
_SERVER, _SYNCS, _BYTES, _HOT, _CONNECTIONS = (
    "processors of the server", "syncs of the log", "bytes of the log", "one hot ticket", "connections"
)  # fmt: skip
_MIX = {"first": 0.6, "reply": 0.4}  # the corpus (docs/performance.md, The emails)


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of a mail, in milliseconds and kB, and the machines' limits; each with its source."""

    # docs/performance.md: "about 0.5 ms of processor time in the intake".
    intake_ms: float = 0.5
    # python -m bench.budget --postgresql on a quiet machine of two processors, 30 November 2026: six first emails to
    # four replies.
    worker_ms: float = 5.2
    server_ms: float = 0.8  # processor time of the server for a mail that is decided
    statements: float = 2.8
    log_kb: float = 18.0  # of the log, for a mail that is decided
    # docs/performance.md: 0.9 to 1.3 ms for the one or two notices of an email.
    courier_ms: float = 0.7  # a notice
    notices: float = 1.6  # a mail: docs/performance.md, two for a first email, one for a reply
    # docs/performance.md, The emails.
    mail_kb: float = 42.0
    # Assumed: 0.3 ms of the server for the two statements of a stored mail, and for those of a sent notice.
    store_ms: float = 0.3
    sent_ms: float = 0.3
    sent_log_kb: float = 1.0
    # Assumed: hosts of one data centre; a relay that answers a notice within 20 ms.
    round_trip_ms: float = 0.2
    relay_ms: float = 20.0
    # docs/performance.md: "a sync of 4 kB in 0.1 to 0.3 ms". A network disk takes 1 to 5.
    sync_ms: float = 0.3
    log_mb_second: float = 200.0  # assumed: what the disk of the log writes
    # Of PostgreSQL: max_connections is 100 by default; the rest is assumed.
    server_processors: int = 16
    most_connections: int = 100
    # Connections of a process: of its threads that may use the database at once, and the one that listens (counted in
    # the code, not measured).
    intake_connections: int = 3
    worker_connections: int = 2
    courier_connections: int = 10
    clock_connections: int = 8
    relay_connections: int = 8  # the default of [relay] connections
    # Assumed: one ticket gets a hundredth of all mails; one mail of a thousand has 10 MB.
    hot_share: float = 0.01
    large_share: float = 0.001
    large_mb: float = 10.0
    large_intake_ms: float = 1.0  # a MB; assumed
    large_worker_ms: float = 5.0  # a MB; docs/performance.md: 0.03 to 0.19 s for 25 MB

    @property
    def mean_kb(self) -> float:
        return self.mail_kb + self.large_share * self.large_mb * 1024

    @property
    def worker_wall_ms(self) -> float:
        """The time that a worker needs for a mail: its own, the server's, and the way between them."""
        return self.worker_ms + self.server_ms + self.statements * self.round_trip_ms

    @property
    def hot_hold_ms(self) -> float:
        """The least time that a mail of one ticket keeps the ticket's row, where each mail has its own transaction."""
        return self.worker_wall_ms + self.sync_ms


@dataclass(frozen=True, slots=True)
class Layout:
    """How many processes of each role a desk has, on any number of hosts."""

    intakes: int
    workers: int
    couriers: int

    def connections(self, costs: Costs) -> int:
        return (
            self.intakes * costs.intake_connections + self.workers * costs.worker_connections
            + self.couriers * costs.courier_connections + costs.clock_connections
        )  # fmt: skip


# -- the simulator -----------------------------------------------------------------------------------------------------

Process = Generator["float | Callable[[Callable[[], None]], None]", None, None]
"""Yields seconds to let pass, or a function that takes the call to continue with."""


class Simulation:
    """Events in the order of their time; two at one time in the order in which they were planned."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def plan(self, delay: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + delay, next(self._numbers), call))

    def start(self, process: Process) -> None:
        """Runs a process until it waits."""
        for wait in process:
            if callable(wait):
                wait(lambda: self.start(process))
            else:
                self.plan(wait, lambda: self.start(process))
            return

    def run(self) -> None:
        """Runs until nothing is planned any more."""
        while self._events:
            self.now, _, call = heapq.heappop(self._events)
            call()


class Pool:
    """Servers of one kind with one line (M/G/c); counts the time that they are busy."""

    def __init__(self, simulation: Simulation, servers: int = 1) -> None:
        self.servers = servers
        self.busy = 0.0  # seconds of all servers
        self._simulation = simulation
        self._free = servers
        self._line: deque[Callable[[], None]] = deque()

    def enter(self, go_on: Callable[[], None]) -> None:
        """Takes a server, or waits in the line."""
        if self._free:
            self._free -= 1
            go_on()
        else:
            self._line.append(go_on)

    def leave(self) -> None:
        """Gives the server to the next in the line."""
        if self._line:
            self._simulation.plan(0.0, self._line.popleft())
        else:
            self._free += 1

    def use(self, seconds: float) -> Process:
        yield self.enter
        yield seconds
        self.busy += seconds
        self.leave()


@dataclass(slots=True, eq=False)
class _Mail:
    arrived: float
    kb: float
    hot: bool
    acknowledged: float = 0.0
    decided: float = 0.0
    delivered: float = 0.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds from the end of a mail's DATA to a moment: the median and the 99th percentile."""

    median: float
    worst: float

    def __str__(self) -> str:
        return f"{_short(self.median)} / {_short(self.worst)}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the simulation of a rate shows. `uses` are of the resources that cannot be split: 1 is used up."""

    acknowledged: Waits
    decided: Waits
    delivered: Waits
    uses: dict[str, float]
    processors: float  # that the processes of the desk keep busy, time that a worker waits for the server included


class Desk:
    """A desk under simulation."""

    def __init__(self, costs: Costs, layout: Layout, seed: int) -> None:
        self._costs = costs
        self._dice = random.Random(seed)
        self.simulation = simulation = Simulation()
        self.server = Pool(simulation, costs.server_processors)
        self.log = Pool(simulation)
        self.disk = Pool(simulation)
        self.intakes = [Pool(simulation) for _ in range(layout.intakes)]
        self.workers = Pool(simulation, layout.workers)  # busy is counted by hand
        self.couriers = [Pool(simulation) for _ in range(layout.couriers)]
        self.dialogues = Pool(simulation, layout.couriers * costs.relay_connections)
        self.hot = Pool(simulation)
        self.mails: list[_Mail] = []
        self._unstored: list[deque[_Mail]] = [deque() for _ in self.intakes]
        self._writes = [False for _ in self.intakes]
        self._journal: deque[_Mail] = deque()
        self._idle = layout.workers
        self._turns = itertools.count()

    def arrive(self, rate: float, seconds: float) -> None:
        """Plans the mails of so many seconds."""
        moment, costs = 0.0, self._costs
        while (moment := moment + self._dice.expovariate(rate)) < seconds:
            large, hot = self._dice.random() < costs.large_share, self._dice.random() < costs.hot_share
            mail = _Mail(moment, costs.large_mb * 1024 if large else costs.mail_kb, hot)
            self.mails.append(mail)
            self.simulation.plan(moment, lambda mail=mail: self.simulation.start(self._take_in(mail)))  # type: ignore[misc]

    def _take_in(self, mail: _Mail) -> Process:
        number = next(self._turns) % len(self.intakes)
        extra = self._costs.large_intake_ms * self._megabytes(mail)
        yield from self.intakes[number].use((self._costs.intake_ms + extra) / 1000)
        self._unstored[number].append(mail)
        if not self._writes[number]:
            self._writes[number] = True
            self.simulation.start(self._store(number))

    def _store(self, number: int) -> Process:
        """The writer of an intake: mails that wait together share a commit."""
        waiting, costs = self._unstored[number], self._costs
        while waiting:
            group = [waiting.popleft() for _ in range(min(GROUP, len(waiting)))]
            yield from self.server.use(costs.store_ms / 1000 * len(group))
            yield 2 * costs.round_trip_ms / 1000 * len(group)
            yield from self._commit(sum(mail.kb for mail in group))
            for mail in group:
                mail.acknowledged = self.simulation.now
            self._journal.extend(group)
            while self._idle and self._journal:
                self._idle -= 1
                self.simulation.start(self._decide())
        self._writes[number] = False

    def _megabytes(self, mail: _Mail) -> float:
        """The size of a large mail; 0 for the others, whose size is in their other costs."""
        return mail.kb / 1024 if mail.kb > self._costs.mail_kb else 0.0

    def _commit(self, kb: float) -> Process:
        """A commit that announces work."""
        for _ in range(int(kb / 1024)):
            yield from self.disk.use(1 / self._costs.log_mb_second)
        yield from self.disk.use(kb / 1024 % 1 / self._costs.log_mb_second)
        yield from self.log.use(self._costs.sync_ms / 1000)

    def _decide(self) -> Process:
        """A worker that has been woken: batches, in slices of one transaction each, until nothing waits."""
        costs, began = self._costs, self.simulation.now
        while self._journal:
            batch = deque(self._journal.popleft() for _ in range(min(BATCH, len(self._journal))))
            yield (2 * costs.round_trip_ms + costs.sync_ms) / 1000  # the lease
            while batch:
                slice_: list[_Mail] = []
                opened, holds = self.simulation.now, False
                while batch and (not slice_ or self.simulation.now - opened < WHOLE):
                    mail = batch.popleft()
                    slice_.append(mail)
                    if mail.hot and not holds:
                        holds = True
                        yield self.hot.enter
                        locked = self.simulation.now
                    own = costs.worker_ms + costs.large_worker_ms * self._megabytes(mail)
                    yield (own + costs.statements * costs.round_trip_ms) / 1000
                    yield from self.server.use(costs.server_ms / 1000)
                yield from self._commit(costs.log_kb * len(slice_))
                if holds:
                    self.hot.busy += self.simulation.now - locked
                    self.hot.leave()
                for mail in slice_:
                    mail.decided = self.simulation.now
                    self.simulation.start(self._deliver(mail))
        self.workers.busy += self.simulation.now - began
        self._idle += 1

    def _deliver(self, mail: _Mail) -> Process:
        """A mail's notices, one after the other; the commit of the outcome comes after the relay has them."""
        costs = self._costs
        whole = int(costs.notices)
        for _ in range(whole + (self._dice.random() < costs.notices - whole)):
            yield self.dialogues.enter
            courier = self.couriers[next(self._turns) % len(self.couriers)]
            yield from courier.use(costs.courier_ms / 1000)
            yield from self.server.use(costs.sent_ms / 1000)
            yield costs.relay_ms / 1000
            mail.delivered = self.simulation.now
            yield costs.sync_ms / 1000
            self.dialogues.leave()


def simulate(costs: Costs, layout: Layout, rate: float, mails: int, seed: int = 1) -> Outcome:
    """Simulates about so many mails at a rate; the first tenth is not counted."""
    desk = Desk(costs, layout, seed)
    desk.arrive(rate, mails / rate)
    desk.simulation.run()
    counted, seconds = desk.mails[len(desk.mails) // 10 :], desk.simulation.now
    pools = {_SERVER: desk.server, _SYNCS: desk.log, _BYTES: desk.disk, _HOT: desk.hot}
    uses = {name: pool.busy / pool.servers / seconds for name, pool in pools.items()}
    processes = [*desk.intakes, desk.workers, *desk.couriers]
    return Outcome(
        acknowledged=_waits(mail.acknowledged - mail.arrived for mail in counted),
        decided=_waits(mail.decided - mail.arrived for mail in counted),
        delivered=_waits(mail.delivered - mail.arrived for mail in counted),
        uses=uses | {_CONNECTIONS: layout.connections(costs) / costs.most_connections},
        processors=sum(one.busy for one in processes) / seconds,
    )


def _waits(seconds: Iterable[float]) -> Waits:
    known = sorted(seconds)
    return Waits(known[len(known) // 2] * 1000, known[min(len(known) * 99 // 100, len(known) - 1)] * 1000)


# -- what a rate needs -------------------------------------------------------------------------------------------------


def plan_layout(costs: Costs, rate: float) -> Layout:
    """Returns as many processes as leave each of them idle for a part of its time."""

    def count(milliseconds: float) -> int:
        return max(1, math.ceil(rate * milliseconds / 1000 / BUSY))

    notice = costs.courier_ms + costs.sent_ms
    dialogue = notice + costs.relay_ms + costs.sync_ms
    couriers = max(count(costs.notices * notice), count(costs.notices * dialogue / costs.relay_connections))
    return Layout(count(costs.intake_ms + costs.store_ms), count(costs.worker_wall_ms), couriers)


def find_limits(costs: Costs) -> dict[str, float]:
    """Returns the mails a second at which each resource that cannot be split is used up, the least first."""
    server = costs.store_ms + costs.server_ms + costs.notices * costs.sent_ms
    logged = costs.mean_kb + costs.log_kb + costs.notices * costs.sent_log_kb
    a_slice = max(1.0, min(BATCH, WHOLE * 1000 / costs.worker_wall_ms))
    # At the limit the intakes' groups are full; a group and a slice each announce their work in one commit.
    commits = (1 / GROUP + 1 / a_slice) * costs.sync_ms
    connections = costs.most_connections
    alone = plan_layout(costs, 1000.0).connections(costs)
    limits = {
        _SERVER: 1000 * costs.server_processors / server,
        _SYNCS: 1000 / commits,
        _BYTES: costs.log_mb_second * 1024 / logged,
        _CONNECTIONS: 1000.0 * (connections - costs.clock_connections) / (alone - costs.clock_connections),
        _HOT: 1000 / costs.hot_hold_ms / costs.hot_share,
    }
    return dict(sorted(limits.items(), key=lambda item: item[1]))


def read_costs(results: Path = RESULTS) -> tuple[Costs, str]:
    """Returns the costs of the newest record of PostgreSQL, and its name; the defaults and "" where there is none."""
    for file in sorted(results.glob("budget-[0-9]*.json"), reverse=True):
        record = json.loads(file.read_text("utf-8"))
        kinds = record.get("kinds", {})
        if record.get("engine") == "postgresql" and all("server_ms" in kinds.get(kind, {}) for kind in _MIX):

            def mean(name: str, kinds: dict[str, dict[str, float]] = kinds) -> float:
                return round(sum(part * kinds[kind][name] for kind, part in _MIX.items()), 3)

            sync_ms = float(record["machine"]["sync_ms"])
            return replace(
                Costs(), worker_ms=mean("ms"), statements=mean("statements"), server_ms=mean("server_ms"),
                log_kb=mean("log_kb"), sync_ms=sync_ms,
            ), file.name  # fmt: skip
    return Costs(), ""


# -- the report --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """The tables of a run: costs, limits, and a line for each rate."""

    costs: Costs
    source: str
    limits: dict[str, float]
    lines: list[list[str]] = field(default_factory=list)


HEAD = (
    "emails a second", "intakes, workers, couriers", "processors", "connections", "to the 250, ms",
    "to the ticket, ms", "to the relay, ms", "ends first",
)  # fmt: skip


def report(costs: Costs, source: str, rates: Iterable[float], mails: int) -> Report:
    found = Report(costs, source, find_limits(costs))
    for rate in rates:
        layout = plan_layout(costs, rate)
        outcome = simulate(costs, layout, rate, mails)
        # A resource that is used up is busy all the time, however much more is asked of it.
        asked = {name: max(outcome.uses[name], rate / limit) for name, limit in found.limits.items()}
        name, use = max(asked.items(), key=lambda item: item[1])
        found.lines.append([
            f"{rate:g}", f"{layout.intakes}, {layout.workers}, {layout.couriers}",
            f"{outcome.processors:.1f}", str(layout.connections(costs)),
            str(outcome.acknowledged), str(outcome.decided), str(outcome.delivered), f"{name} {use:.0%}",
        ])  # fmt: skip
    return found


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _markdown(found: Report) -> str:
    """The tables as the page has them."""
    origin = f"`{found.source}`" if found.source else "the defaults of `bench/scaling.py`"
    names = ("intake_ms", "worker_ms", "statements", "server_ms", "log_kb", "courier_ms", "sync_ms")
    costs = ", ".join(f"{name} {getattr(found.costs, name):g}" for name in names)
    lines = [f"Costs of an email from {origin}: {costs}.", "", _row(HEAD), _row(["---"] * len(HEAD))]
    lines += [_row(line) for line in found.lines]
    lines += ["", _row(["resource that cannot be split", "used up at, emails a second"]), _row(["---", "---"])]
    lines += [_row([name, f"{limit:.0f}"]) for name, limit in found.limits.items()]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write_page(found: Report, page: Path = PAGE) -> None:
    """Puts the tables into the page, in place of the former ones."""
    text = page.read_text("utf-8")
    pattern = re.compile(f"{re.escape(_FROM)}.*?{re.escape(_TO)}", re.DOTALL)
    page.write_text(pattern.sub(lambda _: f"{_FROM}\n{_markdown(found)}\n{_TO}", text), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description="What a desk of a rate needs.")
    parser.add_argument("--rates", default=",".join(map(str, RATES)), help="mails a second: %(default)s")
    parser.add_argument("--mails", type=int, default=20_000, help="to simulate for each rate: %(default)s")
    parser.add_argument("--page", action="store_true", help=f"write the tables into {PAGE.relative_to(ROOT)}")
    for one in fields(Costs):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    costs, source = read_costs()
    given = {one.name: getattr(options, one.name) for one in fields(Costs) if getattr(options, one.name) is not None}
    found = report(replace(costs, **given), source, map(float, options.rates.split(",")), options.mails)
    print_table(HEAD, found.lines)
    print()
    print_table(["used up at", "mails a second"], [[name, f"{limit:.0f}"] for name, limit in found.limits.items()])
    save("scaling", {"costs": {one.name: getattr(found.costs, one.name) for one in fields(Costs)}, "from": source,
                     "limits": found.limits, "lines": found.lines})  # fmt: skip
    if options.page:
        write_page(found)


if __name__ == "__main__":
    main()
