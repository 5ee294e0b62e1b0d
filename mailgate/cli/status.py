"""`status`: prints the health of the desk for people, as JSON or for Prometheus."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from mailgate import __version__
from mailgate.cli.context import command_clock, config_option, json_option, reading
from mailgate.cli.output import clean, iso, local, print_json, size
from mailgate.config import ROUND_TRIP
from mailgate.daemon.health.measurement import measure_health
from mailgate.daemon.health.metrics import write_metrics
from mailgate.daemon.health.reasons import describe_only_to, spell_span
from mailgate.daemon.health.values import Health, SourceHealth
from mailgate.notices.probe import read_stop


@click.command()
@config_option
@json_option
@click.option("--metrics", is_flag=True, help="Print metrics for Prometheus instead.")
def status(config: Path | None, as_json: bool, metrics: bool) -> int:
    """Show whether the desk is healthy and, if it isn't, why and what to do. Exit status: 0 if healthy, 1 if not.

    The desk is not healthy in any of these cases.

    Sending: it is held, a dry run is running, the relay has deferred everything for longer
    than intake.alarm_after, or a hook has failed for that long.

    Receiving: a mailbox, a Maildir or the probe has had no success yet, or none for longer than intake.alarm_after; or
    SMTP or LMTP can't store email.

    Queues: a row is parked; an email is quarantined, or the virus scanner fails; an email has waited longer than five
    minutes to be processed; or a row has been due for that long and wasn't tried.

    Machine: a disk is nearly full; the clock jumped within the last day; a directory file can't be used; or a role,
    which reports every minute, hasn't reported for three.
    """
    with reading(config) as view:
        settings = view.settings
        health, zone = measure_health(view.connection, settings, command_clock()), settings.default_queue.zone
    if metrics:
        click.echo(write_metrics(health), nl=False)
    elif as_json:
        print_json(_as_json(health))
    else:
        click.echo(clean(write_status(health, zone)))
    return 0 if health.healthy else 1


def write_status(health: Health, zone: ZoneInfo) -> str:
    """Writes the health for people: the verdict, a line for each reason, then a line for each thing to look at."""
    verdict = ("NOT HEALTHY", *(f"  {reason}" for reason in health.reasons)) if health.reasons else ("HEALTHY",)
    return "\n".join((*verdict, *(f"{name:10} {words}" for name, words in _lines(health, zone))))


def _lines(health: Health, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "mailgate", f"{__version__} on {socket.gethostname()}, {local(health.at, zone)} ({zone})"
    yield "roles", _say_roles(health)
    yield "sources", "; ".join(_say_way(way, health) for way in health.ways) or "only `mailgate pipe`"
    yield "relay", _say_success(health.relay)
    if sending := _say_sending(health):
        yield "sending", sending
    if health.archive is not None:
        yield "archive", _say_success(health.archive)
    if health.scanner is not None:
        yield "scanner", _say_success(health.scanner)
    if health.hooks:
        yield "hooks", "; ".join(f"{hook.name.removeprefix('hook ')} {_say_success(hook)}" for hook in health.hooks)
    shown = (
        name for name, load in health.queues.items() if name != "hooks" or health.hooks or load.waiting or load.parked
    )
    yield "queues", "; ".join(_say_queue(health, name) for name in shown)
    yield "tickets", ", ".join(f"{count} {state}" for state, count in health.tickets.items() if count) or "none"
    yield "last hour", f"{health.received} in, {health.sent} out"
    disks = [f"{size(disk.free)} ({disk.percent} %) free at {disk.folder}" for disk in health.disks]
    yield "disk", "; ".join((*disks, f"database {size(health.size)}, version {health.version}"))
    alarmed = [
        way.name
        for way in (*health.ways, health.relay, *health.hooks, health.scanner, health.archive)
        if way is not None and way.alarmed
    ]
    held = [f"{health.held_alarms} held back until the hour ends"] if health.held_alarms else []
    yield "alarms", "; ".join((*alarmed, *held)) or "none"


def _say_roles(health: Health) -> str:
    """Names the roles by process: those of one have one sign and one age."""
    processes: dict[tuple[str, int | None, int | None], list[str]] = {}
    for role in health.roles:
        if role.healthy:
            processes.setdefault((role.host, role.pid, role.up_seconds), []).append(role.role)
    living = [
        f"{', '.join(roles)} on {host} for {spell_span(up)} (process {pid})"
        for (host, pid, up), roles in processes.items()
    ]
    missing = [role.role for role in health.roles if not role.healthy]
    return "; ".join((*living, *([f"missing: {', '.join(missing)}"] if missing else []))) or health.desk.error


def _say_way(way: SourceHealth, health: Health) -> str:
    is_open = any(role.role == "intake" and role.healthy for role in health.roles)
    if way.name in ("smtp", "lmtp") and way.healthy and not is_open:
        return f"{way.name} not listening"
    if way.name == ROUND_TRIP and "seconds" in way.figures and way.healthy:
        stop = read_stop(way.figures)
        where = f" ({spell_span(stop.minutes * 60)} of it between {stop.origin} and {stop.server})" if stop else ""
        return f"{way.name} {way.figures['seconds']} s{where}, {_say_success(way)}"
    return f"{way.name} {_say_success(way)}"


def _say_success(way: SourceHealth) -> str:
    if way.failing_seconds is not None:
        return f"FAILING for {spell_span(way.failing_seconds)}: {way.error}"
    if way.last_success_seconds is None:
        return way.error or "no failure so far"
    return f"{'ok' if way.healthy else 'SILENT'}, {spell_span(way.last_success_seconds)} ago"


def _say_sending(health: Health) -> str:
    """Names what keeps notices from being sent; "" where nothing does."""
    sending = health.sending
    return "; ".join(
        (
            *(["HELD"] if sending.held_seconds is not None else []),
            *(["dry run"] if sending.dry_run_seconds is not None else []),
            *([describe_only_to(sending)] if sending.only_to else []),
        )
    )


def _say_queue(health: Health, name: str) -> str:
    load = health.queues[name]
    age = load.oldest_waiting_seconds if name != "timers" else None
    oldest = f" (oldest {spell_span(age)})" if age is not None else ""
    parked = f", {load.parked} PARKED" if load.parked else ""
    quarantined = f", {load.quarantined} QUARANTINED" if load.quarantined else ""
    failed = f", {load.failed} failed" if load.failed else ""
    return f"{name} {load.waiting} waiting{oldest}{parked}{quarantined}{failed}"


def _as_json(health: Health) -> dict[str, object]:
    """Returns the health for programs."""
    return {
        "healthy": health.healthy,
        "reasons": list(health.reasons),
        "at": iso(health.at),
        "host": socket.gethostname(),
        "mailgate": __version__,
        "database": {"version": health.version, "size": health.size},
        "queues": {name: asdict(load) for name, load in health.queues.items()},
        "tickets": health.tickets,
        "ways": [asdict(way) for way in health.ways],
        "relay": asdict(health.relay),
        "scanner": asdict(health.scanner) if health.scanner is not None else None,
        "hooks": [asdict(hook) for hook in health.hooks],
        "sending": asdict(health.sending),
        "serve": _as_serve(health.desk),
        "roles": [asdict(role) for role in health.roles],
        "levels": [asdict(level) for level in health.levels],
        "disk": [asdict(disk) for disk in health.disks],
        "clock": {"jumped_at": iso(health.jump.at), "jumped_seconds": health.jump.seconds} if health.jump else None,
        "last_hour": {"received": health.received, "sent": health.sent},
        "held_alarms": health.held_alarms,
        "archive": asdict(health.archive) if health.archive is not None else None,
        "directory": [asdict(source) for source in health.directory],
    }


def _as_serve(desk: SourceHealth) -> dict[str, object]:
    return {"healthy": desk.healthy, "last_sign_seconds": desk.last_success_seconds, "error": desk.error}
