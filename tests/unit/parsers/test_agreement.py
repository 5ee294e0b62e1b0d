"""A bare yes, and a wish to close, told from other replies."""

from __future__ import annotations

import pytest

from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.replies.agreement import agrees, asks_to_close, is_bare_yes

YES = (
    "Yes",
    "Yes.",
    "YES!",
    "Yes, thank you very much",
    "Oui",
    "Oui merci",
    "Ja",
    "Ja, danke",
    "Sí",
    "Sì grazie",
    "Sim",
    "Tak",
    "Tak, bardzo dziękuję!",
    "Ja, tack så mycket",
    "Ja, mange tak",
)
AGREEING = (
    "Yes, that is right.",
    "Yes, he is right",
    "Correct",
    "Oui, c'est exact",
    "Ja, das stimmt",
    "Sí, es correcto",
    "Sì, è così",
    "Ja, dat klopt",
    "Sim, está certo",
    "Tak, to prawda",
    "Ja, det stämmer",
    "Ja, det er rigtigt",
    "Yes, but",
    "Yes?",
    "Yes, 2 of 5",
    "Yes, please call me",
    "No",
    "Thanks",
    "",
)


@pytest.mark.parametrize("text", YES)
def test_yes_alone_is_a_bare_yes(text: str) -> None:
    assert is_bare_yes(text)


@pytest.mark.parametrize("text", AGREEING)
def test_agreement_with_another_person_is_none(text: str) -> None:
    assert not is_bare_yes(text)


def test_a_name_below_it_does_no_harm_and_other_words_do() -> None:
    assert is_bare_yes("Yes\n\nJo Martin", names_of("Jo Martin <jo@example.org>"))
    assert is_bare_yes("Yes.\n\nKind regards\nJo Martin\n\n> Is your problem solved?")
    assert not is_bare_yes("Yes\n\nJo Martin is right")


def test_a_wish_to_close_is_told() -> None:
    assert asks_to_close("I fixed it myself, please close the ticket.")
    assert not asks_to_close("Yes, all is fine.")


@pytest.mark.parametrize(
    "text",
    [
        "That works.",
        "OK, that works for me.",
        "Ça marche !",
        "Das klappt, danke.",
        "Per me va bene",
        "Dat werkt voor mij",
        "Pra mim funciona",
        "Tak, pasuje mi.",
        "Ok, det funkar för mig",
        "Det passer fint, tak",
    ],
)
def test_words_that_agree_to_a_proposal_are_told(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "It works again.",
        "Ça marche de nouveau.",
        "Das geht jetzt wieder.",
        "I am in again.",
        "To działa, już drukuje.",
        "Det fungerar igen.",
        "Det virker igen.",
    ],
)
def test_a_statement_that_it_works_agrees_to_nothing(text: str) -> None:
    assert not agrees(text)
