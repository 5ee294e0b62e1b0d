"""The pages for requesters: one for each language of the notices, a screen long, and the desk does what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.notices.rendering.templates import Templates
from mailgate.parsers.ratings import read_rating
from mailgate.parsers.replies.answer import AnswerVerdict, read_answer
from mailgate.parsers.single_words import SingleWord, read_single_word
from tests.support.desk import TestDesk

ANNA, BEN, ALICE = "Anna Martin <anna@example.org>", "Ben <ben@example.org>", "Alice <alice@example.com>"
FOLDER = Path(__file__).parent.parent.parent / "docs" / "requesters"
LANGUAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "README")
NOTICES = Templates()
MOST_LINES = 30  # of 120 letters


def read_points(language: str) -> list[list[str]]:
    """The words of a page that are for the desk, by its points."""
    text = (FOLDER / f"{language}.md").read_text(encoding="utf-8")
    _, *points = re.split(r"^- ", text, flags=re.MULTILINE)
    return [[" ".join(words.split()) for words in re.findall(r"`([^`]+)`", point)] for point in points]


def test_each_language_of_the_notices_has_its_page() -> None:
    assert set(NOTICES.languages) == {language.lower() for language in LANGUAGES}


def test_the_list_names_each_page() -> None:
    named = re.findall(r"\]\(([\w-]+)\.md\)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert sorted(named) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_a_screen_long_and_names_the_address(language: str) -> None:
    text = (FOLDER / f"{language}.md").read_text(encoding="utf-8")
    assert "support@example.com" in text
    assert len(text.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_reads_the_words_of_a_page_as_the_page_says(language: str) -> None:
    request, receipt, copy, status, solved, back, rating, leave, never = read_points(language)
    assert [request, receipt, copy, never] == [[], [], [], []]
    assert [read_single_word(words) for words in status] == [SingleWord.STATUS]
    no = AnswerVerdict.NOT_FIXED
    assert [read_answer(words).verdict for words in solved] == [AnswerVerdict.RESOLVED, no, no]
    assert [read_answer(words).verdict for words in back] == [no]
    ratings = [read_rating(words, asked=True) for words in rating]
    assert [found and found.stars for found in ratings] == [4]
    assert [read_single_word(words) for words in leave] == [SingleWord.LEAVE]


@pytest.mark.parametrize("language", NOTICES.languages)
def test_a_page_has_the_answers_that_the_notices_offer(language: str) -> None:
    solved, back = read_points(next(page for page in LANGUAGES if page.lower() == language))[4:6]
    assert tuple(solved[:2]) == tuple(NOTICES.options(language))
    assert back == [solved[1]]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, database=database_url)
    yield made
    made.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_desk_does_what_a_page_says(desk: TestDesk, language: str) -> None:
    (status,), (yes, _, same), (back,), (rating,), (leave,) = read_points(language)[3:8]
    request = desk.mail(ANNA, "Word does not start.", subject="Word")
    request["Cc"] = BEN
    desk.send(request)
    asked = desk.last("level1@example.com", "request")
    desk.send(desk.answer(ALICE, "It is being reinstalled.", asked))
    desk.send(desk.answer(BEN, leave, desk.last("ben@example.org", "answer")))
    assert desk.last("ben@example.org").notice == "left"
    desk.send(desk.mail(ANNA, status, subject="Word"))
    assert desk.last("anna@example.org").notice == "requester_status"
    for word, notice in ((same, "reopened"), (yes, "final")):
        desk.send(desk.answer(ALICE, "#resolve It is reinstalled.", desk.last("level1@example.com")))
        desk.send(desk.answer(ANNA, word, desk.last("anna@example.org", "confirm")))
        assert desk.last("anna@example.org").notice == notice
    final = desk.last("anna@example.org")
    desk.send(desk.answer(ANNA, rating, final))
    assert desk.ticket().rating == 4
    desk.send(desk.answer(ANNA, back, final))
    assert desk.last("anna@example.org").notice == "escalated"  # the second time that it is not fixed
    assert len(desk.tickets()) == 1
