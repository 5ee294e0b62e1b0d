"""Reading the BPMN document in tests, by the names of its elements whatever their namespace."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from mailgate.core.workflow.bpmn import LANGUAGES, draw_bpmn

NODES = {"startEvent", "endEvent", "boundaryEvent", "intermediateThrowEvent", "intermediateCatchEvent",
         "userTask", "exclusiveGateway"}  # fmt: skip
both = pytest.mark.parametrize("root", [ElementTree.fromstring(draw_bpmn(code)) for code in LANGUAGES], ids=LANGUAGES)


def name_of(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def find_all(root: Element, *tags: str) -> list[Element]:
    return [element for element in root.iter() if name_of(element) in tags]


def find_texts(root: Element, tag: str) -> list[str]:
    return [element.text or "" for element in find_all(root, tag)]
