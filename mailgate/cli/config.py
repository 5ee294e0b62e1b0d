"""`config`: prints the settings that differ from the defaults, or the example with every setting."""

from __future__ import annotations

import json
from pathlib import Path

import click
import tomlkit

from mailgate.cli.context import UsageError, config_option, find_config, json_option, read_settings
from mailgate.cli.output import print_json
from mailgate.cli.shipped import EXAMPLE, read_shipped
from mailgate.config.differences import mask_passwords
from mailgate.config.loader import read_differences


@click.command()
@config_option
@click.option("--reference", is_flag=True, help="Print the example with every setting, its default and its meaning.")
@json_option
def config(config: Path | None, reference: bool, as_json: bool) -> None:
    """Print the settings that differ from the defaults, as TOML: those of the file and of the environment.

    What is printed gives the same desk again. Secrets are in files, of which only the names are printed; passwords in
    URLs are masked. With --reference, print the commented example instead, which requires no configuration.
    """
    if reference and as_json:
        raise UsageError("--reference is commented TOML; it cannot be printed as JSON")
    if reference:
        click.echo(read_shipped(EXAMPLE), nl=False)
        return
    path = config or find_config()
    read_settings(path, needs_secrets=False)
    tables = mask_passwords(read_differences(path))
    if as_json:
        print_json(json.loads(json.dumps(tables, default=str)))  # dates as text
    else:
        click.echo(tomlkit.dumps(tables), nl=False)
