"""An agent answers between the lines of a request: the requester's words go out with each answer, nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import TestDesk

ANNA, ALICE, BOB = "Anna Martin <anna@example.org>", "Alice <alice@example.com>", "Bob <bob@example.com>"
LEVEL1 = "level1@example.com"
ASKED = "Hello,\n\nWho may install the new program?\n\nAnd who orders a screen for room 12?\n\nAnna"
SECRET = "This customer never pays in time."


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, database=database_url)
    yield made
    made.close()


def between(notice: str, answers: dict[str, str]) -> str:
    """The text of a reply that quotes a notice and answers below some of its lines."""
    out = ["On Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:", ""]
    for line in notice.splitlines():
        out.append(f"> {line}".rstrip())
        out += next((["", answer, ""] for words, answer in answers.items() if words in line), [])
    return "\n".join(out)


def test_the_requesters_own_words_go_out_with_the_answers(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, ASKED, subject="Questions"))
    request = desk.last(LEVEL1, "request")
    answers = {"install": "You may, from the shop.", "room 12": "Ms Petit does.", "Reply": "Bye."}
    desk.send(desk.answer(ALICE, between(request.text, answers), request, quote=False))
    told = desk.last("anna@example.org", "answer").text
    assert "> Who may install the new program?\nYou may, from the shop." in told
    assert "> And who orders a screen for room 12?\nMs Petit does." in told
    assert told.count("\n>") <= 5
    assert "Due" not in told
    assert "#resolve" not in told


def test_one_answer_below_the_requesters_words_has_them_above(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, ASKED, subject="Questions"))
    request = desk.last(LEVEL1, "request")
    desk.send(desk.answer(ALICE, between(request.text, {"install": "You may."}), request, quote=False))
    told = desk.last("anna@example.org", "answer").text
    assert "> Who may install the new program?\nYou may." in told
    assert "screen" not in told


def test_an_answer_on_top_or_below_all_has_no_quote_above_it(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, ASKED, subject="Questions"))
    request = desk.last(LEVEL1, "request")
    quote = between(request.text, {})
    for text in (f"You may.\n\n{quote}", f"{quote}\n\nYou may."):
        desk.send(desk.answer(ALICE, text, request, quote=False))
        told = desk.last("anna@example.org", "answer").text
        assert told.startswith("You may.\n\nSupport · request SUP-1 · ")
        assert told.count("install") == 1  # in the history below


def test_notes_and_other_peoples_words_stay_inside(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, ASKED, subject="Questions"))
    request = desk.last(LEVEL1, "request")
    desk.send(desk.answer(ALICE, f"#note {SECRET}", request, quote=False))
    history = f"{request.text}\n\nAlice noted:\n\n> {SECRET}\n> Who may install the new program?\n"
    text = between(history, {"install": "You may.", SECRET: "That is no reason."})
    desk.send(desk.answer(ALICE, text, request, quote=False))
    told = desk.last("anna@example.org", "answer").text
    assert "never pays" not in told
    assert "Alice noted" not in told
    assert "> Who may install the new program?\nYou may." in told


def test_a_third_party_gets_none_of_the_requesters_words_between_the_lines(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, ASKED, subject="Questions"))
    request = desk.last(LEVEL1, "request")
    answers = {"install": "Is that so?", "room 12": "Who is it?"}
    text = f"#ask service@printers.example\n\n{between(request.text, answers)}"
    desk.send(desk.answer(ALICE, text, request, quote=False))
    asked = desk.last("service@printers.example", "ask").text
    assert "Is that so?" in asked
    assert "install" not in asked.partition("Request: Questions")[0]
