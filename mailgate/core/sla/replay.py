"""Reads the SLA account of a ticket from its history alone (rules 26 and 27).

The history is folded once, from its first event to its last: which level had the ticket and for how long, when the
clock was paused for a question, when the requester first heard a human word and how long they heard none. What each
event did follows from the effects of its row (`workflow.transitions`), and what was promised by its `facts`, so that a
ticket is measured by the promise that was made and not by today's configuration.

Pure and total: a history without facts, written before they were kept, is read with the terms that the caller gives;
a row that the table no longer has does only what its states say. Undone events are ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgate.core.frozen import replace
from mailgate.core.sla.account import (
    FirstAnswer,
    LevelPeriod,
    Pause,
    Silence,
    SlaAccount,
    SlaEvent,
    SlaVerdict,
    moved_by_pauses,
)
from mailgate.core.sla.terms import (
    NOTHING,
    SlaTerms,
    SlaTopic,
    TermsOf,
    answered_until,
    count_between,
    promised_until,
    recall_terms,
)
from mailgate.core.workflow.effects import Start, StopAll, Timer
from mailgate.core.workflow.events import LEVEL_NAMES, Event, State, events_that
from mailgate.core.workflow.transitions import ROWS, Action, Do, Effect


def read_account(entries: Sequence[SlaEvent], now: datetime, kind: SlaTopic, terms_of: TermsOf) -> SlaAccount:
    """Reads the account of a ticket as it stands at `now`.

    `kind` is the ticket's topic today and `terms_of` gives today's terms; both count only where the history has no
    facts. Raises ValueError for a history without a first event.
    """
    happened = tuple([entry for entry in entries if not entry.undone])  # a list is quicker than a generator
    if not happened:
        raise ValueError("a ticket without a history has no account")
    return _Fold(happened, now, kind, terms_of).account()


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Effect of a row of the table on promises. `speaks`: a person tells the requester something.

    `keeps_answer`: the last answer was the solution.
    """

    begins: bool = False
    leaves: bool = False
    pauses: bool = False
    for_third_party: bool = False
    resumes: bool = False
    speaks: bool = False
    repeats: bool = False
    keeps_answer: bool = False


_SPEAKING = frozenset({Action.RELAY, Action.PAUSE, Action.KEEP_SOLUTION, Action.SET_FORM})
_PAUSING = frozenset({Action.PAUSE, Action.PAUSE_FOR_THIRD_PARTY})
# Plain text, since the fold compares every event of many thousand tickets with it.
_TYPE, _PRIORITY, _ROUTE = Event.TYPE.value, Event.PRIORITY.value, Event.ROUTE.value
_REPLANNED, _ESCALATION_DUE = Event.REPLANNED.value, Event.ESCALATION_DUE.value
_DROPPED = frozenset(event.value for event in events_that(lambda info: info.ending.needs_no_work))
_CHANGES = frozenset({_TYPE, _PRIORITY, _ROUTE})
_WARNED, _ANSWER_WARNED, _REMINDED = (
    Event.WARNING_DUE.value, Event.ANSWER_WARNING_DUE.value, Event.UPDATE_DUE.value,
)  # fmt: skip
_NOTED = _CHANGES | {_WARNED, _ANSWER_WARNED, _REMINDED}  # what counts whatever its row means


def _meaning(event: Event, effects: Sequence[Effect]) -> _Meaning:
    acts = {effect.act for effect in effects if isinstance(effect, Do)}
    begins, leaves = Action.BEGIN in acts, StopAll() in effects
    return _Meaning(
        begins=begins,
        leaves=leaves or begins,
        pauses=bool(acts & _PAUSING),
        for_third_party=Action.PAUSE_FOR_THIRD_PARTY in acts,
        resumes=Action.RESUME in acts,
        speaks=bool(acts & _SPEAKING) or (leaves and event.info.ending.serves_requester),
        repeats=Start(Timer.OVERDUE) in effects,
        keeps_answer=Action.KEEP_ANSWER in acts,
    )


