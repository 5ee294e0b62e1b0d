"""Slips of the pen: how a word of an answer may be misspelt.

Answers for misspellings that only one word explains. Pure, cannot fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def _misspellings(word: str) -> set[str]:
    """Every word one edit away that begins with the same letter: a slip seldom hits the first one."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    dropped = {a + b[1:] for a, b in splits if b}
    wrong = {a + c + b[1:] for a, b in splits if b for c in letters}
    added = {a + c + b for a, b in splits for c in letters}
    return (swapped | dropped | wrong | added) - {word}


def find_typos(words: Iterable[str]) -> Mapping[str, str]:
    """Misspelling → word, the ones that two words share left out: only what is unambiguous is corrected."""
    claims: dict[str, set[str]] = {}
    for word in words:
        for wrong in _misspellings(word):
            claims.setdefault(wrong, set()).add(word)
    return {wrong: next(iter(right)) for wrong, right in claims.items() if len(right) == 1}
