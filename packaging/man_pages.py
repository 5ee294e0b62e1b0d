"""Writes the manual pages of mailgate: one for the program and one for each command, from the help that the CLI has.

    python packaging/man_pages.py FOLDER

The pages are mailgate(1), mailgate-check(1) and so on. Their date is SOURCE_DATE_EPOCH if set, so that the same sources
always give the same pages.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from mailgate import __version__
from mailgate.cli import SECTIONS, cli

_FILES = (
    ("/etc/mailgate/mailgate.toml", "The configuration, unless MAILGATE_CONFIG or --config names another file."),
    ("/usr/share/doc/mailgate", "The documentation; docs/operations.md describes how to run a desk."),
)
_ROFF = str.maketrans({"\\": "\\e", "-": "\\-", '"': "\\(dq", "~": "\\(ti", "^": "\\(ha"})


def write_pages(folder: Path) -> list[Path]:
    """Writes every page into the folder, which is created, and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, page in _walk(cli, click.Context(cli, info_name="mailgate")):
        path = folder / f"{name}.1"
        path.write_text(page, encoding="utf-8")
        written.append(path)
    return written


def _walk(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yields name and text of the page of a command, then those of its own commands."""
    name = context.command_path.replace(" ", "-")
    yield name, "\n".join(_page(name, command, context)) + "\n"
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from _walk(below, click.Context(below, info_name=word, parent=context))


def _page(name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    first, *rest = _paragraphs(command.help or "")
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    date = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    yield f'.TH {_escape(name.upper())} 1 {date:%Y-%m-%d} "mailgate {__version__}" "mailgate"'
    yield ".SH NAME"
    yield f"{_escape(name)} \\- {_escape(first.rstrip('.:').partition('. ')[0])}"
    yield ".SH SYNOPSIS"
    pieces = command.collect_usage_pieces(context)
    yield f".B {_escape(context.command_path)}"
    yield _escape(" ".join(pieces))
    yield ".SH DESCRIPTION"
    for number, text in enumerate((first, *rest)):
        if number:
            yield ".PP"
        yield from _text(text)
    options = [record for option in command.get_params(context) if (record := option.get_help_record(context))]
    if options:
        yield ".SH OPTIONS"
        for words, meaning in options:
            yield from _item(words, meaning)
    if isinstance(command, click.Group):
        yield from _list_commands(name, command, context)
    if command.epilog:
        yield from _examples(command.epilog)
    yield ".SH EXIT STATUS"
    yield "0 success, 1 failure, 2 wrong usage or configuration, unless the description says otherwise."
    if context.parent is None:
        yield ".SH FILES"
        for path, meaning in _FILES:
            yield from _item(path, meaning)
    else:
        yield ".SH SEE ALSO"
        yield f".BR {_escape(context.parent.command_path.replace(' ', '-'))} (1)"


def _list_commands(name: str, group: click.Group, context: click.Context) -> Iterator[str]:
    """The commands of a group; those of mailgate itself under the headings of its help."""
    if group is cli:
        titled = {title: {word: entry.words for word, entry in entries.items()} for title, entries in SECTIONS.items()}
    else:
        below = {word: group.get_command(context, word) for word in group.list_commands(context)}
        titled = {"Commands": {word: one.get_short_help_str(200) for word, one in below.items() if one is not None}}
    for title, commands in titled.items():
        yield f".SH {_escape(title.upper())}"
        for word, meaning in commands.items():
            yield ".TP"
            yield f".BR {_escape(f'{name}-{word}')} (1)"
            yield from _text(meaning)


def _examples(epilog: str) -> Iterator[str]:
    """What stands below the options: lines that are kept as they are (after \\b), or running text."""
    for paragraph in _paragraphs(epilog):
        title, *lines = paragraph.removeprefix("\b\n").splitlines()
        if paragraph.startswith("\b"):
            yield f".SH {_escape(title.rstrip(':').upper())}"
            yield ".EX"
            yield from (_escape(line.strip()) for line in lines)
            yield ".EE"
        else:
            yield ".PP"
            yield from _text(paragraph)


def _paragraphs(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n\s*\n", inspect.cleandoc(text).partition("\f")[0])]


def _text(paragraph: str) -> Iterator[str]:
    """A paragraph; one that begins with \\b keeps its lines."""
    if paragraph.startswith("\b"):
        yield ".EX"
        yield from (_escape(line) for line in paragraph.removeprefix("\b").strip("\n").splitlines())
        yield ".EE"
    else:
        yield re.sub(r"`([^`]+)`", r"\\fB\1\\fR", _escape(" ".join(paragraph.split())))


def _item(words: str, meaning: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_escape(words)}"
    yield from _text(meaning)


def _escape(text: str) -> str:
    """Text that roff prints as it stands: its backslashes, its hyphens, and a first character that begins a request."""
    text = text.translate(_ROFF)
    return f"\\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
