"""The BPMN picture is well-formed, drawn in straight lines, and has all its words in each language."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from click.testing import CliRunner

from mailgate.cli import cli
from mailgate.core.workflow.bpmn import LANGUAGES, draw_bpmn
from mailgate.core.workflow.bpmn.documents import DOCUMENTS
from mailgate.core.workflow.bpmn.flows import draw_flows, list_legend
from mailgate.core.workflow.bpmn.labels import Words
from mailgate.core.workflow.bpmn.nodes import PLACES, NodeKind
from mailgate.core.workflow.events import State
from mailgate.parsers import read_commands
from tests.support.bpmn_reader import NODES, both, find_all, find_texts, name_of


@both
def test_every_id_is_there_once_and_every_reference_leads_somewhere(root: Element) -> None:
    ids = Counter(element.attrib["id"] for element in root.iter() if "id" in element.attrib)
    assert ids.most_common(1)[0][1] == 1
    for element in root.iter():
        named = [value for key, value in element.attrib.items() if key.endswith("Ref") or key == "bpmnElement"]
        if name_of(element).endswith(("Ref", "Refs")) or name_of(element) in ("incoming", "outgoing"):
            named.append(element.text or "")
        assert [one for one in named if one not in ids] == []


@both
def test_every_state_stands_in_an_id_with_its_step(root: Element) -> None:
    found = {match[1] for one in find_all(root, *NODES) if (match := re.match(r"S\d+_([a-z0-9]+)", one.attrib["id"]))}
    assert found == {state.value for state in State}


@both
def test_every_node_is_in_one_lane_and_inside_it(root: Element) -> None:
    boxes = _boxes(root)
    lanes = {node: one.attrib["id"] for one in find_all(root, "lane") for node in find_texts(one, "flowNodeRef")}
    assert sorted(find_texts(root, "flowNodeRef")) == sorted(one.attrib["id"] for one in find_all(root, *NODES))
    for node, lane in lanes.items():
        (left, top, right, bottom), (l_left, l_top, l_right, l_bottom) = boxes[node], boxes[lane]
        assert l_left < left < right < l_right, node
        assert l_top < top < bottom < l_bottom, node


@both
def test_everything_is_drawn(root: Element) -> None:
    drawn = sorted(one.attrib["bpmnElement"] for one in find_all(root, "BPMNShape", "BPMNEdge"))
    shown = (*NODES, "participant", "lane", "dataObjectReference", "sequenceFlow", "association", "textAnnotation",
             "dataInputAssociation", "dataOutputAssociation")  # fmt: skip
    assert drawn == sorted(one.attrib["id"] for one in find_all(root, *shown))


@both
def test_lines_are_straight_and_pass_through_nothing(root: Element) -> None:
    boxes = {one: box for one, box in _boxes(root).items() if not one.startswith(("Pool", "Lane_"))}
    for edge in find_all(root, "BPMNEdge"):
        points = [(int(one.attrib["x"]), int(one.attrib["y"])) for one in find_all(edge, "waypoint")]
        for (x1, y1), (x2, y2) in pairwise(points):
            assert (x1 == x2) != (y1 == y2), edge.attrib["id"]
            for name, (left, top, right, bottom) in boxes.items():
                through = min(x1, x2) < right and max(x1, x2) > left and min(y1, y2) < bottom and max(y1, y2) > top
                # A line ends on the edge of a box, and inside that of a round or pointed shape.
                assert not through or name in _ends(edge.attrib["bpmnElement"]), (edge.attrib["id"], name)


@both
def test_lines_begin_and_end_at_what_they_join(root: Element) -> None:
    boxes = _boxes(root)
    for edge in find_all(root, "BPMNEdge"):
        source, target = _ends(edge.attrib["bpmnElement"])
        first, *_, last = find_all(edge, "waypoint")
        for name, point in ((source, first), (target, last)):
            left, top, right, bottom = boxes[name]
            x, y = int(point.attrib["x"]), int(point.attrib["y"])
            inside = left <= x <= right and top <= y <= bottom
            # Upright boxes are met at their edge; a circle or a diamond may be met within its box.
            assert inside, (edge.attrib["bpmnElement"], name)
            if name.startswith("Data_") or (PLACES[name].kind is NodeKind.TASK):
                assert x in (left, right) or y in (top, bottom), (edge.attrib["bpmnElement"], name)


def _boxes(root: Element) -> dict[str, tuple[int, int, int, int]]:
    found = {}
    for shape in find_all(root, "BPMNShape"):
        bounds = {key: int(value) for key, value in shape[0].attrib.items()}
        x, y = bounds["x"], bounds["y"]
        found[shape.attrib["bpmnElement"]] = (x, y, x + bounds["width"], y + bounds["height"])
    return found


def _ends(line: str) -> tuple[str, str]:
    for flow in draw_flows():
        if flow.id == line:
            return flow.source, flow.target
    document = next(document for document in DOCUMENTS if f"Line_{document.id}" == line)
    return (document.id, document.place) if document.is_input else (document.place, document.id)


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_a_language_has_every_word_and_no_other(words: Words) -> None:
    english = LANGUAGES["en"]
    for field in fields(Words):
        mine, theirs = getattr(words, field.name), getattr(english, field.name)
        assert mine.keys() == theirs.keys() if isinstance(mine, dict) else mine
    assert words.places.keys() == PLACES.keys()
    assert words.documents.keys() == {document.content for document in DOCUMENTS}
    assert words.beside.keys() == {line.event.value for line in list_legend()}


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_the_commands_of_the_legend_are_understood(words: Words) -> None:
    for event, text in words.beside.items():
        if text.startswith("#"):
            line = re.sub("R[EÉ]F", "SUP-1042", text.partition(",")[0])
            (command,) = read_commands(line, [words.code]).commands
            assert event.startswith(command.name)


def test_the_command_line_prints_it() -> None:
    run = CliRunner().invoke(cli, ["process", "--format", "bpmn", "--language", "fr"])
    assert run.exit_code == 0
    assert run.stdout_bytes.decode() == draw_bpmn("fr")
    assert 'name="Demande reçue"' in run.output
    assert CliRunner().invoke(cli, ["process", "--format", "bpmn"]).output == draw_bpmn("en")


def test_the_other_formats_have_no_language() -> None:
    run = CliRunner().invoke(cli, ["process", "--language", "fr"])
    assert run.exit_code != 0
