"""Writes a report for other programs: JSON of a fixed shape (docs/reports.md), and CSV for spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from mailgate.reports.counting import Figure, Report
from mailgate.reports.measures import MeasureKind
from mailgate.reports.samples import Sample

CSV_HEAD = ("queue", "level", "figure", "item", "value", "unit")
# What a spreadsheet takes for the beginning of a formula, in any of them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_json(report: Report, figures: Iterable[Figure] | None = None, *, traced: bool = False) -> dict[str, Any]:
    """Returns the report as JSON takes it: these figures, or all; `traced` with the tickets behind each."""
    chosen = report.figures if figures is None else figures
    return {
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "timezone": str(report.period.zone),
        "begin": _iso(report.period.begin),
        "end": _iso(report.period.end),
        "counted_at": _iso(report.now),
        "queues": [{"queue": name, "name": report.names[name]} for name in report.queues],
        "figures": [_figure(one, traced=traced) for one in chosen],
    }


def _figure(figure: Figure, *, traced: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "queue": figure.queue,
        "level": figure.level,
        "figure": figure.name,
        "item": figure.item,
        "value": rounded(figure.value),
        "unit": figure.measure.unit.value,
    }
    if not traced:
        return found
    found["tickets"] = [{"reference": told.reference, "value": rounded(value)} for told, value in figure.samples]
    if figure.measure.kind is MeasureKind.SHARE:
        found["others"] = [{"reference": told.reference, "value": rounded(value)} for told, value in figure.others]
    return found


def write_csv(report: Report, figures: Iterable[Figure] | None = None, *, traced: bool = False) -> str:
    """Writes a line for each figure; `traced` a line for each ticket behind it, with its own value."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*CSV_HEAD, "reference") if traced else CSV_HEAD)
    for figure in report.figures if figures is None else figures:
        place = [safe(cell) for cell in (figure.queue, figure.level, figure.name, figure.item)]
        unit = figure.measure.unit.value
        if not traced:
            writer.writerow((*place, _number(figure.value), unit))
            continue
        writer.writerows((*place, _number(value), unit, safe(told.reference)) for told, value in figure.samples)
    return out.getvalue()


def safe(cell: str) -> str:
    """Returns text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def rounded(value: float | None) -> float | int | None:
    """Rounds to a whole number where it is whole, else to two decimals."""
    if value is None:
        return None
    near = round(value, 2)
    return int(near) if near == int(near) else near


def explain(figure: Figure) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """Lists the samples that a figure is made of, in the order of their values where these differ."""
    plain = figure.measure.kind in (MeasureKind.COUNT, MeasureKind.SHARE)
    return (figure.samples if plain else sorted(figure.samples, key=lambda one: one[1])), figure.others


def _number(value: float | None) -> str:
    found = rounded(value)
    return "" if found is None else str(found)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
