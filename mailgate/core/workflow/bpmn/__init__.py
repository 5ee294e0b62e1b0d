"""The support process as BPMN 2.0, to be opened in a BPMN editor; its flows are made from the table of transitions.

`flows` makes the flows from the rows; `nodes`, `routes` and `documents` have the coordinates, `french` and `english`
the labels; `notation` and `layout` write the XML. Pure; an unknown language raises KeyError.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, indent, tostring

from mailgate.core.workflow.bpmn.english import ENGLISH
from mailgate.core.workflow.bpmn.flows import draw_flows
from mailgate.core.workflow.bpmn.french import FRENCH
from mailgate.core.workflow.bpmn.layout import add_layout
from mailgate.core.workflow.bpmn.notation import BPMN, add_meaning

LANGUAGES = {words.code: words for words in (ENGLISH, FRENCH)}


def draw_bpmn(language: str = "en") -> str:
    """Returns the whole document. `language` is a key of LANGUAGES."""
    words, flows = LANGUAGES[language], draw_flows()
    root = Element(
        f"{{{BPMN}}}definitions",
        id="Definitions",
        targetNamespace="urn:mailgate:process",
        exporter="mailgate",
    )
    add_meaning(root, flows, words)
    add_layout(root, flows, words)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
