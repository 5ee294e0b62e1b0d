"""The words of the shipped languages that the structural readers look for.

Answers for the data files `languages/quoting.toml` and `languages/automatic.toml`, read once at import, and for one
way to compare a line with them. A broken file is a bug of the package and raises at import.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from types import MappingProxyType

LINE_LIMIT = 400  # letters of a line that are looked at

_ALIKE = (("’", "'"), ("\xa0", " "), ("\u202f", " "), ("\u2009", " "), ("\u200b", ""), ("\ufeff", ""), ("\u200e", ""))


def load_phrases(name: str) -> Mapping[str, tuple[str, ...]]:
    """Every list of a data file, merged over its languages, folded, without doubles."""
    merged: dict[str, dict[str, None]] = {}
    for section in _sections(name):
        for key, values in section.items():
            merged.setdefault(key, {}).update((fold(value), None) for value in values if isinstance(value, str))
    return MappingProxyType({key: tuple(values) for key, values in merged.items()})


def load_pairs(name: str, key: str) -> tuple[tuple[str, str], ...]:
    """A list of pairs of a data file, over all its languages."""
    pairs = [pair for section in _sections(name) for pair in section.get(key, ())]
    return tuple((fold(pair[0]), fold(pair[1])) for pair in pairs)


def fold(line: str) -> str:
    """A line as compared: without case, without the spaces around it, one kind of apostrophe and space."""
    line = line[:LINE_LIMIT]
    if not line.isascii():
        for letter, plain in _ALIKE:
            line = line.replace(letter, plain)
    return line.strip().casefold()


def begins_with(phrases: tuple[str, ...]) -> Callable[[str], bool]:
    """A test whether a line, folded, begins with one of the phrases. Its first letters rule out nearly every line."""
    shortest = min(map(len, phrases))
    heads = frozenset(phrase[:shortest] for phrase in phrases)

    def begins(line: str) -> bool:
        head = line[:shortest]
        if head.isascii() and not head[:1].isspace() and head.lower() not in heads:
            return False
        return fold(line).startswith(phrases)

    return begins


def _sections(name: str) -> list[dict[str, list[str]]]:
    text = (files("mailgate.parsers") / "languages" / f"{name}.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text).values())
