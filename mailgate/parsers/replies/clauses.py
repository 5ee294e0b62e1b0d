"""Splits a text into sentences and clauses, each read in the language that knows most of its words.

Determines where sentences and clauses end and which categories occur in each; `clause_vote` interprets them. Pure,
never raises, linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from mailgate.parsers.replies.categories import Category, Mark
from mailgate.parsers.replies.languages import find_better_languages, rank_languages
from mailgate.parsers.replies.lexicon import Lexicon, load_lexicon
from mailgate.parsers.replies.spelling import WORD
from mailgate.parsers.replies.word_index import WordEntry, find_marks

_MOST_LANGUAGES = 3
_ANSWERS = Category.OPTION_YES | Category.OPTION_NO | Category.YES | Category.NO
# begins with one set of characters, so that it is searched for fast; what was found is judged by looking back at it
_BREAK = re.compile(
    r"[.!…?！？。｡\n,;:()\[\]、，；：（）「」–—/-](?:"
    r"(?P<end>(?<=[.!…])[.!…]*(?=\s|$)|(?<=[?！？。｡])[?！？。｡]*[!?]*|(?<=\.)\.+|(?<=\n)\s*\n)"
    r"|(?P<line>(?<=\n)(?=[ \t>*-]{0,20}([^\W\d_])))"
    r"|(?<=[,;:()\[\]、，；：（）「」])|(?<=\s[-–—/])[-–—/]*\s|(?<=[–—])|(?<=[^\W\d]/)(?=\w))"
)
_MOST_WORDS = 120  # of a clause: the effects of its words on each other take quadratic time
_LANGUAGE_SAMPLE = 100  # words by which the language is found
_CUTTING = Category.CONTRAST | Category.NO


class _Piece(NamedTuple):
    """Text between two punctuation marks, with its words as written."""

    start: int
    end: int
    words: list[str]
    sentence: int
    first: bool
    question: bool


class Clause(NamedTuple):
    """Part of a sentence: its words, its place in the text, its categories, and the number of its sentence.

    `categories` are the bits of all marks and of the places named; `unmarked` counts the words that carry no mark, a
    phrase with two categories once; `strange` are the words that its language does not know; `first`: the sentence
    begins with it.
    """

    words: tuple[str, ...]
    strange: tuple[str, ...]
    lexicon: Lexicon
    marks: tuple[Mark, ...]
    categories: int
    unmarked: int
    sentence: int
    first: bool
    question: bool
    start: int
    end: int

    def has(self, categories: int) -> bool:
        """Tells whether the clause has one of the categories."""
        return self.categories & categories != 0

    @property
    def coverage(self) -> float:
        """The share of words that the language knows."""
        return 1 - len(self.strange) / len(self.words)

    @property
    def is_news(self) -> bool:
        """Tells whether a clause says "now" or "again", also inside a longer phrase."""
        return self.has(Category.NOW) or not self.lexicon.again.isdisjoint(self.words)


def read_clauses(text: str, most: int) -> tuple[list[Clause], bool]:
    """Splits a text into at most `most` clauses, and tells whether all of it was read."""
    pieces = _pieces(text)
    if not pieces:
        return [], True
    main = _find_language([word for piece in pieces for word in piece.words][:_LANGUAGE_SAMPLE])
    clauses: list[Clause] = []
    for piece in pieces:
        for part in [piece] if len(piece.words) <= _MOST_WORDS else _shortened(text, piece):
            if len(clauses) >= most:
                return clauses, False
            _read_piece(clauses, text, part, main)
    return clauses, True


def _pieces(text: str) -> list[_Piece]:
    """The text between its punctuation marks, if it has words."""
    pieces: list[_Piece] = []
    place = sentence = 0
    first = True
    for found in _BREAK.finditer(text):
        kind = found.lastgroup
        if kind == "line" and not _new_line(text, found):
            continue
        start = found.start()
        if place < start and (words := WORD.findall(text, place, start)):
            asked = kind == "end" and ("?" in found[0] or "？" in found[0])
            pieces.append(_Piece(place, start, words, sentence, first, asked))
            first = False
        if kind:
            sentence += 1
            first = True
        place = found.end()
    if words := WORD.findall(text, place):
        pieces.append(_Piece(place, len(text), words, sentence, first, False))
    return pieces


def _shortened(text: str, piece: _Piece) -> list[_Piece]:
    """Splits an unnaturally long piece so that no part is too long."""
    places = [found.span() for found in WORD.finditer(text, piece.start, piece.end)]
    parts: list[_Piece] = []
    for at in range(0, len(places), _MOST_WORDS):
        part = places[at : at + _MOST_WORDS]
        words, last = piece.words[at : at + _MOST_WORDS], at + _MOST_WORDS >= len(places)
        parts.append(
            _Piece(part[0][0], part[-1][1], words, piece.sentence, piece.first and not at, piece.question and last)
        )
    return parts


def _new_line(text: str, found: re.Match[str]) -> bool:
    """Tells whether a line break begins a sentence: a capital follows, and the text is not all capitals."""
    if not found[3].isupper():
        return False
    start = found.start()
    if text[max(0, start - 2) : start].islower():
        return True
    before = text[max(0, start - 60) : start].rsplit("\n", 1)[-1]
    return not (before.isupper() and len(before) > 1)


def _find_language(words: Sequence[str]) -> Lexicon:
    """The language that knows most of the words; among equals, the one with most marked words."""
    likely = [load_lexicon(code) for code in rank_languages(words)[:_MOST_LANGUAGES]]
    if len(likely) < 2:
        return likely[0] if likely else load_lexicon("en")
    read = [(lexicon, lexicon.read(words)) for lexicon in likely]
    strange = [_count_strange(entries) for _, entries in read]
    best = [reading for reading, count in zip(read, strange, strict=True) if count == min(strange)]
    return (
        best[0][0]
        if len(best) == 1
        else max(best, key=lambda reading: _count_meaningful(reading[0].marks(reading[1])))[0]
    )


def _count_strange(entries: Sequence[WordEntry]) -> int:
    return [entry[1] for entry in entries].count(False)


def _count_meaningful(marks: Sequence[Mark]) -> tuple[int, bool]:
    """Counts the marked words, and tells whether one of them is a plain yes or no."""
    return sum({m.start: m.end - m.start for m in marks}.values()), any(m.category & _ANSWERS for m in marks)


def _read_piece(clauses: list[Clause], text: str, piece: _Piece, main: Lexicon) -> None:
    """Adds the clauses of a piece."""
    lexicon, entries = _read_best(piece.words, main)
    words = tuple([entry[0] for entry in entries])
    marks = find_marks(entries, words, lexicon.closed)
    where = lexicon.find_places(words)
    whole = _make_clause(piece, lexicon, (entries, words), marks, where)
    parts = whole.categories & _CUTTING or not lexicon.joins.isdisjoint(words)
    cuts = _cuts(whole) if parts else []
    if not cuts:
        clauses.append(whole)
        return
    places, count = _places(text, piece, lexicon, len(words)), len(words)
    for begin, end in pairwise([0, *cuts, count]):
        inside = [Mark(category, at - begin, to - begin) for category, at, to in marks if begin <= at and to <= end]
        first, question = piece.first and begin == 0, piece.question and end == count
        part = _Piece(places[begin][0], places[end - 1][1], piece.words, piece.sentence, first, question)
        places_inside = [mark for mark in where if begin <= mark.start and mark.end <= end]
        clauses.append(_make_clause(part, lexicon, (entries[begin:end], words[begin:end]), inside, places_inside))


def _make_clause(
    piece: _Piece,
    lexicon: Lexicon,
    read: tuple[Sequence[WordEntry], tuple[str, ...]],
    marks: Sequence[Mark],
    where: Sequence[Mark],
) -> Clause:
    entries, words = read
    categories, unmarked, previous = 0, len(words), -1
    for category, begin, stop in marks:
        categories |= category
        if begin != previous:
            unmarked -= stop - begin
            previous = begin
    for place in where:
        if not any(_is_part_of(place, mark) for mark in marks):
            categories |= place.category
    strange = tuple([entry[0] for entry in entries if not entry[1]])
    start, end, _, sentence, first, question = piece
    return Clause(
        words=words,
        strange=strange,
        lexicon=lexicon,
        marks=tuple(marks),
        categories=categories,
        unmarked=unmarked,
        sentence=sentence,
        first=first,
        question=question,
        start=start,
        end=end,
    )


def _is_part_of(place: Mark, cure: Mark) -> bool:
    """Tells whether a place is only part of what is clearly cured: "my neighbour fixed it", "the key came and fits"."""
    inside = cure.start <= place.start and place.end <= cure.end and cure.end - cure.start > place.end - place.start
    return cure.category == Category.CURED and inside


def _read_best(words: Sequence[str], main: Lexicon) -> tuple[Lexicon, list[WordEntry]]:
    """The words in the language of the text, or in one that knows more of them."""
    entries = main.read(words)
    strange = _count_strange(entries)
    if not strange:
        return main, entries
    best = main, entries
    for lexicon in map(load_lexicon, find_better_languages(words, main.code)):
        entries = lexicon.read(words)
        if (count := _count_strange(entries)) < strange:
            best, strange = (lexicon, entries), count
    return best


def _places(text: str, piece: _Piece, lexicon: Lexicon, count: int) -> list[tuple[int, int]]:
    """The place of each word in the text; words that were written as one share a place."""
    places = [found.span() for found in WORD.finditer(text, piece.start, piece.end)]
    if len(places) == count:
        return places
    return [place for place, word in zip(places, piece.words, strict=True) for _ in lexicon.read([word])]


def _cuts(clause: Clause) -> list[int]:
    """Where a clause is split: before "but", before "and it", after a leading "no" with a subject."""
    words, marks, lexicon = clause.words, clause.marks, clause.lexicon
    cuts: set[int] = set()
    for category, start, end in marks:
        if category == Category.CONTRAST and start > 0:
            cuts.add(start)
        elif category == Category.NO and start == 0 and end < len(words) and words[end] in lexicon.subjects:
            cuts.add(end)
    joins, subjects = lexicon.joins, lexicon.subjects
    for at in [at for at, word in enumerate(words[:-1]) if word in joins]:
        if at and words[at + 1] in subjects and not _inside(marks, at):
            cuts.add(at)
    return sorted(cuts)


def _inside(marks: Sequence[Mark], at: int) -> bool:
    """Tells whether a place is inside a phrase."""
    return any(mark.start < at < mark.end for mark in marks)
