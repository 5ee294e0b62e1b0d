"""The topic of a step of a ticket: what it did, in the one word by which hooks and counters know it. Pure."""

from __future__ import annotations

from mailgate.core.workflow.events import ENDED, LEVELS, Event, State, Topic


def find_topic(event: Event, from_state: State | None, to_state: State) -> Topic:
    """Returns the topic of an event that was not refused; a move says more than the event that caused it."""
    own = event.info.topic
    return own if own.holds_for_moves else name_move(from_state, to_state) or own


def name_move(from_state: State | None, to_state: State) -> Topic | None:
    """Names a move from state to state, None for a ticket that stays; a new ticket comes from None.

    A ticket counts as closed once its final notice is out, as the reports count it.
    """
    if from_state is None:
        return Topic.OPENED
    if from_state is to_state:
        return None
    if (from_state in ENDED) != (to_state in ENDED):
        return Topic.REOPENED if from_state in ENDED else Topic.CLOSED
    if to_state is State.CONFIRMING:
        return Topic.RESOLVED
    if to_state in ENDED:
        return Topic.FINALIZED if to_state is State.CLOSED else None
    if from_state not in LEVELS:
        return Topic.UNRESOLVED
    return Topic.ESCALATED if LEVELS.index(to_state) > LEVELS.index(from_state) else Topic.HANDED_BACK
