"""Ranks the languages that a text may be in by the words they know.

Builds the index of all known words at the first answer. A rough ranking: the lexicon's own reading of the words
decides. Pure, linear in the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from mailgate.parsers.replies.lexicon import CODES, read_file
from mailgate.parsers.replies.spelling import fold_word, has_kana, is_unspaced, read_letters

_MOST_REMEMBERED = 50_000
_LONGEST_REMEMBERED = 40
_SHORTEST_STEM = 3
_PIECE = re.compile(r"[^\s\[\]()|'’]+")
_RARITY = 0.3
_FAR = 0.8
_DENYING = ("not", "no")
_SHORTEST_OPTION = 4
_GLUED = re.compile(r"[^\W\d_]{3,40}")


class _Index(dict[str, tuple[int, ...]]):
    """Maps a written word to the languages that know it (indexes in `CODES`). Cached: most words recur."""

    def __init__(self) -> None:
        super().__init__()
        self._words: dict[str, int] = {}  # the languages as bits: a set for each word would take 13 MB
        self._stems: dict[str, int] = {}
        self._prefixes: list[tuple[str, int]] = []
        self.denials: set[str] = set()
        self.options: set[str] = set()
        for at, code in enumerate(CODES):
            self._take(at, code)
        self._lengths = sorted({len(stem) for stem in self._stems})

    def __missing__(self, word: str) -> tuple[int, ...]:
        bits = self._find(word)
        found = tuple(at for at in range(len(CODES)) if bits >> at & 1)
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        if len(word) <= _LONGEST_REMEMBERED:
            self[word] = found
        return found

    def _take(self, at: int, code: str) -> None:
        file = read_file(code)
        phrases = [phrase for phrases in file["signs"].values() for phrase in phrases]
        spellings = file.get("spellings", {})
        written = " ".join([file.get("common", ""), *phrases, *spellings, *spellings.values()])
        pieces = " ".join(set(_PIECE.findall(written.casefold())))
        spelled = set(fold_word(pieces).split())
        if letters := read_letters(file.get("letters", "")):
            spelled.update(fold_word(fold_word(pieces, letters)).split())
        for piece in spelled:
            word, star, _ = piece.partition("*")
            if not star:
                self._words[word] = self._words.get(word, 0) | 1 << at
            elif len(word) >= _SHORTEST_STEM:
                self._stems[word] = self._stems.get(word, 0) | 1 << at
        self._prefixes += [(fold_word(prefix), at) for prefix in file.get("prefixes", "").split()]
        for phrase in file["signs"]["option_yes"]:
            words = phrase.strip("()").split("|")
            self.options.update(fold_word(word) for word in words if word.isalpha() and len(word) >= _SHORTEST_OPTION)
        for phrase in (phrase for category in _DENYING for phrase in file["signs"].get(category, ())):
            if not set(phrase) & set(" *"):
                self.denials.update(_PIECE.findall(fold_word(phrase)))

    def _find(self, word: str) -> int:
        if is_unspaced(word):
            han = {"ja"} if has_kana(word) else {"ja", "zh"}
            return sum(1 << at for at, code in enumerate(CODES) if code in han)
        found = 0
        for part in _PIECE.findall(fold_word(word)):
            found |= self._words.get(part, 0)
            for length in self._lengths:
                found |= self._stems.get(part[:length], 0)
            for prefix, at in self._prefixes:
                if part.startswith(prefix) and self._words.get(part[len(prefix) :], 0) >> at & 1:
                    found |= 1 << at
        return found


@cache
def _index() -> _Index:
    return _Index()


def find_denials() -> set[str]:
    """The folded words that deny by themselves in one of the languages."""
    return _index().denials


def part_options(text: str) -> str:
    """Parts an option word from the word that a client glued to it: "gelöstVielen Dank"."""
    if all(len(word) <= _SHORTEST_OPTION or word[1:].islower() for word in text.split()):
        return text  # there is no capital inside a word
    return _GLUED.sub(_part_option, text)


def _part_option(found: re.Match[str]) -> str:
    word = found[0]
    if word[1:].islower():
        return word
    for at in range(2, len(word)):
        if word[at].isupper() and word[at:].istitle() and fold_word(word[:at]) in _index().options:
            return f"{word[:at]}\n{word[at:]}"
    return word


def rank_languages(words: Iterable[str]) -> list[str]:
    """Ranks the languages that a text may be in, without those that know far fewer words than another.

    A word of few languages weighs more.
    """
    scores = [0.0] * len(CODES)
    for found, count in Counter(map(_index().__getitem__, words)).items():
        for at in found:
            scores[at] += count * (1 + _RARITY / len(found))
    least = max(scores) * _FAR
    return [CODES[at] for score, at in sorted((-score, at) for at, score in enumerate(scores)) if -score > least]


def find_better_languages(words: Sequence[str], main: str) -> list[str]:
    """Up to two languages that know more words than `main` does, the best first."""
    index = _index()
    known = [index[word] for word in words]
    at_main = CODES.index(main)
    lacking = [found for found in known if at_main not in found]
    if not any(lacking):
        return []  # what is left are names and numbers
    better: list[tuple[int, int]] = []
    for at in set().union(*lacking):
        gain = len([at in found for found in lacking if at in found])
        loss = len([at for found in known if at_main in found and at not in found])
        if gain > loss:
            better.append((loss - gain, at))
    return [CODES[at] for _, at in sorted(better)[:2]]
