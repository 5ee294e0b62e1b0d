"""Renders a report for a terminal or the text part of a mail: 80 columns, bars of text. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from mailgate.reports.sections import Chart, Grid, ReportColumns, ReportPage, ReportSection

WIDTH = 80
_INDENT = "    "  # in a mail, lines that are set as they were typed
_BAR = 30  # columns of the longest bar
_BLOCKS = ("█", "░", "▒")  # one for each series
_NUMBER = 7  # columns of a number behind a bar
_FEW = 5  # columns of a table whose heads have room on one line


def write_text(page: ReportPage, note: str = "", *, wraps: bool = True) -> str:
    """Renders the report as text; `note` stands at its end. Where it goes by email, it is wrapped only then."""
    lines = [page.title, "=" * width(page.title), page.scope, page.counted, ""]
    if any(one.change for one in page.key_figures):
        rows = tuple((one.name, one.value, one.change) for one in page.key_figures)
        lines += [*_table(ReportColumns(("", "", ""), rows)), ""]
    for section in page.sections:
        lines += [section.title, "-" * width(section.title), *_lines(section, page.colon), ""]
    lines += [note] if note else []
    if wraps:
        lines = [part for line in lines for part in _wrap(line)]
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def _lines(section: ReportSection, colon: str) -> Iterator[str]:
    if section.table is not None:
        yield from _table(section.table)
    if section.table is not None and section.chart is not None:
        yield ""
    if section.chart is not None:
        yield from _bars(section.chart)
    if section.grid is not None:
        yield from _grid(section.grid)
    if section.comments:
        yield ""
        yield section.comments_title
        for comment in section.comments:
            yield f"- {comment.reference} ({comment.stars}){colon} {comment.text}"
    if section.more:
        yield section.more


def _table(table: ReportColumns) -> Iterator[str]:
    """Renders a table, the first column left, the others right.

    What has no room in the first column goes on below, as do the heads of many columns, word below word.
    """
    rows = [*(_heads(table) if any(table.head) else ()), *table.rows]
    widths = [max(width(row[column]) for row in rows) for column in range(len(table.head))]
    widths[0] = min(widths[0], WIDTH - len(_INDENT) - sum(widths[1:]) - 2 * (len(widths) - 1))
    for row in rows:
        first, *more = _fold(row[0], widths[0])
        rest = "".join("  " + pad(cell, size, right=True) for cell, size in zip(row[1:], widths[1:], strict=True))
        yield _INDENT + pad(first, widths[0]) + rest
        yield from (f"{_INDENT}{line}" for line in more)


def _heads(table: ReportColumns) -> list[tuple[str, ...]]:
    if len(table.head) <= _FEW:
        return [table.head]
    heads = [cell.split() for cell in table.head]
    return [tuple(words[line] if line < len(words) else "" for words in heads) for line in range(max(map(len, heads)))]


def _bars(chart: Chart) -> Iterator[str]:
    if len(chart.series) > 1:
        names = (f"{block} {name}" for block, (name, _) in zip(_BLOCKS, chart.series, strict=False))
        yield _INDENT + "   ".join(names)
    labels = min(max(map(width, chart.labels), default=0), WIDTH - len(_INDENT) - _BAR - 2 * _NUMBER)
    scale = _BAR / chart.highest if chart.highest else 0
    for place, label in enumerate(chart.labels):
        name = pad(cut(label, labels), labels)
        values = [series[place] for _, series in chart.series]
        if chart.stacked:
            bar = "".join(block * _length(value, scale) for block, value in zip(_BLOCKS, values, strict=False))
            yield f"{_INDENT}{name}  {bar} {' / '.join(f'{value:.0f}' for value in values)}"
            continue
        for block, value in zip(_BLOCKS, values, strict=False):
            yield f"{_INDENT}{name}  {block * _length(value, scale)} {value:.0f}"
            name = " " * labels


def _length(value: float, scale: float) -> int:
    """Returns the length of a bar: what is not zero is visible, however little it is."""
    return max(1, round(value * scale)) if value else 0


def _grid(grid: Grid) -> Iterator[str]:
    """Renders a column for each hour; nights without a request are dots."""
    yield _INDENT + "    " + "".join(f"{hour:3}" for hour in range(24))
    for day, counts in zip(grid.short, grid.counts, strict=True):
        yield _INDENT + pad(day, 4) + "".join(f"{_short(count):>3}" for count in counts)


def _short(count: int) -> str:
    if count < 100:
        return str(count) if count else "·"
    return f"{count}" if count < 1000 else f"{min(count // 1000, 99)}k"


# -- columns -----------------------------------------------------------------------------------------------------------


def width(text: str) -> int:
    """Returns the columns that a text takes on a terminal: some letters take two, some none."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """Returns as much of a text as has room."""
    if width(text) <= columns:
        return text
    kept, taken = [], 0
    for letter in text:
        taken += width(letter)
        if taken > columns - 1:
            break
        kept.append(letter)
    return "".join(kept) + "…"


def _fold(text: str, columns: int) -> list[str]:
    """Folds a text into lines of so many columns; a longer word is cut."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width(longer) > columns:
            lines.append(f"  {word}")
        else:
            lines[-1] = longer
    return [cut(line, columns) for line in lines]


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Returns the text and spaces, so that it takes that many columns."""
    spaces = " " * max(columns - width(text), 0)
    return spaces + text if right else text + spaces


def _wrap(line: str) -> Iterator[str]:
    """Wraps a line to 80 columns; what follows is indented under a list's text."""
    if width(line) <= WIDTH:
        yield line
        return
    space = "  " if line.startswith("- ") else ""
    taken = ""
    for word in line.split(" "):
        whole = f"{taken} {word}" if taken else word
        if taken.strip() and width(whole) > WIDTH:
            yield taken
            whole = space + word
        taken = whole
    yield taken
