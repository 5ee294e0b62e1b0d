"""A BPMN editor opens the picture without a complaint, and a person can read it: bpmn-js in a headless Chromium."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lxml import etree

from mailgate.core.workflow.bpmn import LANGUAGES, draw_bpmn
from tests.support.bpmn_viewer import DOCS_PICTURE, HOME, Area, View, fetch_viewer, view

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def seen(language: str, tmp_path_factory: pytest.TempPathFactory) -> View:
    return view(draw_bpmn(language), tmp_path_factory.mktemp("viewer"))


def test_it_is_valid_by_the_schema_of_bpmn(language: str) -> None:
    fetch_viewer()
    folder = HOME / "node_modules" / "bpmn-moddle" / "resources" / "bpmn" / "xsd"
    schema = etree.XMLSchema(etree.parse(folder / "BPMN20.xsd"))
    schema.assertValid(etree.fromstring(draw_bpmn(language).encode()))


def test_the_viewer_draws_everything_without_a_warning(language: str, seen: View) -> None:
    assert (seen.error, seen.warnings) == (None, ())
    diagram = ElementTree.fromstring(draw_bpmn(language))
    drawn = {one.attrib["bpmnElement"] for one in diagram.iter() if one.tag in (f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    assert drawn <= seen.elements
    assert drawn <= set(re.findall(r'data-element-id="([^"]+)"', seen.svg))


def test_the_viewer_complains_of_a_broken_document(tmp_path: Path) -> None:
    broken = draw_bpmn().replace('attachedToRef="S3_level1"', 'attachedToRef="nowhere"')
    assert view(broken, tmp_path).warnings


def test_no_words_cover_one_another_or_anything_drawn(seen: View) -> None:
    assert [(one.text, other.text) for one, other in combinations(seen.words, 2) if _meet(one.area, other.area)] == []
    things = [shape for shape in seen.shapes if not shape.id.startswith(("Pool", "Lane_"))]
    assert [(word.text, one.id) for word in seen.words for one in things if _meet(word.area, one.area)] == []
    segments = [(line.id, _box(*ends)) for line in seen.lines for ends in pairwise(line.points)]
    assert [(word.text, name) for word in seen.words for name, area in segments if _meet(word.area, area)] == []


def test_no_words_lie_on_the_border_of_a_lane(seen: View) -> None:
    borders = [lane.area[1] for lane in seen.shapes if lane.id.startswith("Lane_")]
    assert [word.text for word in seen.words for y in borders if word.area[1] < y < word.area[3]] == []


def test_the_words_inside_a_shape_fit_into_it(seen: View) -> None:
    inside = [shape for shape in seen.shapes if shape.inner]
    assert {shape.kind for shape in inside} == {"bpmn:UserTask", "bpmn:TextAnnotation"}
    for shape in inside:
        assert shape.inner is not None
        assert shape.area[0] <= shape.inner[0]
        assert shape.inner[2] <= shape.area[2]
        assert shape.area[1] <= shape.inner[1]
        assert shape.inner[3] <= shape.area[3]


def test_the_picture_of_the_docs_is_the_one_of_today() -> None:
    svg = ElementTree.fromstring(DOCS_PICTURE.read_text(encoding="utf-8"))
    there = {}
    for group in svg.iter("{http://www.w3.org/2000/svg}g"):
        if name := group.get("data-element-id"):
            there[name] = "".join("".join(group.itertext()).split()), group.get("transform", "")
    advice = "run `python -m tests.support.bpmn_viewer`"
    diagram = ElementTree.fromstring(draw_bpmn("en"))
    named = {one.attrib["id"]: one.get("name", "") for one in diagram.iter() if "id" in one.attrib}
    for shape in diagram.iter(f"{DI}BPMNShape"):
        element = shape.attrib["bpmnElement"]
        x, y = shape[0].attrib["x"], shape[0].attrib["y"]
        assert there[element][1].endswith(f" {x} {y})"), advice
        words, _ = there.get(f"{element}_label", there[element])
        assert "".join(named[element].split()) in words, advice
    for edge in diagram.iter(f"{DI}BPMNEdge"):
        assert edge.attrib["bpmnElement"] in there, advice


def _meet(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _box(start: tuple[float, float], end: tuple[float, float]) -> Area:
    """A line's box, half a pixel to each side of it."""
    (x1, y1), (x2, y2) = start, end
    return min(x1, x2) - 0.5, min(y1, y2) - 0.5, max(x1, x2) + 0.5, max(y1, y2) + 0.5
