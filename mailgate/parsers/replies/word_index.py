"""Words as a language reads them, and the phrases that begin with them: where signs stand in a row of words.

Answers for the longest phrase at each place. What every word may begin is worked out once, so that reading a text costs
little more than looking its words up. Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mailgate.parsers.replies.categories import Mark
from mailgate.parsers.replies.patterns import PhraseStart, Slot, find_end

Candidate = tuple[int, int, PhraseStart]
"""A sign, how loosely the first word fits, and how the phrase begins."""
Open = tuple[tuple[int, int, frozenset[str], tuple[Slot, ...]], ...]
"""Phrases whose length has to be found out: sign, looseness, `needs` and `tail` of the `PhraseStart`."""


class WordEntry(NamedTuple):
    """A word as its language reads it, and the phrases that it may begin.

    `signs` and `loose`: what it says alone, and how loosely it fits that phrase. `opens`: phrases whose length has to
    be found out. `pairs`: by the second word, the same three for what begins with both words.
    """

    text: str
    known: bool
    signs: int = 0
    loose: int = 0
    opens: Open = ()
    pairs: Mapping[str, tuple[int, int, Open]] | None = None


def find_marks(words: Sequence[WordEntry], texts: Sequence[str], closed: frozenset[str]) -> list[Mark]:
    """The signs in a row of words, left to right; at each place all signs of the longest phrase. `texts` are the
    words' own texts; no word of `closed` falls into a gap."""
    found: list[Mark] = []
    free, last = 0, len(words) - 1
    for place, (_, _, signs, loose, opens, pairs) in enumerate(words):
        if place < free:
            continue
        longest = place + 1
        if pairs and place < last and (both := pairs.get(texts[longest])):
            if both[0]:
                signs, loose, longest = both[0], both[1], longest + 1
            opens += both[2]
        if opens:
            best = signs, loose, longest if signs else place
            signs, longest = _find_best(texts, place, best, opens, closed)
        if signs:
            free = longest
            while signs:
                sign = signs & -signs
                found.append(Mark(sign, place, longest))
                signs -= sign
    return found


def _find_best(
    texts: Sequence[str], place: int, best: tuple[int, int, int], opens: Open, closed: frozenset[str]
) -> tuple[int, int]:
    """What the longest phrase at a place says and where it ends, if one of the open ones beats the best so far."""
    signs, tightest, longest = best
    for sign, loose, needs, tail in opens:
        if needs and needs.isdisjoint(texts):
            continue
        end = find_end(tail, texts, place + 1, closed)
        if end > longest or (end == longest and loose < tightest):
            longest, tightest, signs = end, loose, sign
        elif end == longest and loose == tightest:
            signs |= sign
    return signs, longest


def sum_up(candidates: Sequence[Candidate]) -> tuple[int, int, Open]:
    """What the tightest phrases of known length say, how loose they are, and the phrases of open length."""
    fixed = [(loose, sign) for sign, loose, start in candidates if start.length]
    loose = min(fixed, default=(0, 0))[0]
    signs = 0
    for one, sign in fixed:
        signs |= sign if one == loose else 0
    opens = [(sign, loose, start.needs, start.tail) for sign, loose, start in candidates if not start.length]
    return signs, loose, tuple(opens)
