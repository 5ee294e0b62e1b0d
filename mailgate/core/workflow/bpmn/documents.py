"""Data objects of the diagram: input and output of each step, as the process document lists them.

They stand in a band above their task, inputs to the left; words come from the languages. Data only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailgate.core.workflow.bpmn.nodes import PLACES, Box, Label, NodeKind, Point

WIDTH, HEIGHT = 36, 50
_BAND = 100  # from the middle of a document down to the middle of its task


@dataclass(frozen=True, slots=True)
class Document:
    """Data object at a place. `content` names its words: two documents of one content are the same data object.

    `track` is the line between the two, in the direction of the data. A label above the document ends there, one
    beside or below it begins there.
    """

    place: str
    content: str
    is_input: bool
    x: int
    y: int
    track: tuple[Point, ...] = field(repr=False)
    label: Label | None = None

    @property
    def id(self) -> str:
        return f"Data_{self.place}_{self.content}"

    @property
    def box(self) -> Box:
        return Box(self.x - WIDTH // 2, self.y - HEIGHT // 2, WIDTH, HEIGHT)

    @property
    def is_bound(self) -> bool:
        """Tells whether BPMN lets the data flow here; elsewhere a plain association shows it."""
        kind = PLACES[self.place].kind
        return kind is NodeKind.TASK or (self.is_input and kind is NodeKind.END)


def _above(place: str, *items: tuple[str, bool, int, int]) -> Iterator[Document]:
    """Places a band of documents: content, whether input, offset from the middle, and the end of the line."""
    host = PLACES[place]
    y = host.y - _BAND
    edge = host.y - host.height // 2 + (3 if host.kind is NodeKind.END else 0)  # a circle begins lower beside its top
    outermost = {min(dx for _, _, dx, _ in items), max(dx for _, _, dx, _ in items)}
    for content, is_input, dx, entry in items:
        bend = edge - (10 if dx in outermost else 22)
        ends = ((host.x + dx, y + HEIGHT // 2), (host.x + entry, edge))
        bends = () if dx == entry else ((host.x + dx, bend), (host.x + entry, bend))
        track = (ends[0], *bends, ends[1])
        yield Document(place, content, is_input, host.x + dx, y, track if is_input else track[::-1])


def _beside_the_timer() -> Iterator[Document]:
    timer = PLACES["S4_level1"]
    x, label = timer.x - 100, Label(-78, -26, 105)
    first = ((x + WIDTH // 2, timer.y), timer.left())
    yield Document(timer.id, "open_request", True, x, timer.y, first, label)
    lower = timer.y + 75
    second = ((x + WIDTH // 2, lower), (x + 50, lower), (x + 50, timer.y + 8), timer.left(8))
    yield Document(timer.id, "sla", True, x, lower, second, label)


def _after_the_notice() -> Iterator[Document]:
    event = PLACES["S9_finalizing"]
    x = event.x + 110
    track = (event.right(), (x - WIDTH // 2, event.y))
    yield Document(event.id, "message", False, x, event.y, track, Label(0, 29, 100))


DOCUMENTS: tuple[Document, ...] = (
    *_above(
        "S2",
        ("details", True, -172, -80),
        ("channel", True, -57, -57),
        ("ticket", False, 57, 57),
        ("confirmation", False, 172, 80),
    ),
    *_above(
        "S3_level1",
        ("recorded_ticket", True, -230, -85),
        ("files", True, -115, -60),
        ("asset_data", True, 0, 0),
        ("updated_ticket", False, 115, 60),
        ("told_if_built_in", False, 230, 85),
    ),
    *_beside_the_timer(),
    *_above(
        "S6_level2",
        ("escalated_ticket", True, -260, -85),
        ("earlier_actions", True, -145, -62),
        ("outcome", False, 40, 40),
        ("documentation", False, 155, 62),
        ("told", False, 270, 85),
    ),
    *_above(
        "S7_confirming",
        ("finished_ticket", True, -172, -80),
        ("solution", True, -57, -57),
        ("question", False, 57, 57),
        ("resolved_ticket", False, 172, 80),
    ),
    *_after_the_notice(),
    *_above(
        "S10_finalizing",
        ("complete_request", True, -172, -80),
        ("satisfaction", True, -57, -57),
        ("closed_status", False, 57, 57),
        ("archive_if_any", False, 172, 80),
    ),
    *_above(
        "S12_closed",
        ("solved_problem", True, -172, -10),
        ("complete_ticket", True, -57, -10),
        ("closed_status", False, 57, 10),
        ("archive", False, 172, 10),
    ),
)
