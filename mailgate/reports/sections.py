"""Puts a report in words, in its recipient's language: sections with tables and charts, for text and HTML alike.

Every text of a report is written here once: the terminal, a mail and a page only set it. Words of requesters (causes,
what stands beside a rating) are passed on as they are, on one line and cut; the caller that sets them escapes them.
Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from mailgate.core.text import ellipsis
from mailgate.notices.rendering.locales import write_number, write_percent
from mailgate.notices.rendering.words import Words, gist, spell_day, spell_minutes, spell_moment, spell_zone, visible
from mailgate.reports.counting import Figure, Report
from mailgate.reports.measures import (
    BY_NAME,
    DAY_NAMES,
    DIMENSIONS,
    ENDINGS,
    MEASURES,
    MeasureKind,
    MeasureUnit,
    hour_name,
)
from mailgate.store.queries.reports import ReportedTicket

MOST_CAUSES = 10  # that are shown by name; JSON and CSV have them all
MOST_ITEMS = 15  # rows of a table by type, tag and so on; JSON and CSV have them all
MOST_COMMENTS = 20
SPELLED = {"by_type": "types", "by_priority": "priorities", "by_channel": "channels"}
"""Sections whose items have words, and the table of these."""
SECTIONS_BY_ITEM = (*(f"by_{name}" for name in DIMENSIONS), "by_agent")
_BREAKDOWN = ("opened", "closed", "first_try", "first_answer_median", "solution_median", "solution_within")
_OF_AGENT = ("solved", "answers", "time_spent")
_DAYS_BY_DAY, _DAYS_BY_WEEK = 31, 190  # a longer period is shown by weeks, a still longer one by months
_CAUSE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """Rows of cells, all text; the first column names the row, the others are numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bar chart: a row for each label, with a value of each series. `stacked` where the series are parts of one
    whole."""

    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    stacked: bool = False

    @property
    def highest(self) -> float:
        """Value of the longest bar."""
        columns = zip(*(values for _, values in self.series), strict=True)
        return max((sum(column) if self.stacked else max(column) for column in columns), default=0)


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts by weekday and hour.

    `name` is what is counted, `busiest` the label of the hour with the most, `short` the days where there is little
    room.
    """

    days: tuple[str, ...]
    short: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    name: str
    busiest: str

    @property
    def highest(self) -> int:
        """Highest count."""
        return max(max(row) for row in self.counts)


@dataclass(frozen=True, slots=True)
class Comment:
    """Words that a requester wrote beside their rating."""

    reference: str
    stars: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportSection:
    """One part of a report; `name` is the program's, `title` the recipient's. What is None or empty is not shown."""

    name: str
    title: str
    table: ReportColumns | None = None
    chart: Chart | None = None
    grid: Grid | None = None
    comments: tuple[Comment, ...] = ()
    comments_title: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the few numbers that say how the period was; `change` compares it with the period before, "" without
    one."""

    name: str
    value: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Whole report in words: `title` names the period, `scope` the queues, `counted` when and in what time zone.

    `colon` is the language's, perhaps with a space before it.
    """

    title: str
    period: str
    scope: str
    counted: str
    sections: tuple[ReportSection, ...]
    key_figures: tuple[KeyFigure, ...] = ()
    colon: str = ":"


def put_in_words(report: Report, words: Words, before: Report | None = None) -> ReportPage:
    """Puts the report in the language of these words; `before` is that of the period before."""
    own = words["report"]
    period = spell_period(report, words)
    scope = ", ".join(report.names[name] for name in report.queues)
    counted = own["counted"].format(
        when=spell_moment(words, report.now, report.period.zone), zone=spell_zone(words, report.period.zone)
    )
    return ReportPage(
        f"{own['title']}{words['colon']} {period}",
        period,
        scope,
        counted,
        tuple(_sections(report, words)),
        tuple(_key_figures(report, words, before)),
        str(words["colon"]),
    )