_NONE, _LEAVES, _BEGINS = _Meaning(), _Meaning(leaves=True), _Meaning(begins=True, leaves=True)
_FOUND = {row.name: _meaning(row.event, row.effects) for row in ROWS}
_MEANINGS = {name: meaning if meaning != _NONE else _NONE for name, meaning in _FOUND.items()}


def _meaning_of(entry: SlaEvent) -> _Meaning:
    """Finds the meaning of an event by its row, or by its states where another version of the table wrote it."""
    known = _MEANINGS.get(entry.row)
    if known is not None or entry.from_state == entry.to_state or entry.event == _REPLANNED:
        return known or _NONE
    return _BEGINS if entry.to_state in LEVEL_NAMES else _LEAVES


class _Fold:
    """One pass over the events of a ticket that were not taken back."""

    def __init__(self, entries: tuple[SlaEvent, ...], now: datetime, kind: SlaTopic, terms_of: TermsOf) -> None:
        self._entries = entries
        self._now = now
        self._kind = _first_kind(entries, kind)
        self._terms_of = terms_of
        self._stays: list[LevelPeriod] = []
        self._silences: list[Silence] = []
        self._reminded: datetime | None = None
        # The period that runs: where it began, on what terms, its pauses and since when the clock stands.
        self._began: SlaEvent | None = None
        self._level = State.LEVEL1.value
        self._terms: SlaTerms | None = None
        self._pauses: list[Pause] = []
        self._paused: SlaEvent | None = None
        self._third_party = ""  # who is waited for while the clock stands, "" for the requester
        self._warned: datetime | None = None
        self._overdue: datetime | None = None
        self._heard: SlaEvent | None = None
        self._said: SlaEvent | None = None  # the last word to the requester in this period
        # The first answer.
        self._asked: SlaEvent = entries[0]
        self._answer_terms: SlaTerms | None = None
        self._answered: SlaEvent | None = None
        self._answer_warned: datetime | None = None
        self._left: SlaEvent | None = None

    def account(self) -> SlaAccount:
        for entry in self._entries:
            meaning = _meaning_of(entry)
            if meaning is not _NONE or entry.facts is not None or entry.event in _NOTED:
                self._take(entry, meaning)
        if self._began is not None:
            self._close_period(None)
        return SlaAccount(self._entries, self._answer(), tuple(self._stays), tuple(self._silences), self._reminded)

    def _take(self, entry: SlaEvent, meaning: _Meaning) -> None:
        changed = self._note_kind(entry)
        if meaning.speaks and self._answered is None:
            self._answered = entry
        if meaning.leaves and self._began is not None:
            self._close_period(entry, self._said if meaning.keeps_answer else None)
        if meaning.begins:
            self._begin(entry)
        elif self._began is not None:
            self._go_on(entry, meaning, changed)

    def _begin(self, entry: SlaEvent) -> None:
        self._level = entry.to_state
        self._began, self._heard, self._left = entry, entry, None
        self._said = None
        self._pauses, self._paused, self._warned, self._overdue = [], None, None, None
        terms = self._terms = self._terms_at(entry)
        asked = self._answer_terms
        # Another queue has a promise of its own for the first word, another level has not.
        if asked is None or (self._answered is None and asked.queue != terms.queue):
            self._asked, self._answer_terms, self._answer_warned = entry, terms, None

    def _go_on(self, entry: SlaEvent, meaning: _Meaning, changed: bool) -> None:
        if changed or (entry.facts is not None and "resolve_within" in entry.facts):
            terms = self._terms = self._terms_at(entry)
            if self._answered is None and self._asked is self._began:
                self._answer_terms = terms
        if meaning.speaks:
            self._said = entry
        third_party = _third_party_of(entry) if meaning.for_third_party else ""
        if meaning.pauses and (self._paused is None or bool(third_party) != bool(self._third_party)):
            self._pause(entry, third_party)
        elif meaning.resumes and self._paused is not None:
            self._end_pause(entry, entry.at)
            self._heard = self._heard or entry
        elif meaning.speaks and (self._paused is None or self._third_party):
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

    def _pause(self, entry: SlaEvent, third_party: str) -> None:
        """Begins a pause, or one for another reason; a silence ends only where the requester is asked something."""
        if self._paused is not None:
            self._end_pause(entry, entry.at)
        if not third_party:
            self._hear(entry)
        self._heard = (self._heard or entry) if third_party else None
        self._paused, self._third_party = entry, third_party

    # -- what was promised ----------------------------------------------------------------------------------------

    def _note_kind(self, entry: SlaEvent) -> bool:
        """Keeps the ticket's topic from now on. Tells whether it changed without facts."""
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
        """Ends a silence: the requester hears something, or the level's period ends."""
        if self._heard is None or self._terms is None:
            return
        until = entry.at if entry is not None else max(self._now, self._heard.at)
        self._silences.append(Silence(self._heard, entry, until, self._terms.inform_every, self._terms.hours))

    def _end_pause(self, entry: SlaEvent | None, until: datetime) -> None:
        """Ends a pause. Its length is counted when the period ends: only then the unit of the promise is known."""
        assert self._paused is not None
        self._pauses.append(Pause(self._paused, entry, until, NOTHING, self._third_party))
        self._paused = None

    def _close_period(self, entry: SlaEvent | None, solution: SlaEvent | None = None) -> None:
        """Ends the level's period with an event; without one, gives it as it stands now.

        With `solution` the event says that this answer was the solution: the promise counts until that was given.
        """
        began, terms = self._began, self._terms
        assert began is not None
        assert terms is not None
        until = (solution or entry).at if entry is not None else max(self._now, began.at)
        if self._paused is not None:
            self._end_pause(entry, until)
        self._hear(entry)
        business, hours = terms.resolve_within.business, terms.hours
        end, pauses = promised_until(began.at, terms), tuple(self._pauses)
        used = count_between(began.at, until, hours, business=business)
        if pauses:
            pauses = tuple(
                replace(one, taken=count_between(one.began.at, one.until, hours, business=business)) for one in pauses
            )
            end = moved_by_pauses(end, pauses, terms, terms.resolve_within)
            used -= sum((one.taken for one in pauses), NOTHING)
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


