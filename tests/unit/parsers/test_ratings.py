"""The reader of ratings: what people write who say how content they are, and the many numbers that are none."""

from __future__ import annotations

import time
import tomllib
from importlib.resources import files

import pytest

from mailgate.parsers.ratings import MOST, Rating, read_rating, write_rating

LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt", "pl", "sv", "da")

# In an answer to anything: what it says is hardly ever said of something else.
RATINGS = [
    ("4/5", 4), ("4 / 5", 4), ("4/5.", 4), ("**5/5**", 5), ("４／５", 4), ("4️⃣/5", 4), ("5/5 👍", 5),
    ("4 of 5", 4), ("4 out of 5", 4), ("4 out of 5 stars.", 4), ("four out of five", 4), ("4 points out of 5", 4),
    ("Five stars!", 5), ("5-star", 5), ("Five stars for Alice", 5), ("Rating: 4", 4), ("My rating: ★★★★", 4),
    ("I'd give you 5/5", 5), ("Score: 3/5", 3),
    ("4 sur 5", 4), ("5 étoiles", 5), ("cinq etoiles", 5), ("5 étoiles pour Alice", 5), ("Note : 4/5", 4),
    ("Note\xa0: 4", 4), ("Je mets 5/5", 5), ("ma note : deux sur cinq", 2),
    ("5 von 5", 5), ("5 Sterne", 5), ("Vier Sterne", 4), ("5 von 5 Sternen", 5), ("Bewertung: 4/5", 4),
    ("Bewertung: 3 von 5 Punkten", 3),
    ("4 de 5", 4), ("5 estrellas", 5), ("cuatro estrellas", 4), ("Valoración: 4/5", 4), ("Puntuación: 5 puntos", 5),
    ("3 su 5", 3), ("4 stelle", 4), ("cinque stelle", 5), ("Voto: 3 su 5", 3), ("Il mio voto: 4", 4),
    ("4 van de 5", 4), ("5 sterren", 5), ("vier sterren", 4), ("Beoordeling: 4/5", 4), ("Mijn cijfer: 3", 3),
    ("4 em 5", 4), ("5 estrelas", 5), ("três estrelas", 3), ("Avaliação: 4/5", 4), ("Nota: 4 de 5", 4),
    ("Dou nota 5", 5), ("Minha nota: 4", 4), ("5 estrelas pra Alice", 5),
    ("4 z 5", 4), ("4 na 5", 4), ("ocena 4", 4), ("Ocena: 4/5", 4), ("Moja ocena: cztery z pięciu", 4),
    ("5 gwiazdek", 5), ("Pięć gwiazdek!", 5), ("piec gwiazdek", 5), ("dwie gwiazdki", 2), ("Jedna gwiazdka.", 1),
    ("5 gwiazdek dla Alicji", 5), ("Oceniam na 4", 4), ("Oceniam pomoc na 5/5", 5), ("Daję 5 gwiazdek", 5),
    ("Ocena: 4 punkty", 4), ("4 pkt z 5", 4), ("Dziękuję! 5/5", 5), ("Dziękuję bardzo, działa. 5 gwiazdek.", 5),
    ("4 av 5", 4), ("betyg: 4 av 5", 4), ("Betyg 3", 3), ("Fyra av fem", 4), ("5 stjärnor", 5), ("fem stjarnor", 5),
    ("två stjärnor", 2), ("En stjärna.", 1), ("Jag ger er 5 av 5", 5), ("Ni får betyget 4", 4), ("3 poäng av 5", 3),
    ("5 stjärnor till Alice", 5), ("Tack så mycket! 5/5", 5),
    ("4 af 5", 4), ("4 ud af 5", 4), ("karakter 4 ud af 5", 4), ("Karakter: 3", 3), ("Fire ud af fem", 4),
    ("5 stjerner", 5), ("to stjerner", 2), ("Én stjerne", 1), ("Vurdering: 5/5", 5), ("Jeg giver jer 5 stjerner", 5),
    ("4 point ud af 5", 4), ("5 stjerner til Alice", 5), ("Mange tak! 5/5", 5),
    ("★★★★☆", 4), ("★ ★ ★ ☆ ☆", 3), ("⭐⭐⭐⭐", 4), ("⭐️⭐️⭐️⭐️⭐️", 5), ("★☆☆☆☆", 1),
    ("5/5 ⭐⭐⭐⭐⭐", 5), ("4/5 ⭐", 4), ("5 stars ⭐⭐⭐⭐⭐", 5),
    ("Hello,\n\n4/5\n\nJo", 4), ("Thank you very much! 5/5", 5), ("Danke! ⭐⭐⭐⭐⭐", 5),
    ("4/5\n\nBest regards\nJo Martin\nAccounts", 4), ("4/5\n\n-- \nJo Martin\nRoom 12", 4),
    ("Solved, and quicker than I thought. Five stars.", 5),
]  # fmt: skip

