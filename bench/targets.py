"""The targets of the comparison: a bare server, the floor, mailgate on both engines, and other desks.

`set_up` returns the installed ones and the reasons why others are missing. A target's `measure` returns mails a second
up to the last 250, to the last mail decided, and to the last notice at the relay, where there is such a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Protocol

from bench.client import Load, send
from bench.cluster import Cluster, run_cluster
from bench.desk import WARM_UP, measure_desk, run_desk, url_of
from bench.peers import set_up_django_helpdesk, set_up_roundup
from bench.processes import NotInstalled, scratch
from bench.request_tracker import set_up_request_tracker
from bench.servers import run_server
from bench.sink import run_sink

BASE = "bare"
NAMES = (BASE, "floor", "mailgate-sqlite", "mailgate-postgresql", "roundup", "django-helpdesk", "request-tracker")

Figures = dict[str, float]


class Peer(Protocol):
    """Another desk: the form of its ticket numbers, and its mails a second."""

    tag: str
    version: str

    def measure(self, load: Load) -> float: ...


@dataclass(frozen=True, slots=True)
class Target:
    """A program to measure. A `slow` one gets fewer mails, the first of the same corpus."""

    measure: Callable[[Load], Figures]
    version: str = ""
    tag: str = "[SUP-{}]"
    slow: bool = False


@contextmanager
def set_up(names: list[str]) -> Iterator[tuple[dict[str, Target], dict[str, str]]]:
    """Returns the targets that can be measured, and why the others cannot."""
    with ExitStack() as stack:
        cluster: list[Cluster] = []

        def get_cluster() -> Cluster:
            if not cluster:
                cluster.append(stack.enter_context(run_cluster()))
            return cluster[0]

        def enter(peer: AbstractContextManager[Peer], slow: bool = False) -> Target:
            running = stack.enter_context(peer)
            return Target(lambda load: {"decided": running.measure(load)}, running.version, running.tag, slow)

        makers: dict[str, Callable[[], Target]] = {
            BASE: lambda: Target(partial(_measure_server, "bare")),
            "floor": lambda: Target(partial(_measure_server, "floor")),
            "mailgate-sqlite": lambda: Target(_measure_sqlite),
            "mailgate-postgresql": lambda: _try(Target(partial(_measure_postgresql, get_cluster()))),
            "roundup": lambda: enter(set_up_roundup()),
            "django-helpdesk": lambda: enter(set_up_django_helpdesk()),
            "request-tracker": lambda: enter(set_up_request_tracker(get_cluster()), slow=True),
        }
        found, missing = {}, {}
        for name in names:
            try:
                found[name] = makers[name]()
            except NotInstalled as reason:
                missing[name] = str(reason)
                print(f"{name} is left out: {reason}")
        yield found, missing


def _try(target: Target) -> Target:
    """Returns the target if it works here. Raises NotInstalled with the reason if it does not."""
    try:
        target.measure(Load(WARM_UP))
    except SystemExit as words:
        raise NotInstalled(str(words)[-300:]) from words
    return target


def _measure_server(kind: str, load: Load) -> Figures:
    with run_server(kind) as server:
        send(server.port, Load(WARM_UP, seed=load.seed + 1000))
        sent = send(server.port, load)
    rate = load.mails / (sent.ended - sent.began)
    return {"acknowledged": rate} if kind == BASE else {"acknowledged": rate, "decided": rate}


def _measure_sqlite(load: Load) -> Figures:
    with scratch("desk") as folder:
        return _measure_desk(url_of(folder / "mailgate.db"), load)


def _measure_postgresql(cluster: Cluster, load: Load) -> Figures:
    return _measure_desk(cluster.make_database(), load)


def _measure_desk(database: str, load: Load) -> Figures:
    with scratch("serve") as folder, run_sink() as sink, run_desk(folder, database, sink.port) as desk:
        return asdict(measure_desk(desk, sink, load))
