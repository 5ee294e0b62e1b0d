"""The knowledge base on both engines: what is found, in which order, and what of it is kept in step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from mailgate.store.article_search import TERMS_LIMIT, FoundArticle, search
from mailgate.store.copy.database import move
from mailgate.store.database import Database
from mailgate.store.knowledge import (
    ArticleKind,
    NewArticle,
    add_solution,
    get_article,
    has_articles,
    list_fingerprints,
    list_named,
    note_confirmed,
    note_refuted,
    put_article,
    withdraw_articles,
)
from mailgate.store.queries.listings import count_states
from mailgate.store.schema import articles
from tests.support.desk import MONDAY, TestDesk
from tests.support.postgres import Cluster

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as found:
        found.create()
        yield found


def _put(database: Database, *writings: NewArticle) -> list[int]:
    with database.write() as connection:
        return [put_article(connection, writing, NOW) for writing in writings]


def _article(title: str, body: str = "", *, source: str = "", **more: object) -> NewArticle:
    return NewArticle(ArticleKind.ARTICLE, source or f"{title}.md", title, body or title, **more)  # type: ignore[arg-type]


def _search(database: Database, words: str, **how: object) -> tuple[FoundArticle, ...]:
    with database.read() as connection:
        return search(connection, words, **how)  # type: ignore[arg-type]


def _titles(database: Database, words: str, **how: object) -> list[str]:
    return [found.title for found in _search(database, words, **how)]


# -- found -----------------------------------------------------------------------------------------------------------


def test_the_words_that_match_are_the_reason(database: Database) -> None:
    _put(database, _article("Paper jam", "Open the lid.\nPull the jam out of the printer."), _article("Wi-Fi"))
    (found,) = _search(database, "Our PRINTERS have a jam, see the lids!", language="en")
    assert (found.title, found.words, found.in_title) == ("Paper jam", ("PRINTERS", "jam", "lids"), True)
    assert found.excerpt == "Pull the jam out of the printer."
    assert (found.kind, found.source, found.confirmed, found.at) == ("article", "Paper jam.md", 0, NOW)


def test_case_accents_and_endings_do_not_count(database: Database) -> None:
    _put(database, _article("Imprimante bloquée", language="fr"), _article("Резервное копирование", language="ru"))
    for words in ("imprimantes bloquees", "L’IMPRIMANTE EST BLOQUÉE", "l'imprimante"):
        assert _titles(database, words, language="fr") == ["Imprimante bloquée"], words
    assert _titles(database, "резервные копирования") == ["Резервное копирование"]


def test_texts_without_spaces_are_found(database: Database) -> None:
    _put(database, _article("プリンターの紙詰まり", language="ja"))
    assert _titles(database, "今朝からプリンターが動きません", language="ja") == ["プリンターの紙詰まり"]


def test_small_words_find_nothing(database: Database) -> None:
    _put(database, _article("The printer is not what it was", language="en"))
    for words in ("is it the", "", " \n", "?", "a b c", "- - -"):
        assert _titles(database, words, language="en") == [], words


HOSTILE = [
    "l'imprimante", "mot-de-passe", '"', "'", '""" OR "', "printer* NEAR/3 jam", "title:printer", "^printer",
    "-printer",
    "printer AND NOT jam)", "((", "' | 'x' & !'y'", "\\'", ":*", "%_", "\0printer\0", "\ud800", "{folded}:",
    "printer;--", "\u202eprinter", "ﷺ", "İstanbul ß ǆ", "e\u0301" * 500, "x" * 100_000, "a-" * 50_000, "漢" * 50_000,
    "\N{THAI CHARACTER SARA AM}" * 9,
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_is_a_query(database: Database, words: str) -> None:
    _put(database, _article("Printer jam", "mot de passe, imprimante"))
    for found in _search(database, words):
        assert found.title == "Printer jam"
    title = words.encode("utf-8", "replace").decode()
    with database.write() as connection:  # and as an article
        number = put_article(connection, _article("hostile", title, source="hostile.md"), NOW)
        assert get_article(connection, number) is not None
    _search(database, words)


def test_a_long_request_is_found_by_its_beginning(database: Database) -> None:
    _put(database, _article("Error 0x80070005"))
    noise = " ".join(f"word{number}x" for number in range(20_000))
    assert _titles(database, f"Error 0x80070005\n{noise}") == ["Error 0x80070005"]
    assert _titles(database, f"{' '.join(f'word{number}x' for number in range(TERMS_LIMIT))} 0x80070005") == []


# -- in which order --------------------------------------------------------------------------------------------------


def test_more_and_rarer_words_come_first(database: Database) -> None:
    _put(database, *(_article(f"Printer {number}", "The printer prints.") for number in range(20)))
    _put(
        database,
        _article("Toner", "The printer wants toner."),
        _article("Door", "The toner of the printer at the door"),
    )
    assert _titles(database, "printer toner door", limit=2) == ["Door", "Toner"]


def test_the_readers_language_comes_first(database: Database) -> None:
    _put(database, _article("VPN Outlook en", language="en"), _article("VPN Outlook fr", language="fr"))
    assert _titles(database, "vpn outlook", language="fr") == ["VPN Outlook fr", "VPN Outlook en"]
    assert _titles(database, "vpn outlook", language="en") == ["VPN Outlook en", "VPN Outlook fr"]


