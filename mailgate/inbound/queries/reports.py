"""The query `#report`: the figures of the queues that the author sees, by queue and level. Reads only.

They are those of `mailgate report` for the same period; docs/reports.md says what each means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import QueryAccess
from mailgate.notices.rendering.replies import Breakdown, BreakdownRow, Figures, QueryReply
from mailgate.parsers.commands.query_arguments import read_period
from mailgate.reports.counting import Report, count
from mailgate.reports.measures import BY_NAME, MEASURES, MeasureKind, MeasureUnit
from mailgate.reports.periods import up_to
from mailgate.reports.sections import MOST_ITEMS, SECTIONS_BY_ITEM, SPELLED, list_items

PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
_ESCALATED = ("escalated_by_timer", "escalated_by_hand", "escalated_not_fixed")


def report_for(connection: Connection, settings: Settings, access: QueryAccess, args: str, now: datetime) -> QueryReply:
    """Answers `#report PERIOD`: the last 24 hours, 7 days or 30 days until now."""
    line = f"#report {args}".strip()
    period = read_period(args)
    if period is None:
        return QueryReply("what_to_report", line, choices=tuple(PERIODS))
    span = PERIODS[period]
    report = count(connection, settings, up_to(now, span, settings.default_queue.zone), now, access.queues)
    figures = tuple(one for queue in access.queues for one in _of_queue(settings, report, queue))
    breakdowns = tuple(one for section in SECTIONS_BY_ITEM if (one := _break_down(report, section)).rows)
    return QueryReply("report", line, wanted=period, begin=now - span, figures=figures, breakdowns=breakdowns)


def _break_down(report: Report, section: str) -> Breakdown:
    """Returns the figures by one property of tickets, or by agent, for all queues of the report."""
    items = [one.item for one in list_items(report, section)]
    rows = tuple(_row(report, section, item) for item in items[:MOST_ITEMS])
    return Breakdown(section, SPELLED.get(section, ""), rows, len(items) - len(rows))


def _row(report: Report, section: str, item: str) -> BreakdownRow:
    """Returns the figures of an item; the first number always, also 0, since tickets that were opened before the period
    may have been answered in it.
    """

    def find(names: Sequence[str]) -> Iterator[tuple[str, int]]:
        for name in names:
            value = report.value(f"{name}_{section}", item=item)
            if value is not None:
                yield name, round(value)

    names = [one.name.removesuffix(f"_{section}") for one in MEASURES if one.section == section]
    timed = [name for name in names if BY_NAME[f"{name}_{section}"].unit is MeasureUnit.MINUTES]
    counted = [name for name in names if BY_NAME[f"{name}_{section}"].kind is MeasureKind.COUNT]
    counts = dict(find(counted))
    return BreakdownRow(item, tuple(({counted[0]: 0} | counts).items()), tuple(find(timed)))


def _of_queue(settings: Settings, report: Report, name: str) -> list[Figures]:
    queue = settings.queues[name]
    return [_figures(report, name, queue.display_name, level) for level in ("", *queue.levels)]


def _figures(report: Report, queue: str, shown: str, level: str) -> Figures:
    def number(name: str) -> int:
        return round(report.value(name, queue, level) or 0)

    def minutes(name: str) -> int | None:
        found = report.value(name, queue, level)
        return None if found is None else round(found)

    return Figures(
        shown,
        level,
        new=number("opened"),
        resolved=number("solved"),
        confirmed=number("closed_confirmed"),
        reopened=number("reopened"),
        escalated=sum(map(number, _ESCALATED)),
        open=number("open"),
        overdue=number("overdue"),
        first_answer=minutes("first_answer_clock_median"),
        resolution=minutes("solution_clock_median"),
    )
