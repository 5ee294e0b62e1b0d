"""Finds many phrases of many languages in a text, in one pass over its words.

Answers which categories of a data file of `languages/` occur in a text. A phrase is searched only if one of its words
occurs, so that a thousand phrases cost hardly more than ten; phrases that begin with a Chinese or Japanese character
are searched if the text has such characters. Never fails on text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from mailgate.parsers.phrases import load_phrases

LONG_WORD = 5  # letters of a word that is rare enough to look a phrase up by it

_WORD = re.compile(r"\w+")
_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "_"}
_ALIKE = (("’", "'"), ("‘", "'"), ("\xa0", " "), ("\u202f", " "), ("\u2009", " "), ("\u200b", ""), ("\ufeff", ""),
          ("\u200e", ""), ("\u0307", ""), ("：", ":"))  # fmt: skip
_DOT = "\u0307"  # which the folding of a Turkish letter adds


class Phrasebook:
    """The phrases of one data file, indexed by a long word of each."""

    def __init__(self, phrases: Mapping[str, tuple[str, ...]]) -> None:
        self._by_word: dict[str, list[tuple[str, str]]] = {}
        self._eastern: list[tuple[str, str]] = []
        self._heads: dict[str, tuple[str, ...]] = {}
        for category, values in phrases.items():
            plain = tuple(map(_replace_alike, values))
            self._heads[category] = plain
            for phrase in plain:
                self._file(phrase, category)
        self._words = frozenset(self._by_word)

    def find(self, text: str) -> set[str]:
        """The categories that have a phrase in a text, which must be `flatten`ed."""
        found: set[str] = set()
        for word in self._words.intersection(_split_words(text)):
            found.update(category for phrase, category in self._by_word[word] if phrase in text)
        if self._eastern and is_eastern(text):
            found.update(category for phrase, category in self._eastern if phrase in text)
        return found

    def begins(self, text: str, category: str) -> str:
        """The phrase of a category that a flattened text begins with, "" for none."""
        heads = self._heads[category]
        return max((head for head in heads if text.startswith(head)), key=len) if text.startswith(heads) else ""

    def phrases(self, category: str) -> tuple[str, ...]:
        """The phrases of a category, flattened."""
        return self._heads[category]

    def only(self, *categories: str) -> Phrasebook:
        """A phrasebook of these categories alone."""
        return Phrasebook({name: self._heads[name] for name in categories})

    def _file(self, phrase: str, category: str) -> None:
        words = _WORD.findall(phrase)
        if not words or _EASTERN.match(phrase):
            self._eastern.append((phrase, category))
            return
        longest = max(words[:-1], key=len, default="")  # the last one may be a stem
        word = longest if len(longest) >= LONG_WORD else words[-1] if len(words[-1]) >= len(longest) else longest
        self._by_word.setdefault(word, []).append((phrase, category))


@cache
def load_phrasebook(name: str, *categories: str) -> Phrasebook:
    """Loads the phrasebook of a data file of `languages/`, or only some categories of it. Cached."""
    return load_phrasebook(name).only(*categories) if categories else Phrasebook(load_phrases(name))


def is_eastern(text: str) -> bool:
    """Tells whether a text has Chinese or Japanese characters, which are written without spaces."""
    return not text.isascii() and _EASTERN.search(text) is not None


@lru_cache(maxsize=4)  # several phrasebooks are asked for one text
def _split_words(text: str) -> frozenset[str]:
    return frozenset(text.translate(_SPACED).split() if text.isascii() else _WORD.findall(text))


def _replace_alike(text: str) -> str:
    for letter, plain in _ALIKE:
        text = text.replace(letter, plain)
    return text


@lru_cache(maxsize=8)  # the text and the subject of a mail are asked for several signs
def flatten(text: str) -> str:
    """Folds a text for comparison: case, apostrophes, runs of white space."""
    if not text.isascii():
        text = _replace_alike(text).casefold().replace(_DOT, "")
        return " ".join(text.split())
    return " ".join(text.lower().split())
