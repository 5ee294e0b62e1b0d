"""Articles as people write them down, and files that are none."""

from __future__ import annotations

import pytest

from mailgate.parsers.articles import TITLE_LIMIT, ArticleText, InvalidArticle, read_article


def _read(text: str, name: str = "notes/paper-jam.md") -> ArticleText:
    found = read_article(text.encode(), name)
    assert isinstance(found, ArticleText), found
    return found


def test_a_head_says_what_it_is() -> None:
    found = _read(
        "---\r\ntitle: 'Paper: a jam'\r\nlanguage: en-GB\r\nqueue: network\r\npublic: YES\r\ntags: [a, b]\r\n---\r\n"
        "Open.\r\n"
    )
    assert found == ArticleText("Paper: a jam", "Open.", "en", "network", True)


def test_a_head_in_french() -> None:
    assert _read("---\ntitre: Bourrage\nlangue: fr\nfile: réseau\npublic: oui\n---\nOuvrir.") == ArticleText(
        "Bourrage", "Ouvrir.", "fr", "réseau", True
    )


def test_without_a_head_the_first_heading_is_the_title() -> None:
    found = _read(
        "\ufeff\n# Paper jam #\n\nOpen the lid and take the paper out of the printer.\n\n## Then\n\nClose it.\n"
    )
    assert (found.title, found.language, found.public) == ("Paper jam", "en", False)
    assert found.body == "Open the lid and take the paper out of the printer.\n\n## Then\n\nClose it."


def test_without_any_title_the_name_is_it() -> None:
    assert _read("Open the lid.").title == "paper jam"
    assert _read("Open the lid.", ".md").title == ".md"


def test_a_line_of_dashes_is_no_head() -> None:
    assert _read("---\nNo end of it").body == "---\nNo end of it"
    assert _read("Text\n---\ntitle: x\n---\nmore").title == "paper jam"


@pytest.mark.parametrize(
    ("head", "remark", "field", "value"),
    [
        ("language: english", "language", "language", "en"),
        ("public: perhaps", "public", "public", False),
        ("public:", "", "public", False),
    ],
)
def test_what_is_odd_is_said(head: str, remark: str, field: str, value: object) -> None:
    found = _read(f"---\n{head}\n---\nPlease open the lid of the printer and then close it.")
    assert getattr(found, field) == value
    assert [one.partition(":")[0] for one in found.remarks] == ([remark] if remark else [])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"# Only a title\n", "no text"),
        (b"---\ntitle: x\n---\n", "no text"),
        (b"one\ntwo\xff\n", "line 2 is not UTF-8"),
        ("Ünicode".encode("utf-16"), "UTF-8"),
        (b"a\0b", "NUL"),
    ],
)
def test_what_cannot_be_used_is_named(raw: bytes, reason: str) -> None:
    found = read_article(raw, "x.md")
    assert isinstance(found, InvalidArticle)
    assert reason in found.reason


def test_a_title_stays_on_one_line() -> None:
    assert len(_read(f"# {'long ' * 1000}\n\nText").title) == TITLE_LIMIT
    assert _read("---\ntitle: a\tb  c\n---\nText").title == "a b c"


@pytest.mark.parametrize("text", ["---\n" * 10**5, "#" * 10**6, "# " * 10**6, "a: " * 10**6, "---\n" + "a:" * 10**6])
def test_hostile_files(text: str) -> None:
    read_article(text.encode(), "x.md")
