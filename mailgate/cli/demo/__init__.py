"""`mailgate demo`: one ticket from the first mail to the closing, on a real desk that lives for these seconds only.

The desk is the one that `serve` runs: SMTP intake, table, timers, relay, a SQLite file; its mails go over SMTP on
loopback both ways. Only the clock is moved by hand and the far end is ours. The demo checks what it plays: a notice
that does not arrive, or a ticket that stands elsewhere than it should, is said on stderr and ends it with 1.

    stage.py      the temporary desk, and waiting until it has done everything that is due
    mailboxes.py  the receiver that the relay delivers to, one Maildir for each address
    letters.py    what a mail client does: write, reply with a quote, hand over by SMTP
    story.py      the ticket that is played, scene by scene
    play.py       plays scenes, shows them, and holds them against what should have come
    ledger.py     a ticket's history, and where its time went
    page.py       the output: mails as their readers see them, decisions of the table
    visit.py      `--keep`: the desk stays open on the real clock until Ctrl-C
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from mailgate.cli.demo.history import show_ledger
from mailgate.cli.demo.live import receive_visitors
from mailgate.cli.demo.output import DemoOutput
from mailgate.cli.demo.player import Player
from mailgate.cli.demo.sandbox import Sandbox, Stuck
from mailgate.cli.demo.script import SCENES, curtain, introduction, monday_before
from mailgate.cli.demo.sink import Mailboxes
from mailgate.core.clock import HandClock, SystemClock


@click.command()
@click.option("--config", hidden=True, help="Not needed: the demo has a desk of its own.")
@click.option("--keep", is_flag=True, help="Leave the desk running at the end, to be written to.")
def demo(config: str | None, keep: bool) -> int:  # noqa: ARG001
    """Play one whole ticket on a temporary desk of this machine, on a fast clock.

    Prints every mail as its reader would see it. Nothing leaves the machine, nothing is left behind.
    """
    return run(keep=keep)


def run(keep: bool) -> int:
    """Play the ticket on stdout; the exit status is 0 if everything came as it should, else 1.

    With `keep` the desk then stays open, on the real clock, until SIGINT or SIGTERM, and ends with 0.
    """
    page = DemoOutput(sys.stdout)
    with (
        tempfile.TemporaryDirectory(prefix="mailgate-demo-") as name,
        Mailboxes(Path(name) / "mail") as mailboxes,
    ):
        problems = _play(Path(name), mailboxes, page, keep)
        for problem in problems:
            print(f"mailgate demo: {problem}", file=sys.stderr)
        if problems:
            return 1
        return receive_visitors(Path(name), mailboxes, page) if keep else 0


def _play(folder: Path, mailboxes: Mailboxes, page: DemoOutput, keep: bool) -> list[str]:
    clock = HandClock(monday_before(SystemClock().now()))
    try:
        with Sandbox(folder, mailboxes.port, clock) as stage:
            introduction(page)
            play = Player(stage, clock, mailboxes, page)
            problems = play.perform(SCENES)
            show_ledger(page, stage)
            if not problems:
                curtain(page, mailboxes.count(), keep=keep)
            return problems
    except Stuck as error:
        return [str(error)]
