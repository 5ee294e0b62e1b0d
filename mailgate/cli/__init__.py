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
    "Set up": {
        "demo": _Entry(
            "Run a sample ticket from start to finish, on this machine only.",
            ("mailgate demo", "mailgate demo --long", "mailgate demo --keep"),
        ),
        "init": _Entry(
            "Write a first configuration, by questions or by options.",
            (
                "mailgate init",
                "mailgate init --address support@example.com --intake imap",
            ),
        ),
        "check": _Entry(
            "Check the configuration, the templates and the services.",
            ("mailgate check", "mailgate check --connect", "sudo mailgate check --connect --user mailgate"),
        ),
        "config": _Entry(
            "Print the settings that differ from the defaults, or all of them.",
            ("mailgate config", "mailgate config relay.host desk.languages", "mailgate config --reference | less"),
        ),
        "authorize": _Entry(
            "Authorize the desk to use a mailbox with OAuth2, in a browser.",
            ("mailgate authorize relay", "mailgate authorize 'intake.imap[0]'"),
        ),
        "password": _Entry(
            "Make a password with which an agent may log in by SMTP.",
            (
                "mailgate password alice@example.com",
                "mailgate password alice@example.com --file /etc/mailgate/smtp-users",
            ),
        ),
        "upgrade": _Entry(
            "Upgrade the database to this version, or move it to PostgreSQL.",
            (
                "mailgate upgrade --backup /var/lib/mailgate/before.tar.gz",
                "mailgate upgrade --to postgresql+psycopg://mailgate@db.example.com/desk",
            ),
        ),
        "import": _Entry(
            "Import an exported ticket, an mbox file or a Maildir.",
            ("mailgate import SUP-7.zip", "mailgate import old.mbox --quiet"),
        ),
    },
    "Run and monitor": {
        "serve": _Entry(
            "Run the desk: receive, process and send email, keep deadlines.",
            ("mailgate serve --config /etc/mailgate/mailgate.toml", "mailgate serve --dry-run"),
        ),
        "pipe": _Entry(
            "Accept one email on standard input, from a mail server (MTA).",
            ("mailgate pipe --recipient support@example.com < mail.eml",),
        ),
        "status": _Entry(
            "Show whether the desk is healthy, and if not, what to do.",
            (
                "mailgate status",
                "mailgate status --json",
                "mailgate status --metrics > /var/lib/node_exporter/mailgate.prom",
            ),
        ),
        "top": _Entry("Watch the desk at work.", ("mailgate top", "mailgate top --every 10")),
    },
    "Back up and restore": {
        "backup": _Entry(
            "Back up the desk to one file, while it runs.",
            (
                "mailgate backup /var/backups/mailgate-$(date +%F).tar.gz",
                "mailgate backup - | ssh backup.example.com 'cat > mailgate.tar.gz'",
            ),
        ),
        "restore": _Entry(
            "Restore the desk from a backup.",
            (
                "mailgate restore /var/backups/mailgate-2026-11-29.tar.gz --verify",
                "mailgate restore /var/backups/mailgate-2026-11-29.tar.gz",
            ),
        ),
    },
    "Look up tickets": {
        "tickets": _Entry(
            "List tickets, newest last.",
            (
                "mailgate tickets --late",
                "mailgate tickets --requester anna@ --since 7d",
                "mailgate tickets --level level2 --queue network",
            ),
            "listings",
        ),
        "find": _Entry(
            "Find tickets by the words in them.",
            ("mailgate find printer anna", "mailgate find SUP-7 --json"),
            "listings",
        ),
        "show": _Entry("Show one ticket in full.", ("mailgate show SUP-7", "mailgate show 7 --mails")),
        "explain": _Entry(
            "Explain how each email was matched and why each step was taken.",
            ("mailgate explain SUP-7", "mailgate explain SUP-7 --sla"),
        ),
        "report": _Entry(
            "Report what the desk did in a period.",
            (
                "mailgate report",
                "mailgate report --from 2026-11-01 --format html > report.html",
                "mailgate report --explain",
            ),
        ),
        "export": _Entry(
            "Export one ticket, or all about a person, to a ZIP file.",
            (
                "mailgate export SUP-7",
                "mailgate export SUP-7 --output /tmp/SUP-7.zip",
                "mailgate export --person anna@example.org",
            ),
        ),
        "verify": _Entry(
            "Verify that exported and archived tickets are unchanged.", ("mailgate verify SUP-7.zip", "mailgate verify")
        ),
    },
    "Act on a ticket, as agents do by email": {
        "resolve": _Entry(
            "Send a solution, and ask the requester to confirm it.",
            ("mailgate resolve SUP-7 Please restart it once.",),
            "actions",
        ),
        "escalate": _Entry(
            "Escalate a ticket to the next level.",
            ("mailgate escalate SUP-7", "mailgate escalate SUP-7 needs a new drum"),
            "actions",
        ),
        "close": _Entry(
            "Close a ticket, with the reason.",
            (
                "mailgate close SUP-7 solved by phone",
                "mailgate close SUP-7 duplicate SUP-3",
                "mailgate close SUP-7 spam --yes",
            ),
            "actions",
        ),
        "reopen": _Entry(
            "Reopen a ticket.", ("mailgate reopen SUP-7", "mailgate reopen SUP-7 it broke again"), "actions"
        ),
        "note": _Entry(
            "Add an internal note to a ticket.", ("mailgate note SUP-7 the requester phoned at noon",), "actions"
        ),
    },
    "Manage the queues": {
        "journal": _Entry(
            "List the emails received that are waiting or parked.",
            (
                "mailgate journal",
                "mailgate journal --all --from anna@example.org --since 3d",
                "mailgate journal --all --message-id '<1@example.org>'",
            ),
            "listings",
        ),
        "outbox": _Entry(
            "List the notices that are waiting, parked or failed.",
            ("mailgate outbox", "mailgate outbox --all --to anna@example.org --since 14:00"),
            "listings",
        ),
        "timers": _Entry(
            "List the deadlines that are running or parked.",
            ("mailgate timers", "mailgate timers --state parked"),
            "listings",
        ),
        "hooks": _Entry(
            "List the calls of hooks that are waiting or parked, or try a hook.",
            ("mailgate hooks", "mailgate hooks --all --to chat --since 1h", "mailgate hooks --test chat"),
            "listings",
        ),
        "cat": _Entry(
            "Print one email of the journal or the outbox, or a call.",
            (
                "mailgate cat journal 47",
                "mailgate cat outbox 12 --raw > notice.eml",
                "mailgate cat hooks 5",
            ),
        ),
        "requeue": _Entry(
            "Retry parked emails, notices, timers and calls of hooks.",
            (
                "mailgate requeue journal 47",
                "mailgate requeue outbox 12 13",
                "mailgate requeue outbox --error 'relaying denied' --since 2h",
            ),
        ),
        "flush": _Entry(
            "Retry now what is waiting for another attempt.",
            ("mailgate flush outbox", "mailgate flush outbox --to @example.org"),
            "requeue",
        ),
        "dismiss": _Entry(
            "Give up parked emails, notices and calls, with the reason.",
            (
                "mailgate dismiss journal 47 --reason spam",
                "mailgate dismiss outbox 12 13 --reason 'the address is gone'",
            ),
            "requeue",
        ),
    },
    "Control sending": {
        "hold": _Entry(
            "Hold all sending, on every host, until `mailgate resume`.",
            ("mailgate hold sending --reason 'two machines write to each other'",),
            "sending",
        ),
        "resume": _Entry("Resume sending after `mailgate hold`.", ("mailgate resume",), "sending"),
        "release": _Entry(
            "Send what a dry run has parked, or process a quarantined email.",
            (
                "mailgate release --dry-run",
                "mailgate release --dry-run --to @example.org",
                "mailgate release journal 47",
            ),
            "sending",
        ),
        "blocked": _Entry(
            "List the blocked senders, and the addresses set aside.",
            ("mailgate blocked", "mailgate blocked --json"),
            "unblock",
        ),
        "unblock": _Entry("Unblock an address.", ("mailgate unblock anna@example.org",)),
    },
    "Erase or keep personal data": {
        "erase": _Entry(
            "Erase a person from the desk; the figures stay.",
            (
                "mailgate erase anna@example.org",
                "mailgate erase anna@example.org --yes --archive --output certificate.txt",
                "mailgate erase anna@example.org --certificate",
            ),
        ),
        "legal-hold": _Entry(
            "Protect a ticket or a person from erasure, or list the holds.",
            (
                "mailgate legal-hold SUP-7 --reason 'case 2026/118'",
                "mailgate legal-hold anna@example.org --lift",
                "mailgate legal-hold",
            ),
            "legal_hold",
        ),
        "retain": _Entry(
            "Remove what [retain] no longer keeps.",
            ("mailgate retain --dry-run", "mailgate retain", "mailgate retain --compact"),
        ),
    },
    "Reference": {
        "help": _Entry("Print this page, or that of a command.", ("mailgate help", "mailgate help tickets")),
        "preview": _Entry(
            "Print a notice with a sample ticket.",
            ("mailgate preview confirm", "mailgate preview confirm --language fr", "mailgate preview --list"),
        ),
        "process": _Entry(
            "Print the support process as text or as a diagram.",
            ("mailgate process", "mailgate process --format mermaid"),
        ),
    },
}
_ENTRIES = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
_LAST = {"as_json": 1, "config": 2}  # the options that end the list of every page, before --help
_EPILOG = """\b
Start here:
  mailgate demo              see a whole ticket, without any setup
  mailgate init              write a first configuration
  mailgate check --connect   before the first start, and after each change
  mailgate status            what is wrong now, and what to do
  mailgate explain SUP-7     why a ticket is where it is

Run `mailgate help COMMAND` for the page of a command. Every command accepts --config FILE, before or after its name.
"""


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
        function = f"{name}_" if iskeyword(name) else name.replace("-", "_")
        with _no_collection():
            command = getattr(import_module(f"mailgate.cli.{entry.module or function}"), function)
        assert isinstance(command, click.Command)
        command.params.sort(key=lambda parameter: _LAST.get(parameter.name or "", 0))
        command.epilog = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in entry.examples)
        return command

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(context, words)
        except click.exceptions.NoSuchCommand:
            near = get_close_matches(words[0], _ENTRIES, n=1)
            meant = f"did you mean {near[0]}?" if near else "`mailgate help` lists them all"
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
    epilog=_EPILOG,
)
@click.option(
    "--config",
    metavar="FILE",
    expose_value=False,
    callback=_pass_on,
    help="Use this configuration, for any command.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """An email-based support desk.

    Errors go to stderr. Exit status: 0 success, 1 failure, 2 wrong usage or configuration.
    """
