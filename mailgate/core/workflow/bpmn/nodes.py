"""Nodes of the diagram and where they stand: lanes, tasks, events and gateways, in pixels.

A place has the process step and the state of the ticket in its id (`S3_level1`); what happens before there is a
ticket (S1, S2) has the step alone. Data only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.workflow.events import State

Point = tuple[int, int]


class NodeKind(StrEnum):
    """Kind of a node in BPMN."""

    TASK = "task"
    GATEWAY = "exclusive gateway"
    MESSAGE_START = "message start event"
    MESSAGE_THROW = "message throw event"
    TIMER = "interrupting boundary timer"
    LINK_THROW = "link throw event"
    LINK_CATCH = "link catch event"
    END = "end event"


@dataclass(frozen=True, slots=True)
class Box:
    """Rectangle: its upper left corner, width and height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Label:
    """Place of a label: the middle of its upper edge, from its node, and the width at which it is wrapped."""

    dx: int
    dy: int
    width: int = 100


@dataclass(frozen=True, slots=True)
class FlowNode:
    """Element that the process flows through. `x` and `y` are its middle; a task has its name inside.

    `state` is None before there is a ticket and while one is between two states; `host` is what a boundary timer is
    attached to.
    """

    id: str
    kind: NodeKind
    lane: str
    x: int
    y: int
    state: State | None = None
    label: Label | None = None
    host: str = ""

    @property
    def width(self) -> int:
        return _SIZES.get(self.kind, _EVENT)[0]

    @property
    def height(self) -> int:
        return _SIZES.get(self.kind, _EVENT)[1]

    @property
    def box(self) -> Box:
        return Box(self.x - self.width // 2, self.y - self.height // 2, self.width, self.height)

    def left(self, dy: int = 0) -> Point:
        return self.x - self.width // 2, self.y + dy

    def right(self, dy: int = 0) -> Point:
        return self.x + self.width // 2, self.y + dy

    def top(self, dx: int = 0) -> Point:
        return self.x + dx, self.y - self.height // 2

    def bottom(self, dx: int = 0) -> Point:
        return self.x + dx, self.y + self.height // 2


_EVENT = (36, 36)
_SIZES = {NodeKind.TASK: (200, 80), NodeKind.GATEWAY: (50, 50)}

POOL = Box(20, 20, 2440, 1235)
LANES: dict[str, Box] = {
    "requester": Box(50, 20, 2410, 325),
    "level1": Box(50, 345, 2410, 405),
    "level2": Box(50, 750, 2410, 315),
    "level3": Box(50, 1065, 2410, 190),
}
LEGEND = Box(50, 1275, 1000, 140)

_L1, _L2, _L3 = State.LEVEL1, State.LEVEL2, State.LEVEL3
_CONFIRMING, _FINALIZING, _CLOSED = State.CONFIRMING, State.FINALIZING, State.CLOSED
_BELOW, _ABOVE = Label(0, 22), Label(0, -58)

_REQUESTER = (
    FlowNode("S1", NodeKind.MESSAGE_START, "requester", 110, 220, label=_BELOW),
    FlowNode("S2", NodeKind.TASK, "requester", 340, 220),
    FlowNode("S10_finalizing", NodeKind.TASK, "requester", 1740, 220, _FINALIZING),
    FlowNode("S11_finalizing", NodeKind.GATEWAY, "requester", 1970, 220, _FINALIZING, _ABOVE),
    FlowNode("S12_closed", NodeKind.END, "requester", 2215, 220, _CLOSED, Label(0, 22, 140)),
    FlowNode("S12_closed_reopening", NodeKind.MESSAGE_START, "requester", 2215, 305, _CLOSED, Label(75, -7, 110)),
)
_LEVEL1 = (
    FlowNode("S3_level1", NodeKind.TASK, "level1", 680, 550, _L1),
    FlowNode("S4_level1", NodeKind.TIMER, "level1", 620, 590, _L1, Label(52, 24, 80), host="S3_level1"),
    FlowNode("S3_level1_handback", NodeKind.LINK_CATCH, "level1", 845, 635, _L1, Label(66, -7, 90)),
    FlowNode("S5_level1", NodeKind.GATEWAY, "level1", 975, 550, _L1, _ABOVE),
    FlowNode("S7_confirming", NodeKind.TASK, "level1", 1365, 550, _CONFIRMING),
    FlowNode("S8_confirming", NodeKind.GATEWAY, "level1", 1610, 550, _CONFIRMING, _ABOVE),
    FlowNode("S9_finalizing", NodeKind.MESSAGE_THROW, "level1", 1740, 550, _FINALIZING, Label(0, 22, 110)),
    FlowNode("reopening", NodeKind.GATEWAY, "level1", 1490, 690, None, Label(0, -56, 90)),
)
_LEVEL2 = (
    FlowNode("S6_level2", NodeKind.TASK, "level2", 1013, 945, _L2),
    FlowNode("S6_level2_overdue", NodeKind.TIMER, "level2", 940, 985, _L2, Label(52, 24, 80), host="S6_level2"),
    FlowNode("S6_level2_outcome", NodeKind.GATEWAY, "level2", 1365, 945, _L2, Label(-70, 14, 90)),
    FlowNode("S6_level2_handback", NodeKind.LINK_THROW, "level2", 1437, 945, _L2, Label(4, 22, 90)),
)
_LEVEL3 = (
    FlowNode("S6_level3", NodeKind.TASK, "level3", 1340, 1150, _L3),
    FlowNode("S6_level3_outcome", NodeKind.GATEWAY, "level3", 1550, 1150, _L3, Label(0, 30, 100)),
    FlowNode("S6_level3_handback", NodeKind.LINK_THROW, "level3", 1680, 1150, _L3, Label(0, 22, 90)),
)

# The timer of Level 1 comes first among the timers, as in the source.
PLACES: dict[str, FlowNode] = {place.id: place for place in (*_REQUESTER, *_LEVEL1, *_LEVEL2, *_LEVEL3)}

# The ticket goes on where the link is caught, without a line across the picture.
LINKS: dict[str, str] = {
    "S6_level2_handback": "S3_level1_handback",
    "S6_level3_handback": "S3_level1_handback",
}
