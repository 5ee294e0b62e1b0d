"""`help`: prints the help of the program or of one command."""

from __future__ import annotations

import click


@click.command()
@click.option("--config", hidden=True, help="Not needed: help is the same everywhere.")
@click.argument("command", required=False)
@click.pass_context
def help(context: click.Context, command: str | None, config: str | None) -> None:  # noqa: ARG001
    """Print the list of commands, or the page of COMMAND, as `mailgate COMMAND --help` does."""
    program = context.find_root()
    assert isinstance(program.command, click.Group)
    if command is None:
        click.echo(program.get_help())
        return
    name, found, _ = program.command.resolve_command(program, [command])
    assert found is not None
    with click.Context(found, info_name=name, parent=program) as page:
        click.echo(found.get_help(page))
