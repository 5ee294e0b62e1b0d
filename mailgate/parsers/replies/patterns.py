"""Parses the phrases of the answer files, and matches them in a row of words.

The notation is explained in `languages/answers/README.md`. Pure; an unreadable phrase raises `ValueError`, a bug of the
package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_GAP = "..."
_LAST = "."
_GAP_WORDS = 3
_PART = re.compile(r"\[[^\]]*\]|\([^)]*\)|\S+")
WordReader = Callable[[str], tuple[str, ...]]
"""Written words → the words as they are compared."""


class Stem(NamedTuple):
    """A word of which only some letters are given: `begin*`, `*end`, `begin*middle*`."""

    begin: str
    middle: tuple[str, ...] = ()
    end: str = ""

    def fits(self, word: str) -> bool:
        """Tells whether the word has these letters in this order."""
        if not word.startswith(self.begin) or not word.endswith(self.end):
            return False
        place = len(self.begin)
        for letters in self.middle:
            found = word.find(letters, place)
            if found < 0:
                return False
            place = found + len(letters)
        return place + len(self.end) <= len(word)

    @property
    def letters(self) -> int:
        """The number of given letters."""
        return len(self.begin) + sum(map(len, self.middle)) + len(self.end)


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a phrase: its single words, its spellings of several words, its stems.

    A gap has none of them, nor has the end of the clause (`last`).
    """

    words: frozenset[str] = frozenset()
    longer: tuple[tuple[str | Stem, ...], ...] = ()
    stems: tuple[Stem, ...] = ()
    optional: bool = False
    gap: bool = False
    last: bool = False

    @property
    def plain(self) -> bool:
        """True if exactly one word stands here, one of `words`."""
        return not (self.optional or self.gap or self.last or self.stems or self.longer)

    def takes(self, word: str) -> bool:
        """Tells whether a word may stand here."""
        return word in self.words or (bool(self.stems) and any(stem.fits(word) for stem in self.stems))


