"""Detects the language of a text by its small words, its letters and the endings of longer words.

Knows the languages of `languages/detection.toml`; "" if unsure: a wrong language is worse than the desk's default. The
language that a mail declares is a hint only, since servers put their own language on everybody's mail. Reads the first
LETTERS_LIMIT characters; linear, never fails. A broken data file is a bug of the package and raises when the first text
is read.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any

from mailgate.core.text import fold_case_accents

LETTERS_LIMIT = 1_200
BEGIN = 300  # letters that are enough in nearly every mail

# a word with the apostrophe that ends it ("l'"); parts of addresses, paths and names of files are none
_WORD = re.compile(r"(?<![\w@/\\.])[^\W\d_]+(?:'(?=[^\W\d_]))?(?![\w@/\\]|\.\w)")
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh"}
_SHARED = (1.0, 0.6, 0.4, 0.25)  # what a sign weighs that one, two, three or more languages have
_BY_LENGTH = (0.4, 0.75)  # words of one and of two letters say less
_WORD_WEIGHT, _LETTER, _ENDING, _PIECE = 1.0, 0.5, 0.4, 0.35
_PIECES_OF = 20  # letters of a word that is cut into pieces
_PLAIN_FROM = 4  # letters of a word that counts without its accents too
_ENOUGH, _MORE_PER_WORD, _SHORT = 0.9, 0.05, 4
_LEAD, _FAR, _RATIO, _CLEAR = 0.4, 0.75, 1.2, 1.8
_HINT, _WEAK_HINT = 0.8, 0.3
_SOME = 0.4  # what the words of a text must say for English at least, where only that is declared
_AGAINST = 1.5  # what a text must say against another language that is declared


_Weights = dict[str, tuple[tuple[int, float], ...]]


@dataclass(frozen=True, slots=True)
class _Signs:
    """The signs that distinguish languages: sign → the indexes of its languages in `codes`, and its weight.

    The languages from `told` on are known only so that they are not mistaken for another.
    """

    codes: tuple[str, ...]
    told: int
    words: _Weights
    letters: _Weights
    endings: _Weights
    pieces: _Weights
    scripts: tuple[tuple[str, re.Pattern[str]], ...]
    scripted: re.Pattern[str]
    foreign: Mapping[str, frozenset[str]]
    chinese: frozenset[str]


def detect_language(text: str) -> str:
    """Detects the two-letter code of the language of a text, "" if unsure."""
    return choose_language(text)


def is_small_word(word: str) -> bool:
    """Tells whether a word in lower case is one of the small words of a language: "will", "der", "est"."""
    return word in _signs().words


def choose_language(text: str, declared: Sequence[str] = ()) -> str:
    """Detects the language of a text, helped by the declared tags (RFC 5646, "fr-FR"), likeliest first.

    A declaration decides between languages that the text may be in, and for a text without evidence. English hardly
    counts, and only if nothing else is declared: servers put it on the mails of everybody who never chose.
    """
    hints = sorted((code for code in map(_as_code, declared) if code), key=lambda code: code == "en")
    signs = _signs()
    begin = _words_of(text[:BEGIN])
    script = _script(text[:BEGIN], begin, signs)
    if script is not None:
        return script or next((hint for hint in hints if hint in ("ja", "zh")), "")
    code = _loudest(begin, _score(begin, signs), hints, signs, _CLEAR)
    if code is not None:
        return code
    words = begin if len(text) <= BEGIN else _words_of(text[:LETTERS_LIMIT])
    known = _score(words, signs)
    scores = _with_pieces(known, words, signs)
    code = _loudest(words, scores, hints, signs, _RATIO)
    return _undecided(hints, known, scores, signs.codes) if code is None else code


def weigh_languages(text: str, codes: Sequence[str]) -> tuple[float, ...]:
    """Weighs what speaks for each of some languages: their known words, and the pieces of unknown ones."""
    weights = weigh_words(find_words(text))
    return tuple(weights[code] for code in codes)


def weigh_words(words: Collection[str]) -> dict[str, float]:
    """Weighs what speaks for each language in some words, which `find_words` found."""
    signs = _signs()
    return dict(zip(signs.codes, _with_pieces(_score(words, signs), words, signs), strict=True))


def find_words(text: str) -> list[str]:
    """Finds the words by which a text is weighed, folded: those of its first LETTERS_LIMIT characters."""
    return _words_of(text[:LETTERS_LIMIT])


def _loudest(
    words: Sequence[str], scores: Sequence[float], hints: Sequence[str], signs: _Signs, ratio: float
) -> str | None:
    """The language that leads in score by `ratio`; None if unsure."""
    scores = list(scores)
    for hint in hints[:1]:
        if hint in signs.codes and scores[place := signs.codes.index(hint)] > 0:
            scores[place] += _WEAK_HINT if hint == "en" else _HINT
    best, second = sorted(scores[: signs.told], reverse=True)[:2]
    first, other = scores.index(best), max(scores[signs.told :])
    enough = _ENOUGH + _MORE_PER_WORD * max(0, len(words) - _SHORT)
    if other >= best:
        found = signs.codes[scores.index(other)]
        return None if other < enough else found if found in hints else ""
    sure = best >= ratio * second or best - second >= ratio * _FAR
    return signs.codes[first] if sure and best >= enough and best - second >= _LEAD else None


def _undecided(hints: Sequence[str], known: Sequence[float], scores: Sequence[float], codes: Sequence[str]) -> str:
    """The first declared language that the text does not contradict. `known`: the scores of its known words alone."""
    if not hints:
        return ""
    loudest = max(scores)
    if hints[0] == "en":
        place = codes.index("en")
        return "en" if known[place] >= _SOME and scores[place] >= loudest else ""
    own = scores[codes.index(hints[0])] if hints[0] in codes else 0.0
    return hints[0] if loudest < _AGAINST or own >= loudest / 2 else ""


def _as_code(tag: str) -> str:
    code = tag.partition(";")[0].strip().partition("-")[0].lower()
    code = _SAME.get(code, code)
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _words_of(text: str) -> list[str]:
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace("’", "'").replace("i̇", "i"))
    return _WORD.findall(text)


def _score(words: Iterable[str], signs: _Signs) -> list[float]:
    scores = [0.0] * len(signs.codes)
    for word in dict.fromkeys(words):
        found = signs.words.get(word)
        if found is None:
            if len(word) > 4:
                found = signs.endings.get(word[-4:]) or signs.endings.get(word[-3:])
            if not word.isascii():
                found = (*(found or ()), *chain.from_iterable(signs.letters.get(letter, ()) for letter in word[:30]))
        for place, weight in found or ():
            scores[place] += weight
    return scores


def _with_pieces(known: Sequence[float], words: Iterable[str], signs: _Signs) -> list[float]:
    """The scores including those of unknown words by their letters."""
    scores = list(known)
    for word in dict.fromkeys(words):
        if word not in signs.words and len(word) >= _PLAIN_FROM:
            for place, weight in _weigh_pieces(word[:_PIECES_OF]):
                scores[place] += weight
    return scores


@lru_cache(maxsize=1_024)  # words recur, within a mail and in others
def _weigh_pieces(word: str) -> tuple[tuple[int, float], ...]:
    """The languages that the pieces of a word speak for, each with its weight."""
    pieces = _signs().pieces
    return tuple(chain.from_iterable(pieces.get(piece, ()) for piece in _pieces(word)))


def _script(text: str, words: Sequence[str], signs: _Signs) -> str | None:
    """The language of a script of its own; "" if two languages share it, None for Latin and Cyrillic text."""
    if text.isascii() or not signs.scripted.search(text):
        return None
    counts = {code: len(pattern.findall(text)) for code, pattern in signs.scripts}
    code = max(counts, key=lambda one: counts[one])
    if code == "zh" and counts["ja"]:
        code = "ja"
    ideographs = code in ("ja", "zh")
    count = counts["ja"] + counts["zh"] if ideographs else counts[code]
    plain = sum(word.isascii() for word in words)
    if count < 2 or count / (2 if ideographs else 4) < plain / 2:
        return None
    if code == "zh" and not signs.chinese.intersection(text):
        return ""
    return "" if signs.foreign.get(code, frozenset()).intersection(text) else code


@cache
def _signs() -> _Signs:
    read = tomllib.loads((files("mailgate.parsers") / "languages" / "detection.toml").read_text("utf-8"))
    others = read.pop("others")
    scripts = {code: "".join(f"{pair[0]}-{pair[1]}" for pair in pairs) for code, pairs in read.pop("scripts").items()}
    foreign = {code: frozenset(letters) for code, letters in read.pop("scripts_other").items()}
    chinese = frozenset(read.pop("chinese")["letters"])
    sections: list[Mapping[str, Any]] = [*read.values(), *others.values()]
    words = _owners(_spoken(section["words"]) for section in sections)
    pieces = _owners(chain.from_iterable(map(_pieces, _spoken(section["words"]))) for section in sections)
    _add_plain(words)
    told = len(read)
    return _Signs(
        codes=(*read, *others),
        told=told,
        words=_weigh(words, told, _WORD_WEIGHT),
        letters=_weigh(_owners(section.get("letters", "") for section in sections), told, _LETTER),
        endings=_weigh(_owners(section.get("endings", "").split() for section in sections), told, _ENDING),
        pieces=_weigh(pieces, told, _PIECE),
        scripts=tuple((code, re.compile(f"[{ranges}]")) for code, ranges in scripts.items()),
        scripted=re.compile(f"[{''.join(scripts.values())}]"),
        foreign=foreign,
        chinese=chinese,
    )


def _spoken(words: str) -> Iterable[str]:
    """The words as they occur in a text: "don't" is "don'" there, and its "t" is no evidence."""
    for word in words.split():
        parts = _WORD.findall(word)
        yield from (
            [word] if word.endswith("'") else parts if len(parts) == 1 else (part for part in parts if len(part) > 1)
        )


def _weigh(owners: Mapping[str, Collection[int]], told: int, weight: float) -> _Weights:
    """Weighs each sign: the more languages have it, the less."""
    weighed: _Weights = {}
    for sign, places in owners.items():
        sharing = sum(place < told for place in places) or 1
        shorter = _BY_LENGTH[len(sign) - 1] if weight == _WORD_WEIGHT and len(sign) < 3 else 1.0
        worth = weight * _SHARED[min(sharing, len(_SHARED)) - 1] * shorter
        weighed[sign] = tuple((place, worth) for place in sorted(places))
    return weighed


def _owners(lists: Iterable[Iterable[str]]) -> dict[str, set[int]]:
    """Maps each sign to the indexes of its languages."""
    owners: dict[str, set[int]] = {}
    for place, signs in enumerate(lists):
        for sign in signs:
            owners.setdefault(sign, set()).add(place)
    return owners


def _add_plain(owners: dict[str, set[int]]) -> None:
    """Adds longer words typed without accents, unless that is a word of another language."""
    plain: dict[str, set[int]] = {}
    for word, places in owners.items():
        bare = word if word.isascii() or len(word) < _PLAIN_FROM else fold_case_accents(word)
        if bare not in owners:
            plain.setdefault(bare, set()).update(places)
    owners.update(plain)


def _pieces(word: str) -> Iterable[str]:
    """The three-letter sequences of a word, its beginning and end counted as letters."""
    padded = f" {word[:_PIECES_OF]} "
    return (padded[at : at + 3] for at in range(len(padded) - 2))
