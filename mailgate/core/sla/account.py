"""SLA account of a ticket: its times with the levels, its first answer, its silences, and the timers to set. Values.

`replay.read_account` computes an account from the history of the ticket. `tickets.promise_due` and the timers only keep
what this module says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from mailgate.core.calendar.business_time import Duration, Hours, Unit, add_business, before, due, next_opening
from mailgate.core.sla.terms import AGAIN, SlaTerms, count_between, promised_until
from mailgate.core.workflow.effects import Timer


class SlaVerdict(StrEnum):
    """Outcome of a promise. One that still runs and is over already is MISSED."""

    KEPT = "kept"
    MISSED = "missed"
    RUNNING = "running"
    HANDED_ON = "handed on"  # in time, to another level or queue, which has a promise of its own
    NOT_NEEDED = "not needed"  # spam, merged, or closed before anything was due


class SlaEvent(NamedTuple):
    """Event of a ticket's history; a tuple, since a report makes half a million of them."""

    number: int  # its place in the history, from 1, as `mailgate explain` counts the steps
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    by: str = ""
    row: str = ""  # the row of the table of transitions that was taken
    argument: str = ""  # what was ordered: the queue of a route, the priority
    undone: bool = False
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Time in which the SLA clock is paused: from a question until its answer, or while a third party is waited for."""

    began: SlaEvent
    ended: SlaEvent | None  # None while the clock is paused
    until: datetime
    taken: timedelta  # of the promise: worked time where the promise counts worked time, else clock time
    third_party: str = ""  # who was waited for; "" for the requester


class LevelPeriod(NamedTuple):
    """Period in which a level has a ticket, and the promise of that level for it."""

    level: str
    queue: str
    began: SlaEvent
    ended: SlaEvent | None  # None while it runs
    until: datetime  # its end, that of an answer that proved to be the solution, or now
    terms: SlaTerms  # at its end, or now; a promise that changed meanwhile counts from the beginning of the period
    pauses: tuple[Pause, ...]
    due: datetime  # moved by the pauses; while the clock is paused, as if it ran on from now
    used: timedelta  # in the time that the promise counts
    verdict: SlaVerdict
    warned: datetime | None = None  # the last warning
    overdue: datetime | None = None  # when the manager was last notified of the end

    @property
    def business(self) -> bool:
        """Tells whether the promise counts worked time."""
        return self.terms.resolve_within.business

    @property
    def paused_since(self) -> datetime | None:
        """Moment since which the SLA clock is paused; None while it runs."""
        pause = self.pauses[-1] if self.pauses else None
        return pause.began.at if pause is not None and pause.ended is None and self.ended is None else None

    @property
    def paused_for(self) -> str:
        """Third party for whom the clock is paused; "" for the requester, and while it runs."""
        return self.pauses[-1].third_party if self.paused_since is not None else ""

    @property
    def stored_due(self) -> datetime:
        """Deadline as `tickets.promise_due` keeps it: without the time that the current pause has taken so far."""
        if self.paused_since is None:
            return self.due
        plain = promised_until(self.began.at, self.terms)
        return moved_by_pauses(plain, self.pauses[:-1], self.terms, self.terms.resolve_within)

    @property
    def allowed(self) -> timedelta:
        """Time that was promised, in the time that the promise counts."""
        plain = promised_until(self.began.at, self.terms)
        return count_between(self.began.at, plain, self.terms.hours, business=self.business)

    @property
    def spare(self) -> timedelta:
        """Time left of the promise; negative where it was missed, by how much."""
        return self.allowed - self.used


class FirstAnswer(NamedTuple):
    """First word of a person to the requester, and the moment until which it was promised."""

    began: SlaEvent
    terms: SlaTerms
    due: datetime
    answered: SlaEvent | None  # the event that was the first word
    used: timedelta  # until then, or now, in the time that the promise counts
    verdict: SlaVerdict
    warned: datetime | None = None

    @property
    def at(self) -> datetime | None:
        return self.answered.at if self.answered is not None else None


class Silence(NamedTuple):
    """Time in which a level had the ticket, the clock ran and the requester heard nothing."""

    began: SlaEvent  # the event that the requester last heard of
    ended: SlaEvent | None  # the next such event; None while the silence lasts
    until: datetime
    every: Duration | None  # None where nothing is promised (`inform_every`)
    hours: Hours

    @property
    def due(self) -> datetime | None:
        """Deadline of the next word; None where nothing is promised. Computed when asked for: few are."""
        return due(self.began.at, self.every, self.hours) if self.every is not None else None

    @property
    def length(self) -> timedelta:
        """Length in worked time where the promise counts worked time, else in clock time."""
        business = self.every is not None and self.every.business
        return count_between(self.began.at, self.until, self.hours, business=business)

    @property
    def kept(self) -> bool:
        return self.due is None or self.until <= self.due


class SlaAccount(NamedTuple):
    """Everything promised for a ticket, and what came of it."""

    entries: tuple[SlaEvent, ...]  # the events that happened, without those taken back
    answer: FirstAnswer
    periods: tuple[LevelPeriod, ...]
    silences: tuple[Silence, ...]
    reminded: datetime | None = None  # when the level was last reminded to inform the requester

    @property
    def current(self) -> LevelPeriod | None:
        """Period that runs; None where no level has the ticket."""
        return self.periods[-1] if self.periods and self.periods[-1].ended is None else None

    @property
    def longest_silence(self) -> Silence | None:
        """Longest time without a word to the requester; None where there was none."""
        return max(self.silences, key=lambda silence: silence.length, default=None)

    @property
    def informed(self) -> SlaVerdict:
        """Outcome of the promise to inform the requester regularly."""
        promised = [silence for silence in self.silences if silence.every is not None]
        if not all(silence.kept for silence in promised):
            return SlaVerdict.MISSED
        if promised and promised[-1].ended is None and self.current is not None:
            return SlaVerdict.RUNNING
        return SlaVerdict.KEPT if promised else SlaVerdict.NOT_NEEDED


def read_entries(rows: Iterable[Any]) -> tuple[SlaEvent, ...]:
    """Converts the rows of a ticket's history, oldest first (`store.events.list_events`).

    A row needs `at`, `event`, `from_state`, `to_state`, `by`, `row`, `text`, `undone` and `facts`.
    """
    return tuple(
        SlaEvent(
            number=number,
            at=row.at,
            event=row.event,
            from_state=row.from_state,
            to_state=row.to_state,
            by=row.by,
            row=row.row,
            argument=row.text,
            undone=row.undone,
            facts=row.facts,
        )
        for number, row in enumerate(rows, 1)
    )


def moved_by_pauses(moment: datetime, pauses: Iterable[Pause], terms: SlaTerms, promised: Duration) -> datetime:
    """Moves a moment of a promise by the pauses: the time left when a pause begins is left at its end.

    Business days end within hours also after a pause (rule 26).
    """
    for pause in pauses:
        if moment <= pause.began.at:
            break
        left = count_between(pause.began.at, moment, terms.hours, business=promised.business)
        moment = add_business(pause.until, left, terms.hours) if promised.business else pause.until + left
        if promised.unit is Unit.BUSINESS_DAY:
            moment = next_opening(moment, terms.hours)
    return moment


# -- timers ------------------------------------------------------------------------------------------------------------


def _warning(
    start: datetime, end: datetime, terms: SlaTerms, pauses: Sequence[Pause], promised: Duration
) -> datetime | None:
    """Returns the moment to warn of a promised end; None where no warning is wanted or it has no room.

    A share is counted in the time of the promise, before the pauses move it; a fixed time is counted back from the
    end as it is.
    """
    warn_at, business = terms.warn_at, promised.business
    if not isinstance(warn_at, Duration):
        if not 0 < warn_at < 1:
            return None
        whole = count_between(start, due(start, promised, terms.hours), terms.hours, business=business) * warn_at
        moment = add_business(start, whole, terms.hours) if business else start + whole
        return moved_by_pauses(moment, pauses, terms, promised)
    moment = before(end, warn_at, terms.hours)
    return moment if moment > start else None


def plan_timers(account: SlaAccount, now: datetime) -> dict[Timer, datetime]:
    """Returns the moments for which the timers of the running promise must be set; none while the requester is asked.

    While a third party is waited for, the requester is still to be answered and kept informed. What is over already
    comes due at once, but for a warning that was given before: no warning is sent twice.
    """
    period = account.current
    if period is None or (period.paused_since is not None and not period.paused_for):
        return {}
    dues = {
        Timer.ANSWER_WARNING: _answer_warning_due(account.answer, period, now),
        Timer.UPDATE: _update_due(account, now),
    }
    if period.paused_since is not None:
        return {timer: moment for timer, moment in dues.items() if moment is not None}
    dues[Timer.WARNING] = _warning_due(period, now)
    if period.due > now or period.overdue is None:
        dues[Timer.ESCALATION] = max(period.due, now)
    else:
        dues[Timer.OVERDUE] = max(due(period.overdue, AGAIN, period.terms.hours), now)
    return {timer: moment for timer, moment in dues.items() if moment is not None}


def _warning_due(period: LevelPeriod, now: datetime) -> datetime | None:
    terms = period.terms
    moment = _warning(period.began.at, period.due, terms, period.pauses, terms.resolve_within)
    return _once(moment, period.warned, period.due, now)


def _answer_warning_due(answer: FirstAnswer, period: LevelPeriod, now: datetime) -> datetime | None:
    """Returns the moment to warn of the first answer, where it is due before the solution, which is one too.

    While a third party is waited for, no solution is due.
    """
    if answer.answered is not None or (answer.due >= period.due and not period.paused_for):
        return None
    terms = answer.terms
    moment = _warning(answer.began.at, answer.due, terms, (), terms.answer_within)
    return _once(moment, answer.warned, answer.due, now)


def _once(moment: datetime | None, warned: datetime | None, end: datetime, now: datetime) -> datetime | None:
    """Returns the warning while the end is ahead, unless it was given for this moment."""
    if moment is None or end <= now or (warned is not None and moment <= warned):
        return None
    return None if moment <= now and warned is not None else max(moment, now)


def _update_due(account: SlaAccount, now: datetime) -> datetime | None:
    silence = account.silences[-1] if account.silences else None
    if silence is None or silence.ended is not None or silence.every is None or silence.due is None:
        return None
    reminded = account.reminded
    if reminded is not None and reminded >= silence.began.at:
        return max(due(reminded, silence.every, account.periods[-1].terms.hours), now)
    return max(silence.due, now)
