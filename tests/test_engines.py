"""The list of tests that run on PostgreSQL too: each of them is there."""

from __future__ import annotations

import pytest

from tests.scenarios.test_stories import STORIES, title_of
from tests.support.paths import ROOT
from tests.support.sql_cover import choose, read_list, shapes


@pytest.mark.parametrize("name", sorted(read_list()))
def test_a_chosen_test_is_there(name: str) -> None:
    file, _, test = name.partition("::")
    function, _, parameters = test.partition("[")
    assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8")
    if function == "test_story":
        assert parameters.removesuffix("]") in map(title_of, STORIES), "its title has changed: change it in the list"


def test_the_chosen_tests_send_every_statement() -> None:
    statements = {"store": "ab", "one": "bc", "two": "cde", "three": "d", "test_every_row": "abcdef"}
    found = {test: frozenset(shape) for test, shape in statements.items()}
    assert choose(found, frozenset({"store"})) == ["two", "test_every_row"]


def test_a_shape_is_a_statement_without_its_values() -> None:
    assert shapes("SELECT a FROM t\n WHERE b IN (%(b_1)s::VARCHAR, %(b_2)s::VARCHAR) LIMIT 5") == [
        "SELECT a FROM t WHERE b IN (P) LIMIT N"
    ]
    assert shapes("INSERT INTO t (a, b) VALUES (%(a)s, %(b)s), (%(a__1)s, %(b__1)s)") == [
        "INSERT INTO t (a, b) VALUES (P)"
    ]
    assert shapes("UPDATE t SET a=%(a)s, b=%(b)s::TIMESTAMP WITH TIME ZONE WHERE t.id = %(id_1)s") == [
        "UPDATE t SET a=P",
        "UPDATE t SET b=P",
        "UPDATE t SET WHERE t.id = P",
    ]
