"""The table is complete, every state can be left, no timer outlives its state, and no open ticket is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from mailgate.core.workflow.effects import Send, Start, Stop, StopAll, Timer, To
from mailgate.core.workflow.engine import HOLDS, Facts, decide
from mailgate.core.workflow.events import LEVELS, Event, State, events_that
from mailgate.core.workflow.transitions import NOT_APPLICABLE, ROWS, Action, Condition, Do, Transition

PAIRS = [(state, event) for state in State for event in Event]
OPEN = (*LEVELS, State.CONFIRMING, State.FINALIZING)


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=lambda value: value.value)
def test_every_pair_is_decided_or_meaningless(state: State, event: Event) -> None:
    rows = [row for row in ROWS if (row.state, row.event) == (state, event)]
    assert bool(rows) != ((state, event) in NOT_APPLICABLE)
    if rows:
        assert rows[-1].guard is Condition.ALWAYS, "the last row of a pair must hold always"
        assert all(row.guard is not Condition.ALWAYS for row in rows[:-1]), (
            "a row after one without guard is never reached"
        )
    decision = decide(event, Facts(state))
    assert decision.state in State


def test_row_names_are_unique() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))


def test_every_guard_is_used_and_can_hold_or_not() -> None:
    assert {row.guard for row in ROWS} == set(Condition) == set(HOLDS)


@pytest.mark.parametrize("event", events_that(lambda info: info.by_agent), ids=lambda event: event.value)
def test_an_agent_is_always_told_when_his_command_means_nothing(event: Event) -> None:
    for state in State:
        if (state, event) in NOT_APPLICABLE:
            effects = decide(event, Facts(state, acts_for=State.LEVEL1)).effects
            assert any(isinstance(effect, Send) and effect.to is To.AUTHOR for effect in effects)


PROMISED = frozenset({Timer.ESCALATION, Timer.WARNING, Timer.ANSWER_WARNING, Timer.UPDATE})
COUNTED = frozenset({Timer.ESCALATION, Timer.WARNING, Timer.OVERDUE})


@dataclass(frozen=True)
class Snapshot:
    """A ticket as far as its timers go."""

    state: State
    timers: frozenset[Timer] = frozenset()
    waiting: bool = False
    standing: bool = False  # for a third party: the requester is still to be kept informed
    asked_review: bool = False


def _apply(snapshot: Snapshot, row: Transition) -> Snapshot:
    timers, waiting, standing = set(snapshot.timers), snapshot.waiting, snapshot.standing
    review = snapshot.asked_review
    if row.event.info.by_timer:
        timers.discard(Timer(row.event.value.removeprefix("timer ")))
    for effect in row.effects:
        blocked = PROMISED if waiting else COUNTED if standing else frozenset()  # none starts while the clock stands
        match effect:
            case StopAll():
                timers &= {Timer.APPROVAL} if row.to in LEVELS else set()
                waiting = standing = False
            case Start(timer) if timer not in blocked:
                timers.add(timer)
            case Stop(timer):
                timers.discard(timer)
            case Do(Action.PAUSE):
                waiting, standing = True, False
            case Do(Action.PAUSE_FOR_THIRD_PARTY):
                waiting, standing = False, True
            case Do(Action.RESUME) if waiting or standing:
                waiting = standing = False
                timers |= PROMISED
            case Do(Action.BEGIN):
                waiting = standing = review = False
    return Snapshot(row.to, frozenset(timers), waiting, standing, review)


def _follow(snapshot: Snapshot) -> Iterator[Snapshot]:
    for row in ROWS:
        if row.state is not snapshot.state:
            continue
        if row.event.info.by_timer and Timer(row.event.value.removeprefix("timer ")) not in snapshot.timers:
            continue
        yield _apply(snapshot, row)


def _reachable() -> set[Snapshot]:
    found = {_apply(Snapshot(first.to), first) for first in ROWS if first.state is None}
    todo = list(found)
    while todo:
        for snapshot in _follow(todo.pop()):
            if snapshot not in found:
                found.add(snapshot)
                todo.append(snapshot)
    return found


REACHABLE = _reachable()
LEVEL_TIMERS = {
    *PROMISED, Timer.OVERDUE, Timer.WAITING_REMINDER, Timer.WAITING_DECISION, Timer.THIRD_PARTY, Timer.LATER,
    Timer.APPROVAL,
}  # fmt: skip
BELONGS = {
    **dict.fromkeys(LEVELS, LEVEL_TIMERS),
    State.CONFIRMING: {Timer.REMINDER, Timer.DECISION},
    State.FINALIZING: {Timer.OBJECTION, Timer.REVIEW},
    State.CLOSED: set(),
}


def test_every_state_is_reached() -> None:
    assert {snapshot.state for snapshot in REACHABLE} == set(State)


def test_no_timer_outlives_its_state() -> None:
    for snapshot in REACHABLE:
        assert snapshot.timers <= BELONGS[snapshot.state], snapshot


def test_every_open_ticket_has_a_timer_that_asks_somebody_again() -> None:
    """A warning or a reminder alone would let a ticket be forgotten once it has fired."""
    lasting = {
        Timer.ESCALATION,
        Timer.OVERDUE,
        Timer.WAITING_DECISION,
        Timer.THIRD_PARTY,
        Timer.DECISION,
        Timer.OBJECTION,
        Timer.REVIEW,
    }
    for snapshot in REACHABLE:
        if snapshot.state in OPEN:
            assert snapshot.timers & lasting, snapshot


def test_a_paused_clock_has_no_promise_running() -> None:
    for snapshot in REACHABLE:
        if snapshot.waiting:
            assert not snapshot.timers & {*PROMISED, Timer.OVERDUE}, snapshot
        if snapshot.standing:
            assert not snapshot.timers & COUNTED, snapshot


def test_leaving_out_one_stop_would_be_noticed() -> None:
    """The walk above can fail: without the StopAll of `#resolve` the escalation outlives Level 1."""
    row = next(row for row in ROWS if (row.state, row.event) == (State.LEVEL1, Event.RESOLVE) and not row.guard.value)
    broken = replace(row, effects=tuple(effect for effect in row.effects if not isinstance(effect, StopAll)))
    after = _apply(Snapshot(State.LEVEL1, frozenset({Timer.ESCALATION})), broken)
    assert not after.timers <= BELONGS[after.state]


def test_only_confirmation_or_a_reason_leads_to_the_end() -> None:
    """Nothing closes by mistake: which events may finalize or close is a short list."""
    closing = {row.event for row in ROWS if row.to in (State.FINALIZING, State.CLOSED) and row.state is not row.to}
    assert closing == {
        Event.SAID_YES,
        Event.SAID_YES_AND_MORE,
        Event.CLOSE,
        Event.CLOSE_BARE,
        Event.CLOSE_SPAM,
        Event.CLOSE_TRANSFERRED,
        Event.MERGE,
        Event.DECISION_DUE,
        Event.OBJECTION_OVER,
        Event.APPROVE,
    }
