"""The notation of the answer files, and words as they are compared."""

from __future__ import annotations

import time

import pytest

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.languages import find_better_languages, rank_languages
from mailgate.parsers.replies.lexicon import CODES, Lexicon
from mailgate.parsers.replies.patterns import PhraseReader
from mailgate.parsers.replies.spelling import WORD, Cutter, FoldedWords, fold_word, read_letters
from mailgate.parsers.replies.typos import Misspellings


def _signs(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    """Every mark of a text: the sign, and the words that carry it."""
    entries = lexicon.read(WORD.findall(text))
    return [
        (Category(mark.category).name, " ".join(entry.text for entry in entries[mark.start : mark.end]))
        for mark in lexicon.marks(entries)
    ]


def _lexicon(works: str, **more: object) -> Lexicon:
    return Lexicon("xx", {"signs": {"works": [works], "not": ["not"]}, **more})


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("works", "it works", "works"),
        ("works|runs", "it runs", "runs"),
        ("[now] works", "now works", "now works"),
        ("[now] works", "works", "works"),
        ("[right now] works", "right now works", "right now works"),
        ("(up and running|fine)", "it is up and running", "up and running"),
        ("gone ... good", "gone for all good", "gone for all good"),
        ("gone ... good", "gone good", "gone good"),
        ("work*", "it worked", "worked"),
        ("*ing", "printing", "printing"),
        ("çal*yor*", "çalışıyorum", "calisiyorum"),
        ("si .", "eso si", "si"),
        ("l écran marche", "l'écran marche", "l ecran marche"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str, words: str) -> None:
    assert ("WORKS", words) in _signs(_lexicon(phrase), text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("works|runs", "it walks"),
        ("gone ... good", "gone for a very long good"),
        ("gone ... good", "gone not good"),
        ("work*", "rework"),
        ("çal*yor*", "çalışmak"),
        ("si .", "si pudieras"),
    ],
)
def test_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert "WORKS" not in [sign for sign, _ in _signs(_lexicon(phrase), text)]


def test_the_longest_phrase_wins_and_a_whole_word_beats_a_stem() -> None:
    lexicon = Lexicon(
        "xx", {"signs": {"trouble": ["problem"], "fine": ["no problem"], "works": ["solv*"], "fails": ["solvent"]}}
    )
    assert _signs(lexicon, "no problem") == [("FINE", "no problem")]
    assert _signs(lexicon, "solvent") == [("FAILS", "solvent")]
    assert _signs(lexicon, "solved") == [("WORKS", "solved")]


def test_letters_that_tell_words_apart_keep_their_marks() -> None:
    lexicon = Lexicon(
        "xx",
        {
            "letters": "ü=ue å",
            "common": "konnte för",
            "signs": {"fixed": ["würde"], "past": ["wurde"], "works": ["lås"]},
        },
    )
    assert _signs(lexicon, "würde wurde wuerde") == [("FIXED", "wuerde"), ("PAST", "wurde"), ("FIXED", "wuerde")]
    assert _signs(lexicon, "lås las") == [("WORKS", "lås"), ("WORKS", "lås")]


def test_of_two_words_without_their_marks_the_last_one_counts() -> None:
    file = {"letters": "å ä", "signs": {"works": ["låst", "läst hela", "låst nu"], "fixed": ["läst"]}}
    assert _signs(Lexicon("xx", file), "last") == [("FIXED", "läst")]


@pytest.mark.parametrize("letters", ["", "ä=ae ı å"])
def test_words_folded_together_are_as_each_alone(letters: str) -> None:
    kept = read_letters(letters)
    words = ["Größe", "çalışıyor", "wi-fi", "Résolu", "Ёлка", "ﾃｽﾄ", "직접", "à", "OK", "👍", "Größe"]
    folded = FoldedWords(words, kept)
    assert [folded[word] for word in (*words, "später")] == [fold_word(word, kept) for word in (*words, "später")]


