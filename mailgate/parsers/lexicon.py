"""What phrases mean in an answer: the `[answers]` part of the language files as one matcher per language.

Answers for: which signs (negation, fault, hedge, thanks …) stand where in a row of words, the longest phrase first.
Pure, linear in the words. A broken language file is a bug of the package and raises at import.

A phrase in a language file is plain words, with some helps: `a|b` either word, `(a b|c)` either group, `[a b]` perhaps
these words, `...` up to three words of any kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailgate.parsers.vocabulary import LANGUAGES, fold

_GAP = "..."
_GAP_WORDS = 3
_WORD = re.compile(
    r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*(?:['’ʼ´`][tT](?![^\W_]))?"
    "|[👍👎🙏✅❌★⭐😊🙂😀🎉]"
)
_PART = re.compile(r"\[[^\]]*\]|\([^)]*\)|\S+")
_TYPO_LETTERS = 5


class Sign(StrEnum):
    """What a phrase says; the language files list the phrases under these names and explain them there."""

    OPTION_YES = "option_yes"
    OPTION_NO = "option_no"
    YES = "yes"
    NO = "no"
    FINE = "fine"
    CURED = "cured"
    FIXED = "fixed"
    WORKS = "works"
    ACTS = "acts"
    GONE = "gone"
    TROUBLE = "trouble"
    SYMPTOM = "symptom"
    FAILS = "fails"
    LASTS = "lasts"
    STILL = "still"
    PARTIAL = "partial"
    NOT = "not"
    WITHOUT = "without"
    NOTHING = "nothing"
    ENDED = "ended"
    CANNOT = "cannot"
    BELIEF = "belief"
    WISH = "wish"
    REPORTED = "reported"
    CONDITION = "condition"
    LATER = "later"
    PAST = "past"
    BEFORE = "before"
    SEEN = "seen"
    RETRACTION = "retraction"
    NOW = "now"
    CONTRAST = "contrast"
    THANKS = "thanks"
    CLOSE = "close"
    ANGER = "anger"
    OTHER = "other"
    SIDE = "side"
    ASKS = "asks"
    STRANGER = "stranger"
    MIXED = "mixed"
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and where it stands in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign and the words that carry it: `words[start:end]`."""

    sign: Sign
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Slot:
    """One place of a phrase: its single words, its spellings of several words, its stems; a gap has none of them."""

    words: frozenset[str] = frozenset()
    longer: tuple[tuple[str, ...], ...] = ()
    stems: tuple[str, ...] = ()
    optional: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase of the language file and what it says."""

    sign: Sign
    slots: tuple[_Slot, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language: its phrases, every word that is known in it, and what joins two clauses."""

    code: str
    phrases: Mapping[str, tuple[_Phrase, ...]]
    known: frozenset[str]
    stems: tuple[str, ...]
    typos: Mapping[str, str]
    joins: frozenset[str]
    subjects: frozenset[str]
    speakers: frozenset[str]
    reasons: frozenset[str]
    requests: frozenset[str]
    binders: frozenset[str]
    openers: frozenset[str]

    def knows(self, word: str) -> bool:
        """Whether the word belongs to this language as far as its file tells; figures belong to every language."""
        return word in self.known or word.isdigit() or word.startswith(self.stems)

    def correct(self, word: str) -> str:
        """The word, or the word of the answer that it misspells by one letter (or one swap)."""
        return word if len(word) < _TYPO_LETTERS or self.knows(word) else self.typos.get(word, word)

    def marks(self, words: Sequence[str]) -> tuple[Mark, ...]:
        """The signs in a row of folded words, left to right; at each place all signs of the longest phrase."""
        found: list[Mark] = []
        place = 0
        while place < len(words):
            ends = [(_end(phrase.slots, words, place), phrase.sign) for phrase in self.phrases.get(words[place], ())]
            longest = max((end for end, _ in ends), default=0)
            signs = {sign for end, sign in ends if end == longest > place}
            found.extend(Mark(sign, place, longest) for sign in sorted(signs))
            place = longest if signs else place + 1
        return tuple(found)


def read_words(text: str) -> tuple[Word, ...]:
    """The words of a text, folded; `n't` becomes a word of its own: `doesn't` reads `does not`."""
    words: list[Word] = []
    for found in _WORD.finditer(text):
        folded = re.sub("['’ʼ´`]", "'", fold(found[0]))
        plain = (folded[:-3], "not") if folded.endswith("n't") else (folded.replace("'", ""),)
        parts = _CONTRACTED.get(folded, plain)
        words.extend(Word(part, found.start(), found.end()) for part in parts if part)
    return tuple(words)


