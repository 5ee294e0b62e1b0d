"""A text in sentences and clauses, each in the language that reads it best.

Answers for: where sentences and clauses end, and what signs stand in each. What they mean is for `votes`. Pure,
never raises, linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mailgate.parsers.lexicon import LEXICONS, Lexicon, Mark, Sign, Word, read_words

_SENTENCE_END = re.compile(r"[.!…]+(?=\s|$)|[?！？。]+[!?]*|\.{2,}|\n\s*\n")
_CLAUSE_END = re.compile(r"[,;:()\[\]]|\s[-–—/]+\s|[–—]|(?<=\w)/(?=\w)")
_LINE = re.compile(r"\n(?=[ \t>*-]{0,20}([^\W\d_]))")
_Reading = tuple[Lexicon, list[str], tuple[Mark, ...]]


@dataclass(frozen=True, slots=True)
class Clause:
    """Part of a sentence: its words, where it stands in the text, and the sentence it belongs to."""

    words: tuple[Word, ...]
    lexicon: Lexicon
    marks: tuple[Mark, ...]
    sentence: int
    question: bool

    @property
    def span(self) -> tuple[int, int]:
        """Where the clause begins and ends in the text."""
        return self.words[0].start, self.words[-1].end

    def has(self, *signs: Sign) -> bool:
        """Whether one of the signs stands in the clause."""
        for mark in self.marks:  # noqa: SIM110  # asked so often that a generator would cost
            if mark.sign in signs:
                return True
        return False

    @property
    def coverage(self) -> float:
        """The share of words that the language knows."""
        return sum(self.lexicon.knows(word.text) for word in self.words) / len(self.words)

    @property
    def unmarked(self) -> int:
        """How many words carry no sign; a phrase with two signs counts once."""
        return len(self.words) - sum({mark.start: mark.end - mark.start for mark in self.marks}.values())


def read_clauses(text: str, most: int) -> tuple[list[Clause], bool]:
    """The clauses of a text, `most` at the most, and whether all of it was read."""
    clauses: list[Clause] = []
    for number, (start, end, question) in enumerate(_sentences(text)):
        pieces = list(_pieces(text, start, end))
        for index, words in enumerate(pieces):
            if len(clauses) >= most:
                return clauses, False
            clauses.extend(_read_clause(words, number, question and index == len(pieces) - 1))
    return clauses, True


def _sentences(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each sentence, and whether a question mark ends it."""
    start = 0
    for found in _breaks(text):
        if text[start : found[0]].strip():
            yield start, found[0], found[2]
        start = found[1]
    if text[start:].strip():
        yield start, len(text), False


def _breaks(text: str) -> Iterator[tuple[int, int, bool]]:
    places = [(m.start(), m.end(), "?" in m[0] or "？" in m[0]) for m in _SENTENCE_END.finditer(text)]
    places += [(m.start(), m.end(), False) for m in _LINE.finditer(text) if _new_line(text, m)]
    return iter(sorted(places))


def _new_line(text: str, found: re.Match[str]) -> bool:
    """Whether a line break begins a sentence: the next line has a capital, and the text is not all capitals."""
    before = text[max(0, found.start() - 60) : found.start()].rsplit("\n", 1)[-1]
    return found[1].isupper() and not (before.isupper() and len(before) > 1)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[Word, ...]]:
    place = start
    for found in _CLAUSE_END.finditer(text, start, end):
        if words := read_words(text, place, found.start()):
            yield words
        place = found.end()
    if words := read_words(text, place, end):
        yield words


def _read_clause(words: tuple[Word, ...], sentence: int, question: bool) -> Iterator[Clause]:
    lexicon, folded, marks = _read_best(words)
    cuts = [0, *_cuts(folded, marks, lexicon), len(words)]
    for begin, end in pairwise(cuts):
        inside = tuple(Mark(m.sign, m.start - begin, m.end - begin) for m in marks if begin <= m.start and m.end <= end)
        last = question and end == len(words)
        corrected = tuple(map(_corrected, words[begin:end], folded[begin:end]))
        yield Clause(corrected, lexicon, inside, sentence, last)


def _corrected(word: Word, spelled: str) -> Word:
    return word if word.text == spelled else Word(spelled, word.start, word.end)


def _read_best(words: Sequence[Word]) -> _Reading:
    """The words in the language that knows most of them; among equals, in which most of them say something."""
    spelled = [(lexicon, [lexicon.correct(word.text) for word in words]) for lexicon in LEXICONS]
    known = [sum(map(lexicon.knows, folded)) for lexicon, folded in spelled]
    best = [reading for reading, count in zip(spelled, known, strict=True) if count == max(known)]
    return max(((lexicon, folded, lexicon.marks(folded)) for lexicon, folded in best), key=_marked)


def _marked(reading: _Reading) -> int:
    """How many words say something."""
    return sum({mark.start: mark.end - mark.start for mark in reading[2]}.values())


def _cuts(words: Sequence[str], marks: Sequence[Mark], lexicon: Lexicon) -> list[int]:
    """Where a clause parts: before "but", before "and it", after a leading "no" with a subject."""
    inside = {i for mark in marks for i in range(mark.start + 1, mark.end)}
    cuts = {mark.start for mark in marks if mark.sign is Sign.CONTRAST and mark.start > 0}
    for i in range(1, len(words) - 1):
        if i not in inside and words[i] in lexicon.joins and words[i + 1] in lexicon.subjects:
            cuts.add(i)
    first = next((mark for mark in marks if mark.start == 0 and mark.sign is Sign.NO), None)
    if first and first.end < len(words) and words[first.end] in lexicon.subjects:
        cuts.add(first.end)
    return sorted(cuts)
