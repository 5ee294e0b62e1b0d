"""Reads and writes satisfaction ratings: one to five stars, and the words next to them.

`read_rating` reads the newly written text of a mail; `write_rating` writes the sentence that a final notice's links put
into the mail that they open, which `read_rating` always recognises. Most numbers in a mail are something else ("2 of 5
printers work", a date, a list): a number counts only if it fills a line, heads one with words that do not belong to it,
or follows a whole sentence. In doubt there is no rating: that costs a figure in a report, while the words are read all
the same. Pure, never fails, linear in the text. The words are in `languages/ratings.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mailgate.core.text import fold_case_accents
from mailgate.parsers.replies.answer import MOST_CHARACTERS, find_written, read_answer

__all__ = ["MOST", "Rating", "read_rating", "write_rating"]

MOST = 5
_FIRST, _LAST = 4, 2  # lines with words, at either end of a text, that may hold a rating
_LINE = 300  # characters of a line that are looked at, at its head
_TAIL = 80  # and at its end
_FULL, _EMPTY = "★⭐🌟✭✮", "☆✩"
_TOKEN = re.compile(rf"\d+(?:[.,/:\-]\d+)*[^\W\d_]*|[^\W\d_]+(?:['’][^\W\d_]+)*|[{_FULL}{_EMPTY}]|\S")
_FIVE = re.compile(r"([1-5])/5")
# 0 to 2 of 5, 0 to 4 of 10, at most two stars; not a date, a version or a path
_POOR_MARK = re.compile(
    rf"(?<![\w/.,])(?:[0-2] ?/ ?5|[0-4] ?/ ?10)(?![\w/]|[.,]\d)|(?<![{_FULL}{_EMPTY}])[{_FULL}]{{1,2}}(?![{_FULL}])"
)
_MARKS = dict.fromkeys(map(ord, "\ufe0f\ufe0e\u20e3\u200d"))  # they make a picture of the sign in front: 4️⃣ is a 4
_WIDE = str.maketrans("０１２３４５６７８９／：", "0123456789/:")
_PUNCTUATION = " \t\xa0.,;:!…()[]{}»«”“\"'’‘*_–—-。、！"
_STOPS = ".!?…。！)»”"  # behind these a new sentence may begin
_BREAKS = ",.;:!…)–—-。、！"  # what parts a rating from the words behind it
_ORNAMENT = "*_\"“”«»'‘’ \t\xa0"
_BESIDE_SUBJECT = re.compile(r"\[[^\]]{1,80}\]|^\s*(?:re|aw|antw|sv|rv|res|rif|tr|fwd?|wg)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating from 1 (worst) to 5 stars; `words` are the text next to it, `phrase` the text that gave it.

    `is_alone` says that the words, if any, are only a greeting, thanks or praise.
    """

    stars: int
    words: str
    phrase: str
    is_alone: bool


def write_rating(stars: int, language: str) -> str:
    """Writes the rating sentence in a language, its base language or English."""
    sentences = _wording().sentences
    found = sentences.get(language) or sentences.get(language.partition("-")[0]) or sentences["en"]
    return found.format(stars=stars)


def find_doubtful_mark(text: str) -> Rating | None:
    """Finds what may be a poor rating wherever it stands, also one that `read_rating` leaves alone for a doubt.

    A poor one is no rating, but a doubt of a yes beside it: "1/5 resolved" answers two questions, or complains.
    """
    found = _POOR_MARK.search(_plain(find_written(text)[1]))
    if found is not None:
        return Rating(1, text, found[0], is_alone=False)
    return read_rating(text, asked=True)


