"""Loads the phrases of the shipped languages that the parsers look for, and folds lines to compare with them.

The data files, such as `languages/quoting.toml`, are read once at import. A broken file is a bug of
the package and raises at import.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")  # scripts without spaces
HEAD = 5  # letters that a beginning is looked up by
LINE_LIMIT = 400  # letters of a line that are looked at

_ALIKE = (("’", "'"), ("\xa0", " "), ("\u202f", " "), ("\u2009", " "), ("\u200b", ""), ("\ufeff", ""), ("\u200e", ""))

ALIKE = frozenset(letter for letter, _ in _ALIKE)  # letters that `fold` replaces


@lru_cache(maxsize=4)  # several modules ask for the same file at import
def load_phrases(name: str) -> Mapping[str, tuple[str, ...]]:
    """Loads the lists of a data file, merged over its languages, folded, without duplicates."""
    merged: dict[str, dict[str, None]] = {}
    for section in _sections(name):
        for key, values in section.items():
            merged.setdefault(key, {}).update((fold(value), None) for value in values if isinstance(value, str))
    return MappingProxyType({key: tuple(values) for key, values in merged.items()})


def fold(line: str) -> str:
    """Folds a line for comparison: case, surrounding spaces, kinds of apostrophe and space."""
    line = line[:LINE_LIMIT]
    if not line.isascii():
        for letter, plain in _ALIKE:
            line = line.replace(letter, plain)
    return line.strip().casefold()


def begins_with(phrases: Iterable[str]) -> Callable[[str], bool]:
    """Builds a test whether a folded line begins with one of the phrases. First letters reject most lines fast."""
    heads: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        heads[phrase[:HEAD]] = (*heads.get(phrase[:HEAD], ()), phrase)
    short = tuple(head for head in heads if len(head) < HEAD)

    def begins(line: str) -> bool:
        """Tells whether the line begins with one of the phrases."""
        head = line[:HEAD]
        if head.isascii() and not head[:1].isspace():
            head = head.lower()
            group = heads.get(head)
            return head.startswith(short) or (group is not None and fold(line).startswith(group))
        folded = fold(line)
        return folded.startswith(short) or folded.startswith(heads.get(folded[:HEAD], ()))

    return begins


def _sections(name: str) -> list[dict[str, list[str]]]:
    text = (files("mailgate.parsers") / "languages" / f"{name}.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text).values())
