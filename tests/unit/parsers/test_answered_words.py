"""Which quoted lines go out above an agent's answers."""

from __future__ import annotations

import time

import pytest

from mailgate.parsers.commands import read_commands
from mailgate.parsers.commands.answered_words import find_answered, restore_answered

ASKED = "Hello,\n\nwho may install the new program?\nAnd who orders a screen? It is for room 12, third floor.\n\nyes"
NOTE = "This customer never pays and is difficult."


def public(written: str, *texts: str) -> str:
    text = read_commands(written).public_text
    return restore_answered(text, find_answered(text, written), texts or (ASKED,))


def test_a_quote_below_the_answer_stands_above_nothing() -> None:
    quote = "On Monday, Support wrote:\n> who may install the new program?\n> And who orders a screen?"
    for written in (f"You, from the shop.\n\n{quote}", "You, from the shop.", ""):
        assert not find_answered("You, from the shop.", written)
    assert find_answered("You, from the shop.", f"{quote}\nYou, from the shop.") == {0: quote.split("\n")[1:]}


def test_the_requesters_words_stand_above_each_answer() -> None:
    written = (
        ">> who may install the new program?\n\nYou, from the shop.\n\n"
        ">> And who orders a screen?\n>> It is for room 12, third\n>> floor.\nMs Petit does.\n\n#waiting"
    )
    assert public(written) == (
        "> who may install the new program?\nYou, from the shop.\n\n"
        "> And who orders a screen?\n> It is for room 12, third\n> floor.\nMs Petit does."
    )


def test_a_quote_of_several_paragraphs_keeps_its_gap() -> None:
    written = "> Hello,\n>\n> who may install the new program?\nYou.\n> yes\nGood."
    assert public(written) == "> Hello,\n>\n> who may install the new program?\nYou.\n\n> yes\nGood."


@pytest.mark.parametrize(
    "quoted",
    [
        NOTE,
        f"{NOTE}\n> who may",
        "who may not install the new program?",
        "New request: Anna",
        "- Priority: high",
        "the new",
        "a screen?\n> room 12",
        "Ticket SUP-1 for room 12, third floor.",
    ],
)
def test_other_lines_are_cut(quoted: str) -> None:
    written = f"> {quoted}\nFirst answer.\n> {NOTE}\nSecond answer."
    assert public(written) == "First answer.\nSecond answer."


def test_what_stands_above_the_requesters_words_is_cut() -> None:
    written = f"> {NOTE}\n> New request:\n> who may install the new program?\nYou.\n\n> {NOTE}\nNo."
    assert public(written) == "> who may install the new program?\nYou.\n\nNo."


def test_words_of_two_mails_are_not_one_quote() -> None:
    written = "> install the new program?\n> a word more here\nYou.\n> x\nNo."
    assert public(written, ASKED, "a word more here") == "> a word more here\nYou.\nNo."


def test_commands_and_their_words_get_no_quote() -> None:
    written = "> who may install the new program?\n#note he may\n\nHello"
    assert ">" not in public(written)


def test_many_lines_take_linear_time() -> None:
    start = time.process_time()
    for text, written in (("a\n" * 20_000, "> b b b b\na\n" * 20_000), ("a\n" * 2_000, "> b\n" * 20_000 + "a")):
        restore_answered(text, find_answered(text, written), ["b " * 50_000])
    assert time.process_time() - start < 4
