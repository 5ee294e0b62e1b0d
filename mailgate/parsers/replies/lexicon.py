"""The phrases of one language and their categories: the files `languages/answers/*.toml`, as matchers.

Finds the categories (negation, fault, hedge, thanks …) in a row of words, the longest phrase first. A language is read
when a text first needs it; a broken file is a bug of the package and raises then. Notation and categories are explained
in `languages/answers/README.md`. Pure, linear in the words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from mailgate.parsers.replies.categories import Category, Mark
from mailgate.parsers.replies.patterns import Opening, PhraseReader, PhraseStart, Stem, find_end, find_words
from mailgate.parsers.replies.spelling import (
    APOSTROPHE,
    WORD,
    Cutter,
    FoldedWords,
    fold_word,
    is_unspaced,
    read_letters,
)
from mailgate.parsers.replies.typos import Misspellings
from mailgate.parsers.replies.word_index import Candidate, WordEntry, find_marks, sum_up

_MOST_REMEMBERED = 8_192
_LONGEST_REMEMBERED = 40  # letters: no mail may fill the memory with words that never recur
_GAP_LOOSENESS = 100
_TURNERS = Category.PARTIAL | Category.FAILS
_WHERE = Category.ELSEWHERE | Category.SITE
_DENIERS = Category.NOT | Category.NO | Category.NOTHING | Category.ENDED | Category.WITHOUT


class _Entries(dict[str, tuple[WordEntry, ...]]):
    """Maps a written word to the language's reading of it. Cached: most words of mails recur."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, word: str) -> tuple[WordEntry, ...]:
        entries = tuple(self._lexicon.look_up(word))
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        if len(word) <= _LONGEST_REMEMBERED:
            self[word] = entries
        return entries


