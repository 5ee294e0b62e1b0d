"""Writes the health of the desk for Prometheus (text exposition format 0.0.4). Pure, raises nothing.

All metrics are gauges. One without a value, such as the age of the oldest mail where none waits, has no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailgate import __version__
from mailgate.daemon.health.values import Health, SourceHealth

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class _Sample:
    value: float | int | bool | None
    labels: tuple[tuple[str, str], ...] = ()


def write_metrics(health: Health) -> str:
    """Writes the whole page, including its last line end."""
    return "".join(f"{line}\n" for line in _lines(health))


def _lines(health: Health) -> Iterator[str]:
    queues, ways = health.queues.items(), (*health.ways, health.relay, health.desk)
    version = (("version", __version__), ("database", health.version))
    yield from _gauge("info", "The versions of mailgate and of its database; always 1.", [_Sample(1, version)])
    yield from _gauge("healthy", "Whether the desk fares well, as `mailgate status` says.", [_Sample(health.healthy)])
    yield from _gauge("database_bytes", "Size of the database.", [_Sample(health.size)])
    waiting = [_Sample(load.waiting, _queue(name)) for name, load in queues]
    yield from _gauge("queue_waiting", "Rows that wait to be worked off.", waiting)
    parked = [_Sample(load.parked, _queue(name)) for name, load in queues]
    yield from _gauge("queue_parked", "Rows put aside for the operator.", parked)
    yield from _gauge(
        "queue_oldest_waiting_seconds", "Age of the oldest waiting row; of timers, how long the first has been due.",
        (_Sample(load.oldest_waiting_seconds, _queue(name)) for name, load in queues),
    )  # fmt: skip
    yield from _gauge(
        "tickets", "Tickets by state.", (_Sample(count, (("state", state),)) for state, count in health.tickets.items())
    )
    yield from _gauge(
        "queue_untried", "Rows that have been due for five minutes and more, and were not tried.",
        (_Sample(load.untried, _queue(name)) for name, load in queues),
    )  # fmt: skip
    yield from _gauge(
        "queue_untried_seconds", "How long the first of these has been due; 0 without one.",
        (_Sample(load.untried_seconds or 0, _queue(name)) for name, load in queues),
    )  # fmt: skip
    yield from _ways(ways)
    yield from _machine(health)


def _machine(health: Health) -> Iterator[str]:
    yield from _gauge(
        "role_up", "Whether a role has given a sign of life within three minutes.",
        (_Sample(role.healthy, (("role", role.role), ("host", role.host))) for role in health.roles),
    )  # fmt: skip
    yield from _gauge(
        "role_up_seconds", "How long the process of a role has run.",
        (_Sample(role.up_seconds, (("role", role.role), ("host", role.host))) for role in health.roles),
    )  # fmt: skip
    for name, words in (("free", "Free space of a disk that the desk writes to."), ("size", "Size of that disk.")):
        disks = [_Sample(getattr(disk, name), (("folder", disk.folder),)) for disk in health.disks]
        yield from _gauge(f"disk_{name}_bytes", words, disks)
    jump = [_Sample(health.jump.seconds if health.jump is not None else 0)]
    yield from _gauge("clock_jump_seconds", "How far the clock was set within the last day; 0 if it was not.", jump)
    sending = health.sending
    yield from _gauge(
        "sending_held", "Whether the operator holds sending.", [_Sample(sending.held_seconds is not None)]
    )
    yield from _gauge("dry_run", "Whether a dry run works here.", [_Sample(sending.dry_run_seconds is not None)])
    yield from _gauge("received_last_hour", "Mails that came in within the last hour.", [_Sample(health.received)])
    yield from _gauge("sent_last_hour", "Notices that went out within the last hour.", [_Sample(health.sent)])


def _ways(ways: tuple[SourceHealth, ...]) -> Iterator[str]:
    yield from _gauge(
        "way_up", "Whether a way in, or the relay, fares well.", (_Sample(way.healthy, _way(way)) for way in ways)
    )
    yield from _gauge(
        "way_last_success_seconds", "Time since the last success.",
        (_Sample(way.last_success_seconds, _way(way)) for way in ways),
    )  # fmt: skip
    yield from _gauge(
        "way_failing_seconds", "Time since the first of the failures that last; 0 without one.",
        (_Sample(way.failing_seconds or 0, _way(way)) for way in ways),
    )  # fmt: skip
    yield from _gauge("way_alarmed", "Whether an alarm stands.", (_Sample(way.alarmed, _way(way)) for way in ways))
    yield from _gauge(
        "way_figure", "What a way counts; for the round trip, the seconds that it took.",
        (
            _Sample(value, (*_way(way), ("figure", figure)))
            for way in ways
            for figure, value in way.figures.items()
            if isinstance(value, int | float)
        ),
    )  # fmt: skip


def _queue(name: str) -> tuple[tuple[str, str], ...]:
    return (("queue", name),)


def _way(way: SourceHealth) -> tuple[tuple[str, str], ...]:
    return (("way", way.name),)


def _gauge(name: str, words: str, samples: Iterable[_Sample]) -> Iterator[str]:
    lines = [_line(f"mailgate_{name}", sample) for sample in samples if sample.value is not None]
    if lines:
        yield from (f"# HELP mailgate_{name} {words}", f"# TYPE mailgate_{name} gauge", *lines)


def _line(name: str, sample: _Sample) -> str:
    labels = ",".join(f'{key}="{value.translate(_ESCAPES)}"' for key, value in sample.labels)
    value = sample.value or 0  # a truth is 1 or 0
    return f"{name}{{{labels}}} {float(value):.15g}" if labels else f"{name} {float(value):.15g}"
