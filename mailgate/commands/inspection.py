"""`check` and `status`: is the desk set up well, and does it fare well?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import wrap

import click

from mailgate import __version__
from mailgate.clock import SystemClock
from mailgate.commands.layout import WIDTH, iso, print_json
from mailgate.commands.opening import View, config_option, read_settings, reading
from mailgate.commands.probes import (
    Finding,
    Verdict,
    probe_database,
    probe_relay,
    probe_settings,
    probe_templates,
)
from mailgate.config import Settings
from mailgate.process.events import State

STALE = timedelta(minutes=5)  # a mail that waits longer than this is not being worked off
_COLUMN = 20


@click.command()
@config_option
@click.option("--connect", is_flag=True, help="Also open the database and greet the relay. Nothing is sent.")
def check(config: Path | None, connect: bool) -> int:
    """Check the configuration, the addresses and every template; one line for each thing.

    Mistakes in the configuration end the check with status 2, all of them at once; anything else that FAILED with
    status 1. Warnings and notes do not count.
    """
    settings = read_settings(config)
    failed = False
    for finding in _probe(settings, connect):
        failed = failed or finding.verdict is Verdict.FAILED
        head = f"{finding.verdict:8} {finding.what:10} "
        click.echo("\n".join(wrap(finding.words, WIDTH, initial_indent=head, subsequent_indent=" " * _COLUMN)))
    return 1 if failed else 0


def _probe(settings: Settings, connect: bool) -> Iterator[Finding]:
    yield from probe_settings(settings)
    yield from probe_templates(settings)
    if connect:
        yield probe_database(settings)
        yield probe_relay(settings)


@click.command()
@config_option
@click.option("--json", "_as_json", is_flag=True, hidden=True, help="It is always JSON.")
def status(config: Path | None, _as_json: bool) -> int:
    """Tell the desk's health, as JSON. Exit status 0 where it is healthy, 1 where not.

    Unhealthy is: something is parked, or a mail has waited longer than five minutes to be worked off.
    """
    with reading(config) as view:
        health = measure_health(view)
    print_json(health)
    return 0 if health["healthy"] else 1


def measure_health(view: View) -> dict[str, object]:
    """The desk's health. Ages are in seconds; a timer's is how long it has been due."""
    from mailgate.store.listing import QUEUES, count_tickets, measure_load, measure_size
    from mailgate.store.schema import VERSION

    now = SystemClock().now()
    loads = {name: measure_load(view.connection, name) for name in QUEUES}
    ages = {name: _age(load.oldest, now) for name, load in loads.items()}
    counts = count_tickets(view.connection)
    parked = any(load.parked for load in loads.values())
    stale = (ages["journal"] or 0) > STALE.total_seconds()
    queues = {
        name: {"waiting": load.waiting, "parked": load.parked, "oldest_waiting_seconds": ages[name]}
        for name, load in loads.items()
    }
    return {
        "healthy": not parked and not stale,
        "at": iso(now),
        "mailgate": __version__,
        "database": {"version": VERSION, "size": measure_size(view.connection)},
        "queues": queues,
        "tickets": {state.value: counts.get(state.value, 0) for state in State},
    }


def _age(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment is not None else None
