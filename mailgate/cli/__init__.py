"""The command line: names every command, and imports the one that is called.

Nothing but click is imported here, so that looking at a ticket stays quick. Fails as the commands do; `__main__`
turns that into a line on stderr and an exit status.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import click


@dataclass(frozen=True, slots=True)
class _Entry:
    """A command: the module of `mailgate.cli` that has it, and what it does in a few words."""

    module: str
    words: str
    function: str = ""  # where it cannot have the command's name


SECTIONS: dict[str, dict[str, _Entry]] = {
    "Running the desk": {
        "serve": _Entry("serve", "Run the desk: take mail, work, send, keep deadlines."),
        "pipe": _Entry("serve", "Take one mail on standard input, for an MTA."),
        "check": _Entry("check", "Check the configuration and the templates."),
        "authorize": _Entry("authorize", "Let the desk into a mailbox by OAuth2, with a browser."),
        "status": _Entry("check", "Tell the desk's health, as JSON."),
        "import": _Entry("import_", "Take in an exported ticket, an mbox or a Maildir.", "import_"),
        "upgrade": _Entry("upgrade", "Bring the database to this version, or move it."),
        "demo": _Entry("serve", "Play one whole ticket by mail, on this machine only."),
    },
    "Looking": {
        "tickets": _Entry("listings", "List the tickets."),
        "show": _Entry("show", "Show one ticket whole."),
        "explain": _Entry("show", "Tell why each mail landed and each step was taken."),
        "journal": _Entry("listings", "List the mails that came in."),
        "outbox": _Entry("listings", "List the notices that go out."),
        "timers": _Entry("listings", "List the deadlines."),
        "report": _Entry("report", "Count what was done in a period."),
        "export": _Entry("export", "Write one ticket with all its mails to a ZIP file."),
        "verify": _Entry("export", "Check that exported and archived tickets are unchanged."),
    },
    "Acting on a ticket": {
        "resolve": _Entry("actions", "Give the solution; the requester is asked."),
        "escalate": _Entry("actions", "Pass the ticket to the next level."),
        "close": _Entry("actions", "Close the ticket, with the reason."),
        "reopen": _Entry("actions", "Open the ticket again."),
        "note": _Entry("actions", "Add an internal note."),
        "requeue": _Entry("actions", "Put back what was parked."),
    },
    "Reference": {
        "preview": _Entry("preview", "Print a notice with a sample ticket."),
        "process": _Entry("preview", "Print the support process, drawn from its table."),
    },
}
_ENTRIES = {name: entry for section in SECTIONS.values() for name, entry in section.items()}


@contextmanager
def _no_collection() -> Iterator[None]:
    """While modules are imported nothing becomes garbage, and they stay to the end: looking for some is a tenth of
    the whole command."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Late(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(_ENTRIES)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        entry = _ENTRIES.get(name)
        if entry is None:
            return None
        with _no_collection():
            found = getattr(import_module(f"mailgate.cli.{entry.module}"), entry.function or name)
        assert isinstance(found, click.Command)
        return found

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
    cls=_Late,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="`mailgate COMMAND --help` tells more. Every command takes --config FILE behind its name.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print it.")
def cli() -> None:
    """A support desk that lives in the mailbox.

    Errors go to stderr. Exit status: 0 done, 1 failed, 2 wrong usage or configuration.
    """
