"""Corrects typing errors in the words of a reply, if only one known word explains them.

Pure, cannot fail.
"""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 5
"""Letters of the shortest word in which a slip is forgiven: shorter ones are one letter from too many others."""


class Misspellings:
    """Known words and the misspellings one edit away: a letter wrong, missing, added, or swapped.

    The first letter is taken as right: errors seldom hit it.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words: dict[str, set[str]] = {}
        for word in words:
            for shortened in _shortened(word):
                self._words.setdefault(shortened, set()).add(word)

    def correct(self, wrong: str) -> str | None:
        """The one known word that is an edit away; None if there is none, or two."""
        if len(wrong) < SHORTEST or not self._words:
            return None
        near = {word for short in _shortened(wrong) for word in self._words.get(short, ()) if _one_slip(wrong, word)}
        return near.pop() if len(near) == 1 else None


def _shortened(word: str) -> set[str]:
    """The word, and the word without one of its letters, the first kept: words one edit apart share one."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(1, min(len(word), 30)))}


def _one_slip(wrong: str, word: str) -> bool:
    if wrong[0] != word[0]:
        return False
    shorter = min(len(wrong), len(word))
    at = next((i for i in range(shorter) if wrong[i] != word[i]), shorter)
    left, right = wrong[at:], word[at:]
    swapped = len(left) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
