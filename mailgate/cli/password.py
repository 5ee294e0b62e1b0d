"""`password`: prints or writes the line with which an agent may log in by SMTP AUTH."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailgate.cli.context import CommandError, UsageError, can_ask

_LONGEST = 1024  # characters of a password: a longer line is a file that was given by mistake


@click.command()
@click.option("--config", hidden=True, help="Not needed: the file is named with --file.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the line into this file, the users_file, instead of printing it.",
)
@click.argument("user", required=False)
def password(config: str | None, path: Path | None, user: str | None) -> None:  # noqa: ARG001
    """Make a line for users_file of `[intake.smtp]`, with which the agent USER (an address) may log in.

    Asks for the password twice, without showing it. If standard input is not a terminal, its first line is the
    password. Without USER, only the hash is printed. With --file, the line of USER is added or replaced, and everything
    else in the file stays as it is.
    """
    if path is not None and user is None:
        raise UsageError("--file needs the address of the agent: mailgate password alice@example.com --file smtp-users")
    if user is not None and not _is_address(user):
        raise UsageError(f"{user!r} is not an address: an agent logs in with their address, such as alice@example.com")
    from mailgate.transport.smtp.users import hash_password, put_user

    words = _read_password()
    if path is None or user is None:
        line = hash_password(words)
        click.echo(f"{user}:{line}" if user else line)
        return
    new = not path.exists()
    try:
        replaced = put_user(path, user, words)
    except ValueError as error:
        raise CommandError(f"{error}; correct that line first. Nothing was written") from None
    except OSError as error:
        raise CommandError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None
    click.echo(f"{'Replaced' if replaced else 'Added'} {user} in {path}. For a running desk: systemctl reload mailgate")
    if new:
        click.echo(
            "The file is new, and only its owner can read it. For a desk that runs as the user mailgate: "
            f"chgrp mailgate {path} && chmod 640 {path}"
        )


def _is_address(user: str) -> bool:
    local, _, domain = user.rpartition("@")
    return bool(local and domain) and user.isprintable() and not set(user) & set(" :#")


def _read_password() -> str:
    if can_ask():
        words = str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))
    else:
        line = sys.stdin.readline(_LONGEST + 2) if sys.stdin is not None else ""
        words = line.rstrip("\r\n")
    if not words:
        raise UsageError("the password is empty: type one, or write it as the first line of standard input")
    if len(words) > _LONGEST:
        raise UsageError(f"the password is longer than {_LONGEST} characters")
    return words
