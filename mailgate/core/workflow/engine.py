"""Decides an event by the table of transitions: the ticket's facts and an event in, a row and its effects out.

Pure and total: an event that does not apply gives a Decision that moves nothing and says why; an agent whose command
does not apply is notified.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from mailgate.core.workflow.effects import Send, To
from mailgate.core.workflow.events import Event, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.core.workflow.transitions import NOT_APPLICABLE, ROWS, Condition, Effect, Transition

POOR_RATINGS = (1, 2)
"""Stars of a rating that no yes goes with, and that level and manager hear of after the final notice."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that the guards check: the ticket as it stands, the agent who acts, and the desk's policy."""

    state: State | None
    acts_for: State | None = None  # the level whose token the agent brought; None for the operator and for others
    other_queue: bool = False
    resolved_by: State | None = None
    not_fixed: int = 0  # earlier solutions of Level 1 that failed
    questions: int = 0  # questions to the level that nobody answered
    requester_asked: bool = False
    pauses_for_third_parties: bool = False
    awaited: bool = False  # the desk waits for a third party
    awaited_wrote: bool = False  # who has written the mail
    ask_failed: bool = False  # to whom the question did not get through
    more_reminders: bool = False
    more_than_thanks: bool = False
    clarified: bool = False
    early_yes: bool = False
    rated_poorly: bool = False
    words_told: bool = False
    review_wanted: bool = False
    review_asked: bool = False
    window_open: bool = False
    promise_over: bool = False
    answer_over: bool = False
    form_wanted: bool = False
    agent_writes: bool = False  # to a person who has asked for nothing
    tells_taken: bool = False
    tells_merged: bool = True
    has_level3: bool = False
    back_to_same: bool = True
    close_on_silence: bool = False
    escalate_after_not_fixed: int = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision on an event: the row of the table, the new state and the effects."""

    row: str
    state: State
    effects: tuple[Effect, ...]
    step: str = ""
    rejection_reason: str = ""  # why nothing moves, else ""
    rejection: tuple[str, ...] = ()  # the same reason for translation: the sentence of words.toml, then its values


def decide(event: Event, facts: Facts) -> Decision:
    """Finds the first row of (state, event) whose guard holds, or the reason why the event does not apply.

    Raises ValueError for an event that cannot open a ticket, where there is none yet.
    """
    for row in _BY_PAIR[facts.state, event]:
        if HOLDS[row.guard](facts):
            return Decision(row.name, row.to, row.effects, row.step)
    if facts.state is None:
        raise ValueError(f"a ticket cannot begin with {event.value!r}")
    reason = NOT_APPLICABLE[facts.state, event]
    told: tuple[Effect, ...] = (Send(Notice.NOT_POSSIBLE, To.AUTHOR),) if event.info.by_agent else ()
    name = f"{facts.state.value} · {event.value} · meaningless"
    return Decision(name, facts.state, told, rejection_reason=reason, rejection=(reason,))


def _other_level(facts: Facts) -> bool:
    """Tells whether the agent's level may not act (S4).

    Only the level that has the ticket acts on it; while it is being confirmed or closed, Level 1 and the level that
    resolved it.
    """
    if facts.acts_for is None:
        return False
    if facts.other_queue:
        return True
    if facts.state in (State.LEVEL1, State.LEVEL2, State.LEVEL3):
        return facts.acts_for is not facts.state
    return facts.acts_for not in (State.LEVEL1, facts.resolved_by)


def _too_often(facts: Facts) -> bool:
    limit = facts.escalate_after_not_fixed
    return limit > 0 and facts.resolved_by is State.LEVEL1 and facts.not_fixed + 1 >= limit


def _back_to(level: State) -> Callable[[Facts], bool]:
    return lambda facts: facts.back_to_same and facts.resolved_by is level


HOLDS: dict[Condition, Callable[[Facts], bool]] = {
    Condition.ALWAYS: lambda facts: True,  # noqa: ARG005
    Condition.OTHER_LEVEL: _other_level,
    Condition.HAS_LEVEL3: lambda facts: facts.has_level3,
    Condition.TOO_OFTEN_NOT_FIXED: _too_often,
    Condition.BACK_TO_LEVEL3: _back_to(State.LEVEL3),
    Condition.BACK_TO_LEVEL2: _back_to(State.LEVEL2),
    Condition.FROM_LEVEL2_TO_3: lambda facts: facts.resolved_by is State.LEVEL2 and facts.has_level3,
    Condition.FROM_LEVEL2: lambda facts: facts.resolved_by is State.LEVEL2,
    Condition.FROM_LEVEL3: lambda facts: facts.resolved_by is State.LEVEL3,
    Condition.NOT_LEVEL1: lambda facts: facts.acts_for not in (None, State.LEVEL1),
    Condition.MORE_THAN_THANKS: lambda facts: facts.more_than_thanks,
    Condition.NOT_CLARIFIED: lambda facts: not facts.clarified,
    Condition.EARLY_YES: lambda facts: facts.early_yes,
    Condition.RATED_POORLY: lambda facts: facts.rated_poorly,
    Condition.RATED_POORLY_IN_WORDS: lambda facts: facts.rated_poorly and facts.words_told,
    Condition.REQUESTER_ASKED: lambda facts: facts.requester_asked,
    Condition.PAUSES: lambda facts: facts.pauses_for_third_parties,
    Condition.AWAITED: lambda facts: facts.awaited,
    Condition.AWAITED_WROTE: lambda facts: facts.awaited_wrote,
    Condition.ASK_FAILED: lambda facts: facts.ask_failed,
    Condition.MORE_REMINDERS: lambda facts: facts.more_reminders,
    Condition.CLOSE_ON_SILENCE: lambda facts: facts.close_on_silence,
    Condition.THIRD_QUESTION: lambda facts: facts.questions >= 2,
    Condition.REVIEW_WANTED: lambda facts: facts.review_wanted,
    Condition.REVIEW_ASKED: lambda facts: facts.review_asked,
    Condition.WINDOW_OPEN: lambda facts: facts.window_open,
    Condition.PROMISE_OVER: lambda facts: facts.promise_over,
    Condition.ANSWER_OVER: lambda facts: facts.answer_over,
    Condition.TELLS_TAKEN: lambda facts: facts.tells_taken,
    Condition.TELLS_MERGED: lambda facts: facts.tells_merged,
    Condition.FORM_WANTED: lambda facts: facts.form_wanted,
    Condition.AGENT_WRITES: lambda facts: facts.agent_writes,
    Condition.WINDOW_AND_TOO_OFTEN: lambda facts: facts.window_open and _too_often(facts),
    Condition.WINDOW_AND_LEVEL3: lambda facts: facts.window_open and _back_to(State.LEVEL3)(facts),
    Condition.WINDOW_AND_LEVEL2: lambda facts: facts.window_open and _back_to(State.LEVEL2)(facts),
}


def _by_pair() -> defaultdict[tuple[State | None, Event], list[Transition]]:
    pairs: defaultdict[tuple[State | None, Event], list[Transition]] = defaultdict(list)
    for row in ROWS:
        pairs[row.state, row.event].append(row)
    return pairs


_BY_PAIR = _by_pair()
