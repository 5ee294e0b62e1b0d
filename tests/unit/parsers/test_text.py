"""Charsets, flowed text, HTML and languages."""

from __future__ import annotations

import pytest

from mailgate.parsers import read_mail
from mailgate.parsers.html.html_to_text import convert_html
from mailgate.parsers.language import detect_language
from mailgate.parsers.mime.charsets import decode_bytes
from mailgate.parsers.mime.clean_text import clean_text, undo_flow


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("é€".encode("cp1252"), "us-ascii", "é€"),
        ("é".encode(), "latin-1", "é"),
        (b"\xef\xbb\xbfa", "", "a"),
        ("д".encode("cp1251"), "windows-1251", "д"),
        (b"\x81\x8d", "", "\ufffd\ufffd"),
        (b"abc", "punycode", "abc"),
        (b"abc", "a\x00b", "abc"),
        (b"", "utf-8", ""),
    ],
)
def test_charsets(data: bytes, charset: str, text: str) -> None:
    assert decode_bytes(data, charset) == text


def test_clean_text_holds_nothing_that_a_store_refuses() -> None:
    assert clean_text("\r\na\x00b\rc\ud800\x1b\td\n\n") == "ab\nc\ufffd\td"


def test_flowed_text_is_joined_within_its_quote() -> None:
    assert undo_flow("> a \n> b\nc \nd\n-- \nJo") == "> a b\nc d\n-- \nJo"
    assert undo_flow("foo \nbar", delete_space=True) == "foobar"
    assert undo_flow(" >not quoted\n a") == ">not quoted\na"


def test_cited_html_is_marked() -> None:
    html = "<p>new</p><blockquote type=cite>old<blockquote type=cite>older</blockquote></blockquote><p>below</p>"
    assert [line for line in convert_html(html).text.split("\n") if line] == ["new", "> old", ">> older", "below"]


def test_html_too_deep_is_still_text() -> None:
    converted = convert_html("<div>" * 5000 + "hello" + "</div>" * 5000)
    assert "hello" in converted.text
    assert converted.defect


def test_a_link_shows_its_target_only_where_the_text_does_not() -> None:
    html = '<a href="https://evil.example/">https://bank.example</a> <a href="mailto:a@b.example">a@b.example</a>'
    assert convert_html(html).text == "https://bank.example <https://evil.example/> a@b.example"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bonjour, l'imprimante ne marche plus depuis ce matin.", "fr"),
        ("Hello, the printer does not work since this morning.", "en"),
        ("Hallo, der Drucker funktioniert seit heute nicht mehr.", "de"),
        ("Hola, la impresora no funciona desde esta mañana.", "es"),
        ("Buongiorno, la stampante non funziona più da questa mattina.", "it"),
        ("Hallo, de printer werkt niet meer sinds vanmorgen.", "nl"),
        ("Olá, a impressora não funciona desde esta manhã.", "pt"),
        ("git push to git.client.org hangs at 93%.", "en"),
        ("Screen recording attached, the app crashes at 0:42.", "en"),
        ("ok", ""),
        ("", ""),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_letters_that_are_marks_inside_stay_the_same_in_both_texts(kind: str) -> None:
    head = f"In-Reply-To: <a@b.example>\nContent-Type: text/{kind}; charset=utf-8\n\n"
    mail = read_mail(f"{head}a \ue002 b\ue005\n".encode())
    assert mail.text == mail.new_text == "a \ufffd b\ufffd"
