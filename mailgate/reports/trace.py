"""Lists the samples behind a report's numbers, as text: the tickets of each figure, and their own values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from mailgate.notices.rendering.words import Words
from mailgate.reports.counting import Figure, Report
from mailgate.reports.data import explain
from mailgate.reports.measures import MeasureKind, MeasureUnit
from mailgate.reports.samples import Sample
from mailgate.reports.sections import spell_item, spell_name, spell_period, spell_value
from mailgate.reports.text import WIDTH


def write_traces(report: Report, figures: Iterable[Figure], words: Words) -> str:
    """Lists each figure with its number and the tickets that make it."""
    own = words["report"]
    lines = [f"{own['title']}{words['colon']} {spell_period(report, words)}", ""]
    for figure in figures:
        lines += _figure(report, figure, words)
    return "\n".join(lines).rstrip() + "\n"


def _figure(report: Report, figure: Figure, words: Words) -> Iterator[str]:
    unit = figure.measure.unit
    place = [report.names.get(figure.queue, figure.queue), words["levels"].get(figure.level, figure.level)]
    named = ", ".join(part for part in (*place, spell_item(figure, words)) if part)
    value = spell_value(figure.value, unit, words)
    yield f"{figure.name}{f' ({named})' if named else ''}{words['colon']} {value}"
    yield f"  {spell_name(figure, words)}"
    samples, others = explain(figure)
    if figure.measure.kind is MeasureKind.SHARE:
        yield from _list("+", samples, None, words)
        yield from _list("-", others, None, words)
    else:
        yield from _list("", samples, unit if figure.measure.kind is not MeasureKind.COUNT else None, words)
    yield ""


def _list(sign: str, samples: Sequence[Sample], unit: MeasureUnit | None, words: Words) -> Iterator[str]:
    """Sets references on lines of 80 columns; each with its value where it has one of its own."""
    if not samples:
        return
    parts = [told.reference + (f" {spell_value(value, unit, words)}" if unit else "") for told, value in samples]
    first = f"  {sign} " if sign else "  "
    joined = ", ".join(part.replace(" ", "\0") for part in parts)  # a value stays beside its ticket
    for line in wrap(joined, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)):
        yield line.replace("\0", " ")