# Beside them: what counts too where the mail answers a question for a number.
ASKED = [
    ("4", 4), ("4!", 4), (" 3 ", 3), ("4️⃣", 4), ("four", 4), ("quatre", 4), ("vier", 4), ("cinco", 5),
    ("cztery", 4), ("Piątka", 5), ("fyra", 4), ("Femma!", 5), ("fire", 4), ("4, ale wolno", 4), ("3 - det tog tid", 3),
    ("5 tak for hjælpen", 5), ("5 tack", 5), ("5 dziękuję", 5),
    ("5 👍", 5), ("4 thanks", 4), ("5 merci beaucoup", 5), ("4, but slow", 4), ("5 - great", 5),
    ("4\n\nThanks\nJo", 4), ("1\nToo slow.", 1), ("4/5, quick and friendly", 4),
]  # fmt: skip

# Numbers that are something else, whether a rating was asked for or not.
OTHERS = [
    "2 of 5 printers work", "2/5 printers work", "4/5 users are affected", "Only 2 of 5 printers print.",
    "5 von 5 Druckern gehen nicht", "3 de 5 impresoras no funcionan", "3 sur 5 marchent", "2 su 5 stampanti vanno",
    "2 z 5 drukarek nie działa", "Ocena: 2 z 5 drukarek działa", "4 na 5 osób nie ma dostępu", "Daję 2 dni", "To na 5!",
    "Oceniam na 4 godziny pracy", "2 av 5 skrivare fungerar", "Betyg: 2 av 5 skrivare", "En av fem kan inte logga in",
    "4 ud af 5 printere virker ikke", "to af fem printere", "Vi giver 2 pc'er videre", "En stjerne på skærmen",
    "Note en étoiles : cinq", "W skali 1-5", "Kl. 4/5 blev printeren flyttet", "Plan 4 av 5", "Ocena", "betyg",
    "Note : 2 sur 5 imprimantes fonctionnent", "Note: 4 computers fail", "Note : 3 postes en panne",
    "Je mets 2 postes de côté", "1 more problem", "4 printers", "four printers fail", "5 minutes later it broke",
    "E-42", "Error 5", "#4", "-4", "42", "4.5", "4.5/5", "4,5/5", "10/10", "8/10", "0/5", "6/5", "4/5/2026",
    "on 4/5 we meet", "works on 4/5", "4/5, 10:00 works for me", "at 4:05", "4th floor", "4 GB of memory",
    "Pages printed: 4/5", "Seite 3/5", "3/5 pages came out", "Version 4/5 of the file", "2 - 3 times a day",
    "1. It is slow\n2. It is loud", "1, it is slow\n2, it is loud", "4?", "4/5?", "4 or 5", "two, three days",
    "★", "⭐", "★ Important ★", "⭐⭐⭐⭐⭐⭐⭐", "★★★★ Hotel Alpenblick", "3 stars hotel booking fails",
    "The hotel has 4 stars", "2 points: first the printer", "Three points, first of all", "Rating", "feedback",
    "4/5 then 3/5", "4/5\n\n3/5", "> 4/5", "", "I have two of five keys", "Rating widget shows 4/5 after reload",
]  # fmt: skip


@pytest.mark.parametrize(("text", "stars"), RATINGS)
def test_ratings(text: str, stars: int) -> None:
    for asked in (False, True):
        rating = read_rating(text, asked=asked, names={"jo"})
        assert rating is not None
        assert rating.stars == stars


@pytest.mark.parametrize(("text", "stars"), ASKED)
def test_answers_to_the_question(text: str, stars: int) -> None:
    rating = read_rating(text, asked=True, names={"jo"})
    assert rating is not None
    assert rating.stars == stars


