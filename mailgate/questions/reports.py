"""`#report`: the figures of the queues that the asker sees, by queue and level. Reads only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.notices.replies import Figures, Reply
from mailgate.parsers.inquiries import read_period
from mailgate.questions.rights import Rights
from mailgate.store.figures import Counted, count_figures

PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


def report_for(connection: Connection, settings: Settings, rights: Rights, args: str, now: datetime) -> Reply:
    """The answer to `#report PERIOD`: the last 24 hours, 7 days or 30 days until now."""
    line = f"#report {args}".strip()
    period = read_period(args)
    if period is None:
        return Reply("what_to_report", line, choices=tuple(PERIODS))
    begin = now - PERIODS[period]
    counted = count_figures(connection, rights.queues, begin, now)
    figures = tuple(one for queue in rights.queues for one in _of_queue(settings, counted, queue))
    return Reply("report", line, wanted=period, begin=begin, figures=figures)


def _of_queue(settings: Settings, counted: Counted, name: str) -> list[Figures]:
    queue = settings.queues[name]
    levels = [
        Figures(
            queue.display_name, level,
            resolved=counted.resolved.get((name, level), 0), escalated=counted.escalated.get((name, level), 0),
            open=counted.open.get((name, level), 0), overdue=counted.overdue.get((name, level), 0),
        )
        for level in queue.levels
    ]  # fmt: skip
    whole = Figures(
        queue.display_name,
        new=counted.new.get(name, 0),
        resolved=sum(one.resolved for one in levels),
        confirmed=counted.confirmed.get(name, 0),
        reopened=counted.reopened.get(name, 0),
        escalated=sum(one.escalated for one in levels),
        open=sum(one.open for one in levels),
        overdue=sum(one.overdue for one in levels),
        first_answer=counted.first_answer.get(name),
        resolution=counted.resolution.get(name),
    )
    return [whole, *levels]