def _key_figures(report: Report, words: Words, before: Report | None) -> Iterator[KeyFigure]:
    """Yields opened, closed, solved within the promise, and the mean rating."""
    columns = words["report_columns"]
    titles = {name: str(columns[name]) for name in ("opened", "closed", "solution_within")}
    titles["rating_mean"] = str(words["report_sections"]["rating"])
    for name, title in titles.items():
        value = report.figure(name).value
        earlier = before.figure(name).value if before is not None else None
        said, said_before = (spell_value(one, BY_NAME[name].unit, words) for one in (value, earlier))
        change = ""
        if value is not None and earlier is not None:
            same = said == said_before
            change = f"= {said}" if same else f"{'▲' if value > earlier else '▼'} {said_before} → {said}"
        yield KeyFigure(f"{title[:1].upper()}{title[1:]}", said, change)


def spell_period(report: Report, words: Words) -> str:
    """Writes the days of a report."""
    first, last = report.period.first, report.period.last
    pattern = words["report"]["one_day" if first == last else "days"]
    return str(pattern.format(first=spell_day(words, first), last=spell_day(words, last)))


def spell_value(value: float | None, unit: MeasureUnit, words: Words) -> str:
    """Writes a number with its unit, as people read it."""
    if value is None:
        return str(words["report"]["nothing"])
    if unit is MeasureUnit.MINUTES:
        return spell_minutes(words, round(value))
    if unit is MeasureUnit.PERCENT:
        return write_percent(round(value), words["locale"])
    if unit is MeasureUnit.STARS:
        return write_number(value, words["locale"])
    return f"{value:.0f}"


def spell_name(figure: Figure, words: Words) -> str:
    """Returns the name of a measure."""
    name, section = figure.name, figure.measure.section
    if section.startswith("by_"):
        shown = words["figures"].get(name.removesuffix(f"_{section}"), name)
        return f"{shown} ({words['report_sections'][section]})"
    return str(words["figures"].get(name, name))


def spell_item(figure: Figure, words: Words) -> str:
    """Returns the item that a figure comes for, "" where it comes once."""
    item = figure.item
    if figure.name == "closed_by_cause":
        return _plain(item) or str(words["report"]["no_cause"])
    section = figure.measure.section
    if section.startswith("by_"):
        table = SPELLED.get(section)
        return (
            (str(words[table].get(item, item)) if table else _plain(item)) if item else str(words["report"]["no_item"])
        )
    if not item:
        return ""
    match figure.measure.section:
        case "age":
            return str(words["ages"].get(item, item))
        case "rating":
            return str(words["report"]["stars"].format(item))
        case "days":
            return spell_day(words, date.fromisoformat(item))
        case "hours":
            day, _, hour = item.partition(" ")
            return f"{words['days'][DAY_NAMES.index(day)]} {hour}:00"
    return item


# -- the sections ------------------------------------------------------------------------------------------------------


def _sections(report: Report, words: Words) -> Iterator[ReportSection]:
    titles = words["report_sections"]
    for name, make in _MAKERS.items():
        section = make(report, words, titles[name])
        if section is not None:
            yield section


def _volume(report: Report, words: Words, title: str) -> ReportSection:
    return ReportSection("volume", title, _by_level(report, words, "volume"))


def _days(report: Report, words: Words, _title: str) -> ReportSection:
    """Groups a chart by days, weeks or months, so that it stays readable."""
    length = len(report.period.days)
    kind = "days" if length <= _DAYS_BY_DAY else "weeks" if length <= _DAYS_BY_WEEK else "months"
    names = ("opened_by_day", "closed_by_day")
    columns = [[(date.fromisoformat(one.item), one.value or 0) for one in report.items(name)] for name in names]
    labels, series = [], []
    for name, column in zip(names, columns, strict=True):
        runs = [(key, list(run)) for key, run in groupby(column, lambda one: _bucket(one[0], kind))]
        labels = [_bucket_name(key, kind, words) for key, _ in runs]
        series.append((str(words["figures"][name]), tuple(sum(value for _, value in run) for _, run in runs)))
    return ReportSection("days", words["report_sections"][kind], chart=Chart(tuple(labels), tuple(series)))


def _bucket(day: date, kind: str) -> date:
    if kind == "days":
        return day
    return day - timedelta(days=day.weekday()) if kind == "weeks" else day.replace(day=1)


def _bucket_name(day: date, kind: str, words: Words) -> str:
    month = words["months"][day.month - 1]
    if kind == "months":
        return f"{month} {day.year}"
    if kind == "weeks":
        return str(words["report"]["week_of"].format(f"{_ordinal(day, words)} {month}"))
    return str(words["report"]["day_of"].format(day=words["days"][day.weekday()], date=_ordinal(day, words)))


