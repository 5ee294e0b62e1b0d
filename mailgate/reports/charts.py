"""Draws charts as PNG images, for pages and mails. Needs the extra `reports`; `can_draw` tells whether it is installed.

A chart shows nothing that a table beside it does not have. Labels of people's own words (causes) are never drawn: no
font has every letter. Nothing here fails but for want of memory.
"""

from __future__ import annotations

import colorsys
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import Any

from mailgate.reports.sections import Chart, Grid

WIDTH, DENSITY = 360, 2  # of an image, in pixels of a page, and how many dots make one
_INCH = 72  # a point is a pixel here
_ROW, _HEAD = 22, 34
_TEXT = 11.5
_LETTER = 0.0195  # of the width: a letter


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours of a light or a dark page; those of `series` differ in lightness, too."""

    page: str
    text: str
    line: str
    series: tuple[str, ...]


_ORANGE = "#d07a1a"
LIGHT = Colours("#ffffff", "#1f2328", "#c9d1da", ("#0a6b3d", _ORANGE))
DARK = Colours("#15181c", "#e8eaed", "#3a424c", ("#4cc38a", "#b5651d"))


_BESIDE_ORANGE = "#2f6db5"
_NEAR = 0.11  # of the circle of hues: 40 degrees


@cache
def colour_series(accent: str) -> Colours:
    """Returns the colours of a light page whose first series has the desk's own colour, the second one far from it."""
    hues = [colorsys.rgb_to_hls(*(int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0] for one in (accent, _ORANGE)]
    distance = abs(hues[0] - hues[1])
    is_near = min(distance, 1 - distance) < _NEAR
    return replace(LIGHT, series=(accent, _BESIDE_ORANGE if is_near else _ORANGE))


@cache
def can_draw() -> bool:
    """Tells whether the extra is installed."""
    return find_spec("matplotlib") is not None


def draw(shown: Chart | Grid, colours: Colours = LIGHT) -> bytes:
    """Draws a chart as an image."""
    if isinstance(shown, Grid):
        return _image(*_draw_grid(shown, colours), colours)
    return _image(*_draw_bars(shown, colours), colours)


Drawn = tuple[Chart | Grid, Colours]
DrawAll = Callable[[Sequence[Drawn]], list[bytes]]
"""Draws several charts as images, in their order."""


def draw_all(wanted: Sequence[Drawn]) -> list[bytes]:
    """Draws charts one after the other."""
    return [draw(*one) for one in wanted]


@contextmanager
def drawing_processes() -> Iterator[DrawAll]:
    """Begins two processes that draw, for a command: they load what drawing needs while this one counts.

    To load it takes half as long as to draw a page. With one processor, without the extra, or beside other threads,
    which a fork would harm, there are none. If one of them is ended, this process draws.
    """
    if not can_draw() or (os.cpu_count() or 1) == 1 or _has_threads():
        yield draw_all
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, get_context("fork"), initializer=_load) as processes:
        processes.submit(_load)

        def draw_there(wanted: Sequence[Drawn]) -> list[bytes]:
            try:
                return list(processes.map(draw, *zip(*wanted, strict=True)))
            except BrokenProcessPool:
                return draw_all(wanted)

        yield draw_there


def _has_threads() -> bool:
    """Tells whether this process has further threads, those of no Python module included."""
    try:
        return len(os.listdir("/proc/self/task")) > 1
    except OSError:
        return True


def _load() -> None:
    """Loads what drawing needs."""
    from matplotlib.backends import backend_agg  # noqa: F401
    from matplotlib.figure import Figure  # noqa: F401


def height_of(shown: Chart | Grid) -> int:
    """Returns the height of the image on a page, in pixels."""
    if isinstance(shown, Grid):
        return 190
    bars = len(shown.labels) * (1 if shown.stacked else len(shown.series))
    row = _ROW if bars <= 16 else 15
    return round(bars * row + _HEAD * (len(shown.series) > 1) + 14)


