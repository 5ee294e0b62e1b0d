"""Renders a report as HTML: a page that needs nothing else, or the body of a mail. Pure but for the drawing of charts.

Beside each chart stand its numbers as a table, and its alternative text has them too. Without the extra `reports` the
bars are made of table cells. Everything but the tags is escaped.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape

from mailgate.notices.rendering.report import Drawing
from mailgate.reports.charts import DARK, LIGHT, WIDTH, Colours, DrawAll, can_draw, draw, draw_all, height_of
from mailgate.reports.sections import Chart, Grid, KeyFigure, ReportColumns, ReportPage, ReportSection

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light dark }
* { box-sizing: border-box }
body { margin: 0; background: #fff; color: #1f2328;
  font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 48px }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 8px } h2 { font-size: 18px; line-height: 1.3; margin: 32px 0 8px }
section > div { display: flex; flex-wrap: wrap; gap: 16px 32px; align-items: flex-start }
section > div > * { flex: 1 1 400px; min-width: 0; max-width: 100% }
img { display: block; width: 100%; max-width: 400px; height: auto }
"""
_TABLE = (
    '<table width="100%" border="0" cellpadding="4" cellspacing="0" style="border-collapse:collapse;font-size:14px;'
)
_TABLE += 'line-height:1.4;overflow-wrap:break-word;word-break:normal">'
_LINE = "border-bottom:1px solid #e1e5ea"  # there are many cells, and Gmail cuts a mail of 102 kB
_FIRST = f"{_LINE};padding-left:0;font-weight:400"
_PRESENTATION = '<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0">'
_LARGEST_MAIL = 88_000  # bytes of a mail's page, without the layout around it; the text part has everything
_FEWEST_FOLDED = 2  # empty rows
_WIDE = 5  # columns that a phone has room for; the others of a wider table stand below
_COUNTED = re.compile(r"[1-9%]")  # a percentage says something, be it 0
_UNIT = re.compile(r"(?<=\d) (?=[^\d\s])| (?=\d+$)")
_SMALL = "color:#57606a;font-size:13px"
_DARK = """
@media (prefers-color-scheme: dark) {
  body { background: #15181c; color: #e8eaed }
  .line { border-color: #3a424c !important } .small { color: #a9b2bc !important }
  .bar { background: #4cc38a !important } .bar2 { background: #b5651d !important }
}
"""


Show = Callable[[str, Chart | Grid, str], str]
"""Renders a chart as HTML: the section's name, the chart, and its alternative text, escaped."""


def draw_page(page: ReportPage, language: str, note: str = "", draw_all: DrawAll = draw_all) -> str:
    """Renders the report as a page of its own, with each chart for light and for dark pages."""
    title = escape(page.title)
    wanted: list[Chart | Grid] = []

    def collect(_name: str, chart: Chart | Grid, _words: str) -> str:
        wanted.append(chart)
        return ""

    draw_body(page, collect, note)  # all charts are known before the first is drawn, so that they can be at once
    images = iter(draw_all([(chart, colours) for chart in wanted for colours in (LIGHT, DARK)]) if wanted else ())

    def show(_name: str, chart: Chart | Grid, words: str) -> str:
        return _show_inside(chart, words, next(images), next(images))

    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}{_DARK}</style></head>\n<body><main>\n<h1>{title}</h1>\n"
        f"{draw_body(page, show, note)}\n</main></body></html>\n"
    )


def draw_body(page: ReportPage, show: Show | None, note: str = "", colours: Colours = LIGHT) -> str:
    """Renders everything below the title; `show` makes an image of a chart, where charts can be drawn."""
    drawn = show if can_draw() else None
    head = f'<p class="small" style="margin:0;{_SMALL}">{escape(page.scope)}<br>{escape(page.counted)}</p>'
    foot = [f'<p class="small" style="margin:32px 0 0;{_SMALL}">{escape(note)}</p>'] if note else []
    tiles = [_key_figures(page.key_figures)] if page.key_figures else []
    return "\n".join(
        [head, *tiles, *(_section(section, drawn, page.colon, colours) for section in page.sections), *foot]
    )


def draw_mail(page: ReportPage, mark: str, note: str = "", colours: Colours = LIGHT) -> tuple[str, tuple[Drawing, ...]]:
    """Renders the report as the body of a mail, and the images it shows; `mark` makes their names differ from other
    mails'."""
    drawings: list[Drawing] = []

    def show(name: str, chart: Chart | Grid, words: str) -> str:
        drawing = Drawing(f"{name}.png", f"{name}.{mark}", draw(chart, colours))
        drawings.append(drawing)
        size = f'width="{WIDTH}" height="{height_of(chart)}"'
        return (
            f'<img src="cid:{drawing.content_id}" alt="{words}" {size} '
            'style="display:block;width:100%;max-width:400px;height:auto;margin:8px 0 12px;border-radius:6px">'
        )

    body = draw_body(page, show, note, colours)
    while len(body.encode()) > _LARGEST_MAIL and len(page.sections) > 1:
        drawings.clear()
        page = replace(page, sections=page.sections[:-1])
        body = draw_body(page, show, note, colours)
    return body, tuple(drawings)


