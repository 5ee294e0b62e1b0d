"""What phrases mean in an answer: the `[answers]` part of the language files as one matcher per language.

Answers for: which signs (negation, fault, hedge, thanks …) stand where in a row of words, the longest phrase first.
Pure, linear in the words. A broken language file is a bug of the package and raises at import.

A phrase in a language file is plain words, with some helps: `a|b` either word, `(a b|c)` either group, `[a b]` perhaps
these words, `...` up to three words of any kind.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mailgate.parsers.misspellings import find_typos
from mailgate.parsers.vocabulary import LANGUAGES, fold

_GAP = "..."
_GAP_WORDS = 3
_WORD = re.compile(
    r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*(?:['’ʼ´`][tT](?![^\W_]))?"
    "|[👍👎🙏✅❌★⭐😊🙂😀🎉]"
)
_APOSTROPHE = re.compile("['’ʼ´`]")
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
    """A phrase of the language file and what it says. `second`: where its second place is plain words, these; most
    phrases are ruled out by them."""

    sign: Sign
    slots: tuple[_Slot, ...]
    second: frozenset[str] = frozenset()


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
        return self.typos.get(word, word)

    def marks(self, words: Sequence[str]) -> tuple[Mark, ...]:
        """The signs in a row of folded words, left to right; at each place all signs of the longest phrase."""
        found: list[Mark] = []
        place = 0
        while place < len(words):
            following = words[place + 1] if place + 1 < len(words) else ""
            ends = [
                (_end(phrase.slots, words, place), phrase.sign)
                for phrase in self.phrases.get(words[place], ())
                if not phrase.second or following in phrase.second
            ]
            if not ends:
                place += 1
                continue
            longest = max(end for end, _ in ends)
            signs = {sign for end, sign in ends if end == longest > place}
            found.extend(Mark(sign, place, longest) for sign in sorted(signs))
            place = longest if signs else place + 1
        return tuple(found)


def read_words(text: str, start: int = 0, end: int = sys.maxsize) -> tuple[Word, ...]:
    """The words of a text between two places, folded; `n't` becomes a word of its own: `doesn't` reads `does not`."""
    words: list[Word] = []
    for found in _WORD.finditer(text, start, end):
        folded = _fold_word(found[0])
        if folded.isalnum() and folded not in _CONTRACTED:
            words.append(Word(folded, found.start(), found.end()))
            continue
        folded = _APOSTROPHE.sub("'", folded)
        plain = (folded[:-3], "not") if folded.endswith("n't") else (folded.replace("'", ""),)
        parts = _CONTRACTED.get(folded, plain)
        words.extend(Word(part, found.start(), found.end()) for part in parts if part)
    return tuple(words)


_fold_word = lru_cache(maxsize=1024)(fold)
_CONTRACTED = {
    "can't": ("can", "not"), "won't": ("will", "not"), "cannot": ("can", "not"), "shan't": ("shall", "not"),
    "dont": ("do", "not"), "doesnt": ("does", "not"), "didnt": ("did", "not"), "isnt": ("is", "not"),
    "wasnt": ("was", "not"), "cant": ("can", "not"), "wont": ("will", "not"), "havent": ("have", "not"),
    "hasnt": ("has", "not"), "couldnt": ("could", "not"), "arent": ("are", "not"), "ain't": ("is", "not"),
    "aint": ("is", "not"), "werent": ("were", "not"),
}  # fmt: skip


def _end(slots: Sequence[_Slot], words: Sequence[str], place: int, at: int = 0) -> int:
    """Where the longest reading of the slots from `at` on ends that begins at `place`; -1 where there is none."""
    while at < len(slots):
        slot = slots[at]
        at += 1
        if slot.gap:
            return max(_end(slots, words, place + wide, at) for wide in range(_GAP_WORDS + 1))
        here = place < len(words) and (words[place] in slot.words or words[place].startswith(slot.stems))
        if slot.optional or slot.longer:
            ends = [place] if slot.optional else []
            ends += [place + 1] if here else []
            ends += [place + len(long) for long in slot.longer if tuple(words[place : place + len(long)]) == long]
            return max((_end(slots, words, end, at) for end in ends), default=-1)
        if not here:
            return -1
        place += 1
    return place


def _read_phrase(sign: Sign, pattern: str) -> _Phrase:
    slots = [_Slot(gap=True) if part == _GAP else _read_slot(part) for part in _PART.findall(pattern)]
    plain = len(slots) > 1 and not any(slot.gap or slot.optional or slot.longer or slot.stems for slot in slots[:2])
    return _Phrase(sign, tuple(slots), slots[1].words if plain else frozenset())


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
    corrected, *lists = (frozenset(fold(answers[key]).split()) for key in _LISTS)
    typos = {wrong: right for wrong, right in find_typos(corrected).items() if len(wrong) >= _TYPO_LETTERS}
    typos = {wrong: typos[wrong] for wrong in typos.keys() - known if not wrong.startswith(tuple(stems))}
    return Lexicon(code, by_word, frozenset(known), tuple(stems), typos, *lists)


_LISTS = ("typos", "joins", "subjects", "speakers", "reasons", "requests", "binders", "openers")


LEXICONS: tuple[Lexicon, ...] = tuple(_read_lexicon(code) for code in LANGUAGES if "answers" in LANGUAGES[code])
"""The languages whose answers are understood; every other language's text is unclear."""
