"""Finds, folds and cuts words for comparison.

Folding removes case and accents but keeps the letters that distinguish a language's words. Scripts without spaces are
cut into words. Pure, never raises, linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailgate.core.text import fold_case_accents, replace_letters

WORD = re.compile(r"(?i:wi-fi)(?![^\W_])|[^\W_]+(?:['’ʼ´`][tT](?![^\W_]))?|[👍👎🙏✅❌★⭐😊🙂😀🎉]")
"""A word of a text; an apostrophe parts words, but for the one of `n't`, and so does a hyphen, but for Wi-Fi's."""
APOSTROPHE = re.compile("['’ʼ´`]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]")
_KANA = re.compile("[\u3041-\u30ff\uff66-\uff9f]")
# letters that Unicode does not take apart
_STROKES = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h"}
_SAME_KIND = re.compile("[\u3040-\u309f]+|[\u30a0-\u30ff]+|[\u3400-\u9fff\uf900-\ufaff]+|[^\u3040-\u9fff]+")
_FIRST_KEPT = 0xE000  # private characters stand for the kept letters while the others are folded


@dataclass(frozen=True, slots=True)
class LetterFolding:
    """The letters of a language that are not folded: `kept` before the folding, `back` after it."""

    kept: Mapping[str, str]
    back: Mapping[str, str]


def is_unspaced(word: str) -> bool:
    """Tells whether a word is of a script without spaces (kana, Han)."""
    return not word.isascii() and _UNSPACED.search(word) is not None


def has_kana(word: str) -> bool:
    """Tells whether a word has characters that only Japanese has."""
    return _KANA.search(word) is not None


def read_letters(written: str) -> LetterFolding | None:
    """Parses the letters of a language that are not folded, each with its compared form: `å ä=ae`."""
    pairs = [one.partition("=") for one in written.split()]
    kept = {letter: other or chr(_FIRST_KEPT + at) for at, (letter, _, other) in enumerate(pairs)}
    back = {chr(_FIRST_KEPT + at): letter for at, (letter, _, other) in enumerate(pairs) if not other}
    return LetterFolding(kept, back) if pairs else None


def fold_word(word: str, letters: LetterFolding | None = None) -> str:
    """Folds a word for comparison. Kana and Han lose only their width: their marks distinguish words."""
    if word.isascii():
        return word.lower().replace("-", "")
    if _UNSPACED.search(word):
        return unicodedata.normalize("NFKC", word).casefold()
    if letters:
        composed = replace_letters(unicodedata.normalize("NFC", word.casefold()), letters.kept)
        return replace_letters(fold_case_accents(replace_letters(composed, _STROKES)), letters.back)
    return fold_case_accents(replace_letters(word.casefold(), _STROKES))


class FoldedWords(dict[str, str]):
    """Maps written words to their folded forms; those given at first are folded together, which is much faster."""

    def __init__(self, words: Iterable[str], letters: LetterFolding | None = None) -> None:
        accented = [word for word in words if not word.isascii() and not _UNSPACED.search(word)]
        super().__init__(zip(accented, fold_word("\n".join(accented), letters).split("\n"), strict=False))
        self._letters = letters

    def __missing__(self, word: str) -> str:
        self[word] = folded = fold_word(word, self._letters)
        return folded


class Cutter:
    """Cuts text of a script without spaces by the longest known word at each place."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._longest = max(map(len, self._words), default=1)

    def cut(self, run: str) -> Sequence[str]:
        """Cuts a run into words; consecutive characters of one kind outside known words are one word."""
        words: list[str] = []
        place = start = 0
        while place < len(run):
            end = self._end(run, place)
            if end == place:
                place += 1
                continue
            words.extend(_unknown(run[start:place]))
            words.append(run[place:end])
            place = start = end
        words.extend(_unknown(run[start:]))
        return words

    def _end(self, run: str, place: int) -> int:
        for end in range(min(len(run), place + self._longest), place, -1):
            if run[place:end] in self._words:
                return end
        return place


def _unknown(letters: str) -> Iterator[str]:
    return (found[0] for found in _SAME_KIND.finditer(letters))