_CONTRACTED = {
    "can't": ("can", "not"), "won't": ("will", "not"), "cannot": ("can", "not"), "shan't": ("shall", "not"),
    "dont": ("do", "not"), "doesnt": ("does", "not"), "didnt": ("did", "not"), "isnt": ("is", "not"),
    "wasnt": ("was", "not"), "cant": ("can", "not"), "wont": ("will", "not"), "havent": ("have", "not"),
    "hasnt": ("has", "not"), "couldnt": ("could", "not"), "arent": ("are", "not"), "ain't": ("is", "not"),
    "aint": ("is", "not"), "werent": ("were", "not"),
}  # fmt: skip


def _end(slots: Sequence[_Slot], words: Sequence[str], place: int) -> int:
    """Where the longest reading of the slots ends that begins at `place`; -1 where there is none."""
    if not slots:
        return place
    slot, rest = slots[0], slots[1:]
    if slot.gap:
        return max(_end(rest, words, place + wide) for wide in range(_GAP_WORDS + 1))
    ends = [_end(rest, words, place)] if slot.optional else []
    if place < len(words):
        if words[place] in slot.words or words[place].startswith(slot.stems):
            ends.append(_end(rest, words, place + 1))
        here = [long for long in slot.longer if tuple(words[place : place + len(long)]) == long]
        ends.extend(_end(rest, words, place + len(long)) for long in here)
    return max(ends, default=-1)


def _read_phrase(sign: Sign, pattern: str) -> _Phrase:
    slots = [_Slot(gap=True) if part == _GAP else _read_slot(part) for part in _PART.findall(pattern)]
    return _Phrase(sign, tuple(slots))


def _read_slot(part: str) -> _Slot:
    choices = part.strip("[]()").split("|")
    spelled = [tuple(word.text for word in read_words(choice)) for choice in choices if not choice.endswith("*")]
    return _Slot(
        frozenset(words[0] for words in spelled if len(words) == 1),
        tuple(words for words in spelled if len(words) > 1),
        tuple(fold(choice[:-1]) for choice in choices if choice.endswith("*")),
        optional=part.startswith("["),
    )


def _first_words(phrase: _Phrase) -> Iterator[str]:
    for slot in phrase.slots:
        yield from slot.words
        yield from (words[0] for words in slot.longer)
        if not slot.optional:
            return


def _misspellings(word: str) -> set[str]:
    """Every word one edit away that begins with the same letter: a slip seldom hits the first one."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    dropped = {a + b[1:] for a, b in splits if b}
    wrong = {a + c + b[1:] for a, b in splits if b for c in letters}
    added = {a + c + b for a, b in splits for c in letters}
    return (swapped | dropped | wrong | added) - {word}


def _typos_of(words: Iterable[str]) -> Mapping[str, str]:
    """Misspelling → word, the ones that two words share left out: only what is unambiguous is corrected."""
    claims: dict[str, set[str]] = {}
    for word in words:
        for wrong in _misspellings(word):
            claims.setdefault(wrong, set()).add(word)
    return {wrong: next(iter(right)) for wrong, right in claims.items() if len(right) == 1}


def _read_lexicon(code: str) -> Lexicon:
    answers = LANGUAGES[code]["answers"]
    phrases: dict[str, list[_Phrase]] = {}
    known: set[str] = set(fold(answers["common"]).split())
    stems: set[str] = set()
    for phrase in (_read_phrase(Sign(name), text) for name, texts in answers["signs"].items() for text in texts):
        for word in set(_first_words(phrase)):
            phrases.setdefault(word, []).append(phrase)
        for slot in phrase.slots:
            known.update(slot.words, *slot.longer)
            stems.update(slot.stems)
    by_word = {word: tuple(found) for word, found in phrases.items()}
    typos, *lists = (frozenset(fold(answers[key]).split()) for key in _LISTS)
    return Lexicon(code, by_word, frozenset(known), tuple(stems), _typos_of(typos), *lists)


_LISTS = ("typos", "joins", "subjects", "speakers", "reasons", "requests", "binders", "openers")


LEXICONS: tuple[Lexicon, ...] = tuple(_read_lexicon(code) for code in LANGUAGES if "answers" in LANGUAGES[code])
"""The languages whose answers are understood; every other language's text is unclear."""
