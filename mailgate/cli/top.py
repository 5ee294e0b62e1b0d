"""`top`: shows what `status` says and the last steps of the desk, drawn anew every few seconds.

On the alternate screen of the terminal, which is restored however the command ends.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from shutil import get_terminal_size
from textwrap import wrap
from typing import NamedTuple
from zoneinfo import ZoneInfo

import click

from mailgate.cli.context import CommandError, DeskView, command_clock, config_option, reading
from mailgate.cli.output import WIDTH, clean, cut, table, terminal_width
from mailgate.cli.status import write_status
from mailgate.core.clock import Clock
from mailgate.daemon.health.measurement import measure_health
from mailgate.store.queries.listings import ListedMail, ListedNotice, list_queue

_STEPS = 10  # of each queue, and in all
_HEAD = ("TIME", "", "ID", "STATE", "TICKET", "ADDRESS", "WHAT")
_INDENT = " " * 11  # of a line of `status` that goes on
_ALTERNATE, _USUAL = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # the cursor is hidden meanwhile
_HOME, _END_OF_LINE, _END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


class _Step(NamedTuple):
    """A mail that came in, or a notice that was queued or has gone out."""

    at: datetime
    cells: tuple[str, ...]


@click.command()
@config_option
@click.option(
    "--every", type=click.FloatRange(min=0.2), default=2.0, show_default=True, metavar="SECONDS",
    help="Refresh after this many seconds.",
)  # fmt: skip
def top(config: Path | None, every: float) -> None:
    """Watch the desk: its health and its latest steps, until q or Ctrl-C.

    Below the lines of `mailgate status` are the last ten steps: emails received with what was decided, and notices
    waiting or sent. If the output is not a terminal, they are printed once.
    """
    clock = command_clock()
    words = _write(config, clock)  # what is wrong with the configuration ends the command at once
    if terminal_width() is None:
        click.echo(words)
        return
    with _screen() as is_ended:
        _draw(words)
        while not is_ended(every):
            try:
                words = _write(config, clock)
            except CommandError as error:  # of the database: it may come back
                words = f"mailgate: {error.format_message()}"
            _draw(words)


def _write(config: Path | None, clock: Clock) -> str:
    """Writes the state of the desk and its last steps."""
    with reading(config, whole=True) as view:
        zone = view.settings.default_queue.zone
        health = measure_health(view.connection, view.settings, clock)
        steps = _list_steps(view, zone, health.at)
    width = terminal_width()
    lines = write_status(health, zone).splitlines()
    if width is not None:
        lines = [
            part for line in lines for part in wrap(line, width, subsequent_indent=_INDENT, break_on_hyphens=False)
        ]
    last = table(_HEAD, steps, cut_first=(6, 5), width=width) if steps else "nothing has happened yet"
    return clean("\n".join((*lines, "", last)))


def _list_steps(view: DeskView, zone: ZoneInfo, now: datetime) -> list[tuple[str, ...]]:
    """Returns the last steps as rows of a table, newest first."""
    mails = (
        _Step(mail.received_at, ("in", str(mail.id), mail.state, mail.reference, mail.author or "-", mail.subject))
        for mail in list_queue(view.connection, ListedMail, limit=_STEPS)
    )
    notices = (
        _Step(row.sent_at or row.created_at, ("out", str(row.id), row.state, row.reference, row.recipient, row.notice))
        for row in list_queue(view.connection, ListedNotice, limit=_STEPS)
    )
    steps = sorted((*mails, *notices), key=lambda step: step.at, reverse=True)[:_STEPS]
    today = now.astimezone(zone).date()
    return [(_say_time(step.at.astimezone(zone), today), *step.cells) for step in steps]


def _say_time(there: datetime, today: date) -> str:
    """Formats when a step was: `15:36:34`, of another day `Sat 15:36`."""
    return f"{there:%H:%M:%S}" if there.date() == today else f"{there:%a %H:%M}"


def _draw(words: str) -> None:
    """Draws a page over the one before; what does not fit on the terminal is cut."""
    size = get_terminal_size((WIDTH, 24))
    lines = [cut(line, size.columns) for line in words.splitlines()[: size.lines]]
    sys.stdout.write(_HOME + f"{_END_OF_LINE}\r\n".join(lines) + _END_OF_LINE + _END_OF_SCREEN)
    sys.stdout.flush()


@contextmanager
def _screen() -> Iterator[Callable[[float], bool]]:
    """Takes the terminal, and gives it back in the end.

    Yields a function that waits for so many seconds, and tells whether q or Ctrl-C was typed meanwhile.
    """
    keys = sys.stdin.fileno() if sys.stdin.isatty() else None
    before = termios.tcgetattr(keys) if keys is not None else None
    ended_before = signal.signal(signal.SIGTERM, _end)
    try:
        if keys is not None:
            tty.setcbreak(keys)
        sys.stdout.write(_ALTERNATE)
        yield lambda seconds: _is_ended(keys, seconds)
    except KeyboardInterrupt:
        pass  # the usual way to end it, also for SIGTERM
    finally:
        signal.signal(signal.SIGTERM, ended_before)
        sys.stdout.write(_USUAL)
        sys.stdout.flush()
        if keys is not None and before is not None:
            termios.tcsetattr(keys, termios.TCSADRAIN, before)


def _is_ended(keys: int | None, seconds: float) -> bool:
    ready, _, _ = select.select([] if keys is None else [keys], [], [], seconds)
    typed = os.read(ready[0], 64).lower() if ready else b" "
    return b"q" in typed or not typed  # without a byte the terminal has gone


def _end(*_: object) -> None:
    raise KeyboardInterrupt
