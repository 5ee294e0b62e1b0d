"""`demo`: plays one ticket from the first mail to the closing, on a temporary desk.

The desk is the one that `serve` runs: SMTP intake, transition table, timers, relay, a SQLite file; its mails go over
SMTP on loopback both ways. Only the clock is moved by the demo, and the relay delivers to a sink. The demo checks the
ticket: a notice that does not arrive, or a wrong state, is an error on stderr and exit status 1.

    sandbox.py  the temporary desk, and waiting until everything that is due is done
    sink.py     the SMTP server that the relay delivers to, one Maildir for each address
    client.py   a mail client: writes, replies with a quote, submits by SMTP
    script.py   the ticket that is played, scene by scene
    player.py   plays the scenes and compares them with the script; a view shows them
    summary.py  the view that is shown first: a line for each mail
    long.py     `--long`: the view with every mail whole
    history.py  the ticket's history, and how long it was in each state
    output.py   mails as their recipients see them, and decisions, on the terminal
    live.py     `--keep`: the desk stays open on the real clock until Ctrl-C
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from mailgate.cli.demo.history import show_history
from mailgate.cli.demo.live import keep_open
from mailgate.cli.demo.long import LongView
from mailgate.cli.demo.output import DemoOutput, name_command
from mailgate.cli.demo.player import Player
from mailgate.cli.demo.sandbox import Sandbox, Stuck
from mailgate.cli.demo.script import (
    SCENES,
    monday_before,
    print_end,
    print_introduction,
    print_short_introduction,
)
from mailgate.cli.demo.sink import Mailboxes
from mailgate.cli.demo.summary import SummaryView
from mailgate.core.clock import HandClock, SystemClock


@click.command()
@click.option("--config", hidden=True, help="Not needed: the demo has a desk of its own.")
@click.option("--long", is_flag=True, help="Print every email in full, as its reader sees it.")
@click.option("--keep", is_flag=True, help="Keep the desk running at the end, so that you can email it.")
def demo(config: str | None, long: bool, keep: bool) -> int:  # noqa: ARG001
    """Run a sample ticket from start to finish on a temporary desk, with a fast clock.

    Prints who wrote what to whom, a line for each email. Nothing leaves this machine, and nothing is left behind.
    """
    return run(keep=keep, long=long)


def run(keep: bool, long: bool = False) -> int:
    """Plays the ticket on stdout and returns the exit status: 0 if it went as scripted, else 1.

    With `keep` the desk then stays open, on the real clock, until SIGINT or SIGTERM; that ends with 0.
    """
    output = DemoOutput(sys.stdout)
    with (
        tempfile.TemporaryDirectory(prefix="mailgate-demo-") as name,
        Mailboxes(Path(name) / "mail") as mailboxes,
    ):
        problems = _play(Path(name), mailboxes, output, keep=keep, long=long)
        for problem in problems:
            print(f"mailgate demo: {problem}", file=sys.stderr)
        if problems:
            return 1
        return keep_open(Path(name), mailboxes, output) if keep else 0


def _play(folder: Path, mailboxes: Mailboxes, output: DemoOutput, *, keep: bool, long: bool) -> list[str]:
    clock = HandClock(monday_before(SystemClock().now()))
    try:
        with Sandbox(folder, mailboxes.port, clock) as sandbox:
            view = LongView(output, sandbox.settings.default_queue.zone) if long else SummaryView(output)
            (print_introduction if long else print_short_introduction)(output)
            problems = Player(sandbox, clock, mailboxes, view).perform(SCENES)
            if long:
                show_history(output, sandbox)
            if not problems:
                print_end(output, mailboxes.count(), command=name_command(), long=long, keep=keep)
            return problems
    except Stuck as error:
        return [str(error)]
