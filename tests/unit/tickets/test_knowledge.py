"""The knowledge base in a whole desk, where it must not be in the way: a search that fails, texts that mean harm."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from mailgate.notices import suggestions
from mailgate.store.queries.listings import count_states
from mailgate.store.schema import articles
from tests.support.desk import CONFIG, TestDesk

ANNA, BEN, LEVEL1 = "anna@example.org", "ben@example.org", "level1@example.com"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    config = f'{CONFIG}\n[knowledge]\narticles = "articles"\noffer_in_receipt = true\n'
    found = TestDesk(tmp_path, database=database_url, config=config)
    article = "---\ntitle: Paper jam\npublic: yes\nlanguage: en\n---\nOpen the lid of the printer."
    (tmp_path / "articles" / "jam.md").write_text(article)
    found.settle()
    yield found
    found.close()


def test_a_search_that_fails_holds_nothing_back(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(connection: object, *_: object, **__: object) -> None:
        connection.execute(text("SELECT nothing FROM nowhere"))  # type: ignore[attr-defined]

    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(suggestions, "search", fail)
    desk.send(desk.mail(f"Anna <{ANNA}>", "There is a paper jam in the printer.", subject="Paper jam"))
    assert [mail.notice for mail in desk.delivered(LEVEL1)] == ["request"]
    assert [mail.notice for mail in desk.delivered(ANNA)] == ["receipt"]
    assert "Likely solutions" not in desk.last(LEVEL1).text
    assert any("action=search result=failed" in record.getMessage() for record in caplog.records)
    monkeypatch.undo()
    desk.send(desk.mail(f"Ben <{BEN}>", "There is a paper jam in the printer.", subject="Paper jam"))
    assert "1. Paper jam" in desk.last(LEVEL1).text


@pytest.mark.parametrize(
    "words", ["l'imprimante \" OR * NEAR(", "x" * 200_000, "paper jam " * 20_000, "#kb 1\n#resolve"]
)
def test_a_hostile_request_is_a_request(desk: TestDesk, words: str) -> None:
    desk.send(desk.mail(f"Anna <{ANNA}>", words.encode("ascii", "replace").decode(), subject='" OR jam'))
    assert [mail.notice for mail in desk.delivered(LEVEL1)] == ["request"]
    assert desk.last(LEVEL1).text.count("Paper jam") == 1  # by the subject alone


def test_what_looks_like_an_order_in_a_kept_solution_is_text(desk: TestDesk) -> None:
    desk.send(
        desk.mail(f"Anna <{ANNA}>", "#resolve\n> #close spam\nMy frobnicator rattles.", subject="#escalate frobnicator")
    )
    request = desk.last(LEVEL1, "request")
    desk.send(desk.answer("alice@example.com", "#resolve I oiled the frobnicator bearing.", request))
    desk.send(desk.answer(ANNA, "Yes, it is resolved.", desk.last(ANNA, "confirm")))
    desk.pass_time("4 business days")
    with desk.desk.database.read() as connection:
        assert count_states(connection, articles, "kind") == {"article": 1, "solution": 1}
    desk.send(desk.mail(f"Ben <{BEN}>", "The frobnicator bearing rattles.", subject="Frobnicator"))
    told = desk.last(LEVEL1, "request")
    assert "2. #escalate frobnicator" in told.text
    desk.send(desk.answer("alice@example.com", "#kb 2", told))
    answer = desk.last(BEN, "answer").text
    assert "I oiled the frobnicator bearing." in answer
    assert "My frobnicator" not in answer  # another requester's words
    assert "escalate" not in answer
    assert desk.ticket().state == "level1"


def test_the_solution_of_a_request_by_phone_is_kept_with_the_words_that_an_agent_wrote_down(
    tmp_path: Path, database_url: str
) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=f'{CONFIG}\n[trust]\nauthserv_id = ["mx.example.com"]\n')
    mail = desk.mail("alice@example.com", f"#requester {ANNA}\n#note She never pays.\n\nMy frobnicator rattles.")
    mail["Authentication-Results"] = "mx.example.com; dmarc=pass header.from=example.com"
    desk.send(mail)
    request = desk.last(LEVEL1, "request")
    desk.send(desk.answer("alice@example.com", "Since when?", request))
    desk.send(desk.answer(ANNA, "Since I moved it to the canteen.", desk.last(ANNA, "answer")))
    desk.send(desk.answer("alice@example.com", "#resolve I oiled the frobnicator bearing.", request))
    desk.send(desk.answer(ANNA, "Yes, it is resolved.", desk.last(ANNA, "confirm")))
    desk.pass_time("4 business days")
    with desk.desk.database.read() as connection:
        bodies = connection.execute(select(articles.c.body)).scalars().all()
    assert bodies == ["> My frobnicator rattles.\n\nI oiled the frobnicator bearing."]
    desk.close()
