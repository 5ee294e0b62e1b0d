"""Links of formatted mails: one whose words name another address than its target is no link, however it is written."""

from __future__ import annotations

import pytest

from mailgate.parsers.html.alignment import Formatter
from mailgate.parsers.html.html_to_text import convert_html
from mailgate.parsers.html.runs import read_runs

_EVIL = "https://evil.example/"


def _link(words: str, target: str = _EVIL) -> str:
    source = f'<p><b>Dear customer</b></p><p>Go to <a href="{target}">{words}</a> now</p>'
    formatted = Formatter(read_runs(source)).format(convert_html(source).text)
    assert formatted is not None
    return formatted[0].html


@pytest.mark.parametrize(
    "words",
    [
        "bank.example",
        "(https://bank.example)",
        "«bank.example»",
        "Link: https://bank.example/login",
        "bank.example/login for you",
        "write to help@bank.example",
        "bank.&#8203;example",
        "bank\uff0eexample/login",
        "&#8238;moc.knab//:sptth",
        "www.bank.example, as always",
    ],
)
def test_words_that_name_another_address_are_no_link(words: str) -> None:
    assert "evil.example" not in _link(words)


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ("our page", _EVIL),
        ("the plan.pdf of May", _EVIL),
        ("evil.example/a, as always", _EVIL),
        ("see https://www.evil.example", _EVIL),
        ("and/or", _EVIL),
        ("write to Mary", "mailto:mary@example.org"),
    ],
)
def test_other_words_stay_a_link(words: str, target: str) -> None:
    assert f'href="{target}"' in _link(words, target)
