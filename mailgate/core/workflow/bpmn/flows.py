"""Sequence flows of the diagram: every move of the table is a flow, or stands in the legend.

The flows between states are made from the table's rows. A row that moves a ticket and has no way out here raises
KeyError when the picture is drawn, so that none is added unseen; a test says so first. A flow disappears with its last
row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from mailgate.core.workflow.bpmn.nodes import LINKS
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.transitions import ROWS, Transition


@dataclass(frozen=True, slots=True)
class Exit:
    """Way by which a move leaves its state: the place, the word on the flow ("" for none), and the places it passes."""

    place: str
    answer: str = ""
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Sequence flow. `rows` are the rows of the table that move a ticket along it; none inside a state."""

    source: str
    target: str
    answer: str = ""
    rows: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"Flow_{self.source}_to_{self.target}"


@dataclass(frozen=True, slots=True)
class LegendLine:
    """Line of the legend: an event that moves tickets by a way that is not drawn."""

    event: Event
    sources: tuple[State, ...]
    targets: tuple[State, ...]


_L1, _L2, _L3 = LEVELS
_CONFIRMING, _FINALIZING, _CLOSED = State.CONFIRMING, State.FINALIZING, State.CLOSED

INSIDE = (
    Flow("S1", "S2"),
    Flow("S3_level1", "S5_level1"),
    Flow("S6_level2", "S6_level2_outcome"),
    Flow("S6_level3", "S6_level3_outcome"),
    Flow("S7_confirming", "S8_confirming"),
    Flow("S9_finalizing", "S10_finalizing"),
    Flow("S10_finalizing", "S11_finalizing"),
)

ENTRIES: dict[State, str] = {
    _L1: "S3_level1",
    _L2: "S6_level2",
    _L3: "S6_level3",
    _CONFIRMING: "S7_confirming",
    _FINALIZING: "S9_finalizing",
    _CLOSED: "S12_closed",
}


def _exits() -> Iterator[tuple[State | None, Iterable[Event], Exit]]:
    reopening = ("reopening",)
    yield None, (Event.REQUEST,), Exit("S2")
    yield _L1, (Event.ESCALATION_DUE,), Exit("S4_level1", "escalation path")
    yield _L1, (Event.ESCALATE,), Exit("S5_level1", "yes")
    yield _L1, (Event.RESOLVE,), Exit("S5_level1", "no")
    yield _L2, (Event.ESCALATION_DUE,), Exit("S6_level2_overdue")
    yield _L2, (Event.ESCALATE,), Exit("S6_level2_outcome", "yes")
    yield _L2, (Event.RESOLVE,), Exit("S6_level2_outcome", "no")
    yield _L3, (Event.RESOLVE,), Exit("S6_level3_outcome", "no")
    back = (Event.HANDBACK, Event.ROUTE)
    yield _L2, back, Exit("S6_level2_outcome", "", ("S6_level2_handback", "S3_level1_handback"))
    yield _L3, back, Exit("S6_level3_outcome", "yes", ("S6_level3_handback", "S3_level1_handback"))
    solved = (Event.SAID_YES, Event.SAID_YES_AND_MORE)
    yield _CONFIRMING, (*solved, Event.CLOSE, Event.CLOSE_BARE), Exit("S8_confirming", "yes")
    yield _CONFIRMING, (Event.SAID_NO, Event.REOPEN), Exit("S8_confirming", "no", reopening)
    yield _FINALIZING, (*solved, Event.OBJECTION_OVER, Event.APPROVE), Exit("S11_finalizing", "yes")
    yield _FINALIZING, (Event.SAID_NO, Event.REOPEN, Event.REJECT), Exit("S11_finalizing", "no", reopening)
    yield _CLOSED, (Event.SAID_NO, Event.WROTE, Event.REOPEN), Exit("S12_closed_reopening", "", reopening)


EXITS: dict[tuple[State | None, Event], Exit] = {
    (state, event): way for state, events, way in _exits() for event in events
}

# What the source does not draw either: an agent ends the ticket early, an answer turns out to be the solution, silence
# closes it, a solution goes up unasked.
NOT_DRAWN: frozenset[tuple[State, Event]] = frozenset(
    {
        *((level, event) for level in LEVELS for event in (Event.CLOSE, Event.SAID_YES, Event.SAID_YES_AND_MORE)),
        *((state, Event.CLOSE_TRANSFERRED) for state in (*LEVELS, _CONFIRMING)),
        *((state, Event.CLOSE_SPAM) for state in (*LEVELS, _CONFIRMING, _FINALIZING)),
        *((state, Event.MERGE) for state in (*LEVELS, _CONFIRMING, _FINALIZING)),
        (_CONFIRMING, Event.ESCALATE),
        (_CONFIRMING, Event.DECISION_DUE),
    }
)

# The reopened ticket goes back to Level 1, or on to the level that resolved it, or to the one that shall look next.
_AFTER = {
    ("reopening", "S3_level1"): "reopened",
    ("reopening", "S6_level2"): "sent on",
    ("reopening", "S6_level3"): "sent on",
}


def draw_flows(rows: Iterable[Transition] = ROWS) -> tuple[Flow, ...]:
    """Returns the flows inside the states, then those that the rows make. Raises KeyError for a row without an exit."""
    found: dict[tuple[str, str], Flow] = {(flow.source, flow.target): flow for flow in INSIDE}
    for row in _moving(rows):
        if row.state is not None and (row.state, row.event) in NOT_DRAWN:
            continue
        for source, target, answer in _legs(EXITS[row.state, row.event], ENTRIES[row.to]):
            before = found.get((source, target), Flow(source, target, answer))
            found[source, target] = Flow(source, target, before.answer, (*before.rows, row.name))
    return tuple(found.values())


def _legs(way: Exit, entry: str) -> Iterator[tuple[str, str, str]]:
    """Yields the flows from the exit to the entry, one after the other; a link needs none."""
    stops = (way.place, *way.through, entry)
    for number, (source, target) in enumerate(pairwise(stops)):
        if LINKS.get(source) != target:
            yield source, target, _AFTER.get((source, target), "") if number else way.answer


def list_legend(rows: Iterable[Transition] = ROWS) -> tuple[LegendLine, ...]:
    """Lists the lines of the legend, one for each event, in the order of the table."""
    sources: defaultdict[Event, dict[State, None]] = defaultdict(dict)
    targets: defaultdict[Event, dict[State, None]] = defaultdict(dict)
    for row in _moving(rows):
        if row.state is not None and (row.state, row.event) in NOT_DRAWN:
            sources[row.event][row.state] = None
            targets[row.event][row.to] = None
    return tuple(LegendLine(event, tuple(sources[event]), tuple(targets[event])) for event in sources)


def _moving(rows: Iterable[Transition]) -> Iterator[Transition]:
    return (row for row in rows if row.state is not row.to)