def _third_party_of(entry: SlaEvent) -> str:
    """Names who is waited for from an event on; the address of `#ask` stands in the facts alone."""
    return str((entry.facts or {}).get("waits_for") or entry.argument or entry.event)


def _verdict(ended: SlaEvent | None, until: datetime, end: datetime) -> SlaVerdict:
    """Judges a period; an escalation by timer (S4) has missed, however exactly the timer came."""
    if until > end or (ended is not None and ended.event == _ESCALATION_DUE):
        return SlaVerdict.MISSED
    if ended is None:
        return SlaVerdict.RUNNING
    if ended.event in _DROPPED:
        return SlaVerdict.NOT_NEEDED
    return SlaVerdict.HANDED_ON if ended.to_state in LEVEL_NAMES else SlaVerdict.KEPT


def _first_kind(entries: Sequence[SlaEvent], kind: SlaTopic) -> SlaTopic:
    """Finds the topic of the ticket at its beginning, in a history without facts: a value set later did not hold."""
    if any(entry.facts is not None for entry in entries[:1]):
        return kind
    later = {entry.event for entry in entries if entry.row in _MEANINGS}
    return SlaTopic(
        _FIRST_QUEUE if Event.ROUTE.value in later else kind.queue,
        "" if Event.TYPE.value in later else kind.type,
        "normal" if Event.PRIORITY.value in later else kind.priority,
    )


_FIRST_QUEUE = "default"  # of a routed ticket nothing tells where it came from; the desk itself is the likeliest
