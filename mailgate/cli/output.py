"""Plain text for a terminal, and JSON: texts within 80 columns, tables within the width of the terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from shutil import get_terminal_size
from textwrap import wrap
from zoneinfo import ZoneInfo

import click
from wcwidth import clip, ljust
from wcwidth import width as count_columns

from mailgate.core.text import spell_size

WIDTH = 80
size = spell_size
_SHORTEST = 12  # columns of the terminal that one of a table keeps at least when it is cut


def print_json(value: object) -> None:
    """Prints one JSON document, in ASCII: whatever the locale, and no letter of a mail can move the cursor."""
    click.echo(json.dumps(value, indent=2))


def iso(moment: datetime | None) -> str | None:
    """Formats a time for programs: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment is not None else None


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """Formats a time for people, in the desk's zone: `Mon 2026-11-23 09:00`; "-" for none."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}" if moment is not None else "-"


def short(moment: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """Formats a time for a table, in the desk's zone: `2026-11-23 09:00`, of this day `today 09:00`; "-" for none."""
    if moment is None:
        return "-"
    there = moment.astimezone(zone)
    return f"today {there:%H:%M}" if there.date() == now.astimezone(zone).date() else f"{there:%Y-%m-%d %H:%M}"


def terminal_width() -> int | None:
    """Returns the width of the terminal in columns; None where the output goes elsewhere, so that nothing is cut."""
    return get_terminal_size((WIDTH, 24)).columns if sys.stdout is not None and sys.stdout.isatty() else None


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], cut_first: Sequence[int], width: int | None = None
) -> str:
    """Aligns columns; where they do not fit into `width`, those of `cut_first` are cut, in that order.

    Letters of Chinese, Japanese and Korean take two columns of a terminal each, accents of their own none.
    """
    cells = [[" ".join(str(cell).split()) for cell in row] for row in (head, *rows)]
    widths = [max(count_columns(row[column]) for row in cells) for column in range(len(head))]
    for column in cut_first if width is not None else ():
        excess = sum(widths) + 2 * (len(widths) - 1) - (width or 0)
        if excess > 0:
            widths[column] = max(min(_SHORTEST, widths[column]), widths[column] - excess)
    lines = ("  ".join(ljust(cut(*one), one[1]) for one in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def cut(cell: str, width: int) -> str:
    """Cuts a line to so many columns of a terminal."""
    return cell if count_columns(cell) <= width else clip(cell, 0, width - 1).rstrip() + "…"


def block(text: str, indent: int) -> str:
    """Wraps and indents a quoted text; its own line breaks stay."""
    space = " " * indent
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        lines += wrap(line, WIDTH, initial_indent=space, subsequent_indent=space) or [""]
    return "\n".join(lines)


def pairs(entries: Sequence[tuple[str, str]], indent: int = 2) -> str:
    """Aligns names and values; names without a value are left out."""
    shown = [(name, value) for name, value in entries if value]
    longest = max((len(name) for name, _ in shown), default=0)
    lines = []
    for name, value in shown:
        first = f"{'':{indent}}{name:{longest}}  "
        lines += wrap(value, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first.rstrip()]
    return "\n".join(lines)


def single_blanks(text: str) -> str:
    """Removes blank lines at both ends, and merges successive ones."""
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def clean(words: str) -> str:
    """Removes control characters except line ends and tabs, so that no mail can move the cursor of the terminal."""
    return "".join(letter for letter in words if letter in "\n\t" or letter.isprintable())


def further(words: str) -> str:
    """Puts further words behind a sentence that has no full stop yet; "" for none."""
    return f"; {words}" if words else ""
