"""The BPMN picture says what the source document says: its lanes, steps and data, under its own words."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from mailgate.core.workflow.bpmn import draw_bpmn
from tests.support.bpmn_reader import both, find_all, find_texts

# The source document: each element, its lane ("exécutant"), what goes in ("entrées") and what comes out ("sorties").
SOURCE: dict[str, tuple[str, str, str, list[str], list[str]]] = {
    "S1": ("startEvent", "Demande reçue", "Utilisateur", [], []),
    "S2": (
        "userTask", "Soumettre la demande", "Utilisateur",
        ["Détails de la demande fournis par l'utilisateur", "Communication via portail/e-mail/téléphone/chat"],
        ["Nouveau ticket de support créé dans le système",
         "Confirmation (automatique ou manuelle) envoyée à l'utilisateur"],
    ),
    "S3_level1": (
        "userTask", "Analyser et résoudre la demande", "Support niveau 1",
        ["Ticket enregistré avec les détails de la demande/incident",
         "Documents ou pièces jointes de support (si fournis)",
         "Données du système ou des actifs liées au service affecté"],
        ["Ticket résolu ou mis à jour", "Notification à l'utilisateur, si intégré à ce stade"],
    ),
    "S4_level1": (
        "boundaryEvent", "Déclencheur d'escalade automatique", "Support niveau 1",
        ["Demande en cours non résolue", "Contrat SLA ou contrainte temporelle interne"], [],
    ),
    "S5_level1": ("exclusiveGateway", "L'escalade est-elle requise ?", "Support niveau 1", [], []),
    "S6_level2": (
        "userTask", "Analyser et résoudre après escalade", "Support niveau 2",
        ["Ticket escaladé d'une demande non résolue",
         "Contexte et actions précédentes enregistrées dans la tâche initiale"],
        ["Ticket marqué comme résolu ou transmis", "Documentation de la résolution", "Notification à l'utilisateur"],
    ),
    "S7_confirming": (
        "userTask", "Confirmer la résolution et informer l'utilisateur", "Support niveau 1",
        ["Ticket terminé provenant du chemin de résolution", "Détails de la résolution appliquée"],
        ["Confirmation envoyée à l'utilisateur", "Ticket marqué comme résolu ou fermé"],
    ),
    "S8_confirming": ("exclusiveGateway", "Le problème est-il résolu ?", "Support niveau 1", [], []),
    "S9_finalizing": (
        "intermediateThrowEvent", "Envoyer l'avis de résolution finale", "Support niveau 1",
        [], ["Message envoyé à l'utilisateur"],
    ),
    "S10_finalizing": (
        "userTask", "Finaliser la demande", "Utilisateur",
        ["Demande de support complétée avec la résolution finale", "Confirmation de la satisfaction de l'utilisateur"],
        ["Statut de ticket clôturé", "Enregistrements archivés (le cas échéant)"],
    ),
    "S11_finalizing": ("exclusiveGateway", "Le problème est-il résolu ?", "Utilisateur", [], []),
    "S12_closed": (
        "endEvent", "Résolution finalisée", "Utilisateur",
        ["Problème résolu et confirmé", "Ticket complété de la tâche « Finaliser la demande »"],
        ["Statut de ticket clôturé", "Enregistrements archivés"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def french() -> Element:
    return ElementTree.fromstring(draw_bpmn("fr"))


# As the source has it


@pytest.mark.parametrize("step", SOURCE)
def test_the_french_names_are_the_words_of_the_source(french: Element, step: str) -> None:
    tag, name, lane, inputs, outputs = SOURCE[step]
    node = next(element for element in find_all(french, tag) if element.get("id") == step)
    assert node.get("name") == name
    assert [one.get("name") for one in find_all(french, "lane") if step in find_texts(one, "flowNodeRef")] == [lane]
    assert (_data(french, node, into=True), _data(french, node, into=False)) == (inputs, outputs)


def _data(root: Element, node: Element, *, into: bool) -> list[str]:
    """The names of the documents whose lines lead into the node, or out of it."""
    names = {element.get("id"): element.get("name") for element in find_all(root, "dataObjectReference")}
    near, far = ("targetRef", "sourceRef") if into else ("sourceRef", "targetRef")
    lines = find_all(node, "dataInputAssociation" if into else "dataOutputAssociation")
    found = [find_texts(line, far)[0] for line in lines]
    found += [line.attrib[far] for line in find_all(root, "association") if line.get(near) == node.get("id")]
    return [names[one] or "" for one in found]


def test_the_pool_and_the_lanes_are_those_of_the_source(french: Element) -> None:
    assert [one.get("name") for one in find_all(french, "participant")] == ["Support technique"]
    assert [one.get("name") for one in find_all(french, "lane")] == [
        "Utilisateur", "Support niveau 1", "Support niveau 2", "Support niveau 3 (si applicable)",
    ]  # fmt: skip


@both
def test_the_first_timer_interrupts_level_1(root: Element) -> None:
    first, *others = find_all(root, "boundaryEvent")
    assert (first.get("id"), first.get("attachedToRef"), first.get("cancelActivity")) == (
        "S4_level1", "S3_level1", "true",
    )  # fmt: skip
    assert len(find_all(first, "timerEventDefinition")) == 1
    assert [other.get("attachedToRef") for other in others] == ["S6_level2"]


@both
def test_messages_stand_at_the_start_and_at_the_final_notice(root: Element) -> None:
    with_message = [node.get("id") for node in root.iter() if node.find("{*}messageEventDefinition") is not None]
    assert with_message == ["S1", "S12_closed_reopening", "S9_finalizing"]
