"""`status`: prints the health of the desk, as JSON or for Prometheus."""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.cli.context import command_clock, config_option, reading
from mailgate.cli.health import as_json, measure_health
from mailgate.cli.metrics import write_metrics
from mailgate.cli.output import print_json


@click.command()
@config_option
@click.option("--json", "_as_json", is_flag=True, hidden=True, help="It is JSON without being asked.")
@click.option("--metrics", is_flag=True, help="Print the figures for Prometheus instead.")
def status(config: Path | None, _as_json: bool, metrics: bool) -> int:
    """Tell the desk's health, as JSON. Exit status 0 where it is healthy, 1 where not.

    Unhealthy is: something is parked, a mail has waited longer than five minutes to be worked off, a mailbox, a Maildir
    or the probe has had no success for longer than intake.alarm_after (or none yet), the relay has put off
    everything for that long, a file of the directory cannot be used, or the desk, which gives a sign each minute, has
    given none for three.
    """
    with reading(config) as view:
        health = measure_health(view, command_clock())
    if metrics:
        click.echo(write_metrics(health), nl=False)
    else:
        print_json(as_json(health))
    return 0 if health.healthy else 1
