"""Reduces a text to the words that the knowledge base search compares.

A word is folded (case, accents), its commonest endings are cut, and the small words of its language are left out
(`languages/searching.toml`). The endings are the same for all languages of a script: a request and its solution need
not be in one language, and names of programs are in every one. Text without spaces (Chinese, Japanese, Thai) is cut
into pairs of characters. Numbers and error codes count as words.

Linear in the text, of which TEXT_LIMIT characters are read. Never fails.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from mailgate.core.text import fold_case_accents
from mailgate.parsers.quoting.salutations import begins_with_salutation

TEXT_LIMIT = 50_000  # letters of a text whose words count: a long manual, not a log file
WORDS_LIMIT = 3_000  # different words of one text, so that an index entry stays small
_LONGEST = 32  # letters; what is longer is a key or a coded file
_STEM = 4  # letters that must stay of a word whose ending is taken off
_PLURAL = 3  # the same for the sign of the plural
_JOINED = 8  # letters of a compound that people write with and without its hyphen: "Wi-Fi", "e-mail"
_SALUTATION_ENDS = tuple(",:!，、")  # without one a first line of few words may be the problem: "Hello printer"
_DIGITS = 3  # a shorter number says nothing

_URL = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.|mailto:)[^\s<>\"']{1,2000}", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+'=-]{1,64}@[\w.-]{1,255}")
_WORD = re.compile(r"[^\W_]+(?:[-‐‑][^\W_]+)*")
_HYPHEN = re.compile(r"[-‐‑]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_LATIN = (
    "ements", "ement", "ations", "ation", "ings", "ing", "ents", "ent", "ants", "ant", "ees", "ee",
    "ers", "er", "ern", "ez", "ies", "ied", "ed", "es", "en", "em", "ie", "y", "e", "s", "x",
)  # fmt: skip
_CYRILLIC = (
    "ами", "ями", "ого", "его", "ому", "ему", "ах", "ях", "ов", "ев", "ом", "ем", "ои", "еи", "ыи", "ии", "ая", "яя",
    "ое", "ее", "ые", "ие", "ам", "ям", "ы", "и", "а", "я", "о", "е", "у", "ю", "ь",
)  # fmt: skip
# Longest first: what a word ends with is looked up by the length of the ending.
_ENDINGS = frozenset((*_LATIN, *_CYRILLIC))
_LENGTHS = sorted({len(ending) for ending in _ENDINGS}, reverse=True)


def without_names(text: str, own_domains: Iterable[str] = ()) -> str:
    """Takes out of a mail what names people and machines and says nothing of a problem.

    Addresses and URLs go, `own_domains` with their subdomains, and the first line if it is only a salutation.
    """
    text = _ADDRESS.sub(" ", _URL.sub(" ", text[:TEXT_LIMIT]))
    if names := "|".join(map(re.escape, sorted(own_domains, key=len, reverse=True))):
        text = re.sub(rf"(?<![\w-])(?:[\w-]{{1,63}}\.){{0,8}}(?:{names})(?![\w-])", " ", text, flags=re.IGNORECASE)
    first, _, rest = text.lstrip().partition("\n")
    return rest if first.rstrip().endswith(_SALUTATION_ENDS) and begins_with_salutation(first) else text


def words_of(text: str, language: str = "") -> tuple[str, ...]:
    """The distinct search words of a text, in order. `language` is its code, "" if unknown."""
    return tuple(word for word, _ in spelled_words(text, language))


def spelled_words(text: str, language: str = "", most: int = WORDS_LIMIT) -> tuple[tuple[str, str], ...]:
    """The first search words of a text, each with its spelling at its first occurrence."""
    silent = small_words(language)
    found: dict[str, str] = {}
    for spelled in _spelled(text[:TEXT_LIMIT]):
        for word in _folded(spelled, silent):
            found.setdefault(word, spelled)
        if len(found) >= most:
            break
    return tuple(found.items())[:most]


@cache
def small_words(language: str) -> frozenset[str]:
    """The stop words of a language, those of English, which occurs in everybody's mails, and the courtesies of all.

    For an unknown language the English ones alone: a stop word of one language has a meaning in another.
    """
    read = _read_small_words()
    return read["en"] | read["courtesies"] | read.get(language, frozenset())


@cache
def _read_small_words() -> dict[str, frozenset[str]]:
    read = tomllib.loads((files("mailgate.parsers") / "languages" / "searching.toml").read_text("utf-8"))
    return {code: frozenset(fold_case_accents(words).split()) for code, words in read.items()}


def _spelled(text: str) -> Iterator[str]:
    """The words as written, compounds whole."""
    for found in _WORD.finditer(text):
        yield found[0]


def _folded(spelled: str, silent: frozenset[str]) -> Iterator[str]:
    """The search forms of one word."""
    if len(spelled) > 4 * _LONGEST and not _UNSPACED.search(spelled):
        return
    parts = [part for part in re.findall(r"[^\W_]+", fold_case_accents(_HYPHEN.sub(" ", spelled))) if part]
    if len(parts) > 1 and sum(map(len, parts)) <= _JOINED:
        yield _stem("".join(parts))
    for part in parts:
        if _UNSPACED.search(part):
            yield from _cut(part, silent)
        elif part not in silent and _says_something(part):
            yield _stem(part)


def _says_something(word: str) -> bool:
    if word.isdigit():
        return _DIGITS <= len(word) <= _LONGEST
    return 1 < len(word) <= _LONGEST


def _cut(text: str, silent: frozenset[str]) -> Iterator[str]:
    """Cuts a text without spaces into pairs of characters, and the words between such texts."""
    at = 0
    for run in _UNSPACED.finditer(text):
        if _says_something(between := text[at : run.start()]):
            yield _stem(between)
        letters = run[0]
        pairs = [letters[i : i + 2] for i in range(len(letters) - 1)] or [letters]
        yield from (pair for pair in pairs if pair not in silent)
        at = run.end()
    if _says_something(rest := text[at:]):
        yield _stem(rest)


def _stem(word: str) -> str:
    """The word without its commonest ending, and without a letter doubled before one."""
    if any(letter.isdigit() for letter in word):
        return word
    for length in _LENGTHS:
        least = _PLURAL if word[-1] == "s" and length == 1 else _STEM
        if len(word) - length >= least and word[-length:] in _ENDINGS:
            word = word[:-length]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
