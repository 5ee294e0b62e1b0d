"""The health of the desk as metrics of Prometheus: their families, and the text exposition format 0.0.4. Pure.

The health is gauges. One without a value, such as the age of the oldest mail where none waits, has no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailgate import __version__
from mailgate.daemon.health.values import Health, SourceHealth

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


PREFIX = "mailgate_"
"""First letters of the name of every metric."""

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A value with its labels; None is no sample. `suffix` joins the name of the family, as `_total` of a counter."""

    value: float | int | bool | None
    labels: Labels = ()
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name without the prefix, what it means in words, its samples, and its type of Prometheus."""

    name: str
    words: str
    samples: Iterable[Sample]
    kind: str = "gauge"


def write_metrics(health: Health) -> str:
    """Writes the whole page, including its last line end."""
    return "".join(f"{line}\n" for family in list_gauges(health) for line in _lines(family))


def list_gauges(health: Health) -> Iterator[Family]:
    """Returns the metrics of a desk's health."""
    queues, ways = (
        health.queues.items(),
        (*health.ways, health.relay, *health.hooks, *filter(None, [health.scanner]), health.desk),
    )
    version = (("version", __version__), ("database", health.version))
    yield Family("info", "The versions of mailgate and of its database; always 1.", [Sample(1, version)])
    yield Family("healthy", "Whether the desk is healthy, as in `mailgate status`.", [Sample(health.healthy)])
    yield Family("database_bytes", "Size of the database.", [Sample(health.size)])
    waiting = [Sample(load.waiting, _queue(name)) for name, load in queues]
    yield Family("queue_waiting", "Rows waiting to be processed.", waiting)
    parked = [Sample(load.parked, _queue(name)) for name, load in queues]
    yield Family("queue_parked", "Rows parked for the operator.", parked)
    quarantined = [Sample(load.quarantined, _queue(name)) for name, load in queues if name == "journal"]
    yield Family("queue_quarantined", "Emails that the virus scanner has quarantined.", quarantined)
    yield Family(
        "queue_oldest_waiting_seconds", "Age of the oldest waiting row; for timers, how long the first has been due.",
        (Sample(load.oldest_waiting_seconds, _queue(name)) for name, load in queues),
    )  # fmt: skip
    yield Family(
        "tickets", "Tickets by state.", (Sample(count, (("state", state),)) for state, count in health.tickets.items())
    )
    yield Family(
        "queue_untried", "Rows due for five minutes or longer without an attempt.",
        (Sample(load.untried, _queue(name)) for name, load in queues),
    )  # fmt: skip
    yield Family(
        "queue_untried_seconds", "How long the first of these has been due; 0 without one.",
        (Sample(load.untried_seconds or 0, _queue(name)) for name, load in queues),
    )  # fmt: skip
    for name, words, count in (
        ("level_tickets", "Tickets by queue and by the level that has them.", "tickets"),
        ("level_late", "Of these, overdue tickets.", "late"),
    ):
        yield Family(
            name, words,
            [Sample(getattr(one, count), (("queue", one.queue), ("level", one.level))) for one in health.levels],
        )  # fmt: skip
    yield from _ways(ways)
    yield from _machine(health)


def _machine(health: Health) -> Iterator[Family]:
    yield Family(
        "role_up", "Whether a role has reported within three minutes.",
        (Sample(role.healthy, (("role", role.role), ("host", role.host))) for role in health.roles),
    )  # fmt: skip
    yield Family(
        "role_up_seconds", "How long the process of a role has been running.",
        (Sample(role.up_seconds, (("role", role.role), ("host", role.host))) for role in health.roles),
    )  # fmt: skip
    for name, words in (("free", "Free space of a disk that the desk writes to."), ("size", "Size of that disk.")):
        disks = [Sample(getattr(disk, name), (("folder", disk.folder),)) for disk in health.disks]
        yield Family(f"disk_{name}_bytes", words, disks)
    jump = [Sample(health.jump.seconds if health.jump is not None else 0)]
    yield Family("clock_jump_seconds", "How far the clock was set within the last day; 0 if it was not.", jump)
    sending = health.sending
    yield Family("sending_held", "Whether the operator is holding sending.", [Sample(sending.held_seconds is not None)])
    yield Family("dry_run", "Whether a dry run is running here.", [Sample(sending.dry_run_seconds is not None)])
    yield Family("received_last_hour", "Emails received within the last hour.", [Sample(health.received)])
    yield Family("sent_last_hour", "Notices sent within the last hour.", [Sample(health.sent)])


def _ways(ways: tuple[SourceHealth, ...]) -> Iterator[Family]:
    yield Family("way_up", "Whether a source, or the relay, works.", (Sample(way.healthy, _way(way)) for way in ways))
    yield Family(
        "way_last_success_seconds", "Time since the last success.",
        (Sample(way.last_success_seconds, _way(way)) for way in ways),
    )  # fmt: skip
    yield Family(
        "way_failing_seconds", "Time since the first of the current failures; 0 without one.",
        (Sample(way.failing_seconds or 0, _way(way)) for way in ways),
    )  # fmt: skip
    yield Family("way_alarmed", "Whether an alarm is open.", (Sample(way.alarmed, _way(way)) for way in ways))
    yield Family(
        "way_figure", "Figures of a source; for the round trip, its seconds.",
        (
            Sample(value, (*_way(way), ("figure", figure)))
            for way in ways
            for figure, value in way.figures.items()
            if isinstance(value, int | float)
        ),
    )  # fmt: skip


def _queue(name: str) -> Labels:
    return (("queue", name),)


def _way(way: SourceHealth) -> Labels:
    return (("way", way.name),)


def _lines(family: Family) -> Iterator[str]:
    name = f"{PREFIX}{family.name}"
    lines = [_line(f"{name}{sample.suffix}", sample) for sample in family.samples if sample.value is not None]
    if lines:
        yield from (f"# HELP {name} {family.words}", f"# TYPE {name} {family.kind}", *lines)


def _line(name: str, sample: Sample) -> str:
    labels = ",".join(f'{key}="{value.translate(_ESCAPES)}"' for key, value in sample.labels)
    value = sample.value or 0  # a truth is 1 or 0
    return f"{name}{{{labels}}} {float(value):.15g}" if labels else f"{name} {float(value):.15g}"
