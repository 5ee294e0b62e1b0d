"""The index of phrases by their first words, and the matching of categories in a row of words.

The longest phrase wins at each place. The phrases that a word may begin are computed once, so that reading a text costs
little more than looking its words up. Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mailgate.parsers.replies.categories import Mark
from mailgate.parsers.replies.patterns import PhraseStart, Slot, find_end

Candidate = tuple[int, int, PhraseStart]
"""A category, how loosely the first word fits, and how the phrase begins."""
Open = tuple[tuple[int, int, frozenset[str], tuple[Slot, ...]], ...]
"""Phrases whose length has to be found out: category, looseness, `needs` and `tail` of the `PhraseStart`."""


class WordEntry(NamedTuple):
    """A word as its language reads it, and the phrases that it may begin.

    `categories` and `loose`: its own meaning, and how loosely it fits that phrase. `opens`: phrases whose length must
    be found out. `pairs`: by the second word, the same three for phrases that begin with both words.
    """

    text: str
    known: bool
    categories: int = 0
    loose: int = 0
    opens: Open = ()
    pairs: Mapping[str, tuple[int, int, Open]] | None = None


def find_marks(words: Sequence[WordEntry], texts: Sequence[str], closed: frozenset[str]) -> list[Mark]:
    """Finds the categories in a row of words, left to right; at each place all those of the longest phrase.

    `texts` are the words' own texts; no word of `closed` falls into a gap.
    """
    found: list[Mark] = []
    free, last = 0, len(words) - 1
    for place, (_, _, categories, loose, opens, pairs) in enumerate(words):
        if place < free:
            continue
        longest = place + 1
        if pairs and place < last and (both := pairs.get(texts[longest])):
            if both[0]:
                categories, loose, longest = both[0], both[1], longest + 1
            opens += both[2]
        if opens:
            best = categories, loose, longest if categories else place
            categories, longest = _find_best(texts, place, best, opens, closed)
        if categories:
            free = longest
            while categories:
                category = categories & -categories
                found.append(Mark(category, place, longest))
                categories -= category
    return found


def _find_best(
    texts: Sequence[str], place: int, best: tuple[int, int, int], opens: Open, closed: frozenset[str]
) -> tuple[int, int]:
    """The category and end of the longest phrase at a place, if an open one beats the best so far."""
    categories, tightest, longest = best
    for category, loose, needs, tail in opens:
        if needs and needs.isdisjoint(texts):
            continue
        end = find_end(tail, texts, place + 1, closed)
        if end > longest or (end == longest and loose < tightest):
            longest, tightest, categories = end, loose, category
        elif end == longest and loose == tightest:
            categories |= category
    return categories, longest


def sum_up(candidates: Sequence[Candidate]) -> tuple[int, int, Open]:
    """The categories of the tightest phrases of known length, their looseness, and the phrases of open length."""
    fixed = [(loose, category) for category, loose, start in candidates if start.length]
    loose = min(fixed, default=(0, 0))[0]
    categories = 0
    for one, category in fixed:
        categories |= category if one == loose else 0
    opens = [(category, loose, start.needs, start.tail) for category, loose, start in candidates if not start.length]
    return categories, loose, tuple(opens)
