"""Takes the samples that the figures are made of from the history of a ticket. Pure.

What happened within the period is counted, whatever was before; what is open is counted as it stood at the end. Whether
promises were kept is the SLA account's; nothing of it is computed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from mailgate.core.domains import fold_address
from mailgate.core.sla.account import FirstAnswer, LevelPeriod, SlaAccount, SlaEvent, SlaVerdict
from mailgate.core.workflow.events import EVENTS, LEVELS, Ending, Event, Reply, State, events_that
from mailgate.parsers.commands.arguments import CloseKind, read_minutes, read_reference
from mailgate.reports.measures import AGES, DIMENSIONS, hour_name
from mailgate.reports.periods import Period
from mailgate.store.queries.reports import ReportedTicket

Sample = tuple[ReportedTicket, float]
Key = tuple[str, str, str]
"""Queue, level or "", and item or ""."""

_RANK = {level.value: rank for rank, level in enumerate(LEVELS, 1)}
_CONFIRMING = State.CONFIRMING.value
_OPEN = frozenset({*_RANK, _CONFIRMING})
_DONE = frozenset({State.FINALIZING.value, State.CLOSED.value})
_YES = frozenset(event.value for event in events_that(lambda info: info.reply is Reply.YES))
_AGE_LIMITS = tuple(timedelta(days=days) for days in (1, 3, 7, 30))
_ENDINGS = {
    Ending.SPAM: "closed_spam",
    Ending.PASSED_ON: "closed_transferred",
    Ending.SILENCE: "closed_silence",
}
_ENDED_BY = {info.event.value: _ENDINGS[info.ending] for info in EVENTS.values() if info.ending in _ENDINGS}
_REASONS = {
    CloseKind.WITHDRAWN.value: "closed_withdrawn",
    CloseKind.NO_ANSWER.value: "closed_no_answer",
}
_MINUTE = timedelta(minutes=1)
# A year has half a million events, and reading the value of an enum takes time.
_TIME = Event.TIME.value
_SOLVES = frozenset({Event.RESOLVE.value, *_YES})  # where nobody has asked yet, the yes tells that an answer was it
_BY_AGENT = {
    Event.RESOLVE.value: "solved_by_agent",
    Event.ANSWERED.value: "answers_by_agent",
    Event.WAITING.value: "answers_by_agent",
    Event.FORM.value: "answers_by_agent",
}
_KEPT, _MISSED = SlaVerdict.KEPT, SlaVerdict.MISSED
_read_minutes = lru_cache(maxsize=1024)(read_minutes)  # agents write few of them


class Samples:
    """All samples of a report, by their names and then by queue, level and item.

    Those that count by each property of their ticket, too, lie in `by_property`, by property, queue and item and then
    by their names, until `break_down` puts them with the others: a ticket has many, and all at the same places.
    """

    def __init__(self) -> None:
        self.by_name: defaultdict[str, defaultdict[Key, list[Sample]]] = defaultdict(lambda: defaultdict(list))
        self.by_property: defaultdict[Key, defaultdict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))

    def add(self, name: str, told: ReportedTicket, value: float = 1, level: str = "", item: str = "") -> None:
        """Adds a sample."""
        self.by_name[name][told.queue, level, item].append((told, value))

    def break_down(self) -> None:
        """Adds the samples of each property to the others, queues in the order of their first tickets."""
        found = [(name, place, samples) for place, names in self.by_property.items() for name, samples in names.items()]
        for name, (dimension, queue, item), samples in sorted(found, key=lambda one: one[2][0][0].id):
            self.by_name[f"{name}_by_{dimension}"][queue, "", item] = samples


def take_samples(
    samples: Samples,
    period: Period,
    now: datetime,
    told: ReportedTicket,
    account: SlaAccount,
    *,
    by_agent: bool = False,
) -> None:
    """Adds the samples of this ticket in the period; `account` is the ticket's as it stood at its end.

    `by_agent` adds what each agent did, too.
    """
    taking = _Taking(samples, period, min(now, period.end), told, account)
    taking.take(account.entries)
    if by_agent:
        taking.take_agents(account.entries)


class _Taking:
    """Takes the samples of one ticket."""

    __slots__ = ("_account", "_at", "_by_name", "_once", "_period", "_places", "_queue", "_told")

    def __init__(
        self, samples: Samples, period: Period, at: datetime, told: ReportedTicket, account: SlaAccount
    ) -> None:
        self._by_name = samples.by_name
        self._queue = told.queue
        self._period = period
        self._at = at
        self._told = told
        self._once: Sample = (told, 1)  # the same for all that is counted
        self._account = account
        values = ((told.type,), (told.priority,), (told.department,), (told.channel,), told.tags)
        self._places = [
            samples.by_property[name, told.queue, item]
            for name, items in zip(DIMENSIONS, values, strict=True)
            for item in items
        ]

    def _count(self, name: str, level: str = "", item: str = "") -> None:
        self._by_name[name][self._queue, level, item].append(self._once)

    def _add(self, name: str, value: float, level: str = "", item: str = "") -> None:
        self._by_name[name][self._queue, level, item].append((self._told, value))

    def _count_by_property(self, name: str) -> None:
        for place in self._places:
            place[name].append(self._once)

    def _add_by_property(self, name: str, value: float) -> None:
        sample = (self._told, value)
        for place in self._places:
            place[name].append(sample)

    def take_agents(self, entries: Sequence[SlaEvent]) -> None:
        """Takes the samples of what agents did: an address counts, not the operator and no timer."""
        for entry in entries:
            if "@" not in entry.by or not self._period.holds(entry.at):
                continue
            agent = fold_address(entry.by)
            if entry.event == _TIME:
                if minutes := _read_minutes(entry.argument):
                    self._add("time_spent_by_agent", minutes, item=agent)
            elif entry.event in _BY_AGENT:
                self._count(_BY_AGENT[entry.event], item=agent)

    def take(self, entries: Sequence[SlaEvent]) -> None:
        begin, at_work, before, closing, minutes = self._period.begin, "", "", None, 0
        for entry in entries:
            after = entry.to_state
            if entry.at < begin:
                before = after
            elif entry.event == _TIME:
                minutes += self._take_time(entry)
            elif entry.from_state != after:
                self._take_move(entry, at_work)
            if after in _RANK:
                at_work = after
            elif after in _DONE and entry.from_state not in _DONE:
                closing = entry
        if before in _OPEN:
            self._count("open_before")
        if minutes:
            self._add("time_ticket", minutes)
        self._take_opening(entries[0])
        self._take_standing(entries[0], entries[-1].to_state)
        self._take_answer(self._account.answer)
        self._take_level_periods(self._account.periods)
        self._take_closing(closing)
        self._take_rating()

    def _take_opening(self, first: SlaEvent) -> None:
        if first.from_state is None and self._period.holds(first.at):
            local = first.at.astimezone(self._period.zone)
            self._count("opened")
            self._count_by_property("opened")
            self._count("opened_by_day", item=local.date().isoformat())
            self._count("opened_by_hour", item=hour_name(local.weekday(), local.hour))

    def _take_move(self, entry: SlaEvent, at_work: str) -> None:
        """Takes the samples of a move; `at_work` is the level that had the ticket last."""
        before, after = entry.from_state, entry.to_state
        if before is None:
            return
        if after in _DONE and before in _OPEN:
            self._take_ending(entry)
        if after in _RANK:
            if before not in _RANK:
                self._count("reopened")
            if before in _DONE:
                self._count("reopened_closed")
            if at_work and _RANK[after] > _RANK[at_work]:
                self._count(_escalation(entry), level=at_work)

    def _take_ending(self, entry: SlaEvent) -> None:
        ending = _ending(entry)
        self._count("closed")
        self._count_by_property("closed")
        self._count(ending)
        if ending != "closed_confirmed":
            self._count("closed_otherwise")
        self._count("closed_by_day", item=entry.at.astimezone(self._period.zone).date().isoformat())

    def _take_time(self, entry: SlaEvent) -> int:
        minutes = _read_minutes(entry.argument) or 0
        if minutes:
            self._add("time_spent", minutes, entry.to_state if entry.to_state in _RANK else "")
        return minutes

    def _take_standing(self, first: SlaEvent, state: str) -> None:
        if state not in _OPEN:
            return
        self._count("open", level=state if state in _RANK else "")
        self._count("open_by_age", item=_age(self._at - first.at))
        if state == _CONFIRMING:
            self._count("open_confirming")
        level_period = self._account.current
        if level_period is None:
            return
        if level_period.paused_since is not None:
            self._count("open_waiting", level=level_period.level)
        elif level_period.verdict is _MISSED:
            self._count("overdue", level=level_period.level)

    def _take_answer(self, answer: FirstAnswer) -> None:
        at = answer.at
        if at is not None and self._period.holds(at):
            level, used = self._level_at(at), answer.used / _MINUTE
            self._count("first_answers", level)
            self._add("first_answer_time", used, level)
            self._add_by_property("first_answer_time", used)
            self._add("first_answer_clock", (at - answer.began.at) / _MINUTE, level)
            if answer.verdict is _KEPT:
                self._count("first_answer_kept", level)
        if answer.verdict is _MISSED and self._period.holds(answer.due):
            self._count("first_answer_missed", self._level_at(answer.due))

    def _take_level_periods(self, periods: Sequence[LevelPeriod]) -> None:
        used, asked_at = timedelta(0), None
        for level_period in periods:
            began = level_period.began
            if began.from_state not in _RANK:  # it was opened, or opened again
                used, asked_at = timedelta(0), began.at
            used += level_period.used
            ended = level_period.ended
            if ended is not None and ended.event in _SOLVES and self._period.holds(ended.at):
                begun, until, level, minutes = began.at, level_period.until, level_period.level, used / _MINUTE
                self._count("solved", level)
                self._add("solution_time", minutes)
                self._add_by_property("solution_time", minutes)
                self._add("solution_clock", (until - (asked_at or begun)) / _MINUTE)
                self._add("level_solution_time", level_period.used / _MINUTE, level)
                self._add("level_solution_clock", (until - begun) / _MINUTE, level)
            if level_period.verdict is _KEPT and ended is not None and self._period.holds(ended.at):
                self._count("solution_kept", level_period.level)
                self._count_by_property("solution_kept")
            elif level_period.verdict is _MISSED and self._period.holds(level_period.due):
                self._count("solution_missed", level_period.level)
                self._count_by_property("solution_missed")

    def _take_closing(self, closing: SlaEvent | None) -> None:
        """Takes the samples of a closed ticket, once however often it was closed."""
        if closing is None or not self._period.holds(closing.at):
            return
        solved = sum(one.ended is not None and one.ended.event in _SOLVES for one in self._account.periods)
        if solved:
            self._count_by_property("first_try" if solved == 1 else "later_try")
        self._count("closed_by_cause", item=" ".join(self._told.cause.split()))
        if self._told.rating_asked:
            self._count("rating_asked")
            self._count("rating_unanswered" if self._told.rating is None else "rating_answered")

    def _take_rating(self) -> None:
        told = self._told
        if told.rating is None or not self._period.holds(told.rated_at):
            return
        self._add("ratings", told.rating)
        self._count("ratings_by_stars", item=str(told.rating))
        if told.rating_words.strip():
            self._add("rating_words", told.rating)

    def _level_at(self, moment: datetime) -> str:
        """Returns the level that had the ticket then; the last one that had it, where none did."""
        found = ""
        for level_period in self._account.periods:
            if level_period.began.at <= moment:
                found = level_period.level
            if moment <= level_period.until:
                break
        return found


def _escalation(entry: SlaEvent) -> str:
    if entry.event == Event.ESCALATE.value:
        return "escalated_by_hand"
    return "escalated_by_timer" if entry.event == Event.ESCALATION_DUE.value else "escalated_not_fixed"


def _ending(entry: SlaEvent) -> str:
    """Returns in which way a ticket ended: one of `measures.ENDINGS`."""
    if entry.event in _YES and entry.from_state == _CONFIRMING:
        return "closed_confirmed"
    if entry.event in _ENDED_BY:
        return _ENDED_BY[entry.event]
    if entry.by == "operator":
        return "closed_operator"
    kind, _, rest = entry.argument.partition(" ")
    if kind == CloseKind.DUPLICATE.value and read_reference(rest):
        return "closed_duplicate"
    return _REASONS.get(entry.argument, "closed_agent")


def _age(age: timedelta) -> str:
    return next((name for name, limit in zip(AGES, _AGE_LIMITS, strict=False) if age <= limit), AGES[-1])
