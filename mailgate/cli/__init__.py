"""The command line: names every command, and imports the module of the one that is called.

A command is the function of its name in the module of its name (`import` in `import_`); commands that share all their
code share a module, which the table names: `listings`, `actions` and `requeue`. Only click is imported here, so that a
command starts quickly. Errors are raised; `__main__` turns them into lines on stderr and an exit status.

    context.py      from the options of a command to settings, a database and a ticket
    output.py       text and JSON on the terminal
    logformat.py    the log of `serve` and `pipe`
    checks/         the examinations of `check`
    health.py       the health of the desk, as `status` prints it; metrics.py: for Prometheus
    ticket_view.py  one ticket whole, for `show` and `explain`
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword

import click


@dataclass(frozen=True, slots=True)
class _Entry:
    """A command: what it does in a few words, and its module, where that does not have the command's name."""

    words: str
    module: str = ""


SECTIONS: dict[str, dict[str, _Entry]] = {
    "Running the desk": {
        "serve": _Entry("Run the desk: take mail, work, send, keep deadlines."),
        "pipe": _Entry("Take one mail on standard input, for an MTA."),
        "check": _Entry("Check the configuration and the templates."),
        "authorize": _Entry("Let the desk into a mailbox by OAuth2, with a browser."),
        "status": _Entry("Tell whether the desk is well, and why not."),
        "import": _Entry("Take in an exported ticket, an mbox or a Maildir."),
        "upgrade": _Entry("Bring the database to this version, or move it."),
        "demo": _Entry("Play one whole ticket by mail, on this machine only."),
    },
    "Looking": {
        "tickets": _Entry("List the tickets.", "listings"),
        "show": _Entry("Show one ticket whole."),
        "explain": _Entry("Tell why each mail landed and each step was taken."),
        "journal": _Entry("List the mails that came in.", "listings"),
        "outbox": _Entry("List the notices that go out.", "listings"),
        "timers": _Entry("List the deadlines.", "listings"),
        "report": _Entry("Count what was done in a period."),
        "export": _Entry("Write one ticket with all its mails to a ZIP file."),
        "verify": _Entry("Check that exported and archived tickets are unchanged."),
    },
    "Acting on a ticket": {
        "resolve": _Entry("Give the solution; the requester is asked.", "actions"),
        "escalate": _Entry("Pass the ticket to the next level.", "actions"),
        "close": _Entry("Close the ticket, with the reason.", "actions"),
        "reopen": _Entry("Open the ticket again.", "actions"),
        "note": _Entry("Add an internal note.", "actions"),
        "requeue": _Entry("Put back what was parked."),
        "flush": _Entry("Try now what waits for another attempt.", "requeue"),
        "dismiss": _Entry("Take what was parked off the list, with the reason.", "requeue"),
    },
    "Reference": {
        "preview": _Entry("Print a notice with a sample ticket."),
        "process": _Entry("Print the support process, drawn from its table."),
    },
}
_ENTRIES = {name: entry for section in SECTIONS.values() for name, entry in section.items()}


@contextmanager
def _no_collection() -> Iterator[None]:
    """Suspends garbage collection during imports: modules stay, and the search costs a tenth of a command."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(_ENTRIES)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        entry = _ENTRIES.get(name)
        if entry is None:
            return None
        function = f"{name}_" if iskeyword(name) else name
        with _no_collection():
            command = getattr(import_module(f"mailgate.cli.{entry.module or function}"), function)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.words) for name, entry in section.items()])


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from mailgate import __version__

        click.echo(f"mailgate {__version__}")
        context.exit()


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="`mailgate COMMAND --help` tells more. Every command takes --config FILE behind its name.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print it.")
def cli() -> None:
    """A support desk that lives in the mailbox.

    Errors go to stderr. Exit status: 0 done, 1 failed, 2 wrong usage or configuration.
    """