def test_a_negation_written_onto_a_word_is_read_as_a_word() -> None:
    lexicon = Lexicon("xx", {"prefixes": "ne", "common": "nebo", "signs": {"works": ["funguje"], "not": ["ne"]}})
    assert _signs(lexicon, "nefunguje") == [("NOT", "ne"), ("WORKS", "funguje")]
    assert _signs(lexicon, "nebo") == []


def test_a_word_may_stand_for_several_even_misspelt() -> None:
    file = {"spellings": {"doesnt": "does not", "n't": "not"}, "typos": "doesnt", "common": "does is"}
    lexicon = Lexicon("xx", {**file, "signs": {"not": ["not"]}})
    for written in ("doesnt", "doesn't", "dosnt", "isn’t"):
        assert _signs(lexicon, written) == [("NOT", "not")]


@pytest.mark.parametrize("phrase", ["", "...", "[maybe]", "... works", ". works"])
def test_a_phrase_without_a_first_word_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="begin"):
        list(PhraseReader(str.lower).read_openings(Category.WORKS, phrase))


@pytest.mark.parametrize(
    ("word", "folded"),
    [("Résolu", "resolu"), ("DZIAŁA", "dziala"), ("İŞE", "ise"), ("ışık", "isik"), ("Ёлка", "елка"), ("løst", "lost"),
     ("ｶﾞｲﾄﾞ", "ガイド"), ("まだ", "まだ"), ("ＯＫ", "ok"), ("Straße", "strasse")],
)  # fmt: skip
def test_words_are_compared_without_case_and_accents(word: str, folded: str) -> None:
    assert fold_word(word) == folded


def test_kept_letters_survive_the_folding() -> None:
    assert fold_word("FÖRÅLDRAD", read_letters("ö å")) == "föråldrad"


def test_a_script_without_spaces_is_cut_by_the_longest_word() -> None:
    cutter = Cutter(["直り", "直りました", "ません", "まだ"])
    assert list(cutter.cut("まだ直りません")) == ["まだ", "直り", "ません"]
    assert list(cutter.cut("直りましたカメラ")) == ["直りました", "カメラ"]


def test_a_slip_of_the_pen_is_corrected_where_one_word_explains_it() -> None:
    slips = Misspellings(["resolved", "решено", "works", "words"])
    assert [slips.correct(word) for word in ("reslved", "resloved", "ressolved", "resolvad")] == ["resolved"] * 4
    assert slips.correct("решано") == slips.correct("ршеено") == "решено"
    assert slips.correct("worvs") is None, "two words explain it"
    assert slips.correct("wrks") is None, "too short"
    assert slips.correct("tesolved") is None, "the first letter is seldom hit"


def test_the_languages_of_a_text_are_ranked() -> None:
    assert rank_languages(["the", "printer", "in", "the", "office", "still", "does", "not", "work"])[0] == "en"
    assert rank_languages(["l'imprimante", "du", "bureau", "ne", "marche", "toujours", "pas"])[0] == "fr"
    assert rank_languages(["印刷できません"])[0] == "ja"
    assert rank_languages(["xyzzy"]) == []
    assert "fr" in find_better_languages(["ça", "ne", "marche", "pas"], "en")
    assert {"en", "fr", "ja"} <= set(CODES)


@pytest.mark.parametrize("piece", ["直り", "ｶﾞ", "a" * 50 + " ", "i can not ", "ne", "работает ", "ş"])
def test_time_is_linear(piece: str) -> None:
    lexicon = _lexicon("[a|i] can|could ... not ... ... work*", prefixes="ne", letters="ü=ue")
    begin = time.process_time()
    lexicon.marks(lexicon.read(WORD.findall(piece * (40_000 // len(piece)))))
    Cutter(["直り", "直りました"]).cut(piece * (40_000 // len(piece)))
    assert time.process_time() - begin < 3
