"""A client that puts the bare words of the desk's mail below or above a reply: they answer nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from mailgate.parsers.message import read_texts
from mailgate.store.approvals import list_approvals
from tests.support.desk import CONFIG, Delivered, TestDesk

ANNA, ALICE, LEVEL1, BOSS = (
    "Anna <anna@example.org>",
    "Alice <alice@example.com>",
    "level1@example.com",
    "bo@example.org",
)
REQUEST = {
    "de": "Guten Tag,\n\nder Drucker geht nicht. Ja, es funktioniert jetzt wieder an einem anderen Rechner.",
    "nl": "Goedendag,\n\nde printer doet het niet. Ja, het werkt weer op een andere computer.",
}
NO = {"de": "Nein, das lag am Kabel. Bitte neu starten.", "nl": "Nee, het lag aan de kabel. Het werkt niet zonder."}
YES = {"de": "Ja, es funktioniert wieder.", "nl": "Ja, het werkt weer."}
LATER = {"de": "Danke, ich melde mich morgen.", "nl": "Bedankt, ik laat morgen iets weten."}
OPTIONS = {"de": ("gelöst", "nicht gelöst"), "nl": ("opgelost", "niet opgelost")}

Place = Callable[[str, str], str]
PLACES: dict[str, Place] = {"top": lambda new, old: f"{new}\n\n{old}", "bottom": lambda new, old: f"{old}\n\n{new}"}

pytestmark = [
    pytest.mark.parametrize("place", PLACES.values(), ids=PLACES),
    pytest.mark.parametrize("form", [0, 1], ids=["text", "page"]),
    pytest.mark.parametrize("language", ["de", "nl"]),
]


@pytest.fixture
def desk(tmp_path: Path, database_url: str, language: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG.replace('"fr"', '"de", "nl"'))
    desk.send(desk.mail(ANNA, REQUEST[language], subject="Printer"))
    yield desk
    desk.close()


def bare(mail: Delivered, form: int) -> str:
    """The text of a mail or of its page, without marks of quotes."""
    return re.sub(r"^(> ?)+", "", read_texts(mail.raw)[form].replace("\r\n", "\n"), flags=re.MULTILINE)


def reply(desk: TestDesk, words: str, to: Delivered, place: Place, form: int, who: str = ANNA) -> str:
    """Replies as such a client does; the state of the ticket then."""
    desk.send(desk.answer(who, place(words, bare(to, form)), to, quote=False))
    return desk.ticket().state


def order(desk: TestDesk, text: str) -> None:
    desk.send(desk.answer(ALICE, text, desk.last(LEVEL1, "request")))


@pytest.mark.parametrize("notice", ["confirm", "reminder", "clarify", "answer"])
@pytest.mark.parametrize("solution", [NO, YES], ids=["no", "yes"])
def test_the_words_of_the_agent_and_of_older_mails_are_neither_yes_nor_no(
    desk: TestDesk, language: str, form: int, place: Place, notice: str, solution: dict[str, str]
) -> None:
    order(desk, solution[language])
    order(desk, f"#resolve {solution[language]}")
    if notice == "clarify":
        desk.send(desk.answer(ANNA, "42", desk.last("anna@example.org", "confirm")))
    if notice == "reminder":
        desk.pass_time("3 business days")
    assert reply(desk, LATER[language], desk.last("anna@example.org", notice), place, form) == "confirming"
    shown = desk.last(LEVEL1, "unclear").text
    assert LATER[language] in shown
    assert desk.last("anna@example.org", "confirm").text not in shown


def test_an_option_word_above_or_below_answers(desk: TestDesk, language: str, form: int, place: Place) -> None:
    yes, no = OPTIONS[language]
    order(desk, f"#resolve {YES[language]}")
    assert reply(desk, no, desk.last("anna@example.org", "confirm"), place, form) == "level1"
    order(desk, f"#resolve {NO[language]}")
    assert reply(desk, yes, desk.last("anna@example.org", "confirm"), place, form) == "finalizing"


def test_a_piece_of_the_desks_mail_is_neither_yes_nor_no(
    desk: TestDesk, language: str, form: int, place: Place
) -> None:
    order(desk, f"#resolve {NO[language]} {YES[language]}")
    notice = desk.last("anna@example.org", "confirm")
    above, solution, _ = bare(notice, form).partition(YES[language])
    kept = above + solution
    desk.send(desk.answer(ANNA, place("", kept), notice, quote=False))
    assert desk.ticket().state == "confirming"
    assert reply(desk, OPTIONS[language][0], notice, place, form) == "finalizing"


def test_it_is_no_early_yes(desk: TestDesk, language: str, form: int, place: Place) -> None:
    order(desk, YES[language])
    assert reply(desk, LATER[language], desk.last("anna@example.org", "answer"), place, form) == "level1"


def test_an_approver_answers_with_one_word(desk: TestDesk, language: str, form: int, place: Place) -> None:
    order(desk, f"#approve-by {BOSS} {NO[language]}")
    reply(desk, "approved", desk.last(BOSS, "approval"), place, form, f"Bo <{BOSS}>")
    with desk.desk.database.read() as connection:
        assert [row.decision for row in list_approvals(connection, 1)] == ["approved"]


def test_only_a_reply_that_names_a_ticket_costs_one_statement(
    desk: TestDesk, language: str, form: int, place: Place
) -> None:
    order(desk, f"#resolve {NO[language]}")
    told, found = desk.last("anna@example.org", "confirm"), list[str]()

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.extend([statement] if statement.startswith("SELECT outbox.body") else [])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        desk.send(desk.answer(ANNA, LATER[language], told))
        desk.send(desk.answer(ANNA, LATER[language], told, quote=False))
        assert not found
        reply(desk, LATER[language], told, place, form)
        assert len(found) == 1
    finally:
        event.remove(Engine, "before_cursor_execute", note)
