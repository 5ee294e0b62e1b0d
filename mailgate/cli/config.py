"""`config`: prints the settings that differ from the defaults, single settings, or the example with all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import tomlkit

from mailgate.cli.context import UsageError, config_option, find_config, json_option, read_settings
from mailgate.cli.output import print_json
from mailgate.cli.shipped import EXAMPLE, read_shipped
from mailgate.config import Settings
from mailgate.config.differences import mask_passwords
from mailgate.config.effective import UnknownSetting, find_settings
from mailgate.config.loader import read_differences


@click.command()
@config_option
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--reference", is_flag=True, help="Print the example with every setting, its default and its meaning.")
@json_option
def config(config: Path | None, keys: tuple[str, ...], reference: bool, as_json: bool) -> None:
    """Print the settings that differ from the defaults, as TOML: those of the file and of the environment.

    The output gives the same desk again. Secrets are in files, of which only the names are printed; passwords in URLs
    are masked, and of the URL of a hook all but the host.

    With KEY, print the value of that setting, whether it differs or not: relay.host, intake.imap[0].host, or a table
    such as limits. With --reference, print the commented example instead, which requires no configuration.
    """
    if reference and (as_json or keys):
        raise UsageError("--reference prints the whole example: it goes with neither KEY nor --json")
    if reference:
        click.echo(read_shipped(EXAMPLE), nl=False)
        return
    path = config or find_config()
    settings = read_settings(path, needs_secrets=False)
    tables = _find(settings, keys) if keys else mask_passwords(read_differences(path))
    if as_json:
        print_json(json.loads(json.dumps(tables, default=str)))  # dates as text
    elif keys:
        for key, value in tables.items():
            click.echo(f"{key} = {_write(value)}")
    else:
        click.echo(tomlkit.dumps(tables), nl=False)


def _find(settings: Settings, keys: tuple[str, ...]) -> dict[str, Any]:
    try:
        found = [one for key in keys for one in find_settings(settings, key)]
    except UnknownSetting as error:
        raise UsageError(str(error)) from None
    return {key: mask_passwords(value, tuple(key.split("."))) for key, value in found}


def _write(value: Any) -> str:
    """Returns a value as TOML on one line."""
    item = tomlkit.item(value)
    if isinstance(value, Mapping):
        item = tomlkit.inline_table()
        item.update(value)
    return str(item.as_string())
