"""What was promised for a ticket and what came of it, worked out from its history alone (rules 26 and 27).

The history is folded once, from its first event to its last: which level had the ticket and for how long, when the
clock stood because the requester was asked, when he first heard a human word and how long he heard none. What each
event did is told by the effects of its row (table.py), and what was promised by its `facts`, so that a ticket is held
against the promise that was made and not against today's configuration. Nothing is counted up: `tickets.promise_due`
and the timers only keep what this module says.

Pure and total: a history without facts, written before they were kept, is read with the terms that the caller gives;
a row of the table that is known no more does nothing but what its states say. An event that was taken back did not
happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from mailgate.core.calendar.business_time import (
    Duration,
    Hours,
    Unit,
    add_business,
    before,
    business_between,
    due,
    next_opening,
    read_duration,
)
from mailgate.core.calendar.opening_hours import read_hours, spell_hours
from mailgate.core.workflow.effects import Action, Do, Effect, Start, StopAll, Timer
from mailgate.core.workflow.events import LEVEL_NAMES, Event, State, events_that
from mailgate.core.workflow.transitions import ROWS

NOTHING = timedelta(0)
AGAIN = read_duration("2 business days")  # between questions to a level or the manager that nobody answered


class SlaVerdict(StrEnum):
    """What became of a promise. One that still runs and is over already is MISSED."""

    KEPT = "kept"
    MISSED = "missed"
    RUNNING = "running"
    HANDED_ON = "handed on"  # in time, to another level or queue, which has a promise of its own
    NOT_NEEDED = "not needed"  # spam, merged, or closed before anything was due


class SlaEvent(NamedTuple):
    """One event of a ticket's history; a tuple, since a report makes half a million of them.

    `number` is its place in it, from 1, as `mailgate explain` counts the steps.

    `row` is the row of the table that was taken, `argument` what was ordered (the queue of a route, the priority).
    """

    number: int
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    by: str = ""
    row: str = ""
    argument: str = ""
    undone: bool = False
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SlaTerms:
    """What a level promises for a ticket: by queue, level, type and priority, and the hours in which it is counted.

    `warn_at` is the share of the time that is used up, or the time before its end; 0 is never.
    """

    queue: str
    level: str
    type: str
    priority: str
    answer_within: Duration
    resolve_within: Duration
    warn_at: float | Duration
    inform_every: Duration | None
    hours: Hours = field(repr=False)

    def as_facts(self) -> dict[str, Any]:
        """As they stand in `events.facts`, in JSON; `recall_terms` reads them back."""
        return {
            "queue": self.queue,
            "level": self.level,
            "type": self.type,
            "priority": self.priority,
            "answer_within": str(self.answer_within),
            "resolve_within": str(self.resolve_within),
            "warn_at": str(self.warn_at) if isinstance(self.warn_at, Duration) else self.warn_at,
            "inform_every": str(self.inform_every) if self.inform_every is not None else None,
            "hours": spell_hours(self.hours),
        }


@dataclass(frozen=True, slots=True)
class SlaTopic:
    """What of a ticket itself its promises depend on."""

    queue: str
    type: str = ""
    priority: str = "normal"


TermsOf = Callable[[SlaTopic, str], SlaTerms]
"""The terms that hold today for a kind of ticket at a level: for a history without facts."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands from the question to the requester until he answers; `ended` is None while it stands.

    `taken` is what it took of the promise: worked time where the promise counts worked time, else clock time.
    """

    began: SlaEvent
    ended: SlaEvent | None
    until: datetime
    taken: timedelta


class LevelPeriod(NamedTuple):
    """One time of a ticket with a level, and the promise of that level for it.

    `terms` are those at its end (or now): a promise that was changed on the way counts from the beginning of the stay.
    `due` is moved by the pauses; while the clock stands it is what it would be if the clock ran on from now. `allowed`
    and `used` are in the time that the promise counts (worked time, or clock time). `ended` is None while it runs, and
    `until` is then now. `warned` is the last warning, `overdue` the last time that the end was told to the manager.
    """

    level: str
    queue: str
    began: SlaEvent
    ended: SlaEvent | None
    until: datetime
    terms: SlaTerms
    pauses: tuple[Pause, ...]
    due: datetime
    allowed: timedelta
    used: timedelta
    verdict: SlaVerdict
    warned: datetime | None = None
    overdue: datetime | None = None

    @property
    def business(self) -> bool:
        """Whether its promise counts worked time."""
        return self.terms.resolve_within.business

    @property
    def paused_since(self) -> datetime | None:
        """Since when the clock stands, None while it runs."""
        pause = self.pauses[-1] if self.pauses else None
        return pause.began.at if pause is not None and pause.ended is None and self.ended is None else None

    @property
    def stands_at(self) -> datetime:
        """When it is due without what the pause that lasts has taken so far: what `tickets.promise_due` keeps."""
        if self.paused_since is None:
            return self.due
        plain = promised_until(self.began.at, self.terms)
        return _moved(plain, self.pauses[:-1], self.terms, self.terms.resolve_within)

    @property
    def spare(self) -> timedelta:
        """What was left of the promise; negative where it was missed by so much."""
        return self.allowed - self.used


class FirstAnswer(NamedTuple):
    """The first word of a human to the requester, and until when it was promised.

    `answered` is the event that was it. `used` is the time until then (or now), in the time that the promise counts.
    """

    began: SlaEvent
    terms: SlaTerms
    due: datetime
    answered: SlaEvent | None
    used: timedelta
    verdict: SlaVerdict
    warned: datetime | None = None

    @property
    def at(self) -> datetime | None:
        return self.answered.at if self.answered is not None else None


class Silence(NamedTuple):
    """A time in which a level had the ticket, the clock ran and the requester heard nothing.

    `began` is the event that he last heard of, `ended` the next one, None while it lasts. `due` is when the level must
    have told him something, None where nothing is promised (`inform_every`). `length` is worked time where the promise
    counts worked time, else clock time.
    """

    began: SlaEvent
    ended: SlaEvent | None
    until: datetime
    every: Duration | None
    due: datetime | None
    length: timedelta

    @property
    def kept(self) -> bool:
        return self.due is None or self.until <= self.due


class SlaAccount(NamedTuple):
    """Everything promised for a ticket. `reminded` is when its level was last reminded to tell the requester.

    `entries` are the events that happened, those taken back left out.
    """

    entries: tuple[SlaEvent, ...]
    answer: FirstAnswer
    stays: tuple[LevelPeriod, ...]
    silences: tuple[Silence, ...]
    reminded: datetime | None = None

    @property
    def current(self) -> LevelPeriod | None:
        """The stay that runs, None where no level has the ticket."""
        return self.stays[-1] if self.stays and self.stays[-1].ended is None else None

    @property
    def longest_silence(self) -> Silence | None:
        """The longest time without a word to the requester."""
        return max(self.silences, key=lambda silence: silence.length, default=None)

    @property
    def informed(self) -> SlaVerdict:
        """Whether the requester was told something as often as was promised."""
        promised = [silence for silence in self.silences if silence.due is not None]
        if not all(silence.kept for silence in promised):
            return SlaVerdict.MISSED
        if promised and promised[-1].ended is None and self.current is not None:
            return SlaVerdict.RUNNING
        return SlaVerdict.KEPT if promised else SlaVerdict.NOT_NEEDED


def read_entries(rows: Iterable[Any]) -> tuple[SlaEvent, ...]:
    """The history of one ticket from its rows of `events`, oldest first (`store.history.list_events`).

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


