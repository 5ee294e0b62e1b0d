"""Parses the phrases of the answer files, and matches them in a row of words.

The notation is explained in `languages/answers/README.md`. Of a phrase only the first words are parsed at once: few
phrases of a language ever occur. Pure; an unreadable phrase raises `ValueError`, a bug of the package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mailgate.parsers.replies.spelling import APOSTROPHE, WORD

_GAP = "..."
_LAST = "."
_WORDLESS = (_GAP, _LAST)
_GAP_WORDS = 3
_PART = re.compile(r"\[[^\]]*\]|\([^)]*\)|\S+")
_NO_LETTERS = re.compile(r"[^\w*]+")


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
    """A way to begin a phrase: what follows its first word or stem, `tail` being the slots after it.

    `followers`: the words of which one must follow (None: any, or none at all). `length`: the number of words of the
    phrase; 0 if it must be found out. `needs`: words of which one must be in the text, so that the slots need not be
    tried (empty: none are that plain).
    """

    tail: tuple[Slot, ...]
    followers: frozenset[str] | None
    length: int
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase and its category. `parts`: its places as written; most are parsed only when a text may have it."""

    category: int
    parts: tuple[str, ...]

    @property
    def gaps(self) -> bool:
        """True if words of any kind may stand in it."""
        return _GAP in self.parts

    @property
    def last(self) -> bool:
        """True if the clause must end behind it."""
        return self.parts[-1] == _LAST


class Opening(NamedTuple):
    """The part of a phrase behind a word that may begin it: `others` must follow, then the parts from `at`."""

    phrase: Phrase
    at: int
    others: tuple[str | Stem, ...] = ()


class PhraseReader:
    """Parses the phrases of one file. What recurs in them is parsed once.

    `fold`: a written word → the word as it is compared.
    """

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._slots: dict[str, Slot] = {}

    def read_openings(self, category: int, pattern: str) -> Iterator[tuple[tuple[str | Stem, ...], Opening]]:
        """Parses the beginning of a phrase: all ways to begin it, with their first words."""
        phrase = Phrase(category, tuple(_PART.findall(pattern)))
        if not phrase.parts or phrase.parts[0] in _WORDLESS or all(part.startswith("[") for part in phrase.parts):
            raise ValueError(f"a phrase needs a word to begin with: {pattern!r}")
        for at, part in enumerate(phrase.parts, start=1):
            slot = self._slots.get(part) or self._read_slot(part)
            if slot.words or slot.stems:
                yield (*slot.words, *slot.stems), Opening(phrase, at)
            for first, *others in slot.longer:
                yield (first,), Opening(phrase, at, tuple(others))
            if not slot.optional:
                return

    def read_starts(self, opening: Opening) -> Iterator[PhraseStart]:
        """Parses the rest of a phrase: the ways to go on after its first word. The second word rules most out."""
        rest = opening.phrase.parts[opening.at :]
        tail = (*map(_only, opening.others), *[self._slots.get(part) or self._read_slot(part) for part in rest])
        if not tail or (len(tail) == 1 and tail[0].plain):
            yield PhraseStart(tail, tail[0].words if tail else None, 1 + len(tail))
            return
        followers = _first_words(tail)
        if followers is None and all(slot.optional for slot in tail):
            followers = _first_words((*tail, Slot()))
            if followers is not None:  # so that the phrase need not be tried where none of its words follows
                yield PhraseStart((), None, 1)
        needs = min((slot.words for slot in tail if slot.plain), key=len, default=frozenset[str]())
        yield PhraseStart(tail, followers, 0, needs)

    def read_words(self, written: Iterable[str]) -> Iterator[str | Stem]:
        """Parses words and stems as they stand in phrases."""
        for word in written:
            if word.isalnum():
                yield self._fold(word)
            else:
                yield from self._read_choice(word)

    def read_stem(self, written: str) -> Stem:
        """Parses a stem, which has at least one `*`."""
        begin, *middle, end = _NO_LETTERS.sub("", self._fold(written)).split("*")
        return Stem(begin, tuple(letters for letters in middle if letters), end)

    def _read_slot(self, part: str) -> Slot:
        if part in _WORDLESS:
            slot = Slot(gap=part == _GAP, last=part == _LAST)
        else:
            choices = part.strip("[]()").split("|")
            words = [self._fold(choice) for choice in choices if choice.isalnum()]
            others = [self._read_choice(choice) for choice in choices if not choice.isalnum()]
            longer = tuple([choice for choice in others if len(choice) > 1])
            single = [choice[0] for choice in others if len(choice) == 1]
            stems = tuple([one for one in single if isinstance(one, Stem)])
            words += [one for one in single if isinstance(one, str)]
            slot = Slot(frozenset(words), longer, stems, optional=part.startswith("["))
        self._slots[part] = slot
        return slot

    def _read_choice(self, choice: str) -> tuple[str | Stem, ...]:
        if "*" not in choice:
            return self._read_words(choice)
        words: list[str | Stem] = []
        for word in choice.split():
            words.extend([self.read_stem(word)] if "*" in word else self._read_words(word))
        return tuple(words)

    def _read_words(self, written: str) -> tuple[str, ...]:
        """The words of a phrase; an apostrophe parts them."""
        words = written.split()
        if not "".join(words).isalnum():
            words = [part for word in WORD.findall(written) for part in APOSTROPHE.split(word) if part]
        return tuple(map(self._fold, words))


def find_words(phrases: Iterable[str]) -> list[str]:
    """Finds the different words and stems in phrases, as written, in the order in which they stand there last."""
    text = " ".join(phrases)
    for sign in "|[]()":
        text = text.replace(sign, " ")
    return list(dict.fromkeys(reversed(text.split())))[::-1]


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
