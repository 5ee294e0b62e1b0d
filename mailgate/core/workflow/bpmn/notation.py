"""Elements of the diagram in BPMN 2.0 XML: pool, lanes, nodes, flows and data; coordinates are in `layout`.

The order of the elements is the one that the schema of BPMN demands. Pure: it fails only on a word that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, register_namespace

from mailgate.core.workflow.bpmn.documents import DOCUMENTS, Document
from mailgate.core.workflow.bpmn.flows import Flow, list_legend
from mailgate.core.workflow.bpmn.labels import Words
from mailgate.core.workflow.bpmn.nodes import LANES, PLACES, FlowNode, NodeKind

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
COLLABORATION, POOL, PROCESS, LEGEND = "Collaboration", "Pool", "Process", "Legend"
TIMER_SETTING = "[levels.level1] resolve_within"

register_namespace("bpmn", BPMN)

_TAGS = {
    NodeKind.TASK: "userTask",
    NodeKind.GATEWAY: "exclusiveGateway",
    NodeKind.MESSAGE_START: "startEvent",
    NodeKind.MESSAGE_THROW: "intermediateThrowEvent",
    NodeKind.TIMER: "boundaryEvent",
    NodeKind.LINK_THROW: "intermediateThrowEvent",
    NodeKind.LINK_CATCH: "intermediateCatchEvent",
    NodeKind.END: "endEvent",
}


def add_meaning(root: Element, flows: Sequence[Flow], words: Words) -> None:
    """Adds messages, the collaboration and the process below `definitions`."""
    for sender, name in words.messages.items():
        _add(root, "message", id=f"Message_{sender}", name=name)
    collaboration = _add(root, "collaboration", id=COLLABORATION)
    _add(collaboration, "participant", id=POOL, name=words.pool, processRef=PROCESS)
    _add(_add(collaboration, "textAnnotation", id=LEGEND), "text").text = write_legend(words)
    process = _add(root, "process", id=PROCESS, name=words.pool, isExecutable="false")
    _add_lanes(process, words)
    for place in PLACES.values():
        _add_place(process, place, flows, words)
    for content in dict.fromkeys(document.content for document in DOCUMENTS):
        item = _add(process, "dataObject", id=f"Object_{content}", name=words.documents[content])
        if content in words.contents:
            item.insert(0, _documentation(words.contents[content]))
    for document in DOCUMENTS:
        _add_document(process, document, words)
    for flow in flows:
        _add_flow(process, flow, words)
    for document in DOCUMENTS:
        if not document.is_bound:
            ends = _ends(document)
            _add(process, "association", id=line_of(document), associationDirection="One", **ends)


def line_of(document: Document) -> str:
    """Returns the id of the line between a document and its node."""
    return f"Line_{document.id}"


def write_legend(words: Words) -> str:
    """Lists the moves that have no flow, a line each: from which states, by what, and to which."""
    lines = [
        f"{', '.join(line.sources)} → {', '.join(sorted(line.targets))} · {words.beside[line.event.value]}"
        for line in list_legend()
    ]
    return "\n".join([words.legend, *lines])


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return SubElement(parent, f"{{{BPMN}}}{tag}", attributes)


def _documentation(text: str) -> Element:
    element = Element(f"{{{BPMN}}}documentation")
    element.text = text
    return element


def _add_lanes(process: Element, words: Words) -> None:
    lanes = _add(process, "laneSet", id="Lanes")
    for key in LANES:
        lane = _add(lanes, "lane", id=f"Lane_{key}", name=words.lanes[key])
        for place in PLACES.values():
            if place.lane == key:
                _add(lane, "flowNodeRef").text = place.id


def _add_place(process: Element, place: FlowNode, flows: Sequence[Flow], words: Words) -> None:
    node = _add(process, _TAGS[place.kind], id=place.id, name=words.places[place.id])
    if place.host:
        node.set("attachedToRef", place.host)
        node.set("cancelActivity", "true")
    for flow in flows:
        if flow.target == place.id:
            _add(node, "incoming").text = flow.id
    for flow in flows:
        if flow.source == place.id:
            _add(node, "outgoing").text = flow.id
    _add_data(node, place)
    _define_event(node, place, words)


def _define_event(node: Element, place: FlowNode, words: Words) -> None:
    definition = f"{place.id}_definition"
    match place.kind:
        case NodeKind.TIMER:
            timer = _add(node, "timerEventDefinition", id=definition)
            setting = TIMER_SETTING.replace("level1", place.state or "")
            _add(timer, "timeDuration", id=f"{place.id}_duration").text = setting
        case NodeKind.MESSAGE_START | NodeKind.MESSAGE_THROW:
            message = _add(node, "messageEventDefinition", id=definition)
            if place.id in words.messages:
                message.set("messageRef", f"Message_{place.id}")
        case NodeKind.LINK_THROW | NodeKind.LINK_CATCH:
            # A throw finds its catch by the name.
            _add(node, "linkEventDefinition", id=definition, name=words.places[place.id])


def _add_data(node: Element, place: FlowNode) -> None:
    """Adds data in and out, with the slots that BPMN requires between a data object and a task."""
    bound = [document for document in DOCUMENTS if document.place == place.id and document.is_bound]
    if not bound:
        return
    inputs = [document for document in bound if document.is_input]
    outputs = [document for document in bound if not document.is_input]
    is_task = place.kind is NodeKind.TASK
    holder = _add(node, "ioSpecification", id=f"{place.id}_io") if is_task else node
    for document in inputs:
        _add(holder, "dataInput", id=f"In_{document.id}")
    for document in outputs:
        _add(holder, "dataOutput", id=f"Out_{document.id}")
    if is_task:
        _add_sets(holder, place, inputs, outputs)
    for document in inputs:
        _bind(node, "dataInputAssociation", document, document.id, f"In_{document.id}")
    for document in outputs:
        _bind(node, "dataOutputAssociation", document, f"Out_{document.id}", document.id)
    if not is_task:
        _add_input_set(node, place, inputs)


def _add_sets(holder: Element, place: FlowNode, inputs: Sequence[Document], outputs: Sequence[Document]) -> None:
    _add_input_set(holder, place, inputs)
    results = _add(holder, "outputSet", id=f"{place.id}_outputs")
    for document in outputs:
        _add(results, "dataOutputRefs").text = f"Out_{document.id}"


def _add_input_set(holder: Element, place: FlowNode, inputs: Sequence[Document]) -> None:
    needs = _add(holder, "inputSet", id=f"{place.id}_inputs")
    for document in inputs:
        _add(needs, "dataInputRefs").text = f"In_{document.id}"


def _bind(node: Element, tag: str, document: Document, source: str, target: str) -> None:
    line = _add(node, tag, id=line_of(document))
    _add(line, "sourceRef").text = source
    _add(line, "targetRef").text = target


def _ends(document: Document) -> dict[str, str]:
    ends = (document.id, document.place) if document.is_input else (document.place, document.id)
    return {"sourceRef": ends[0], "targetRef": ends[1]}


def _add_document(process: Element, document: Document, words: Words) -> None:
    name = words.documents[document.content]
    _add(process, "dataObjectReference", id=document.id, name=name, dataObjectRef=f"Object_{document.content}")


def _add_flow(process: Element, flow: Flow, words: Words) -> None:
    line = _add(process, "sequenceFlow", id=flow.id, sourceRef=flow.source, targetRef=flow.target)
    if flow.answer:
        line.set("name", words.answers[flow.answer])
    if flow.rows:
        # The rows of the table that the flow stands for: an editor shows them beside it.
        line.append(_documentation("\n".join(flow.rows)))
