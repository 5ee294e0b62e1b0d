"""`init`: asks for, or takes from options, what a desk must know, and writes a configuration that works."""

from __future__ import annotations

import grp
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from mailgate.cli.check import print_findings
from mailgate.cli.context import CommandError, UsageError, can_ask, command_clock
from mailgate.cli.setup.dialog import ask, take_options
from mailgate.cli.setup.document import SECRET, group_of_socket, write_document
from mailgate.cli.setup.installation import PlannedFile, create_state_folder, create_user, write_files
from mailgate.cli.setup.machine import STATE_FOLDER, SYSTEM_FOLDER, UNIT, USER, Machine
from mailgate.cli.setup.next_steps import list_steps
from mailgate.cli.setup.questions import QUESTIONS, Answers
from mailgate.cli.setup.trials import make_secrets
from mailgate.cli.shipped import BACKUP_UNITS, read_shipped
from mailgate.cli.shipped import UNIT as SHIPPED_UNIT
from mailgate.config.permissions import describe_os_error

_CONFIG = "mailgate.toml"
_UNITS = Path("/etc/systemd/system")
_CALL = re.compile(r"^(ExecStart=(?:/bin/sh -c 'exec )?)(?:/usr/bin/)?mailgate\b", re.MULTILINE)
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _question_options(function: _Function) -> _Function:
    """Adds an option for each question."""
    for question in reversed(QUESTIONS):
        function = click.option(f"--{question.name}", metavar=question.metavar, help=question.help)(function)
    return function


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@_question_options
@click.option("--yes", is_flag=True, help="Ask nothing: take defaults for what no option answers.")
@click.option("--no-connect", is_flag=True, help="Do not try the relay, the mailbox, the database and the port.")
@click.option("--force", is_flag=True, help="Replace an existing configuration, and keep a copy of it.")
def init(folder: Path | None, yes: bool, no_connect: bool, force: bool, **options: str | None) -> int:
    """Write a first configuration: ask eight questions, or take the answers from options.

    At a terminal the command asks for what no option answers, and tries each answer: the relay, the mailbox, the
    database, the port. Without a terminal, or with --yes, it asks nothing. --address, --intake, --level1 and --level2
    are then required, and with --intake imap or maildir what belongs to it.

    It writes FOLDER/mailgate.toml, a new secret and the passwords, all or nothing. FOLDER is /etc/mailgate for root,
    otherwise this folder. Root's /etc/mailgate sets up the machine: the user mailgate, /var/lib/mailgate and, if no
    package has brought them, the systemd units. Existing files are never overwritten, and an existing secret is kept.

    Afterwards the command runs `mailgate check` and prints the next steps. Exit status: 2 if answers are missing or
    wrong, 1 if something cannot be written or the check FAILED, otherwise 0.
    """
    place = folder if folder is not None else SYSTEM_FOLDER if os.geteuid() == 0 else Path()
    machine = Machine(Path(os.path.abspath(place)))
    _require_place(machine, force=force)
    get = take_options if yes or not can_ask() else ask
    given = get(options, machine, command_clock(), connect=not no_connect)
    _install(given, machine, force=force)
    config = machine.folder / _CONFIG
    click.echo(f"\nmailgate check --config {config}")
    failed = print_findings(config)
    click.echo("\nNext:")
    for number, step in enumerate(list_steps(given, machine), 1):
        click.echo(f"{number}. " + step.replace("\n", "\n   "))
    return 1 if failed else 0


