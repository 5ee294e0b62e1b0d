"""The BPMN picture is what the table does: each move from state to state is drawn or told in its legend, no other."""

from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from mailgate.core.workflow.bpmn import LANGUAGES
from mailgate.core.workflow.bpmn.flows import EXITS, INSIDE, NOT_DRAWN, draw_flows, list_legend
from mailgate.core.workflow.bpmn.nodes import PLACES
from mailgate.core.workflow.bpmn.notation import write_legend
from mailgate.core.workflow.bpmn.routes import ROUTES
from mailgate.core.workflow.events import Event, State
from mailgate.core.workflow.transitions import ROWS, Transition
from tests.support.bpmn_reader import both, find_all, find_texts

MOVING = [row for row in ROWS if row.state is not row.to]


def test_every_move_of_the_table_is_drawn_or_told_and_nothing_else() -> None:
    moves = {(row.state, row.event) for row in MOVING}
    assert set(EXITS) | NOT_DRAWN == moves
    assert not set(EXITS) & NOT_DRAWN


@both
def test_the_flows_lead_from_state_to_state_as_the_table_does(root: Element) -> None:
    drawn = {(start, end) for start in (None, *State) for end in _next_states(root, start)}
    assert drawn == {(row.state, row.to) for row in MOVING if (row.state, row.event) not in NOT_DRAWN}


def _next_states(root: Element, start: State | None) -> set[State]:
    """Where one comes to from the places of a state, along flows and links, before any third state."""
    steps = {(one.attrib["sourceRef"], one.attrib["targetRef"]) for one in find_all(root, "sequenceFlow")}
    throws, catches = find_all(root, "intermediateThrowEvent"), find_all(root, "intermediateCatchEvent")
    steps |= {(a.attrib["id"], b.attrib["id"]) for a in throws for b in catches if a.get("name") == b.get("name")}
    todo = {place.id for place in PLACES.values() if place.state is start and (start or place.id.startswith("S"))}
    reached: set[State] = set()
    seen = set(todo)
    while todo:
        here = todo.pop()
        for target in {target for source, target in steps if source == here} - seen:
            state = PLACES[target].state
            if state is None or state is start:
                todo.add(target)
                seen.add(target)
            else:
                reached.add(state)
    return reached


@both
def test_each_row_that_moves_a_ticket_is_written_on_its_flows(root: Element) -> None:
    texts = [text for flow in find_all(root, "sequenceFlow") for text in find_texts(flow, "documentation")]
    moves = {row.name for row in MOVING if (row.state, row.event) not in NOT_DRAWN}
    assert {row for text in texts for row in text.split("\n")} == moves


def test_the_flows_inside_a_state_stay_there() -> None:
    assert all(PLACES[flow.source].state is PLACES[flow.target].state for flow in INSIDE)


def test_the_legend_tells_each_move_that_is_not_drawn() -> None:
    told = {(state, line.event) for line in list_legend() for state in line.sources}
    assert told == NOT_DRAWN
    legend = write_legend(LANGUAGES["en"]).split("\n")
    assert "confirming → level2, level3 · #escalate, instead of waiting for the answer" in legend


def test_a_changed_table_changes_the_picture() -> None:
    escalation = next(row for row in ROWS if row.event is Event.ESCALATION_DUE and row.state is State.LEVEL1)
    without = draw_flows(row for row in ROWS if row is not escalation)
    assert {flow.id for flow in draw_flows()} - {flow.id for flow in without} == {"Flow_S4_level1_to_S6_level2"}
    elsewhere = draw_flows(replace(row, to=State.LEVEL3) if row is escalation else row for row in ROWS)
    assert "Flow_S4_level1_to_S6_level3" in {flow.id for flow in elsewhere}
    unseen = Transition("S3", State.LEVEL1, Event.TAKE, State.LEVEL2, ())
    with pytest.raises(KeyError):
        draw_flows((*ROWS, unseen))


def test_each_flow_has_its_route_and_each_route_its_flow() -> None:
    assert {(flow.source, flow.target) for flow in draw_flows()} == set(ROUTES)