def read_account(entries: Sequence[SlaEvent], now: datetime, kind: SlaTopic, terms_of: TermsOf) -> SlaAccount:
    """The account of a ticket as it stands at `now`.

    `kind` is what the ticket is today and `terms_of` gives today's terms; both count only where the history has no
    facts. ValueError for a history without a first event.
    """
    happened = tuple(entry for entry in entries if not entry.undone)
    if not happened:
        raise ValueError("a ticket without a history has no account")
    return _Fold(happened, now, kind, terms_of).account()


def recall_terms(facts: Mapping[str, Any]) -> SlaTerms:
    """The terms that `Terms.as_facts` wrote."""
    return _terms(
        queue=facts["queue"],
        level=facts["level"],
        kind=facts["type"],
        priority=facts["priority"],
        answer=facts["answer_within"],
        resolve=facts["resolve_within"],
        warn=facts["warn_at"],
        inform=facts.get("inform_every"),
        hours=facts["hours"],
    )


@lru_cache(maxsize=4096)
def _terms(
    queue: str, level: str, kind: str, priority: str, answer: str, resolve: str, warn: float | str, inform: str | None,
    hours: str,
) -> SlaTerms:  # fmt: skip
    warn_at = read_duration(warn) if isinstance(warn, str) else float(warn)
    every = read_duration(inform) if inform else None
    times = read_duration(answer), read_duration(resolve)
    return SlaTerms(queue, level, kind, priority, *times, warn_at, every, read_hours(hours))