def _show_inside(chart: Chart | Grid, words: str, *images: bytes) -> str:
    light, dark = (b64encode(image).decode("ascii") for image in images)
    size = f'width="{WIDTH}" height="{height_of(chart)}"'
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="data:image/png;base64,{dark}">'
        f'<img src="data:image/png;base64,{light}" alt="{words}" {size}></picture>'
    )


def _key_figures(figures: Sequence[KeyFigure]) -> str:
    """Renders a tile for each, two beside each other: a phone has room for these, and Outlook knows tables only."""
    style = "padding:10px 14px;border:1px solid #d5dae0;border-radius:8px"
    tiles = [
        f'<td class="line" width="50%" valign="top" style="{style}">'
        f'<span class="small" style="{_SMALL}">{escape(one.name)}</span><br>'
        f'<strong style="font-size:22px;line-height:1.3">{_number(one.value)}</strong>'
        + (f'<br><span class="small" style="{_SMALL}">{_number(one.change)}</span>' if one.change else "")
        + "</td>"
        for one in figures
    ]
    rows = "".join(f"<tr>{''.join(tiles[at : at + 2])}</tr>" for at in range(0, len(tiles), 2))
    table = _PRESENTATION.replace('cellspacing="0"', 'cellspacing="8" style="margin:12px 0 0"')
    return f"{table}{rows}</table>"


# -- sections ----------------------------------------------------------------------------------------------------------


def _section(section: ReportSection, show: Show | None, colon: str, colours: Colours) -> str:
    parts = list(_parts(section, show, colon, colours))
    head = f'<h2 style="margin:28px 0 8px;font-size:17px;font-weight:700;line-height:1.3">{escape(section.title)}</h2>'
    return f"<section>{head}\n<div>\n" + "\n".join(f"<div>{part}</div>" for part in parts) + "\n</div></section>"


def _parts(section: ReportSection, show: Show | None, colon: str, colours: Colours) -> Iterator[str]:
    if section.table is not None:
        yield _fold(section.table, colon)
    chart = section.chart
    if chart is not None:
        # The words of people are no labels that could be drawn: bars of cells show them.
        if show is None or section.name == "cause":
            yield _bars(chart, colours)
        else:
            image = show(section.name, chart, escape(f"{section.title}{colon} {_alternative(chart)}"))
            if section.table is None:
                yield image
                yield _table(_as_table(chart))
            else:  # the parts of a promise stand in the table above already
                yield image if chart.stacked else image + _table(_as_table(chart))
    if section.grid is not None:
        if show is not None:
            yield show(section.name, section.grid, escape(f"{section.title}{colon} {_busiest(section.grid)}"))
        yield _hours(section.grid)
    if section.comments:
        yield _comments(section)
    elif section.more:
        yield f'<p class="small" style="{_SMALL}">{escape(section.more)}</p>'


def _fold(table: ReportColumns, colon: str) -> str:
    """Renders a table without the rows of nothing but zeros or no values, which a line below it names."""
    full = tuple(row for row in table.rows if not row[1:] or any(map(_COUNTED.search, row[1:])))
    empty: dict[str, list[str]] = {}
    for row in table.rows:
        if row not in full:
            empty.setdefault(row[1], []).append(row[0])
    if sum(map(len, empty.values())) < _FEWEST_FOLDED:
        return _table(table)
    lines = "<br>".join(f"{escape(value + colon)} {escape(' · '.join(names))}" for value, names in empty.items())
    shown = _table(ReportColumns(table.head, full)) if full else ""
    return f'{shown}<p class="small" style="margin:6px 0 12px;{_SMALL}">{lines}</p>'


def _table(table: ReportColumns) -> str:
    if len(table.head) > _WIDE:
        return "<br>".join(_table(_some(table, columns)) for columns in (slice(1, _WIDE), slice(_WIDE, None)))
    head = ""
    if any(table.head):
        cells = "".join(
            f'<th scope="col" class="line" align="{"right" if place else "left"}" valign="bottom" '
            f'style="{_LINE if place else _FIRST};font-weight:600">{_number(cell)}</th>'
            for place, cell in enumerate(table.head)
        )
        head = f"<thead><tr>{cells}</tr></thead>"
    rows = "".join(f"<tr>{_row(row)}</tr>" for row in table.rows)
    return f"{_TABLE}{head}<tbody>{rows}</tbody></table>"


