"""The command line: commands, arguments and options with their types, defaults and help."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

import click

from tests.contract.program import cli


def draw_commands() -> Iterator[str]:
    """Yields the help of the program, then a line for each paragraph, argument and option of each command."""
    top = _top()
    yield from (f"mailgate: {_one_line(line)}" for line in cli.get_help(top).splitlines() if line.strip())
    for name, command in list_commands():
        for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
            yield f"{name}: {_one_line(paragraph)}"
        context = click.Context(command, parent=top, info_name=name)
        yield from (f"{name} {_describe(parameter, context)}" for parameter in command.params)


def list_commands() -> Iterator[tuple[str, click.Command]]:
    """Yields the commands with their names, in the order of the help."""
    context = _top()
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command


def _top() -> click.Context:
    """Returns the context of the program, so wide that no line of a help is wrapped."""
    top = cli.make_context("mailgate", [], resilient_parsing=True)
    top.terminal_width = top.max_content_width = 1000
    return top


def _describe(parameter: click.Parameter, context: click.Context) -> str:
    kind: dict[str, Any] = {**parameter.type.to_info_dict()}
    default = parameter.get_default(context, call=False)
    facts = [str(kind.get("name") or kind["param_type"])]
    facts += [f"{bound}={kind[bound]}" for bound in ("min", "max") if kind.get(bound) is not None]
    facts += ["required"] * parameter.required
    facts += [f"default={json.dumps(default)}"] if isinstance(default, str | int) and default is not False else []
    if not isinstance(parameter, click.Option):
        return f"{parameter.make_metavar(context)} ({', '.join(facts)})"
    facts += ["flag"] * parameter.is_flag + ["repeatable"] * parameter.multiple + ["hidden"] * parameter.hidden
    facts += [f"without a value={parameter.flag_value}"] if isinstance(parameter.flag_value, str) else []
    facts += [f"environment={parameter.envvar}"] if parameter.envvar else []
    names = "/".join((*parameter.opts, *parameter.secondary_opts))
    metavar = "" if parameter.is_flag else f" {parameter.make_metavar(context)}"
    return f"{names}{metavar} ({', '.join(facts)}): {_one_line(parameter.help or '')}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
