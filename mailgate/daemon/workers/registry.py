"""Lists the workers of the daemon: a new periodic job is a module in this package and a row here.

A worker is built from the desk alone. On PostgreSQL any number of processes may run the role `clock`; each of its
workers runs in one of them at a time (`singleton`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from mailgate.config import Settings
from mailgate.daemon.desk import Desk
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.daemon.workers.decisions import DecisionWorker
from mailgate.daemon.workers.digest import DigestWorker
from mailgate.daemon.workers.holds import HoldWorker
from mailgate.daemon.workers.hooks import HookWorker
from mailgate.daemon.workers.inbound import InboundWorker
from mailgate.daemon.workers.knowledge import KnowledgeWorker
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.daemon.workers.outbound import OutboundWorker
from mailgate.daemon.workers.probe import ProbeWorker
from mailgate.daemon.workers.replanning import ReplanningWorker
from mailgate.daemon.workers.reports import ReportWorker
from mailgate.daemon.workers.retention import RetentionWorker
from mailgate.daemon.workers.scanner import ScanWorker
from mailgate.daemon.workers.timers import TimerWorker
from mailgate.daemon.workers.worker_loop import Worker
from mailgate.tickets.retention import is_enabled

ROLES = ("intake", "worker", "courier", "clock")
_MOST_ROUNDS = 1000  # in which workers give each other work; more is a loop that does not end


class WorkerClass(Protocol):
    """A class of workers; `name` is the name of its loop and of its lease."""

    @property
    def name(self) -> str: ...

    def __call__(self, desk: Desk) -> Worker: ...


def _always(_settings: Settings) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker and the role that runs it.

    `wakes` are the roles whose work begins where a step of this one ends. What is not listed there (a failed notice
    sets a timer) is found at the next look. Without `enabled` by the settings, the worker is not started.
    """

    worker: WorkerClass
    role: str = "clock"
    wakes: tuple[str, ...] = ("courier",)
    enabled: Callable[[Settings], bool] = _always


WORKERS = (
    WorkerRow(InboundWorker, role="worker", wakes=("courier", "clock")),
    WorkerRow(
        ScanWorker,
        role="worker",
        wakes=("worker", "courier"),
        enabled=lambda settings: settings.intake.scan is not None,
    ),
    WorkerRow(ReplanningWorker, wakes=("courier", "clock")),
    WorkerRow(TimerWorker),
    WorkerRow(DigestWorker, enabled=lambda settings: settings.digest.at is not None),
    WorkerRow(DecisionWorker, enabled=lambda settings: settings.agents.decisions == "daily"),
    WorkerRow(ReportWorker, enabled=lambda settings: bool(settings.reports)),
    WorkerRow(HoldWorker),
    WorkerRow(OutboundWorker, role="courier", wakes=()),
    WorkerRow(HookWorker, role="courier", wakes=(), enabled=lambda settings: bool(settings.hooks)),
    WorkerRow(MonitoringWorker),
    WorkerRow(ArchiveWorker, enabled=lambda settings: settings.archive.folder is not None),
    WorkerRow(RetentionWorker, wakes=(), enabled=is_enabled),
    WorkerRow(ProbeWorker, enabled=lambda settings: settings.intake.probe_every is not None),
    WorkerRow(
        KnowledgeWorker,
        wakes=(),
        enabled=lambda settings: settings.knowledge.enabled and settings.knowledge.articles is not None,
    ),
)

WAKES: dict[str, tuple[str, ...]] = {"intake": ("worker",), **{row.worker.name: row.wakes for row in WORKERS}}


def list_workers(settings: Settings, roles: Collection[str] = ROLES) -> list[WorkerRow]:
    """Lists the workers of these roles that the settings enable."""
    return [row for row in WORKERS if row.role in roles and row.enabled(settings)]


def run_until_idle(workers: Iterable[Worker]) -> None:
    """Runs steps in turn until no worker has anything due, for a desk without threads (tests and benchmarks)."""
    workers = tuple(workers)
    for _ in range(_MOST_ROUNDS):
        if not any(worker.step() for worker in workers):
            return
    raise AssertionError("the desk never comes to rest")