class PhraseStart(NamedTuple):
    """A word or stem that begins a phrase, and the slots after it.

    `followers`: the words of which one must follow (None: any, or none at all). `length`: the number of words of the
    phrase; 0 if it must be found out. `needs`: words of which one must be in the text, so that the slots need not be
    tried (empty: none are that plain).
    """

    word: str | Stem
    tail: tuple[Slot, ...]
    followers: frozenset[str] | None
    length: int
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase and its category. `gaps`: words of any kind may stand in it."""

    category: int
    slots: tuple[Slot, ...]
    gaps: bool

    def starts(self) -> Iterator[PhraseStart]:
        """All ways to begin the phrase. The second word rules out most phrases."""
        for at, slot in enumerate(self.slots):
            following = self.slots[at + 1 :]
            single: list[str | Stem] = [*slot.words, *slot.stems]
            for one in single:
                yield from _starts(one, following)
            for first, *others in slot.longer:
                yield from _starts(first, (*map(_only, others), *following))
            if not slot.optional:
                return

    def words(self) -> Iterator[str | Stem]:
        """All words and stems of the phrase."""
        for slot in self.slots:
            yield from slot.words
            yield from slot.stems
            for longer in slot.longer:
                yield from longer


def read_phrase(category: int, pattern: str, read: WordReader) -> Phrase:
    """Parses a phrase."""
    slots = tuple(_read_slot(part, read) for part in _PART.findall(pattern))
    if not slots or slots[0].gap or slots[0].last or all(slot.optional for slot in slots):
        raise ValueError(f"a phrase needs a word to begin with: {pattern!r}")
    return Phrase(category, slots, any(slot.gap for slot in slots))


def _starts(word: str | Stem, tail: tuple[Slot, ...]) -> Iterator[PhraseStart]:
    if not tail or (len(tail) == 1 and tail[0].plain):
        yield PhraseStart(word, tail, tail[0].words if tail else None, 1 + len(tail))
        return
    followers = _first_words(tail)
    if followers is None and all(slot.optional for slot in tail):
        followers = _first_words((*tail, Slot()))
        if followers is not None:  # so that the phrase need not be tried where none of its words follows
            yield PhraseStart(word, (), None, 1)
    needs = min((slot.words for slot in tail if slot.plain), key=len, default=frozenset[str]())
    yield PhraseStart(word, tail, followers, 0, needs)


def _only(word: str | Stem) -> Slot:
    """The slot of one word."""
    return Slot(frozenset([word])) if isinstance(word, str) else Slot(stems=(word,))


def _first_words(slots: Sequence[Slot]) -> frozenset[str] | None:
    """The words with which a row of slots must begin; None if it may be empty or begin with any word."""
    words: set[str] = set()
    for slot in slots:
        firsts = [longer[0] for longer in slot.longer]
        if slot.gap or slot.last or slot.stems or any(isinstance(first, Stem) for first in firsts):
            return None
        words.update(slot.words, (first for first in firsts if isinstance(first, str)))
        if not slot.optional:
            return frozenset(words)
    return None


def read_stem(written: str, read: WordReader) -> Stem:
    """Parses a stem, which has at least one `*`."""
    begin, *middle, end = ("".join(read(part)) for part in written.split("*"))
    return Stem(begin, tuple(letters for letters in middle if letters), end)


def _read_slot(part: str, read: WordReader) -> Slot:
    if part in (_GAP, _LAST):
        return Slot(gap=part == _GAP, last=part == _LAST)
    choices = [_read_choice(choice, read) for choice in part.strip("[]()").split("|")]
    single = [choice[0] for choice in choices if len(choice) == 1]
    longer = tuple(choice for choice in choices if len(choice) > 1)
    stems = tuple(one for one in single if isinstance(one, Stem))
    optional = part.startswith("[")
    words = frozenset(one for one in single if isinstance(one, str))
    return Slot(words, longer, stems, optional)


def _read_choice(choice: str, read: WordReader) -> tuple[str | Stem, ...]:
    if "*" not in choice:
        return read(choice)
    words: list[str | Stem] = []
    for word in choice.split():
        words.extend([read_stem(word, read)] if "*" in word else read(word))
    return tuple(words)


def find_end(slots: Sequence[Slot], words: Sequence[str], place: int, closed: frozenset[str]) -> int:
    """The end of the longest match of the slots at `place`; -1 if there is none.

    No word of `closed` falls into a gap: a phrase must not swallow the word that denies it.
    """
    places = [place]
    for slot in slots:
        if slot.gap or slot.longer:
            places = list({end for place in places for end in _ends(slot, words, place, closed)})
        else:
            places = _step(slot, words, places)
        if not places:
            return -1
    return max(places)


def _step(slot: Slot, words: Sequence[str], places: Sequence[int]) -> list[int]:
    """All ends of a slot of one word, or of the clause's end, that begins at one of the places."""
    most = len(words)
    if slot.last:
        return [place for place in places if place == most]
    reached = list(places) if slot.optional else []
    for place in places:
        if place < most and slot.takes(words[place]) and place + 1 not in reached:
            reached.append(place + 1)
    return reached


def _ends(slot: Slot, words: Sequence[str], place: int, closed: frozenset[str]) -> Iterator[int]:
    """All ends of one slot that begins at a place."""
    if slot.gap:
        yield place
        for at in range(place, min(place + _GAP_WORDS, len(words))):
            if words[at] in closed:
                return
            yield at + 1
        return
    if slot.optional:
        yield place
    if place < len(words) and slot.takes(words[place]):
        yield place + 1
    for longer in slot.longer:
        if _follows(words, place, longer):
            yield place + len(longer)


def _follows(words: Sequence[str], place: int, longer: tuple[str | Stem, ...]) -> bool:
    if place + len(longer) > len(words):
        return False
    return all(
        one == words[place + at] if isinstance(one, str) else one.fits(words[place + at])
        for at, one in enumerate(longer)
    )