def _ordinal(day: date, words: Words) -> str:
    return str(words["first"]) if day.day == 1 else str(day.day)


def _age(report: Report, words: Words, title: str) -> ReportSection:
    return ReportSection("age", title, chart=_bars(report, words, "open_by_age"))


def _answer(report: Report, words: Words, title: str) -> ReportSection:
    chart = _promises(report, words, "first_answer")
    return ReportSection("answer", title, _by_level(report, words, "answer"), chart)


def _solution(report: Report, words: Words, title: str) -> ReportSection:
    return ReportSection("solution", title, _by_level(report, words, "solution"), _promises(report, words, "solution"))


def _escalation(report: Report, words: Words, title: str) -> ReportSection:
    return ReportSection("escalation", title, _by_level(report, words, "escalation"))


def _ending(report: Report, words: Words, title: str) -> ReportSection:
    """Returns the ways of ending that occurred; where nothing ended, the two that matter."""
    came = [name for name in ENDINGS if report.value(name)] or list(ENDINGS[:2])
    values = tuple(report.value(name) or 0 for name in came)
    chart = Chart(tuple(str(words["figures"][name]) for name in came), ((str(words["figures"]["closed"]), values),))
    rows = tuple(
        (str(words["figures"][name]), _said(report, words, name)) for name in ("reopened", "closed_confirmed_share")
    )
    return ReportSection("ending", title, ReportColumns(("", words["report"]["all_levels"]), rows), chart)


def _rating(report: Report, words: Words, title: str) -> ReportSection:
    chart = _bars(report, words, "ratings_by_stars") if report.value("ratings") else None
    comments = report.comments
    shown = tuple(_comment(told, words) for told in comments[:MOST_COMMENTS])
    left = len(comments) - len(shown)
    own = words["report"]
    more = str(own["more_comments"].format(left)) if left else ""
    table = _by_level(report, words, "rating")
    return ReportSection(
        name="rating",
        title=title,
        table=table,
        chart=chart,
        grid=None,
        comments=shown,
        comments_title=str(own["comment"]) if shown else "",
        more=more,
    )


def _comment(told: ReportedTicket, words: Words) -> Comment:
    text = _plain(gist(told.rating_words))
    return Comment(told.reference, str(words["report"]["stars"].format(told.rating)), text)


def _cause(report: Report, words: Words, title: str) -> ReportSection | None:
    found = [one for one in report.items("closed_by_cause") if one.value]
    if not found:
        return None
    shown, rest = found[:MOST_CAUSES], found[MOST_CAUSES:]
    labels = [ellipsis(spell_item(one, words), _CAUSE_LENGTH) for one in shown]
    values = [one.value or 0 for one in shown]
    if rest:
        labels.append(str(words["report"]["other_causes"].format(len(rest))))
        values.append(sum(one.value or 0 for one in rest))
    chart = Chart(tuple(labels), ((str(words["figures"]["closed_by_cause"]), tuple(values)),))
    return ReportSection("cause", title, chart=chart)


def _plain(words: str) -> str:
    """Sets a person's words on one line, without anything that moves a cursor or turns the reading order round."""
    return str(visible("".join(letter for letter in words if letter.isprintable() or letter == "\u00a0")))


def _time(report: Report, words: Words, title: str) -> ReportSection:
    return ReportSection("time", title, _by_level(report, words, "time"))


def _hours(report: Report, words: Words, title: str) -> ReportSection:
    counts = tuple(
        tuple(int(report.value("opened_by_hour", item=hour_name(day, hour)) or 0) for hour in range(24))
        for day in range(len(DAY_NAMES))
    )
    days, short = tuple(words["days"]), tuple(words["short_days"])
    grid = Grid(days, short, counts, str(words["figures"]["opened_by_hour"]), str(words["report"]["busiest"]))
    return ReportSection("hours", title, grid=grid)


def _queues(report: Report, words: Words, title: str) -> ReportSection | None:
    if len(report.queues) < 2:
        return None
    names = ("opened", "closed", "open", "overdue", "first_answer_within", "solution_within")
    head = (str(words["report"]["queue"]), *(str(words["report_columns"][name]) for name in names))
    places = [*((name, report.names[name]) for name in report.queues), ("", str(words["report"]["all_queues"]))]
    rows = tuple((shown, *(_said(report, words, name, queue) for name in names)) for queue, shown in places)
    return ReportSection("queues", title, ReportColumns(head, rows))