def test_what_was_confirmed_more_often_comes_first(database: Database) -> None:
    one, two, three = _put(database, *(_article("VPN", source=f"{name}.md") for name in "abc"))
    with database.write() as connection:
        for _ in range(3):
            note_confirmed(connection, [two])
        note_refuted(connection, [three, three])
    found = _search(database, "vpn")
    assert [(one.number, one.confirmed, one.refuted) for one in found] == [(two, 3, 0), (one, 0, 0), (three, 0, 1)]


def test_words_that_all_have_still_find_the_most_confirmed(database: Database) -> None:
    with database.write() as connection:
        for number in range(3_500):
            put_article(connection, _article(f"Printer number{number}x", source=f"{number}.md"), NOW)
        note_confirmed(connection, [1234] * 3)
        connection.execute(text("UPDATE articles SET confirmed = 5 WHERE id = 1234"))
    if not database.sqlite:
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE articles")
    assert [found.number for found in _search(database, "printer", limit=1)] == [1234]
    assert [found.number for found in _search(database, "printer number77x", limit=1)] == [78]


# -- who may see it --------------------------------------------------------------------------------------------------


def test_each_queue_has_its_own(database: Database) -> None:
    _put(
        database,
        _article("VPN all"),
        _article("VPN hr", queue="hr", public=True),
        _article("VPN network", queue="network"),
    )
    assert sorted(_titles(database, "vpn")) == ["VPN all", "VPN hr", "VPN network"]
    assert sorted(_titles(database, "vpn", queue="hr")) == ["VPN all", "VPN hr"]
    assert sorted(_titles(database, "vpn", queue=("hr", "network"))) == ["VPN all", "VPN hr", "VPN network"]
    assert _titles(database, "vpn", queue=()) == ["VPN all"]
    assert _titles(database, "vpn", public_only=True) == ["VPN hr"]
    assert _titles(database, "vpn", public_only=True, queue="network") == []
    with database.read() as connection:
        assert get_article(connection, 2, "network") is None
        assert get_article(connection, 2, "hr") is not None
        named = [[one.title for one in list_named(connection, queue)] for queue in ("", "hr", ())]
        assert named == [["VPN all", "VPN hr", "VPN network"], ["VPN all", "VPN hr"], ["VPN all"]]


# -- kept in step ----------------------------------------------------------------------------------------------------


def test_an_article_is_written_over_and_comes_back_under_its_number(database: Database) -> None:
    with database.read() as connection:
        assert not has_articles(connection)
    (number,) = _put(database, _article("Old words", source="one.md", fingerprint="1"))
    assert _put(database, _article("New text", source="one.md", fingerprint="2")) == [number]
    assert (_titles(database, "old words"), _titles(database, "new text")) == ([], ["New text"])
    with database.write() as connection:
        withdraw_articles(connection, ["one.md"], NOW)
        assert (get_article(connection, number), list_fingerprints(connection)) == (None, {})
        assert count_states(connection, articles, "kind") == {"gone": 1}
    assert _titles(database, "new text") == []
    assert _put(database, _article("New text", source="one.md", fingerprint="2")) == [number]
    assert _titles(database, "new text") == ["New text"]


def test_the_same_solution_is_kept_once(database: Database) -> None:
    def solution(reference: str, fingerprint: str, queue: str = "default") -> int:
        writing = NewArticle(
            kind=ArticleKind.SOLUTION,
            source=reference,
            title="VPN",
            body="> it is down\n\nRestart it.",
            language="en",
            queue=queue,
            public=False,
            fingerprint=fingerprint,
        )
        with database.write() as connection:
            return add_solution(connection, writing, NOW)

    first = solution("SUP-1", "a")
    assert solution("SUP-2", "a") == first
    assert solution("SUP-3", "a", "hr") != first
    with database.write() as connection:
        note_refuted(connection, [first])
        article = get_article(connection, first)
        assert article is not None
        assert (article.confirmed, article.refuted, article.answer) == (2, 1, "Restart it.")
    assert solution("SUP-1", "b") == first  # solved otherwise
    with database.read() as connection:
        article = get_article(connection, first)
        assert article is not None
        assert (article.confirmed, article.refuted) == (1, 0)


def test_numbers_that_there_are_not(database: Database) -> None:
    with database.read() as connection:
        assert [get_article(connection, number) for number in (0, -1, 1, 2**63, 10**40)] == [None] * 5


def test_a_desk_that_moves_takes_its_search_along(tmp_path: Path, cluster: Cluster) -> None:
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    desk.send(desk.mail("anna@example.org", "Hello", subject="Hello"))
    source, target = desk.desk.database, Database(cluster.create())
    _put(source, _article("Paper jam"), _article("Toner"))
    for there in (target, Database(f"sqlite:///{tmp_path}/back.db")):
        list(move(source, there, MONDAY + timedelta(minutes=5)))
        assert _titles(there, "paper") == ["Paper jam"]
        _put(there, _article("Sheets", source="Paper jam.md"))
        assert (_titles(there, "paper"), _titles(there, "sheets")) == ([], ["Sheets"])
        there.close()
    desk.close()
