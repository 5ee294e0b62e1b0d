"""Lines of the flows in the diagram, and the places of their labels.

Lines are orthogonal. A flow without a route raises KeyError when the picture is drawn; a test says so first.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailgate.core.workflow.bpmn.nodes import PLACES, FlowNode, Label, Point


@dataclass(frozen=True, slots=True)
class Route:
    """Points of a line. `label` is the middle of the upper edge of its words, from the first point."""

    points: tuple[Point, ...]
    label: Label | None = None


def _at(name: str) -> FlowNode:
    return PLACES[name]


_S2, _S3, _S4, _S5 = _at("S2"), _at("S3_level1"), _at("S4_level1"), _at("S5_level1")
_S6, _OUTCOME, _OVERDUE = _at("S6_level2"), _at("S6_level2_outcome"), _at("S6_level2_overdue")
_THIRD, _THIRD_OUTCOME = _at("S6_level3"), _at("S6_level3_outcome")
_S7, _S8, _S9 = _at("S7_confirming"), _at("S8_confirming"), _at("S9_finalizing")
_S10, _S11, _S12 = _at("S10_finalizing"), _at("S11_finalizing"), _at("S12_closed")
_AGAIN, _REOPENING, _CAUGHT = _at("S12_closed_reopening"), _at("reopening"), _at("S3_level1_handback")
_BACK2, _BACK3 = _at("S6_level2_handback"), _at("S6_level3_handback")

_SOLVED_ABOVE = 612  # where the solution of Level 3 runs, between Level 1's tasks and what is reopened
_SENT_ON = 730  # where the reopened ticket leaves for Level 2, at the foot of Level 1
_TO_THIRD = _THIRD.top()[1] - 20
_SIDE = (_REOPENING.x - 12, _REOPENING.y + 13)  # on the lower left side of the diamond


def _across(start: FlowNode, end: FlowNode, label: Label | None = None) -> Route:
    return Route((start.right(), end.left()), label)


_RIGHT_WORD, _DOWN_WORD = Label(20, -18, 40), Label(20, 2, 40)

ROUTES: dict[tuple[str, str], Route] = {
    ("S1", "S2"): _across(_at("S1"), _S2),
    ("S2", "S3_level1"): Route((_S2.bottom(), (_S2.x, _S3.y), _S3.left())),
    ("S3_level1", "S5_level1"): _across(_S3, _S5),
    ("S3_level1_handback", "S3_level1"): Route((_CAUGHT.left(), (_S3.x + 85, _CAUGHT.y), _S3.bottom(85))),
    ("S4_level1", "S6_level2"): Route(
        (_S4.bottom(), (_S4.x, _S6.y), _S6.left()), Label(155, _S6.y - 18 - _S4.bottom()[1], 240)
    ),
    ("S5_level1", "S6_level2"): Route((_S5.bottom(), _S6.top(_S5.x - _S6.x)), _DOWN_WORD),
    ("S5_level1", "S7_confirming"): _across(_S5, _S7, _RIGHT_WORD),
    ("S6_level2", "S6_level2_outcome"): _across(_S6, _OUTCOME),
    ("S6_level2_outcome", "S7_confirming"): Route((_OUTCOME.top(), _S7.bottom()), Label(18, -20, 40)),
    ("S6_level2_outcome", "S6_level3"): Route((_OUTCOME.bottom(), _THIRD.top(_OUTCOME.x - _THIRD.x)), _DOWN_WORD),
    ("S6_level2_outcome", "S6_level2_handback"): _across(_OUTCOME, _BACK2),
    ("S6_level2_overdue", "S6_level3"): Route((_OVERDUE.bottom(), (_OVERDUE.x, _THIRD.y), _THIRD.left())),
    ("S6_level3", "S6_level3_outcome"): _across(_THIRD, _THIRD_OUTCOME),
    ("S6_level3_outcome", "S7_confirming"): Route(
        (_THIRD_OUTCOME.top(), (_THIRD_OUTCOME.x, _SOLVED_ABOVE), (_S7.x + 75, _SOLVED_ABOVE), _S7.bottom(75)),
        Label(20, -20, 40),
    ),
    ("S6_level3_outcome", "S6_level3_handback"): _across(_THIRD_OUTCOME, _BACK3, _RIGHT_WORD),
    ("S7_confirming", "S8_confirming"): _across(_S7, _S8),
    ("S8_confirming", "S9_finalizing"): _across(_S8, _S9, _RIGHT_WORD),
    ("S8_confirming", "reopening"): Route((_S8.bottom(), (_S8.x, _REOPENING.y), _REOPENING.right()), _DOWN_WORD),
    ("S9_finalizing", "S10_finalizing"): Route((_S9.top(), _S10.bottom())),
    ("S10_finalizing", "S11_finalizing"): _across(_S10, _S11),
    ("S11_finalizing", "S12_closed"): _across(_S11, _S12, _RIGHT_WORD),
    ("S11_finalizing", "reopening"): Route((_S11.bottom(), (_S11.x, _REOPENING.y), _REOPENING.right()), _DOWN_WORD),
    ("S12_closed_reopening", "reopening"): Route((_AGAIN.bottom(), (_AGAIN.x, _REOPENING.y), _REOPENING.right())),
    ("reopening", "S3_level1"): Route(
        (_REOPENING.left(), (_S3.x + 40, _REOPENING.y), _S3.bottom(40)), Label(-45, -18, 60)
    ),
    ("reopening", "S6_level2"): Route(
        (_SIDE, (_SIDE[0], _SENT_ON), (_S5.x, _SENT_ON), _S6.top(_S5.x - _S6.x)), Label(-58, 8, 60)
    ),
    ("reopening", "S6_level3"): Route(
        (_REOPENING.bottom(), (_REOPENING.x, _TO_THIRD), (_THIRD.x + 85, _TO_THIRD), _THIRD.top(85)), Label(28, 45, 50)
    ),
}