@pytest.mark.parametrize("text", ["4", "four", "4, but slow", "5 - great", "4 thanks"])
def test_a_bare_number_is_none_where_nobody_asked(text: str) -> None:
    assert read_rating(text) is None


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers(text: str) -> None:
    assert read_rating(text) is None
    assert read_rating(text, asked=True) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stars", range(1, MOST + 1))
def test_what_a_link_writes_is_read(language: str, stars: int) -> None:
    sentence = write_rating(stars, language)
    assert read_rating(sentence) == Rating(stars, "", sentence, is_alone=True)
    rating = read_rating(f"{sentence}\n\nOK, aber 3 Tage!?\n\nBest regards\nJo")
    assert rating is not None
    assert (rating.stars, rating.words, rating.is_alone) == (stars, "OK, aber 3 Tage!?", False)
    same_line = read_rating(f"{sentence} it took 3 days")
    assert same_line is not None
    assert (same_line.stars, same_line.words) == (stars, "it took 3 days")


def test_a_language_without_a_sentence_is_asked_in_its_mothers_or_in_english() -> None:
    assert write_rating(4, "pt-BR") == write_rating(4, "pt")
    assert write_rating(4, "fi") == "Rating: 4 of 5"


def test_every_language_has_all_the_words() -> None:
    sections = tomllib.loads((files("mailgate.parsers") / "languages" / "ratings.toml").read_text("utf-8"))
    assert sorted(sections) == sorted(LANGUAGES)
    for section in sections.values():
        assert section.keys() == sections["en"].keys()
        assert section["sentence"].count("{stars}") == 1
        assert len(section["numbers"]) == MOST
    assert len({section["sentence"] for section in sections.values()}) == len(sections)


@pytest.mark.parametrize(
    ("text", "words", "is_alone"),
    [
        ("5/5", "", True),
        ("5/5 merci", "merci", True),
        ("Hello,\n\n5/5\n\nThanks a lot!\nJo", "Hello,\n\n\n\nThanks a lot!", True),
        ("5/5\n\nVery fast and friendly", "Very fast and friendly", True),
        ("5 stars, it works again", "it works again", False),
        ("Rating: 1 of 5\n\nStill broken.", "Still broken.", False),
        ("Rating: 2 of 5\n\nIt took a week.", "It took a week.", False),
        ("Rating: 2 of 5\n\n👎", "👎", False),
        ("★★☆☆☆ too slow", "too slow", False),
        ("Not fixed. 1/5", "Not fixed.", False),
    ],
)
def test_words_beside_it(text: str, words: str, is_alone: bool) -> None:
    rating = read_rating(text, names={"jo"})
    assert rating is not None
    assert (rating.words, rating.is_alone) == (words, is_alone)


def test_quoted_ratings_never_count() -> None:
    quoted = "> Reply with a number from 1 to 5.\n> Rating: 4 of 5"
    assert read_rating(f"Which version is it?\n\nOn Mon, 23 Nov 2026, Support <a@example.com> wrote:\n{quoted}") is None
    found = read_rating(f"{quoted}\n\n2/5")
    assert found is not None
    assert found.stars == 2


def test_the_subject_counts_only_where_nothing_was_written() -> None:
    tag = "Re: [SUP-1042 7.k7q2abcdefghijkl]"
    found = read_rating("", f"{tag} 4/5")
    assert found is not None
    assert (found.stars, found.words) == (4, "")
    assert read_rating("Thank you", f"{tag} 4/5") is None
    assert read_rating("", tag) is None
    assert read_rating("", "Re: [SUP-1042] 2 of 5 printers work") is None


@pytest.mark.parametrize(
    "unit", ["4/5 ", "★", "★☆", "5 stars ", "Rating: 4 of 5\n", "4\n", "note ", ". 5/5", "9/", "😀", "> 4/5\n"]
)
def test_hostile_texts_are_read_in_linear_time(unit: str, share: float) -> None:
    def seconds(letters: int) -> float:
        text = unit * (letters // len(unit))
        began = time.process_time()
        read_rating(text, text, asked=True)
        return time.process_time() - began

    assert seconds(int(1_000_000 * share)) < max(2.0 * share, 30 * seconds(int(100_000 * share)))