def read_rating(text: str, subject: str = "", *, asked: bool = False, names: Collection[str] = ()) -> Rating | None:
    """Reads the rating of a reply; None if there is none, or several that differ.

    Quotes, signature and footers are ignored. `asked` says that the mail answers one that asked for a rating: then a
    bare number counts too. `names` are what its writer may sign with, folded. The subject counts only if nothing was
    written.
    """
    written = _plain(find_written(text)[1])
    if not written.strip():
        written = _plain(_BESIDE_SUBJECT.sub(" ", subject[:MOST_CHARACTERS])).strip()
    lines = written.split("\n")
    found = dict(_find(lines, asked=asked))
    stars = {one.stars for one in found.values()}
    if len(stars) != 1:
        return None
    beside = (found[at].beside if at in found else line for at, line in enumerate(lines))
    words = _without_name("\n".join(beside), names)
    return Rating(stars.pop(), words, next(iter(found.values())).phrase, not _says_something(words))


def _plain(text: str) -> str:
    return text.translate(_WIDE).translate(_MARKS)


# -- a line ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A rating in a line, and the words next to it there."""

    stars: int
    phrase: str
    beside: str


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, a number or a sign, with its place; `word` is its folded form."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """Tokens that may be a rating; `end` is the token after them.

    `is_clear`: hardly ever said of anything else. `is_whole`: our own sentence or ★★★☆☆, never of anything else.
    """

    stars: int
    end: int
    is_whole: bool = False
    is_clear: bool = False
    has_stars: bool = False


def _find(lines: Sequence[str], *, asked: bool) -> Iterator[tuple[int, _Found]]:
    """Finds the lines that hold a rating, by their index."""
    full = [at for at, line in enumerate(lines) if line.strip()]
    looked = list(dict.fromkeys([*full[:_FIRST], *full[-_LAST:]]))
    for at in looked:
        line = lines[at].strip(_ORNAMENT)
        tokens = _tokens(line[:_LINE])
        found = _read_head(line, tokens, asked=asked) or _read_end(line, asked=asked)
        if found is None and asked and at == full[0] and not _is_list(lines, looked):
            found = _read_bare(line, tokens)
        if found is not None:
            yield at, found


def _tokens(line: str) -> list[_Token]:
    found = _TOKEN.finditer(line)
    return [
        _Token(fold_case_accents(one[0]).replace("'", "").replace("’", ""), one.start(), one.end()) for one in found
    ]


def _is_list(lines: Sequence[str], looked: Sequence[int]) -> bool:
    return sum(lines[at].lstrip()[:1].isdigit() for at in looked) > 1


def _read_head(line: str, tokens: Sequence[_Token], *, asked: bool) -> _Found | None:
    """Reads a rating with which a line begins."""
    mark = _mark_at(tokens, 0)
    if mark is None:
        return None
    end = tokens[mark.end - 1].end
    behind = line[end:]
    if not mark.is_whole and not _is_apart(mark, behind, asked=asked):
        return None
    return _Found(mark.stars, line[:end], _undecorated(behind).lstrip(_PUNCTUATION))


def _is_apart(mark: _Mark, behind: str, *, asked: bool) -> bool:
    """Tells whether the rest of a line is about something else than the number."""
    rest = _undecorated(behind)
    if not rest.strip(_PUNCTUATION):
        return True
    if "?" in behind[:2] or any(letter.isdigit() for letter in rest):
        return False
    parted = rest != behind.lstrip() or behind.lstrip()[:1] in _BREAKS
    if parted and (asked or mark.is_clear):
        return True
    first = _tokens(rest[:_TAIL])[0].word
    return (mark.has_stars and first in _wording().following) or read_answer(rest).thanks_only


def _read_end(line: str, *, asked: bool) -> _Found | None:
    """Reads a rating that ends a line, after a whole sentence."""
    start = max(len(line) - _TAIL, 0)
    tokens = _tokens(line[start:])
    for at in range(1, len(tokens)):
        before = tokens[at - 1]
        sign = line[start + before.start]
        parts = sign in _STOPS or (_is_sign(sign) and sign not in _FULL + _EMPTY)
        if not parts and not (asked and sign in ",–—-" and not any(map(str.isdigit, line[: start + before.start]))):
            continue
        mark = _mark_at(tokens, at)
        if mark is None or _undecorated(line[start + tokens[mark.end - 1].end :]).strip(_PUNCTUATION):
            continue
        first, end = start + tokens[at].start, start + tokens[mark.end - 1].end
        return _Found(mark.stars, line[first:end], line[:first].rstrip())
    return None


def _read_bare(line: str, tokens: Sequence[_Token]) -> _Found | None:
    """Reads a number with which a reply begins, unless it numbers a list or counts something."""
    number = _number(tokens[0].word) if tokens else None
    if number is None:
        return None
    behind = line[tokens[0].end :]
    rest = _undecorated(behind)
    words = rest.lstrip(_PUNCTUATION)
    if "?" in behind[:2] or (words and not tokens[0].word.isdigit()):
        return None
    parted = behind.lstrip()[:1] in ",;:!–—-" and not any(letter.isdigit() for letter in rest)
    if words and not parted and not read_answer(words).thanks_only:
        return None
    return _Found(number, line[: tokens[0].end], words)


def _mark_at(tokens: Sequence[_Token], at: int) -> _Mark | None:
    """Reads the possible rating that begins at a token."""
    return _own_at(tokens, at) or _stars_at(tokens, at) or _number_at(tokens, at)


def _own_at(tokens: Sequence[_Token], at: int) -> _Mark | None:
    for head, tail in _wording().own:
        middle = at + len(head)
        end = middle + 1 + len(tail)
        if end <= len(tokens) and _words(tokens, at, middle) == head and _words(tokens, middle + 1, end) == tail:
            number = tokens[middle].word
            if number in ("1", "2", "3", "4", "5"):
                return _Mark(int(number), end, is_whole=True, is_clear=True)
    return None


def _stars_at(tokens: Sequence[_Token], at: int) -> _Mark | None:
    """Reads a run of stars; a lone one is praise to some and the worst mark to others."""
    end = at
    while end < len(tokens) and end - at <= MOST and tokens[end].word in _FULL:
        end += 1
    count = end - at
    while end < len(tokens) and end - at <= MOST and tokens[end].word in _EMPTY:
        end += 1
    if not count or not 1 < end - at <= MOST:
        return None
    return _Mark(count, end, is_whole=end - at == MOST > count, is_clear=True, has_stars=True)


def _number_at(tokens: Sequence[_Token], at: int) -> _Mark | None:
    """Reads a number that is made a rating by a word before it, or by "of 5" or stars after it."""
    wording = _wording()
    labelled = _longest(tokens, at, wording.labels)
    has_label = labelled > at
    if has_label and labelled < len(tokens) and tokens[labelled].word in ":=–—-":
        labelled += 1
    if labelled >= len(tokens):
        return None
    whole = _FIVE.fullmatch(tokens[labelled].word)
    stars = int(whole[1]) if whole is not None else _number(tokens[labelled].word)
    units = wording.units_of.get(tokens[labelled].word, wording.units)
    end = labelled + 1
    if stars is None:
        return _stars_at(tokens, labelled) if has_label else None
    of_five = whole is not None
    if not of_five:
        behind = _of_five(tokens, end, units)
        of_five, end = behind > end, behind
    counted = _longest(tokens, end, units.stars)
    if counted == end and (of_five or has_label or _of_five(tokens, end + 1, units) > end + 1):
        counted = _longest(tokens, end, units.points)
    has_stars = counted > end
    if has_stars and not of_five:
        behind = _of_five(tokens, counted, units)
        of_five, counted = behind > counted, behind
    is_digit = whole is not None or tokens[labelled].word.isdigit()
    if not (of_five or has_stars or (has_label and is_digit)):
        return None
    is_clear = has_stars or (has_label and of_five)
    return _Mark(stars, max(end, counted), is_clear=is_clear, has_stars=has_stars)


def _of_five(tokens: Sequence[_Token], at: int, units: _Units) -> int:
    """The token after "of 5" or "/ 5", `at` if that does not stand here."""
    between = at + 1 if at < len(tokens) and tokens[at].word == "/" else _longest(tokens, at, units.of)
    is_five = between > at and between < len(tokens) and _number(tokens[between].word) == MOST
    return between + 1 if is_five else at


def _longest(tokens: Sequence[_Token], at: int, phrases: Collection[tuple[str, ...]]) -> int:
    """The token after the longest of these phrases that begins here, `at` if none does."""
    for length in range(min(4, len(tokens) - at), 0, -1):
        if _words(tokens, at, at + length) in phrases:
            return at + length
    if at + 1 < len(tokens) and tokens[at].word == "-" and (tokens[at + 1].word,) in phrases:
        return at + 2  # a 5-star service
    return at


def _words(tokens: Sequence[_Token], start: int, end: int) -> tuple[str, ...]:
    return tuple(token.word for token in tokens[start:end])


def _number(word: str) -> int | None:
    return int(word) if len(word) == 1 and word in "12345" else _wording().numbers.get(word)


def _undecorated(text: str) -> str:
    """A text without the blanks and pictograms at its head."""
    at = 0
    while at < len(text) and (text[at].isspace() or _is_sign(text[at])):
        at += 1
    return text[at:]


def _is_sign(letter: str) -> bool:
    return unicodedata.category(letter) in ("So", "Sk")


# -- the words beside it ---------------------------------------------------------------------------------------------


def _without_name(text: str, names: Collection[str]) -> str:
    """Words without surrounding blank lines and without the writer's name below."""
    lines = text.strip().split("\n")
    while lines and (not lines[-1].strip() or lines[-1].strip(_PUNCTUATION).casefold() in names):
        lines.pop()
    return "\n".join(lines).strip()


