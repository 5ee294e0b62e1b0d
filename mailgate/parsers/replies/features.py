"""Computes the classifier's features of a reply: words and their parts, categories, and their order, as numbers.

Training and reading both use this module: a change here needs a new training (`make learn`). Pure, never raises, linear
in the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from zlib import crc32

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clause_vote import Vote, VotedClause
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.score import Answer
from mailgate.parsers.replies.spelling import WORD, is_unspaced

FEW = 14
"""Of more clauses than these the beginning, the end and what says something in between are looked at."""
_FIRST, _MIDDLE, _LAST = 5, 4, 5
_DECISIVE = frozenset({Vote.SURE, Vote.AGREED, Vote.BELIEVED, Vote.BROKEN, Vote.DOUBTED})
_NAMES = {category.value: category.name for category in Category}
_BEHIND = {Vote.SURE: "y", Vote.AGREED: "y", Vote.BELIEVED: "y", Vote.BROKEN: "n", Vote.DOUBTED: "d"}
_PIECES = range(3, 5)  # letters of the pieces of a word, its two ends counted
_RUNS = range(1, 5)  # letters of the pieces of a script without spaces
_STEM = 5  # letters that stand for a word in a row of categories
_MOST_REMEMBERED = 4_096
_LONGEST_REMEMBERED = 40  # letters: no mail may fill the memory with words that never recur
_LONGEST_WORD = 60  # letters that are read of a word
_TELLS_NOTHING = frozenset(" \t\n\r\xa0.,'’()-")
_MOODS = ("!!", "??", "?!", "..")
_QUOTES = frozenset("\"„“”«»'‘’‚")
_CITED = re.compile(r"(?:[\"„“”«»]|(?<!\w)['‘’‚])[ \xa0]?([^\W\d_]{1,40})")  # "solved", sure


def find_features(text: str, voted: Sequence[VotedClause], by_rules: Answer) -> list[set[int]]:
    """Computes the features of a text, each a number of 32 bits: of each clause, then of the whole.

    `voted` are the clauses with their votes, `by_rules` is the answer of the rules.
    """
    groups: list[set[int]] = []
    above = ""
    for one in voted:
        clause = one.clause
        words, units = _words(text, clause), _units(clause)
        categories = [unit for unit in units if unit[0] != "_"]
        found = set().union(*map(_pieces.__getitem__, words))
        found.update(_of_order(words, units, categories, "?" if clause.question else "$"))
        if above:  # words after a yes or a no may take it back
            found.update([_number(f"{above} {below}") for below in (*words, *categories)])
        above = _BEHIND.get(one.vote, above)
        groups.append(found)
    whole = {_number(f"r {by_rules.verdict} {by_rules.thanks_only:d} {by_rules.new_problem:d}")}
    whole.update(_of_votes(voted), _of_marks(text))
    return [*groups, whole]


def choose_clauses(voted: Sequence[VotedClause]) -> Sequence[VotedClause]:
    """Chooses the clauses to read: of a long text its beginning, its end and the first decisive ones."""
    if len(voted) <= FEW:
        return voted
    middle = [one for one in voted[_FIRST:-_LAST] if one.vote in _DECISIVE]
    return [*voted[:_FIRST], *middle[:_MIDDLE], *voted[-_LAST:]]


def _number(feature: str) -> int:
    return crc32(feature.encode("utf-8", "replace"))


class _Pieces(dict[str, tuple[int, ...]]):
    """Maps a word to itself and its parts, by which other endings and typing errors are recognised."""

    def __missing__(self, word: str) -> tuple[int, ...]:
        numbers = tuple({_number(f"w {word}"), *map(_number, self._cut(word))})
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        if len(word) <= _LONGEST_REMEMBERED:
            self[word] = numbers
        return numbers

    @staticmethod
    def _cut(word: str) -> Iterator[str]:
        whole, lengths = (word, _RUNS) if is_unspaced(word) else (f"<{word}>", _PIECES)
        return (whole[at : at + length] for length in lengths for at in range(len(whole) - length + 1))


_pieces = _Pieces()


def _words(text: str, clause: Clause) -> list[str]:
    """The words of a clause as written, in lower case; all figures are alike."""
    written = WORD.findall(text, clause.start, clause.end)
    return ["0" if word.isdigit() else word[:_LONGEST_WORD].lower() for word in written]


def _units(clause: Clause) -> list[str]:
    """The clause as a row of category names and, for words without one, of their beginnings."""
    units: list[str] = []
    end, previous = 0, -1
    for category, start, stop in clause.marks:
        if start == previous:
            units[-1] += "+" + _NAMES[category]
            continue
        units += ["_" + word[:_STEM] for word in clause.words[end:start]]
        units.append(_NAMES[category])
        end, previous = stop, start
    return units + ["_" + word[:_STEM] for word in clause.words[end:]]


def _of_order(words: Sequence[str], units: Sequence[str], categories: Sequence[str], end: str) -> list[int]:
    """Neighbours in the rows of a clause: its words, its units, its categories alone."""
    names = [
        *_pairs("b", words, end),
        *_pairs("u", units, end),
        *_around("u", units, end),
        *categories,
        *_pairs("s", categories, end),
        *_around("s", categories, end),
        *_threes("s", categories, end),
    ]
    return [*map(_number, names)]


def _pairs(kind: str, row: Sequence[str], end: str) -> list[str]:
    """All pairs of neighbours in a row, its beginning and end counted."""
    return [f"{kind} {one} {two}" for one, two in zip(("^", *row), (*row, end), strict=True)]


def _around(kind: str, row: Sequence[str], end: str) -> list[str]:
    """All pairs of a row with one item between them."""
    return [f"{kind} {one} … {two}" for one, two in zip(("^", *row), (*row[1:], end), strict=False)]


def _threes(kind: str, row: Sequence[str], end: str) -> list[str]:
    """All triples of neighbours in a row."""
    rows = zip(("^", *row), row, (*row[1:], end), strict=False)
    return [f"{kind} {one} {two} {three}" for one, two, three in rows]


def _of_votes(voted: Sequence[VotedClause]) -> Iterator[int]:
    """The votes of the clauses by the rules, and their order."""
    row = [f"{one.vote}{one.closing:d}{one.clause.question:d}" for one in voted]
    votes = (f"v {vote}" for vote in row)
    return map(_number, (*votes, *_pairs("v", row, "$"), *_around("v", row, "$"), *_threes("v", row, "$")))


def _of_marks(text: str) -> Iterator[int]:
    """Punctuation that shows a mood: repeated marks, symbols, and words in quotation marks."""
    letters = set(text)
    yield from (_number(f"p {one}") for one in letters - _TELLS_NOTHING if not one.isalnum())
    yield from (_number(f"p {mood}") for mood in _MOODS if mood in text)
    if not letters.isdisjoint(_QUOTES):
        yield from (_number(f"q {word.lower()}") for word in _CITED.findall(text))
