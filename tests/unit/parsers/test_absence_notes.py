"""Absence notes of agents without any header, in sixteen languages, and answers that only speak of an absence."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mailgate.parsers.classify.absence_notes import is_absence_note

CORPUS = tomllib.loads((Path(__file__).parents[2] / "corpus" / "absences.toml").read_text("utf-8"))
NOTES = [text for section in CORPUS.values() for text in section["notes"]]
ANSWERS = [text for section in CORPUS.values() for text in section["answers"]]


@pytest.mark.parametrize("text", NOTES)
def test_notes_of_an_absence(text: str) -> None:
    assert is_absence_note(text)


@pytest.mark.parametrize("text", ANSWERS)
def test_answers_that_speak_of_an_absence(text: str) -> None:
    assert not is_absence_note(text)


def test_the_author_may_be_named() -> None:
    assert is_absence_note("Alice Martin is out of the office until Monday.", {"alice", "martin"})
    assert not is_absence_note("Bob Stone is out of the office until Monday.", {"alice", "martin"})
