"""The words of a text as the search compares them."""

from __future__ import annotations

import time
import tomllib
from importlib.resources import files

import pytest

from mailgate.core.text import fold_case_accents
from mailgate.parsers.search_terms import WORDS_LIMIT, spelled_words, without_names, words_of

ALIKE = [
    ("en", "printer printers Printing PRINTED"),
    ("en", "crash crashes crashed crashing"),
    ("en", "close closes closed closing"),
    ("en", "battery batteries"),
    ("en", "address addresses"),
    ("en", "stop stopped"),
    ("en", "update updates updated updating"),
    ("en", "lid lids"),
    ("fr", "bloqué bloquée bloqués bloquées bloquer"),
    ("fr", "réseau réseaux"),
    ("fr", "installer installe installé installation"),
    ("de", "Drucker drucken druckers"),
    ("ru", "принтера принтеры принтере"),
    ("en", "Wi-Fi wifi wi‑fi"),
    ("en", "e-mail email E-Mails emails"),
]


@pytest.mark.parametrize(("language", "words"), ALIKE)
def test_forms_of_one_word_are_alike(language: str, words: str) -> None:
    found = [set(words_of(word, language)) for word in words.split()]
    assert set.intersection(*found), found


APART = ["print paper", "error terror", "mouse house", "691 692", "0x80070005 0x80070006", "vpn lan", "user server"]


@pytest.mark.parametrize("words", APART)
def test_different_words_stay_apart(words: str) -> None:
    one, other = (set(words_of(word, "en")) for word in words.split())
    assert one
    assert other
    assert not one & other


def test_small_words_are_left_out_where_they_are_small() -> None:
    assert words_of("Hello, could you please help me with this? Thanks", "en") == ()
    assert words_of("Bonjour, pourriez-vous m'aider avec ça s'il vous plaît ? Merci d'avance", "fr") == (
        "aider",
        "plait",
        "avanc",
    )
    assert words_of("Mon mot de passe", "fr") == ("mot", "pas")
    assert "mot" in words_of("mot de passe")


def test_codes_and_numbers_are_words() -> None:
    assert words_of("Error 0x80070005 (691), KB5034441, SUP-1042, 42", "en") == (
        "error", "0x80070005", "691", "kb5034441", "sup1042", "sup", "1042",
    )  # fmt: skip


def test_how_the_text_spells_them() -> None:
    assert spelled_words("L'Imprimante imprime, l'IMPRIMANTE !", "fr") == (
        ("imprimant", "Imprimante"),
        ("imprim", "imprime"),
    )
    assert spelled_words("one two three printer jam toner", "en", 2) == (("two", "two"), ("thre", "three"))


def test_japanese_and_what_stands_between() -> None:
    assert words_of("プリンターとPDFの印刷", "ja")[-2:] == ("の印", "印刷")
    assert "pdf" in words_of("プリンターとPDFの印刷", "ja")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10**6,
        "a-" * 10**6,
        "-" * 10**6,
        "漢" * 10**6,
        "é" * 10**6,
        "a\u0301" * 10**6,
        "1 " * 10**6,
        "\0\ud800" * 10**5,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    began = time.process_time()
    assert len(words_of(text)) <= WORDS_LIMIT + 50_000
    assert time.process_time() - began < 1


def test_no_small_word_names_a_thing() -> None:
    """A word that can never be found is a mistake in the list."""
    read = tomllib.loads((files("mailgate.parsers") / "languages" / "searching.toml").read_text("utf-8"))
    things = fold_case_accents(
        "printer screen password mail account error broken network imprimante écran réseau erreur compte panne drucker"
        " bildschirm kennwort fehler konto kaputt impresora pantalla contraseña"
    )
    for code, words in read.items():
        assert not set(things.split()) & set(fold_case_accents(words).split()), code


NAMELESS = [
    ("Hello Mr Miller,\nmy printer is stuck.", "my printer is stuck."),
    ("Guten Tag Frau Vogt!\nDer Drucker klemmt.", "Der Drucker klemmt."),
    ("Bonjour à tous,\nL'imprimante est bloquée.", "L'imprimante est bloquée."),
    ("お世話になっております。プリンターが動きません！", "お世話になっております。プリンターが動きません！"),
    ("田中様、\nプリンター", "プリンター"),
    ("To whom it may concern,\nit is stuck", "it is stuck"),
    ("After the update,\nit is stuck", "After the update,\nit is stuck"),
    ("Hello printer", "Hello printer"),
    ("Printer, second floor:\nit is stuck", "Printer, second floor:\nit is stuck"),
    ("Hello, the printer is stuck", "Hello, the printer is stuck"),
    ("see https://wiki.example.net/Printer?id=7 and www.vendor.example/driver", "see and"),
    ("write to jo.martin+x@customer.example or mailto:x@y.example", "write to or"),
    ("the page portal.example.com and example.com are down", "the page and are down"),
    (
        "the page notexample.com and example.community are down",
        "the page notexample.com and example.community are down",
    ),
]


@pytest.mark.parametrize(("text", "left"), NAMELESS)
def test_names_of_people_and_machines_are_no_words(text: str, left: str) -> None:
    assert without_names(text, ["example.com"]).split() == left.split()


@pytest.mark.parametrize(
    "text", ["a." * 30_000, "a@" * 30_000, "http://" * 9_000, "x" * 60_000, "a-" * 30_000 + ".example.com"]
)
def test_taking_names_out_is_linear(text: str) -> None:
    began = time.process_time()
    without_names(text, ["example.com", "mail.example.com"])
    assert time.process_time() - began < 1


def test_courtesies_of_every_language_are_no_words_in_any() -> None:
    said = "Hallo bonjour hola ciao merci danke gracias grazie tack kiitos děkuji teşekkürler спасибо Grüße saludos"
    assert words_of(said, "") == words_of(said, "en") == ()
