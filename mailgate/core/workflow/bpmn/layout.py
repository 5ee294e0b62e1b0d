"""Coordinates of the diagram in BPMN's diagram interchange: a shape for each element, an edge for each line.

Pure: it fails only on a flow without a route.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from xml.etree.ElementTree import Element, SubElement, register_namespace

from mailgate.core.workflow.bpmn.documents import DOCUMENTS, Document
from mailgate.core.workflow.bpmn.flows import Flow
from mailgate.core.workflow.bpmn.labels import Words
from mailgate.core.workflow.bpmn.nodes import LANES, PLACES, Box, FlowNode, Label, NodeKind, Point
from mailgate.core.workflow.bpmn.nodes import LEGEND as LEGEND_BOX
from mailgate.core.workflow.bpmn.nodes import POOL as POOL_BOX
from mailgate.core.workflow.bpmn.notation import COLLABORATION, LEGEND, POOL, line_of
from mailgate.core.workflow.bpmn.routes import ROUTES

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"

for _prefix, _uri in (("bpmndi", BPMNDI), ("dc", DC), ("di", DI)):
    register_namespace(_prefix, _uri)

_LINE_HEIGHT = 14
_CHARACTER = 5.6  # the mean width at the size that BPMN editors use for labels
_DOCUMENT_LABEL = 110


def add_layout(root: Element, flows: Sequence[Flow], words: Words) -> None:
    """Adds the diagram below `definitions`."""
    diagram = SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id="Diagram", name=words.pool)
    plane = SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id="Plane", bpmnElement=COLLABORATION)
    _add_shape(plane, POOL, POOL_BOX).set("isHorizontal", "true")
    for key, box in LANES.items():
        _add_shape(plane, f"Lane_{key}", box).set("isHorizontal", "true")
    for place in PLACES.values():
        _add_place(plane, place, words)
    for document in DOCUMENTS:
        shape = _add_shape(plane, document.id, document.box)
        _add_label(shape, _label_box(document, words.documents[document.content]))
    _add_shape(plane, LEGEND, LEGEND_BOX)
    for flow in flows:
        _add_flow(plane, flow, words)
    for document in DOCUMENTS:
        _add_edge(plane, line_of(document), document.track)


def _add_place(plane: Element, place: FlowNode, words: Words) -> None:
    shape = _add_shape(plane, place.id, place.box)
    if place.kind is NodeKind.GATEWAY:
        shape.set("isMarkerVisible", "true")
    if place.label:
        _add_label(shape, _hang(place.label, (place.x, place.y), words.places[place.id]))


def _add_flow(plane: Element, flow: Flow, words: Words) -> None:
    route = ROUTES[flow.source, flow.target]
    edge = _add_edge(plane, flow.id, route.points)
    if flow.answer and route.label:
        _add_label(edge, _hang(route.label, route.points[0], words.answers[flow.answer]))


def _add_shape(plane: Element, element: str, box: Box) -> Element:
    shape = SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{element}_di", bpmnElement=element)
    _add_bounds(shape, box)
    return shape


def _add_edge(plane: Element, element: str, points: Sequence[Point]) -> Element:
    edge = SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{element}_di", bpmnElement=element)
    for x, y in points:
        SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))
    return edge


def _add_label(shape: Element, box: Box) -> None:
    _add_bounds(SubElement(shape, f"{{{BPMNDI}}}BPMNLabel"), box)


def _add_bounds(parent: Element, box: Box) -> None:
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    SubElement(parent, f"{{{DC}}}Bounds", {name: str(value) for name, value in sides.items()})


def _label_box(document: Document, text: str) -> Box:
    """Returns the box of a label: above its document and ending there, unless the document says otherwise."""
    if document.label:
        return _hang(document.label, (document.x, document.y), text)
    height = _height(text, _DOCUMENT_LABEL)
    return Box(document.x - _DOCUMENT_LABEL // 2, document.box.y - 6 - height, _DOCUMENT_LABEL, height)


def _hang(label: Label, anchor: Point, text: str) -> Box:
    return Box(anchor[0] + label.dx - label.width // 2, anchor[1] + label.dy, label.width, _height(text, label.width))


def _height(text: str, width: int) -> int:
    # An editor breaks a line after any hyphen as well.
    lines = wrap(text.replace("-", "- "), int(width / _CHARACTER), break_long_words=False)
    return _LINE_HEIGHT * len(lines)