# -- when it is due ----------------------------------------------------------------------------------------------------


def count_between(start: datetime, end: datetime, hours: Hours, *, business: bool) -> timedelta:
    """The time from `start` to `end` as a promise counts it: worked time, or clock time; never negative."""
    return business_between(start, end, hours) if business else max(end - start, NOTHING)


def promised_until(start: datetime, terms: SlaTerms) -> datetime:
    """When a level that gets a ticket at `start` must be done with it, if the clock never stands (S4, S6)."""
    return due(start, terms.resolve_within, terms.hours)


def answered_until(start: datetime, terms: SlaTerms) -> datetime:
    """When the requester must have heard a human word; what is resolved needs none before (rule 14)."""
    return min(due(start, terms.answer_within, terms.hours), promised_until(start, terms))


def _moved(moment: datetime, pauses: Iterable[Pause], terms: SlaTerms, promised: Duration) -> datetime:
    """Where a moment of the promise comes to lie after the pauses: what was left when one began is left at its end.

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


def _warning(
    start: datetime, end: datetime, terms: SlaTerms, pauses: Sequence[Pause], promised: Duration
) -> datetime | None:
    """When to warn of an end that is promised for a beginning; None where no warning is wanted or it has no room.

    A share is counted in the time of the promise, before the pauses move it; a fixed time is counted back from the
    end as it is.
    """
    warn_at, business = terms.warn_at, promised.business
    if not isinstance(warn_at, Duration):
        if not 0 < warn_at < 1:
            return None
        whole = count_between(start, due(start, promised, terms.hours), terms.hours, business=business) * warn_at
        moment = add_business(start, whole, terms.hours) if business else start + whole
        return _moved(moment, pauses, terms, promised)
    moment = before(end, warn_at, terms.hours)
    return moment if moment > start else None


def plan_timers(account: SlaAccount, now: datetime) -> dict[Timer, datetime]:
    """When the timers of the running promise come due, as they must be set at `now`; none while the clock stands.

    What is over already comes due at once, but for a warning that was given before: nothing is told twice.
    """
    stay = account.current
    if stay is None or stay.paused_since is not None:
        return {}
    dues = {
        Timer.WARNING: _warning_due(stay, now),
        Timer.ANSWER_WARNING: _answer_warning_due(account.answer, stay, now),
        Timer.UPDATE: _update_due(account, now),
    }
    if stay.due > now or stay.overdue is None:
        dues[Timer.ESCALATION] = max(stay.due, now)
    else:
        dues[Timer.OVERDUE] = max(due(stay.overdue, AGAIN, stay.terms.hours), now)
    return {timer: moment for timer, moment in dues.items() if moment is not None}


def _warning_due(stay: LevelPeriod, now: datetime) -> datetime | None:
    terms = stay.terms
    moment = _warning(stay.began.at, stay.due, terms, stay.pauses, terms.resolve_within)
    return _once(moment, stay.warned, stay.due, now)


def _answer_warning_due(answer: FirstAnswer, stay: LevelPeriod, now: datetime) -> datetime | None:
    """A word is warned of by itself only where it is due before the solution, which is one too."""
    if answer.answered is not None or answer.due >= stay.due:
        return None
    terms = answer.terms
    moment = _warning(answer.began.at, answer.due, terms, (), terms.answer_within)
    return _once(moment, answer.warned, answer.due, now)


def _once(moment: datetime | None, warned: datetime | None, end: datetime, now: datetime) -> datetime | None:
    """The warning where it still has something to say: the end is ahead, and it was not given for this moment."""
    if moment is None or end <= now or (warned is not None and moment <= warned):
        return None
    return None if moment <= now and warned is not None else max(moment, now)


def _update_due(account: SlaAccount, now: datetime) -> datetime | None:
    silence = account.silences[-1] if account.silences else None
    if silence is None or silence.ended is not None or silence.every is None or silence.due is None:
        return None
    reminded = account.reminded
    if reminded is not None and reminded >= silence.began.at:
        return max(due(reminded, silence.every, account.stays[-1].terms.hours), now)
    return max(silence.due, now)


# -- the fold ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a row of the table does to promises. `speaks` is a word of a human to the requester."""

    begins: bool = False
    leaves: bool = False
    pauses: bool = False
    resumes: bool = False
    speaks: bool = False
    repeats: bool = False