def _some(table: ReportColumns, columns: slice) -> ReportColumns:
    """Returns some columns of a table, after its first."""
    head, *rows = ((row[0], *row[columns]) for row in (table.head, *table.rows))
    return ReportColumns(head, tuple(rows))


def _row(row: tuple[str, ...]) -> str:
    first, *rest = row
    cells = "".join(f'<td class="line" align="right" style="{_LINE}">{_number(cell)}</td>' for cell in rest)
    return f'<th scope="row" class="line" align="left" style="{_FIRST}">{escape(first)}</th>{cells}'


def _number(cell: str) -> str:
    """Keeps a number and its unit together: `148 h 15 min` takes two lines where there is little room."""
    return _UNIT.sub("&nbsp;", escape(cell))


def _as_table(chart: Chart) -> ReportColumns:
    head = ("", *(name for name, _ in chart.series))
    rows = tuple(
        (label, *(f"{values[place]:.0f}" for _, values in chart.series)) for place, label in enumerate(chart.labels)
    )
    return ReportColumns(head, rows)


def _bars(chart: Chart, colours: Colours) -> str:
    """Renders bars made of cells, each with its number."""
    legend = "".join(
        f'<span class="bar{number + 1 if number else ""}" style="display:inline-block;width:10px;height:10px;'
        f'background:{colours.series[number]}"></span> {escape(name)} &nbsp; '
        for number, (name, _) in enumerate(chart.series)
    )
    above = f'<p class="small" style="margin:0 0 4px;{_SMALL}">{legend}</p>' if len(chart.series) > 1 else ""
    lines = []
    for place, label in enumerate(chart.labels):
        values = [values[place] for _, values in chart.series]
        bars = "".join(_bar(number, _share(value, chart.highest), colours) for number, value in enumerate(values))
        said = " / ".join(f"{value:.0f}" for value in values)
        lines.append(
            f'<tr><th scope="row" class="line" align="left" width="40%" style="{_FIRST}">{escape(label)}</th>'
            f'<td class="line" style="{_LINE}">{bars}</td>'
            f'<td class="line" align="right" width="1%" style="{_LINE};white-space:nowrap">{said}</td></tr>'
        )
    return f"{above}{_TABLE}<tbody>{''.join(lines)}</tbody></table>"


def _bar(number: int, share: int, colours: Colours) -> str:
    """Renders a bar as a cell with a background, which every mail program knows."""
    if not share:
        return ""
    name, colour = f"bar{number + 1 if number else ''}", colours.series[number]
    style = f"background:{colour};font-size:0;line-height:9px"
    cell = f'<td class="{name}" width="{share}%" height="9" bgcolor="{colour}" style="{style}">&nbsp;</td>'
    return f"{_PRESENTATION}<tr>{cell}{'<td></td>' if share < 100 else ''}</tr></table>"


def _share(value: float, highest: float) -> int:
    return max(1, round(100 * value / highest)) if value and highest else 0


def _hours(grid: Grid) -> str:
    """Renders requests by the day of the week, with the busiest hour of each: a table that fits on a phone."""
    rows = []
    for day, counts in zip(grid.days, grid.counts, strict=True):
        most = max(counts)
        when = f"{counts.index(most):02}:00 ({most})" if most else ""
        rows.append((day, str(sum(counts)), when))
    return _table(ReportColumns(("", grid.name, grid.busiest), tuple(rows)))


def _busiest(grid: Grid) -> str:
    return ", ".join(f"{day} {sum(counts)}" for day, counts in zip(grid.days, grid.counts, strict=True))


def _alternative(chart: Chart) -> str:
    """Returns the numbers of a chart, for people who do not see it."""
    return ", ".join(
        f"{label} {' / '.join(f'{values[place]:.0f}' for _, values in chart.series)}"
        for place, label in enumerate(chart.labels)
    )


def _comments(section: ReportSection) -> str:
    lines = "".join(
        f'<li style="margin:0 0 6px"><strong style="white-space:nowrap">{escape(one.reference)}</strong> '
        f'<span class="small" style="{_SMALL}">({escape(one.stars)})</span> {escape(one.text)}</li>'
        for one in section.comments
    )
    more = f'<p class="small" style="{_SMALL}">{escape(section.more)}</p>' if section.more else ""
    title = f'<p style="margin:16px 0 6px">{escape(section.comments_title)}</p>'
    return f'{title}<ul style="margin:0;padding-left:20px;font-size:15px;overflow-wrap:anywhere">{lines}</ul>{more}'
