"""`authorize`: gets a person's OAuth2 consent in a browser (RFC 8628) and stores the refresh token."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from mailgate.cli.context import CommandError, UsageError, command_clock, config_option, read_settings
from mailgate.config import OAuth2Table, Settings

sleep = time.sleep


@dataclass(frozen=True, slots=True)
class _Login:
    """A login that a person can consent to, and the file for its refresh token."""

    user: str
    oauth2: OAuth2Table
    file: Path


@click.command()
@config_option
@click.argument("name", required=False)
def authorize(config: Path | None, name: str | None) -> None:
    """Authorize the desk to use a mailbox with OAuth2: a person gives consent in a browser, on any machine.

    NAME is the configuration table with the login, such as relay or "intake.imap[0]". Leave it out if only one table
    has refresh_token_file and device_url. The refresh token is written to refresh_token_file; only its owner can read a
    new file. A running desk finds the token there.
    """
    login = _choose(_find_logins(read_settings(config)), name)
    _prove_writable(login.file)
    _store(login.file, _get_consent(login))
    click.echo(f"Done: the refresh token is in {login.file}. Now test it with `mailgate check --connect`.")


def _find_logins(settings: Settings) -> dict[str, _Login]:
    tables = {"relay": settings.relay} | {f"intake.imap[{at}]": imap for at, imap in enumerate(settings.intake.imap)}
    return {
        key: _Login(table.user, table.oauth2, table.oauth2.refresh_token_file)
        for key, table in tables.items()
        if table.oauth2 and table.oauth2.refresh_token_file and table.oauth2.device_url
    }


def _choose(logins: Mapping[str, _Login], name: str | None) -> _Login:
    names = ", ".join(logins)
    if not logins:
        raise UsageError(
            "no oauth2 table has both refresh_token_file and device_url: set them, then run this command again"
        )
    if name is None:
        if len({login.file for login in logins.values()}) > 1:
            raise UsageError(f"there are several logins; choose one of: {names}")
        return next(iter(logins.values()))
    if name not in logins:
        raise UsageError(f'there is no login "{name}" with refresh_token_file and device_url; choose one of: {names}')
    return logins[name]


def _get_consent(login: _Login) -> str:
    """Waits for the person's consent and returns the refresh token."""
    from mailgate.transport.oauth.device import NoConsent, ask_for_consent, wait_for_consent

    prompt = ask_for_consent(login.oauth2)
    if isinstance(prompt, NoConsent):
        raise CommandError(prompt.words)
    click.echo(f"Open {prompt.url} in a browser, on any machine.")
    click.echo(f"Enter the code {prompt.code} and log in as {login.user}.")
    click.echo(f"Waiting for up to {max(1, round(prompt.lifetime / 60))} minutes ...")
    consent = wait_for_consent(login.oauth2, prompt, command_clock(), sleep)
    if isinstance(consent, NoConsent):
        raise CommandError(consent.words)
    return consent.refresh_token


def _prove_writable(path: Path) -> None:
    """Raises CommandError for a file that cannot be written, before the person is asked for consent."""
    from mailgate.transport.oauth.token_file import hold

    try:
        with hold(path):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def _store(path: Path, token: str) -> None:
    from mailgate.transport.oauth.token_file import hold

    try:
        with hold(path) as file:
            file.write(token)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> CommandError:
    reason = (error.strerror or str(error)).lower()
    return CommandError(f"cannot write {path}: {reason}; give the desk write access to its folder")