_SPEAKING = frozenset({Action.RELAY, Action.PAUSE, Action.KEEP_SOLUTION})
# Plain text, since the fold compares every event of many thousand tickets with it.
_TYPE, _PRIORITY, _ROUTE = Event.TYPE.value, Event.PRIORITY.value, Event.ROUTE.value
_DROPPED = frozenset(event.value for event in events_that(lambda info: info.ending.needs_no_work))
_CHANGES = frozenset({_TYPE, _PRIORITY, _ROUTE})
_WARNED, _ANSWER_WARNED, _REMINDED = (
    Event.WARNING_DUE.value, Event.ANSWER_WARNING_DUE.value, Event.UPDATE_DUE.value,
)  # fmt: skip


def _meaning(event: Event, effects: Sequence[Effect]) -> _Meaning:
    acts = {effect.act for effect in effects if isinstance(effect, Do)}
    begins, leaves = Action.BEGIN in acts, StopAll() in effects
    return _Meaning(
        begins=begins,
        leaves=leaves or begins,
        pauses=Action.PAUSE in acts,
        resumes=Action.RESUME in acts,
        speaks=bool(acts & _SPEAKING) or (leaves and event.info.ending.serves_requester),
        repeats=Start(Timer.OVERDUE) in effects,
    )


_MEANINGS = {row.name: _meaning(row.event, row.effects) for row in ROWS}
_NONE, _LEAVES, _BEGINS = _Meaning(), _Meaning(leaves=True), _Meaning(begins=True, leaves=True)


def _meaning_of(entry: SlaEvent) -> _Meaning:
    """By its row; what another version of the table did is told by its states."""
    known = _MEANINGS.get(entry.row)
    if known is not None or entry.from_state == entry.to_state or entry.event == Event.REPLANNED.value:
        return known or _NONE
    return _BEGINS if entry.to_state in LEVEL_NAMES else _LEAVES


