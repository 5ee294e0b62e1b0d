"""Where the pictures of a mail stand in its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.mail import Picture
from mailgate.core.text import fold_alnum
from mailgate.parsers.quoting.pictures import names_in, place_pictures, without_pictures


def picture(before: str, after: str, *words: str, alone: bool = True, name: str = "a.png") -> Picture:
    folded = tuple(map(fold_alnum, words))
    return Picture(name, "a@b", fold_alnum(before)[-60:], fold_alnum(after)[:60], folded, alone)


@pytest.mark.parametrize(
    ("text", "before", "after", "placed"),
    [
        ("One.\n\nTwo.", "One.", "Two.", "One.\n\n[a.png]\n\nTwo."),
        ("One.\nTwo.", "One.", "Two.", "One.\n\n[a.png]\n\nTwo."),
        ("One.\n\n\n\nTwo.", "One.", "Two.", "One.\n\n[a.png]\n\n\nTwo."),
        ("One. Two.", "One.", "Two.", "One. [a.png] Two."),
        ("One.", "One.", "", "One.\n\n[a.png]"),
        ("One.", "", "One.", "[a.png]\n\nOne."),
        ("", "", "", "[a.png]"),
        ("Other words.", "", "", "Other words."),
        ("Nothing of it.", "One", "Two", "Nothing of it."),
        ("Ça marche\n\nÉté", "ca marche", "été", "Ça marche\n\n[a.png]\n\nÉté"),
        ("画面です。\n\nどうしますか", "画面です", "どうしますか", "画面です。\n\n[a.png]\n\nどうしますか"),
        # words of a command, of which what stood around is no part
        ("The solution is this.", "#resolve The solution is this.", "Thanks", "The solution is this.\n\n[a.png]"),
        ("The solution is this.", "#resolve", "The solution is this.", "[a.png]\n\nThe solution is this."),
        ("again and again and again", "words, again", "and something", "again and again and again"),
    ],
)  # fmt: skip
def test_a_picture_stands_where_it_stood(text: str, before: str, after: str, placed: str) -> None:
    assert place_pictures(text, [picture(before, after)]) == placed


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("One.\n\n[cid:img@x]\n\nTwo.", "One.\n\n[a.png]\n\nTwo."),
        ("One <a screen> two.", "One [a.png] two."),
        ("One a screen two.", "One [a.png] two."),
        ("One (a.png), two.", "One [a.png], two."),
    ],
)
def test_what_a_program_wrote_in_its_place_goes(text: str, placed: str) -> None:
    assert place_pictures(text, [picture("One", "Two", "cid:img@x", "a screen", "a.png")]) == placed


def test_several_pictures_keep_their_order() -> None:
    pictures = [picture("One", "Two", name=f"{name}.png") for name in "abc"]
    text = place_pictures("One\n\nTwo", pictures)
    assert text == "One\n\n[a.png]\n\n[b.png]\n\n[c.png]\n\nTwo"
    assert names_in(text, pictures) == tuple(pictures)
    assert names_in("One [b.png]", pictures) == (pictures[1],)


@given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=80), st.booleans())
def test_no_word_of_a_text_is_lost(text: str, before: str, after: str, alone: bool) -> None:
    pictures = [picture(before, after, alone=alone), picture(after, before, alone=alone, name="b.png")]
    placed = place_pictures(text, pictures)
    for name in ("[a.png]", "[b.png]"):
        placed = placed.replace(name, "", 1)
    assert fold_alnum(placed) == fold_alnum(text) or "png]" in text


def test_a_hostile_text_takes_no_time() -> None:
    pictures = [picture("a" * 60, "a" * 60, "a", "aa", name=f"{number}.png") for number in range(50)]
    for text in ("a" * 190_000, "a\n" * 90_000, "é" * 190_000, "[" * 190_000):
        assert place_pictures(text, pictures)


def test_what_is_kept_without_its_pictures_does_not_name_them() -> None:
    assert without_pictures("Click here:\n\n[shot 2.PNG]\n\nThen [OK] and [a.txt] now [b.jpeg].") == (
        "Click here:\n\n\n\nThen [OK] and [a.txt] now."
    )
