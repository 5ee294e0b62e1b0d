"""The command line: names every command, and imports the module of the one that is called.

A command is the function of its name in the module of its name (`import` in `import_`); commands that share all their
code share a module, which the table names: `listings`, `actions`, `requeue` and `sending`. The examples at the end
of each help page stand in the table too. Only click is imported here, so that a command starts quickly. Errors are
raised; `__main__` turns them into lines on stderr and an exit status.

    context.py      from the options of a command to settings, a database and a ticket
    output.py       text and JSON on the terminal
    logformat.py    the log of `serve` and `pipe`
    checks/         the examinations of `check`
    ticket_view.py  one ticket whole, for `show` and `explain`
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from keyword import iskeyword

import click


@dataclass(frozen=True, slots=True)
class _Entry:
    """A command: what it does in a few words, lines to copy, and its module where that has not the command's name."""

    words: str
    examples: tuple[str, ...]
    module: str = ""


SECTIONS: dict[str, dict[str, _Entry]] = {
    "Running the desk": {
        "serve": _Entry(
            "Run the desk: take mail, work, send, keep deadlines.",
            ("mailgate serve --config /etc/mailgate/mailgate.toml",),
        ),
        "pipe": _Entry(
            "Take one mail on standard input, for an MTA.",
            ("mailgate pipe --recipient support@example.com < mail.eml",),
        ),
        "check": _Entry("Check the configuration and the templates.", ("mailgate check", "mailgate check --connect")),
        "authorize": _Entry(
            "Let the desk into a mailbox by OAuth2, with a browser.", ("mailgate authorize support@example.com",)
        ),
        "status": _Entry(
            "Tell whether the desk is well, and why not.",
            (
                "mailgate status",
                "mailgate status --json",
                "mailgate status --metrics > /var/lib/node_exporter/mailgate.prom",
            ),
        ),
        "top": _Entry("Watch the desk at work.", ("mailgate top", "mailgate top --every 10")),
        "import": _Entry(
            "Take in an exported ticket, an mbox or a Maildir.",
            ("mailgate import SUP-7.zip", "mailgate import old-mails.mbox --quiet"),
        ),
        "upgrade": _Entry("Bring the database to this version, or move it.", ("mailgate upgrade",)),
        "demo": _Entry("Play one whole ticket by mail, on this machine only.", ("mailgate demo",)),
    },
    "Looking": {
        "tickets": _Entry(
            "List the tickets.",
            (
                "mailgate tickets --late",
                "mailgate tickets --requester anna@ --since 7d",
                "mailgate tickets --level level2 --queue network",
            ),
            "listings",
        ),
        "find": _Entry(
            "Find tickets by words.", ("mailgate find printer anna", "mailgate find SUP-7 --json"), "listings"
        ),
        "show": _Entry("Show one ticket whole.", ("mailgate show SUP-7", "mailgate show 7 --mails")),
        "explain": _Entry(
            "Tell why each mail landed and each step was taken.",
            ("mailgate explain SUP-7", "mailgate explain SUP-7 --sla"),
        ),
        "journal": _Entry(
            "List the mails that came in.",
            (
                "mailgate journal",
                "mailgate journal --all --from anna@example.org --since 3d",
                "mailgate journal --all --message-id '<1@example.org>'",
            ),
            "listings",
        ),
        "outbox": _Entry(
            "List the notices that go out.",
            ("mailgate outbox", "mailgate outbox --all --to anna@example.org --since 14:00"),
            "listings",
        ),
        "timers": _Entry("List the deadlines.", ("mailgate timers", "mailgate timers --state parked"), "listings"),
        "cat": _Entry(
            "Show one mail of the journal or the outbox.",
            ("mailgate cat journal 47", "mailgate cat outbox 12 --raw > notice.eml"),
        ),
        "report": _Entry(
            "Count what was done in a period.", ("mailgate report", "mailgate report --format csv > report.csv")
        ),
        "export": _Entry(
            "Write one ticket with all its mails to a ZIP file.",
            ("mailgate export SUP-7", "mailgate export SUP-7 --output /tmp/SUP-7.zip"),
        ),
        "verify": _Entry("Check that exported and archived tickets are unchanged.", ("mailgate verify SUP-7.zip",)),
    },
    "Acting on a ticket": {
        "resolve": _Entry(
            "Give the solution; the requester is asked.", ("mailgate resolve SUP-7 Please restart it once.",), "actions"
        ),
        "escalate": _Entry(
            "Pass the ticket to the next level.", ("mailgate escalate SUP-7 needs a new drum",), "actions"
        ),
        "close": _Entry("Close the ticket, with the reason.", ("mailgate close SUP-7 solved by phone",), "actions"),
        "reopen": _Entry("Open the ticket again.", ("mailgate reopen SUP-7",), "actions"),
        "note": _Entry("Add an internal note.", ("mailgate note SUP-7 she phoned at noon",), "actions"),
    },
    "Queues and sending": {
        "requeue": _Entry(
            "Put back what was parked.", ("mailgate requeue journal 47", "mailgate requeue outbox 12 13")
        ),
        "flush": _Entry(
            "Try now what waits for another attempt.",
            ("mailgate flush outbox", "mailgate flush outbox --to @example.org"),
            "requeue",
        ),
        "dismiss": _Entry(
            "Take what was parked off the list, with the reason.",
            (
                "mailgate dismiss journal 47 --reason spam",
                "mailgate dismiss outbox 12 13 --reason 'the address is gone'",
            ),
            "requeue",
        ),
        "unblock": _Entry(
            "Read and write to a blocked address again; list them.",
            ("mailgate unblock", "mailgate unblock anna@example.org"),
        ),
        "hold": _Entry(
            "Hold all that is sent, until `resume`.",
            ("mailgate hold sending --reason 'two machines write to each other'",),
            "sending",
        ),
        "resume": _Entry("Send again what was held.", ("mailgate resume",), "sending"),
        "release": _Entry(
            "Send what a dry run has parked.",
            ("mailgate release --dry-run", "mailgate release --dry-run --to @example.org"),
            "sending",
        ),
    },
    "Reference": {
        "help": _Entry("Print this page, or that of a command.", ("mailgate help", "mailgate help tickets")),
        "preview": _Entry(
            "Print a notice with a sample ticket.",
            ("mailgate preview confirm", "mailgate preview confirm --language fr"),
        ),
        "process": _Entry(
            "Print the support process, drawn from its table.",
            ("mailgate process", "mailgate process --format mermaid"),
        ),
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


class _NoCommand(click.ClickException):
    """Wrong usage: a command that does not exist."""

    exit_code = 2


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
        command.epilog = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in entry.examples)
        return command

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(context, words)
        except click.exceptions.NoSuchCommand:
            near = get_close_matches(words[0], _ENTRIES, n=1)
            meant = f"did you mean {near[0]}?" if near else "`mailgate help` lists all"
            raise _NoCommand(f"there is no command {words[0]}: {meant}") from None

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.words) for name, entry in section.items()])


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from mailgate import __version__

        click.echo(f"mailgate {__version__}")
        context.exit()


def _pass_on(context: click.Context, _parameter: click.Parameter, file: str | None) -> None:
    """Makes a --config before the command the default of the one behind it."""
    if file is not None:
        context.default_map = {name: {"config": file} for name in _ENTRIES}


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="`mailgate help COMMAND` tells more. Every command takes --config FILE, also behind its name.",
)
@click.option(
    "--config",
    metavar="FILE",
    expose_value=False,
    callback=_pass_on,
    help="The desk's configuration, for any command.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print it.")
def cli() -> None:
    """A support desk that lives in the mailbox.

    Errors go to stderr. Exit status: 0 done, 1 failed, 2 wrong usage or configuration.
    """