def list_items(report: Report, section: str, queue: str = "") -> tuple[Figure, ...]:
    """Lists the items of a section by type, tag and so on: a figure of each, the most frequent first.

    Where all tickets have the same, or none, there is nothing to tell.
    """
    found: dict[str, Figure] = {}
    often: Counter[str] = Counter()
    for one in report.figures:
        if one.measure.section == section and one.queue == queue:
            found.setdefault(one.item, one)
            often[one.item] += len(one.samples)
    if len(found) < 2 and (section not in ("by_tag", "by_agent") or not found):
        return ()
    return tuple(sorted(found.values(), key=lambda one: (-often[one.item], one.item)))


def _by_item(section: str, names: Sequence[str]) -> Callable[[Report, Words, str], ReportSection | None]:
    """Returns what makes the section of one dimension: a row for each item, a column for each of the figures."""

    def make(report: Report, words: Words, title: str) -> ReportSection | None:
        items = list_items(report, section)
        if not items:
            return None
        head = ("", *(str(words["report_columns"][name]) for name in names))
        rows = tuple(
            (
                ellipsis(spell_item(one, words), _CAUSE_LENGTH),
                *(_said_of(report, words, f"{name}_{section}", one.item) for name in names),
            )
            for one in items[:MOST_ITEMS]
        )
        left = len(items) - MOST_ITEMS
        more = str(words["report"]["more_comments"].format(left)) if left > 0 else ""
        return ReportSection(section, title, ReportColumns(head, rows), more=more)

    return make


def _said_of(report: Report, words: Words, name: str, item: str) -> str:
    measure = BY_NAME[name]
    value = report.value(name, item=item)
    is_number = measure.kind in (MeasureKind.COUNT, MeasureKind.SUM)
    return spell_value(0 if value is None and is_number else value, measure.unit, words)


_MAKERS: dict[str, Callable[[Report, Words, str], ReportSection | None]] = {
    "volume": _volume,
    "queues": _queues,
    **{f"by_{name}": _by_item(f"by_{name}", _BREAKDOWN) for name in DIMENSIONS},
    "by_agent": _by_item("by_agent", _OF_AGENT),
    "days": _days,
    "age": _age,
    "answer": _answer,
    "solution": _solution,
    "escalation": _escalation,
    "ending": _ending,
    "rating": _rating,
    "cause": _cause,
    "time": _time,
    "hours": _hours,
}


# -- tables and bars ---------------------------------------------------------------------------------------------------


def _by_level(report: Report, words: Words, section: str) -> ReportColumns:
    """Returns the figures of a section, a row each: for the whole, and for each level where levels have them."""
    measures = [one for one in MEASURES if one.section == section and not one.by_item]
    levels = report.levels if any(one.by_level for one in measures) else ()
    head = ("", str(words["report"]["all_levels"]), *(str(words["levels"][level]) for level in levels))
    rows = [
        (
            str(words["figures"][one.name]),
            _said(report, words, one.name),
            *(_said(report, words, one.name, level=level) if one.by_level else "" for level in levels),
        )
        for one in measures
    ]
    return ReportColumns(head, tuple(rows))


def _said(report: Report, words: Words, name: str, queue: str = "", level: str = "") -> str:
    figure = report.figure(name, queue, level)
    return spell_value(figure.value, figure.measure.unit, words)


def _bars(report: Report, words: Words, name: str) -> Chart:
    found: Sequence[Figure] = report.items(name)
    values = tuple(one.value or 0 for one in found)
    return Chart(tuple(spell_item(one, words) for one in found), ((str(words["figures"][name]), values),))


def _promises(report: Report, words: Words, name: str) -> Chart | None:
    """Returns promises kept and missed, by level."""
    levels = [level for level in report.levels if report.value(f"{name}_within", level=level) is not None]
    if not levels:
        return None
    series = tuple(
        (str(words["figures"][kind]), tuple(report.value(kind, level=level) or 0 for level in levels))
        for kind in (f"{name}_kept", f"{name}_missed")
    )
    return Chart(tuple(str(words["levels"][level]) for level in levels), series, stacked=True)