class _Fold:
    """One pass over the events that happened."""

    def __init__(self, entries: tuple[SlaEvent, ...], now: datetime, kind: SlaTopic, terms_of: TermsOf) -> None:
        self._entries = entries
        self._now = now
        self._kind = _first_kind(entries, kind)
        self._terms_of = terms_of
        self._stays: list[LevelPeriod] = []
        self._silences: list[Silence] = []
        self._reminded: datetime | None = None
        # The stay that runs: where it began, on what terms, its pauses and since when the clock stands.
        self._began: SlaEvent | None = None
        self._level = State.LEVEL1.value
        self._terms: SlaTerms | None = None
        self._pauses: list[Pause] = []
        self._paused: SlaEvent | None = None
        self._warned: datetime | None = None
        self._overdue: datetime | None = None
        self._heard: SlaEvent | None = None
        # The first answer.
        self._asked: SlaEvent = entries[0]
        self._answer_terms: SlaTerms | None = None
        self._answered: SlaEvent | None = None
        self._answer_warned: datetime | None = None
        self._left: SlaEvent | None = None

    def account(self) -> SlaAccount:
        for entry in self._entries:
            self._take(entry, _meaning_of(entry))
        if self._began is not None:
            self._close_stay(None)
        return SlaAccount(self._entries, self._answer(), tuple(self._stays), tuple(self._silences), self._reminded)

    def _take(self, entry: SlaEvent, meaning: _Meaning) -> None:
        changed = self._note_kind(entry)
        if meaning.speaks and self._answered is None:
            self._answered = entry
        if meaning.leaves and self._began is not None:
            self._close_stay(entry)
        if meaning.begins:
            self._begin(entry)
        elif self._began is not None:
            self._go_on(entry, meaning, changed)

    def _begin(self, entry: SlaEvent) -> None:
        self._level = entry.to_state
        self._began, self._heard, self._left = entry, entry, None
        self._pauses, self._paused, self._warned, self._overdue = [], None, None, None
        terms = self._terms = self._terms_at(entry)
        asked = self._answer_terms
        # Another queue has a promise of its own for the first word, another level has not.
        if asked is None or (self._answered is None and asked.queue != terms.queue):
            self._asked, self._answer_terms, self._answer_warned = entry, terms, None

    def _go_on(self, entry: SlaEvent, meaning: _Meaning, changed: bool) -> None:
        if changed or entry.facts is not None:
            terms = self._terms = self._terms_at(entry)
            if self._answered is None and self._asked is self._began:
                self._answer_terms = terms
        if meaning.pauses and self._paused is None:
            self._hear(entry)
            self._heard, self._paused = None, entry
        elif meaning.resumes and self._paused is not None:
            self._end_pause(entry, entry.at)
            self._heard = entry
        elif meaning.speaks and self._paused is None:
            self._hear(entry)
            self._heard = entry
        if meaning.repeats:
            self._overdue = entry.at
        if entry.event == _WARNED:
            self._warned = entry.at
        elif entry.event == _ANSWER_WARNED:
            self._answer_warned = entry.at
        elif entry.event == _REMINDED:
            self._reminded = entry.at

    # -- what was promised ----------------------------------------------------------------------------------------

    def _note_kind(self, entry: SlaEvent) -> bool:
        """Keep what the ticket is from now on; whether that changed without facts."""
        was, facts = self._kind, entry.facts
        if facts is not None and "resolve_within" in facts:
            self._kind = SlaTopic(facts["queue"], facts["type"], facts["priority"])
            return False
        if entry.event not in _CHANGES or not entry.argument or entry.row not in _MEANINGS:
            return False
        if entry.event == _TYPE:
            self._kind = replace(was, type=entry.argument)
        elif entry.event == _PRIORITY:
            self._kind = replace(was, priority=entry.argument)
        elif _MEANINGS[entry.row].begins:
            self._kind = replace(was, queue=entry.argument)
        return self._kind != was

    def _terms_at(self, entry: SlaEvent) -> SlaTerms:
        if entry.facts is not None and "resolve_within" in entry.facts:
            return recall_terms(entry.facts)
        return self._terms_of(self._kind, self._level)

    # -- what ends ------------------------------------------------------------------------------------------------

    def _hear(self, entry: SlaEvent | None) -> None:
        """The requester hears something, or the silence ends with the stay."""
        if self._heard is None or self._terms is None:
            return
        every, hours = self._terms.inform_every, self._terms.hours
        until = entry.at if entry is not None else max(self._now, self._heard.at)
        business = every is not None and every.business
        length = count_between(self._heard.at, until, hours, business=business)
        end = due(self._heard.at, every, hours) if every is not None else None
        self._silences.append(Silence(self._heard, entry, until, every, end, length))

    def _end_pause(self, entry: SlaEvent | None, until: datetime) -> None:
        """What it takes is counted at the end of the stay: only then is it known what the promise counts."""
        assert self._paused is not None
        self._pauses.append(Pause(self._paused, entry, until, NOTHING))
        self._paused = None

    def _close_stay(self, entry: SlaEvent | None) -> None:
        """End the stay with an event; None tells how it stands now."""
        began, terms = self._began, self._terms
        assert began is not None
        assert terms is not None
        until = entry.at if entry is not None else max(self._now, began.at)
        if self._paused is not None:
            self._end_pause(entry, until)
        self._hear(entry)
        business, hours = terms.resolve_within.business, terms.hours
        pauses = tuple(
            replace(one, taken=count_between(one.began.at, one.until, hours, business=business)) for one in self._pauses
        )
        plain = promised_until(began.at, terms)
        end = _moved(plain, pauses, terms, terms.resolve_within)
        allowed = count_between(began.at, plain, hours, business=business)
        used = count_between(began.at, until, hours, business=business) - sum((one.taken for one in pauses), NOTHING)
        self._stays.append(
            LevelPeriod(
                level=self._level,
                queue=terms.queue,
                began=began,
                ended=entry,
                until=until,
                terms=terms,
                pauses=pauses,
                due=end,
                allowed=allowed,
                used=used,
                verdict=_verdict(entry, until, end),
                warned=self._warned,
                overdue=self._overdue,
            )
        )
        self._left = entry
        self._began = self._heard = None

    def _answer(self) -> FirstAnswer:
        terms, asked, answered = self._answer_terms, self._asked, self._answered
        if terms is None:  # no level ever had it
            terms = self._terms_of(self._kind, self._level)
        end = answered_until(asked.at, terms)
        ended = answered or self._left
        until = ended.at if ended is not None else max(self._now, asked.at)
        business = terms.answer_within.business
        used = count_between(asked.at, until, terms.hours, business=business)
        if until > end:
            verdict = SlaVerdict.MISSED
        elif answered is not None:
            verdict = SlaVerdict.KEPT
        else:
            verdict = SlaVerdict.NOT_NEEDED if ended is not None else SlaVerdict.RUNNING
        return FirstAnswer(asked, terms, end, answered, used, verdict, self._answer_warned)


def _verdict(ended: SlaEvent | None, until: datetime, end: datetime) -> SlaVerdict:
    """S4 ends a stay whose promise is over, however exactly the timer came."""
    if until > end or (ended is not None and ended.event == Event.ESCALATION_DUE.value):
        return SlaVerdict.MISSED
    if ended is None:
        return SlaVerdict.RUNNING
    if ended.event in _DROPPED:
        return SlaVerdict.NOT_NEEDED
    return SlaVerdict.HANDED_ON if ended.to_state in LEVEL_NAMES else SlaVerdict.KEPT


def _first_kind(entries: Sequence[SlaEvent], kind: SlaTopic) -> SlaTopic:
    """What the ticket was at its beginning, as far as a history without facts says: what was set later was not so."""
    if any(entry.facts is not None for entry in entries[:1]):
        return kind
    later = {entry.event for entry in entries if entry.row in _MEANINGS}
    return SlaTopic(
        _FIRST_QUEUE if Event.ROUTE.value in later else kind.queue,
        "" if Event.TYPE.value in later else kind.type,
        "normal" if Event.PRIORITY.value in later else kind.priority,
    )


_FIRST_QUEUE = "default"  # of a routed ticket nothing tells where it came from; the desk itself is the likeliest