def _says_something(words: str) -> bool:
    if not any(letter.isalnum() for letter in words):
        return any(sign in words for sign in "?👎")
    return not read_answer(words).thanks_only


# -- the words of all languages --------------------------------------------------------------------------------------

_Phrases = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Units:
    """Words that make a rating of the number in front: "of" before the five, and the words for stars and for points."""

    of: _Phrases
    stars: _Phrases
    points: _Phrases


@dataclass(frozen=True, slots=True)
class _Wording:
    """The words of all languages, folded.

    `own` are our sentences, split before and after their number; `numbers` maps a number word to its value, `units_of`
    to the units of its languages: the Polish "to na 5" ("that is a 5") is no "2 of 5", though "to" is two in Danish.
    """

    sentences: Mapping[str, str]
    own: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    labels: _Phrases
    units: _Units
    following: frozenset[str]
    numbers: Mapping[str, int]
    units_of: Mapping[str, _Units]


@cache
def _wording() -> _Wording:
    text = (files("mailgate.parsers") / "languages" / "ratings.toml").read_text("utf-8")
    sections: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)
    everywhere = tuple(sections.values())
    sentences = {code: str(section["sentence"]) for code, section in sections.items()}
    numbers = dict(_spelt(section["numbers"] for section in everywhere))
    return _Wording(
        sentences=sentences,
        own=tuple(_own(sentence) for sentence in dict.fromkeys(sentences.values())),
        labels=_phrases(everywhere, "labels"),
        units=_units(everywhere),
        following=frozenset(word for phrase in _phrases(everywhere, "for") for word in phrase),
        numbers=numbers,
        units_of={
            word: _units([section for section in everywhere if word in dict(_spelt([section["numbers"]]))])
            for word in numbers
        },
    )


def _units(sections: Collection[Mapping[str, Any]]) -> _Units:
    return _Units(of=_phrases(sections, "of"), stars=_phrases(sections, "stars"), points=_phrases(sections, "points"))


def _phrases(sections: Iterable[Mapping[str, Any]], key: str) -> _Phrases:
    """The phrases of one key in these languages, folded."""
    return frozenset(_split(word) for section in sections for word in section[key])


def _split(phrase: str) -> tuple[str, ...]:
    return tuple(token.word for token in _tokens(phrase))


def _own(sentence: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    head, _, tail = sentence.partition("{stars}")
    return _split(head), _split(tail)


def _spelt(languages: Iterable[Sequence[str]]) -> Iterator[tuple[str, int]]:
    for numbers in languages:
        for number, forms in enumerate(numbers, 1):
            yield from ((fold_case_accents(form), number) for form in forms.split())
