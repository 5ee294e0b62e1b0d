"""People who get notices in their language are also read in it: each list of words has it."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files

import pytest

from mailgate.core.form_fields import FieldKind, FormField, Texts
from mailgate.parsers.forms import read_form, write_expectation, write_form
from mailgate.parsers.ratings import MOST, read_rating, write_rating
from mailgate.parsers.translations import SOURCE, languages_of_ours

LANGUAGES = sorted(languages_of_ours())
LISTS = (
    "agreement", "detection", "forms", "questions", "quoting", "ratings", "salutations", "searching", "single_words",
    "stated_wishes", "automatic/absences", "automatic/notes", "automatic/reports",
)  # fmt: skip
FIELDS = tuple(
    FormField(
        kind.value, Texts((("en", kind.value),)), kind, choices=("SAP", "Mail") if kind is FieldKind.CHOICE else ()
    )
    for kind in FieldKind
)


def primary(language: str) -> str:
    return language.partition("-")[0]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_words_has_every_language_of_the_notices(name: str) -> None:
    sections = tomllib.loads((files("mailgate.parsers") / "languages" / f"{name}.toml").read_text("utf-8"))
    assert {primary(language) for language in LANGUAGES} <= sections.keys()


@pytest.mark.parametrize("name", ["agreement", "forms", "questions", "ratings", "single_words", "stated_wishes"])
def test_a_language_has_all_that_english_has(name: str) -> None:
    sections = tomllib.loads((files("mailgate.parsers") / "languages" / f"{name}.toml").read_text("utf-8"))
    for language in LANGUAGES:
        section = sections[primary(language)]
        assert section.keys() == sections[SOURCE].keys()
        assert all(section[key] not in ("", []) for key in section)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != SOURCE])
def test_ratings_and_forms_are_not_in_english(language: str) -> None:
    """And what was written is read again: the rating counts, and the form that came back as it was fills in nothing."""
    for stars in range(1, MOST + 1):
        sentence = write_rating(stars, language)
        assert sentence != write_rating(stars, SOURCE)
        rating = read_rating(sentence)
        assert rating is not None
        assert (rating.stars, rating.words) == (stars, "")
    for one in FIELDS:
        expected = write_expectation(one, language)
        assert not expected or expected != write_expectation(one, SOURCE)
    form = write_form(FIELDS, language)
    assert form != write_form(FIELDS, SOURCE)
    empty = read_form(FIELDS, form, form, language, date(2026, 11, 24))
    assert (empty.values, empty.wrong) == ((), ())
