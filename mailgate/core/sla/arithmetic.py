"""Arithmetic of a promise, line by line: the spans of opening hours that count, and the pauses that do not.

Pure; the sum of the last line is the used time of the account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailgate.core.calendar.business_time import Hours
from mailgate.core.sla.account import FirstAnswer, LevelPeriod, Pause
from mailgate.core.sla.terms import NOTHING

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CountedSpan:
    """Line of the arithmetic: a span that counts for its `length`; `total` has all before it, too.

    With a `pause` it is one that does not count: `length` is the time that the promise has not lost by it.
    """

    begins: datetime
    ends: datetime
    length: timedelta
    total: timedelta
    pause: Pause | None = None


def work_out(period: LevelPeriod) -> tuple[CountedSpan, ...]:
    """Lists the spans of the used time with a level; a line ends where the promise does."""
    return _add_up(
        period.began.at, period.until, period.due, period.pauses, period.terms.hours, business=period.business
    )


def work_out_answer(answer: FirstAnswer, until: datetime) -> tuple[CountedSpan, ...]:
    """Lists the spans of the time used for the first answer."""
    business = answer.terms.answer_within.business
    return _add_up(answer.began.at, until, answer.due, (), answer.terms.hours, business=business)


def _add_up(
    start: datetime, end: datetime, due: datetime, pauses: Sequence[Pause], hours: Hours, *, business: bool
) -> tuple[CountedSpan, ...]:
    lines: list[CountedSpan] = []
    total, begin = NOTHING, start
    for pause in (*pauses, None):
        last = pause.began.at if pause is not None else end
        for opens, closes in _counted(begin, last, due, hours, business=business):
            total += closes - opens
            lines.append(CountedSpan(opens, closes, closes - opens, total))
        if pause is not None:
            lines.append(CountedSpan(last, pause.until, pause.taken, total, pause))
            begin = pause.until
    return tuple(lines)


def _counted(
    begin: datetime, end: datetime, due: datetime, hours: Hours, *, business: bool
) -> Iterator[tuple[datetime, datetime]]:
    spans = _spans(begin, end, hours) if business else iter([(begin, end)] if begin < end else [])
    for opens, closes in spans:
        if opens < due < closes:
            yield opens, due
            yield due, closes
        else:
            yield opens, closes


def _spans(begin: datetime, end: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """Yields the times of being open between two moments; midnight in UTC parts none."""
    pending: tuple[datetime, datetime] | None = None
    day = begin.date()
    while day <= end.date():
        for span in hours.spans(day):
            opens, closes = max(span.opens, begin), min(span.closes, end)
            if opens >= closes:
                continue
            if pending is not None and pending[1] == opens:
                pending = (pending[0], closes)
                continue
            if pending is not None:
                yield pending
            pending = (opens, closes)
        day += _DAY
    if pending is not None:
        yield pending
