"""Many phrases of many languages, found in a text in one pass over its words.

Answers for which categories of a data file of `languages/` occur in a text. A phrase is looked for only where one of
its words stands in the text, so that a book of a thousand phrases costs hardly more than one of ten; phrases that
begin with a Chinese or Japanese letter are looked for where the text has such letters. Never fails on text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from mailgate.parsers.phrases import load_phrases

LONG_WORD = 5  # letters of a word that is rare enough to look a phrase up by it

_WORD = re.compile(r"\w+")
_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "_"}
_ALIKE = str.maketrans({"’": "'", "‘": "'", "\xa0": " ", "\u202f": " ", "\u2009": " ", "\u200b": None, "\ufeff": None,
                        "\u200e": None, "\u0307": None, "：": ":"})  # fmt: skip


class Phrasebook:
    """The phrases of one data file, filed under a long word of each."""

    def __init__(self, phrases: Mapping[str, tuple[str, ...]]) -> None:
        self._by_word: dict[str, list[tuple[str, str]]] = {}
        self._eastern: list[tuple[str, str]] = []
        self._heads: dict[str, tuple[str, ...]] = {}
        for category, values in phrases.items():
            plain = tuple(value.translate(_ALIKE) for value in values)
            self._heads[category] = plain
            for phrase in plain:
                self._file(phrase, category)
        self._words = frozenset(self._by_word)

    def find(self, text: str) -> set[str]:
        """The categories of which a phrase occurs in a text, which must be `flatten`ed."""
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
        """A book of these categories alone."""
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
def open_book(name: str, *categories: str) -> Phrasebook:
    """The book of a data file of `languages/`, all of it or only some categories, read at its first use."""
    return open_book(name).only(*categories) if categories else Phrasebook(load_phrases(name))


def is_eastern(text: str) -> bool:
    """Whether a text has Chinese or Japanese letters, which are written without spaces between words."""
    return not text.isascii() and _EASTERN.search(text) is not None


def _split_words(text: str) -> set[str]:
    return set(text.translate(_SPACED).split()) if text.isascii() else set(_WORD.findall(text))


def flatten(text: str) -> str:
    """A text as compared: without case, one kind of apostrophe, and runs of white space as one space."""
    if not text.isascii():
        text = text.translate(_ALIKE).casefold().translate(_ALIKE)
        return " ".join(text.split())
    return " ".join(text.lower().split())
