"""The language of a text: every line of `tests/corpus/languages` by the half it belongs to, headers, and cost.

The first, third, fifth … line of a kind was looked at when the word lists were written, the others were put aside.
Of the short lines, "later" ones were looked at, too; "fresh" ones were written last and are put aside.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import groupby

import pytest

from mailgate.parsers import read_mail
from mailgate.parsers.language import choose_language, detect_language
from tests.support.paths import CORPUS

FOLDER = CORPUS / "languages"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("??.tsv"))
HALVES = ("looked at", "put aside")


def lines(language: str, kind: str, half: str) -> list[str]:
    rows = [row.split("\t") for row in (FOLDER / f"{language}.tsv").read_text("utf-8").splitlines()]
    place = HALVES.index(half)
    added = ("later", "fresh")[place] if kind == "short" else ""
    return [text for of, text in rows if of == kind][place::2] + [text for of, text in rows if of == added]


def misread(kind: str, half: str) -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        for text in lines(language, kind, half):
            if (read := detect_language(text)) != language:
                yield language, read, text


def test_all_shipped_languages_have_lines() -> None:
    assert " ".join(LANGUAGES) == "cs da de en es fi fr it ja nl no pl pt ru sv tr zh"
    for language in LANGUAGES:
        assert len(lines(language, "short", HALVES[0])) + len(lines(language, "short", HALVES[1])) >= 20
        assert len(lines(language, "long", HALVES[0])) + len(lines(language, "long", HALVES[1])) >= 5


@pytest.mark.parametrize("half", HALVES)
def test_short_texts_are_right_or_unsure(half: str) -> None:
    total = sum(len(lines(language, "short", half)) for language in LANGUAGES)
    found = list(misread("short", half))
    wrong = [entry for entry in found if entry[1]]
    assert len(found) <= 0.1 * total, found
    assert len(wrong) <= 0.02 * total, wrong
    for language, of_one in groupby(found, key=lambda entry: entry[0]):
        assert len(list(of_one)) <= 0.35 * len(lines(language, "short", half)), language


@pytest.mark.parametrize("half", HALVES)
def test_long_texts_are_right(half: str) -> None:
    total = sum(len(lines(language, "long", half)) for language in LANGUAGES)
    found = list(misread("long", half))
    assert len(found) <= 0.01 * total, found


def test_other_languages_and_no_language_are_not_taken_for_ours() -> None:
    rows = [row.split("\t") for row in (FOLDER / "other.tsv").read_text("utf-8").splitlines()]
    found = [(code, detect_language(text), text) for code, text in rows]
    assert [entry for entry in found if entry[1] != entry[0].strip("-")] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("J’ai oublié mon mot de passe", "fr"),
        ("J\u2019ai oublie\u0301 mon mot de passe, merci", "fr"),
        ("NAJPIERW DRUKARKA NIE DZIAŁA, PROSZĘ O POMOC", "pl"),
        ("ŞİFREMİ UNUTTUM, LÜTFEN YARDIM", "tr"),
        ("Sifremi unuttum, giris yapamiyorum", "tr"),
        ("nie moge sie zalogowac, pomozcie prosze", "pl"),
        ("ich moechte mein Passwort zuruecksetzen", "de"),
        ("Excelで保存するとエラー0x80070005 access deniedが出ます", "ja"),
        ("ﾊﾟｽﾜｰﾄﾞを忘れました", "ja"),
        ("Hello, the letter of Mr 田中 has not arrived", "en"),
        ("解決", ""),
        ("Das ist der Fehler auf https://intranet.example.com/the/page/is/not/found", "de"),
        ("Bonjour, voici le message affiché : “Access denied”. Merci de m'aider.", "fr"),
    ],
)
def test_how_texts_are_typed_changes_nothing(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Ja, det hjalp", ("nb-NO",), "no"),
        ("Ja, det hjalp", ("da-DK",), "da"),
        ("Der Drucker druckt nicht mehr", ("en-US", "en-US"), "de"),
        ("Der Drucker druckt nicht mehr", ("fr-FR",), "de"),
        ("PC 4711 offline", ("fr-FR",), "fr"),
        ("PC 4711 offline", ("en-US",), ""),
        ("PC 4711 offline", ("en-US", "it-IT"), "it"),
        ("ok for me", ("en-US",), "en"),
        ("解決済", ("ja",), "ja"),
        ("Tlačiareň nefunguje, prosím o pomoc", ("sk-SK",), "sk"),
        ("PC 4711", ("x-klingon", "*", "", "d", "fil"), ""),
    ],
)
def test_what_is_declared_decides_where_the_text_leaves_a_doubt(
    text: str, declared: tuple[str, ...], language: str
) -> None:
    assert choose_language(text, declared) == language


@pytest.mark.parametrize(
    ("headers", "text", "language"),
    [
        ("Content-Language: en-US\r\nAccept-Language: en-US", "Mon écran reste noir", "fr"),
        ("Content-Language: en-US\r\nAccept-Language: fr-FR, en-US", "PC 4711 HS", "fr"),
        ("Content-Language: de-DE", "ok", "de"),
        ("Subject: x", "ok", ""),
    ],
)
def test_the_headers_of_a_mail_are_hints(headers: str, text: str, language: str) -> None:
    raw = f"From: jo@example.org\r\n{headers}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    assert read_mail(raw.encode()).language == language


@pytest.mark.parametrize("piece", ["a", "é", "a@", "a.", "l'", "あ", "\u0301a", " ", "ж/", "the "])
def test_time_does_not_grow_with_the_text(piece: str) -> None:
    begin = time.process_time()
    detect_language(piece * 1_000_000)
    assert time.process_time() - begin < 0.5
