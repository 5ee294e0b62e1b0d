"""A mail asks for the status with these words alone; beside others they are part of a request."""

from __future__ import annotations

import pytest

from mailgate.parsers.single_words import LONGEST_TEXT, SingleWord, read_single_word, read_subject_word

ASKING = (
    "status",
    "STATUS?",
    "Status, please.",
    "Hello,\n\nwhat's the status of my request?\n\nThank you",
    "status\n\nKind regards\nAnna Martin",
    "Stand?",
    "Wie ist der Stand?",
    "Guten Tag,\n\nwie ist der Stand meiner Anfrage?\n\nMit freundlichen Grüßen\nAnna",
    "Statut ?",
    "ETAT",
    "#status",
    "Où en est ma demande ?",
    "¿Estado?",
    "Stato, per favore",
    "Stand van zaken?",
    "Situação?",
    "Como está meu chamado?",
    "Olá! Qual é o status da minha solicitação? Obrigada",
    "Bonjour, quel est le statut de ma demande ?",
    "Guten Tag,\n\nwie ist der aktuelle Stand?",
    "A che punto siamo?",
    "Dzień dobry,\n\njaki jest status mojego zgłoszenia?\n\nDziękuję",
    "Hej! Hur går det med mitt ärende?",
    "Hvad er status på min sag? Tak",
    "ｓｔａｔｕｓ",
    "status\n\nOn Mon, 23 Nov 2026 at 09:00 Support wrote:\n> We have received your request.",
)
SAYING = (
    "",
    "?",
    "please",
    "Status of the server is red.",
    "The status page is down.",
    "status\n\nAnd my printer does not print.",
    "Der Stand der Lagerhalle stimmt nicht.",
    "Statutory leave",
    "no status",
    "Tak",
    "Hej",
    "Hur går det att byta toner?",
    "status " * 100,
    "status" + "\n" * (LONGEST_TEXT + 1),
)
LEAVING = (
    "Please take me off this ticket.",
    "Please remove me from cc, thanks",
    "Merci de me retirer de la copie.",
    "Bitte nehmen Sie mich aus dem Verteiler.",
    "Quítenme de la copia, por favor",
    "Mi tolga dalla copia, per favore.",
    "Haal mij uit de cc",
    "Merci de me retirer de cette conversation.",
    "Nehmen Sie mich bitte aus dem Verteiler, danke!",
    "Potete togliermi dalla copia? Grazie",
    "Retirem-me da cópia",
    "Por favor, me retire da cópia.",
    "Proszę mnie usunąć z kopii.",
    "Kan ni ta bort mig från kopian?",
    "Afmeld mig, tak",
)


@pytest.mark.parametrize("text", LEAVING)
def test_wants_no_more_mails(text: str) -> None:
    assert read_single_word(text) is SingleWord.LEAVE


@pytest.mark.parametrize("text", ASKING)
def test_asks_for_the_status(text: str) -> None:
    assert read_single_word(text) is SingleWord.STATUS


@pytest.mark.parametrize("text", SAYING)
def test_says_something_else(text: str) -> None:
    assert read_single_word(text) is None


def test_a_subject_counts_above_no_text() -> None:
    assert read_subject_word("Re: Status?", "Merci !") is SingleWord.STATUS
    assert read_subject_word("AW: Stand", "") is SingleWord.STATUS
    assert read_subject_word("Status", "My printer does not print.") is None
    assert read_subject_word("Status of SUP-1", "") is None


def test_a_name_may_stand_below_it() -> None:
    assert read_single_word("Status?\nanna", {"anna"}) is SingleWord.STATUS
