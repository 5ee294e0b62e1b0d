"""Compares two requests of one person: the later one is likely the same problem, said again in nearly the same words.

Pure and cheap: reads the first TEXT_LIMIT letters of each. A likely duplicate is only pointed out, so that a wrong one
does no harm; still, other numbers (of floors, of invoices) make other requests.
"""

from __future__ import annotations

import re

from mailgate.parsers.quoting.signatures import cut_closing
from mailgate.parsers.search_terms import words_of

TEXT_LIMIT = 2_000
_NUMBER = re.compile(r"\w*\d\w*")
_FEWEST_SHARED = 3  # words that texts under different subjects have in common, at least


def is_likely_duplicate(one: tuple[str, str], other: tuple[str, str], language: str = "") -> bool:
    """Tells whether two requests, each a subject and a text, are likely the same.

    Their texts are equal; or one subject has the words of the other, and the texts share half of what else they say; or
    two thirds of the words of the texts are the same. `language` is the code of theirs, "" if unknown.
    """
    texts = [cut_closing(text[:TEXT_LIMIT]) for _, text in (one, other)]
    said = [
        set(_NUMBER.findall(f"{subject} {text}".casefold()))
        for (subject, _), text in zip((one, other), texts, strict=True)
    ]
    if said[0] - said[1] and said[1] - said[0]:
        return False
    if texts[0].strip() and _folded(texts[0]) == _folded(texts[1]):
        return True
    first, second = (frozenset(words_of(subject, language)) for subject, _ in (one, other))
    words, others = (frozenset(words_of(text, language)) for text in texts)
    if first and second and (first <= second or second <= first):
        words, others = words - (first & second), others - (first & second)
        return 2 * len(words & others) >= min(len(words), len(others))
    shared = len(words & others)
    return shared >= _FEWEST_SHARED and 3 * shared >= 2 * max(len(words), len(others))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
