"""Requests of one person that are likely the same, and those that are not."""

from __future__ import annotations

import time

import pytest

from mailgate.parsers.likely_duplicates import is_likely_duplicate

PORTAL = "I cannot log in to the portal any more."
PRINTER = "The printer on floor {0} is jammed, and nobody knows where the paper is."


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        (("Portal", PORTAL), ("Portal again", "Hello, I still cannot log in to the portal. Is anybody there?"), "en"),
        (("Portail", "Je ne peux plus me connecter au portail."),
         ("Toujours le portail", "Bonjour, je ne peux toujours pas me connecter au portail. Que faire ?"), "fr"),
        (("Printer", "It is jammed."), ("Help", "It  is jammed."), ""),
        (("Printer", PRINTER.format(2)), ("Paper", f"Hello,\n\n{PRINTER.format(2)}\n\nRegards\nAnna Martin"), "en"),
        (("Printer", "It is jammed on floor 2."), ("Printer floor", "It is jammed still."), "en"),
    ],
)  # fmt: skip
def test_nearly_the_same_words_are(one: tuple[str, str], other: tuple[str, str], language: str) -> None:
    assert is_likely_duplicate(one, other, language)
    assert is_likely_duplicate(other, one, language)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Printer floor 2", "It is jammed."), ("Printer floor 3", "It is jammed.")),
        (("Printer", PRINTER.format(2)), ("Paper", PRINTER.format(3))),
        (("Word", "Word does not start."), ("Word licence", "I need a Word licence.")),
        (("Portal", PORTAL), ("VPN", "I cannot log in to the VPN any more.")),
        (("Mouse", "A new mouse, please."), ("Keyboard", "A new keyboard, please.")),
        (("Mouse", "Hello,\n\nmine broke.\n\nKind regards\nAnna Martin\nSales"),
         ("Screen", "Hello,\n\nit flickers.\n\nKind regards\nAnna Martin\nSales")),
        (("", ""), ("", "")),
    ],
)  # fmt: skip
def test_what_has_other_numbers_or_another_thing_is_not(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not is_likely_duplicate(one, other, "en")
    assert not is_likely_duplicate(other, one, "en")


@pytest.mark.parametrize("piece", ["word ", "7", "a1 ", "\n", "> ", "é"])
def test_it_is_quick(piece: str) -> None:
    text = piece * 200_000
    began = time.process_time()
    is_likely_duplicate((piece, text), (f"{piece} again", f"{text}x"))
    assert time.process_time() - began < 0.5