class Lexicon:
    """One language: its phrases, all words known in it, and the words that join two clauses."""

    def __init__(self, code: str, file: Mapping[str, Any]) -> None:
        self.code = code
        self.behind: int = file.get("behind", 1)
        self.no_denies: bool = file.get("no_denies", False)
        self._letters = read_letters(file.get("letters", ""))
        self._spellings = {fold_word(one): tuple(many.split()) for one, many in file.get("spellings", {}).items()}
        self._prefixes = tuple(self._fold(prefix) for prefix in file.get("prefixes", "").split())
        self.joins = self._read_list(file, "joins")
        self.subjects = self._read_list(file, "subjects")
        self.speakers = self._read_list(file, "speakers")
        self.reasons = self._read_list(file, "reasons")
        self.requests = self._read_list(file, "requests")
        self.binders = self._read_list(file, "binders")
        self.openers = self._read_list(file, "openers")
        self.also = self._read_list(file, "also")
        self.again = self._read_list(file, "again")
        self.thats = self._read_list(file, "thats")
        self.frames = self._read_list(file, "frames") or self.subjects
        self._misspellings = Misspellings(self._read_list(file, "typos"))
        self._known: set[str] = set()
        self._stems: dict[str, list[Stem]] = {}
        self._openings: dict[str | Stem, list[Opening]] = {}
        self._where: dict[str | Stem, list[tuple[int, PhraseStart]]] = {}
        self._index(file)
        self._entries = _Entries(self)

    def read(self, words: Iterable[str]) -> list[WordEntry]:
        """The words of a text as this language reads them; one may be several (`doesn't` is `does not`)."""
        entries = self._entries
        return [entry for word in words for entry in entries[word]]

    def marks(self, words: Sequence[WordEntry]) -> list[Mark]:
        """The categories in a row of words."""
        return find_marks(words, [word.text for word in words], self.closed)

    def find_places(self, words: Sequence[str]) -> list[Mark]:
        """The words that name another thing, place, person or time; they may be part of other phrases."""
        return [
            Mark(category, place, end)
            for place, word in enumerate(words)
            for category, start in self._where.get(word, ())
            if (start.followers is None or not start.followers.isdisjoint(words[place + 1 : place + 2]))
            and (end := find_end(start.tail, words, place + 1, self.closed)) > 0
        ]

    def look_up(self, word: str) -> Iterator[WordEntry]:
        """Computes the entries of a written word."""
        if is_unspaced(word):
            yield from map(self._entry, self._cutter.cut(self._fold(word)))
            return
        for part in self._expand(word):
            text = self._recognise(part)
            prefix = "" if self._knows(text) else self._prefix_of(text)
            if prefix:
                yield self._entry(prefix)
            yield self._entry(text[len(prefix) :])

    def _expand(self, word: str) -> Iterator[str]:
        """The words that a written one stands for."""
        whole = APOSTROPHE.sub("'", word.lower())
        if found := self._spelled_out(fold_word(whole)):
            yield from map(self._fold, found)
        elif whole.endswith("n't") and "n't" in self._spellings:
            yield self._fold(word[:-3])
            yield from map(self._fold, self._spellings["n't"])
        else:
            yield from (self._fold(part) for part in whole.split("'") if part)

    def _spelled_out(self, word: str) -> tuple[str, ...] | None:
        """The words that one stands for, also with a typing error (`dosnt`)."""
        found = self._spellings.get(word)
        if found or not self._spellings or self._knows(word):
            return found
        return self._spellings.get(self._misspellings.correct(word) or "")

    def _recognise(self, text: str) -> str:
        """The word, or the known word that it spells without marks or with a typing error."""
        if self._knows(text):
            return text
        return self._unmarked.get(text) or self._misspellings.correct(text) or text

    def _prefix_of(self, text: str) -> str:
        """The negation that is written onto a word known without it."""
        for prefix in self._prefixes:
            if text.startswith(prefix) and self._knows(text[len(prefix) :]):
                return prefix
        return ""

    def _entry(self, text: str) -> WordEntry:
        pairs: dict[str, list[Candidate]] = {}
        others: list[Candidate] = []
        starts: list[tuple[str | Stem, int]] = [(text, 0)]
        starts += [(stem, len(text) - stem.letters) for stem in self._stems_of(text)]
        for begin, letters in starts:
            for opening in self._openings.get(begin, ()):
                phrase = opening.phrase
                loose = letters + (_GAP_LOOSENESS if phrase.gaps else 0) - (1 if phrase.last else 0)
                for start in self._reader.read_starts(opening):
                    candidate = phrase.category, loose, start
                    if start.followers is None:
                        others.append(candidate)
                    for word in start.followers or ():
                        pairs.setdefault(word, []).append(candidate)
        by_next = {word: sum_up(found) for word, found in pairs.items()}
        return WordEntry(text, self._knows(text), *sum_up(others), by_next or None)

    def _knows(self, text: str) -> bool:
        """Tells whether the language's file has the word; figures belong to every language."""
        return text in self._known or text.isdigit() or next(self._stems_of(text), None) is not None

    def _stems_of(self, text: str) -> Iterator[Stem]:
        for length in self._stem_lengths:
            for stem in self._stems.get(text[:length], ()):
                if len(stem.begin) == length and stem.fits(text):
                    yield stem

    def _fold(self, text: str) -> str:
        return fold_word(text, self._letters)

    def _read_list(self, file: Mapping[str, Any], key: str) -> frozenset[str]:
        return frozenset(map(self._fold, file.get(key, "").split()))

    def _index(self, file: Mapping[str, Any]) -> None:
        """Indexes every word and phrase of the file."""
        phrases = [(Category[name.upper()], phrase) for name, found in file["signs"].items() for phrase in found]
        common: list[str] = file.get("common", "").split()
        written = find_words(phrase for _, phrase in phrases)
        folded = FoldedWords([*written, *common], self._letters)
        self._reader = reader = PhraseReader(folded.__getitem__)
        for category, phrase in phrases:
            for words, opening in reader.read_openings(category, phrase):
                if category & _WHERE:
                    starts = [(category, start) for start in reader.read_starts(opening)]
                    for word in words:
                        self._where.setdefault(word, []).extend(starts)
                else:
                    for word in words:
                        self._openings.setdefault(word, []).append(opening)
        self._learn(reader.read_words(written))
        self._learn(reader.read_stem(word) if "*" in word else folded[word] for word in common)
        self._learn(word for words in self._spellings.values() for word in words)
        self._learn(self._prefixes)
        self._stem_lengths = sorted({len(stem.begin) for stems in self._stems.values() for stem in stems}, reverse=True)
        self._unmarked = (
            self._read_unmarked([*WORD.findall(" ".join(written)), *common], folded) if self._letters else {}
        )
        self.deniers = self._words_of(_DENIERS)
        self.closed = self.deniers | self._words_of(_TURNERS)
        self._cutter = Cutter(word for word in self._known if is_unspaced(word))
        folded.clear()  # few words are folded from now on

    def _words_of(self, categories: int) -> frozenset[str]:
        """The words that have one of the categories by themselves."""
        return frozenset(
            word
            for word, openings in self._openings.items()
            for phrase, _, others in openings
            if phrase.category & categories and len(phrase.parts) == 1 and not others and isinstance(word, str)
        )

    def _learn(self, words: Iterable[str | Stem]) -> None:
        for word in words:
            if isinstance(word, str):
                self._known.add(word)
            elif word not in (stems := self._stems.setdefault(word.begin, [])):
                stems.append(word)

    def _read_unmarked(self, written: Iterable[str], folded: Mapping[str, str]) -> dict[str, str]:
        """Maps words without their marks to the marked word; of two such words the last one counts.

        Asked only for a word that is not known.
        """
        marked = [word for word in written if not word.isascii()]
        plain = FoldedWords(marked)
        pairs = ((plain[word], folded[word]) for word in marked)
        return {word: other for word, other in pairs if word != other and word not in self._known}


_FOLDER = files("mailgate.parsers") / "languages" / "answers"

CODES: tuple[str, ...] = tuple(
    sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
)
"""The languages whose answers are understood; every other language's text is unclear."""


def read_file(code: str) -> Mapping[str, Any]:
    """Parses a language file."""
    return tomllib.loads((_FOLDER / f"{code}.toml").read_text("utf-8"))


@cache
def load_lexicon(code: str) -> Lexicon:
    """Loads a language at its first use. Cached."""
    return Lexicon(code, read_file(code))