def _figure(height: int, colours: Colours) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / _INCH, height / _INCH), dpi=_INCH, facecolor=colours.page)
    axes = figure.add_axes((0, 0, 1, 1), facecolor=colours.page)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def _draw_bars(chart: Chart, colours: Colours) -> tuple[Any, Any]:
    """Draws bars from the left, a number behind each; the labels above each other on the left."""
    height = height_of(chart)
    figure, axes = _figure(height, colours)
    rows, several = len(chart.labels), len(chart.series)
    longest = max((len(label) for label in chart.labels), default=0)
    columns = list(zip(*(values for _, values in chart.series), strict=True))
    said = [" / ".join(f"{value:.0f}" for value in column) for column in columns]
    behind = max(map(len, said), default=0) if chart.stacked else len(f"{chart.highest:.0f}")
    left, right = min(0.56, 0.03 + longest * _LETTER), 0.03 + behind * _LETTER
    head = _HEAD / height if several > 1 else 0.0
    axes.set_position((left, 7 / height, 1 - left - right, 1 - head - 14 / height))
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xlim(0, chart.highest or 1)
    starts = [0.0] * rows
    thick = 0.74 if chart.stacked or several == 1 else 0.8 / several
    for number, (name, values) in enumerate(chart.series):
        shift = 0.0 if chart.stacked else (number - (several - 1) / 2) * thick
        places = [row + shift for row in range(rows)]
        axes.barh(places, values, thick * 0.9, left=starts if chart.stacked else None, color=colours.series[number],
                  label=name)  # fmt: skip
        if chart.stacked:
            starts = [start + value for start, value in zip(starts, values, strict=True)]
        else:
            _numbers(axes, places, values, [f"{value:.0f}" for value in values], colours, several)
    if chart.stacked:
        _numbers(axes, range(rows), starts, said, colours, 1)
    axes.set_yticks(range(rows), chart.labels, fontsize=_TEXT if rows <= 16 else 9.5, color=colours.text)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.axvline(0, color=colours.line, linewidth=1)
    if several > 1:
        figure.legend(loc="upper left", ncols=several, frameon=False, fontsize=_TEXT, labelcolor=colours.text,
                      borderaxespad=0.2, handlelength=1, handleheight=1)  # fmt: skip
    return figure, axes


def _numbers(axes: Any, places: Any, ends: Any, said: Any, colours: Colours, several: int) -> None:
    size = _TEXT if several == 1 else 9
    for place, end, words in zip(places, ends, said, strict=True):
        axes.annotate(words, (end, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=size,
                      color=colours.text, annotation_clip=False)  # fmt: skip


def _draw_grid(grid: Grid, colours: Colours) -> tuple[Any, Any]:
    """Draws a square for each hour of the week, the darker the more; the busiest have their number."""
    from matplotlib.colors import LinearSegmentedColormap

    figure, axes = _figure(height_of(grid), colours)
    axes.set_position((0.11, 0.1, 0.88, 0.87))
    shades = LinearSegmentedColormap.from_list("hours", [colours.page, colours.series[0]])
    axes.imshow(grid.counts, aspect="auto", cmap=shades, vmin=0, vmax=grid.highest or 1)
    axes.set_yticks(range(7), grid.short, fontsize=_TEXT, color=colours.text)
    axes.set_xticks(range(0, 24, 3), [f"{hour:02}" for hour in range(0, 24, 3)], fontsize=_TEXT, color=colours.text)
    axes.set_xticks([hour - 0.5 for hour in range(25)], minor=True)
    axes.set_yticks([day - 0.5 for day in range(8)], minor=True)
    axes.grid(which="minor", color=colours.line, linewidth=0.6)
    axes.tick_params(which="both", length=0)
    return figure, axes


def _image(figure: Any, _axes: Any, colours: Colours) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    out = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(
        out, format="png", dpi=_INCH * DENSITY, facecolor=colours.page, metadata={"Software": None}
    )
    return out.getvalue()