def _require_place(machine: Machine, *, force: bool) -> None:
    """Raises an error, before anything is asked, where the configuration cannot be written."""
    config = machine.folder / _CONFIG
    if os.path.lexists(config) and not force:
        raise UsageError(_describe_existing([config]))
    there = next(folder for folder in (machine.folder, *machine.folder.parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise CommandError(f"this user cannot write to {there}: run the command as root, or name another FOLDER")


def _describe_existing(paths: list[Path]) -> str:
    names = " and ".join(map(str, paths))
    return f"{names}: there already, and not overwritten. Name another FOLDER, or add --force, which keeps a copy"


def _install(given: Answers, machine: Machine, *, force: bool) -> None:
    """Writes everything and says what. Raises CommandError where that fails; then no configuration is written."""
    files = list(_list_files(given, machine, force=force))
    existing = [file.path for file in files if os.path.lexists(file.path)]
    if existing and not force:
        raise UsageError(_describe_existing(existing))
    made = _prepare_system() if machine.is_system else []
    try:
        copies = write_files(files, f"{command_clock().now():%Y%m%d-%H%M%S}")
    except OSError as error:
        raise CommandError(f"no configuration was written: {describe_os_error(error)}") from None
    made += [str(file.path) for file in files]
    click.echo("\n" + "\n".join(f"Written: {name}" for name in made))
    for copy in copies:
        click.echo(f"Kept:    {copy}")
    if any(_UNITS in file.path.parents for file in files):
        _reload_units()
    if machine.is_system and machine.has_systemd and machine.hidden_program:
        click.echo(
            f"Warning: mailgate is installed in {machine.hidden_program}, where its unit cannot run it. Install it for "
            "the whole system, such as with `pipx install --global`, and run `mailgate init --force` again."
        )


def _prepare_system() -> list[str]:
    """Makes the user and the folder of the database; returns those that were not there."""
    user, is_new = create_user()
    made = [f"the system user {USER}"] if is_new else []
    return [*made, str(STATE_FOLDER)] if create_state_folder(user) else made


def _list_files(given: Answers, machine: Machine, *, force: bool) -> Iterator[PlannedFile]:
    """Yields the files to write, the configuration last. A secret that is there already is kept."""
    private, group = (0o640, USER) if machine.is_system else (0o600, "")
    for name, content in make_secrets(given).items():
        path = machine.folder / name
        if not (name == SECRET and path.exists()) and not _has_content(path, content):
            yield PlannedFile(path, content, private, group)
    socket_group = group_of_socket(given, [one.gr_name for one in grp.getgrall()]) if machine.is_system else ""
    if machine.is_system and machine.has_systemd:
        units = list_units(given, machine, socket_group, force=force)
        yield from (file for file in units if not _has_content(file.path, file.content))
    text = write_document({**given, "socket_group": socket_group})
    yield PlannedFile(machine.folder / _CONFIG, text.encode(), private, group)


def _has_content(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def list_units(given: Answers, machine: Machine, socket_group: str, *, force: bool) -> Iterator[PlannedFile]:
    """Yields the units, unless a package has brought some or they are not to be replaced, and a drop-in."""
    if machine.unit is None or (force and machine.unit == _UNITS / UNIT):
        program = " ".join(f'"{word}"' if " " in word else word for word in machine.program).replace("%", "%%")
        for name in (SHIPPED_UNIT, *BACKUP_UNITS):
            text = re.sub(_CALL, lambda found: found[1] + program, read_shipped(name))
            yield PlannedFile(_UNITS / Path(name).name, text.encode(), 0o644)
    lines = []
    if socket_group:
        lines += ["# The LMTP socket has another group.", f"SupplementaryGroups={socket_group}"]
        lines += ["SystemCallFilter=@chown"]
    maildir = Path(given.get("maildir", STATE_FOLDER))
    if not maildir.is_relative_to(STATE_FOLDER):
        lines += ["# The Maildir that the desk reads.", f'ReadWritePaths="-{str(maildir).replace("%", "%%")}"']
        lines += ["ProtectHome=no"] if maildir.is_relative_to("/home") else []
    if lines:
        text = "\n".join(("# Written by `mailgate init`.", "[Service]", *lines, ""))
        yield PlannedFile(_UNITS / f"{UNIT}.d" / "init.conf", text.encode(), 0o644)


def _reload_units() -> None:
    done = subprocess.run(("systemctl", "daemon-reload"), capture_output=True, text=True, check=False)
    if done.returncode:
        click.echo(f"Warning: run `systemctl daemon-reload`, which failed: {done.stderr.strip()}")
