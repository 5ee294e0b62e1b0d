"""Finds the bold and italic words of an HTML text, with the marks that plain forms put around them.

Reads at most ELEMENTS_LIMIT elements; pure, never fails: HTML that lxml cannot read has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import lxml.html

ELEMENTS_LIMIT = 300
WORDS_LENGTH = 1_000  # letters of one element
SOURCE_LIMIT = 300_000  # letters of HTML that are looked at

_MARKS: Mapping[str, str] = MappingProxyType(
    {"b": "*", "strong": "*_", "i": "/*_", "em": "/*_", "u": "_", "ins": "_", "code": "|`", "tt": "|`"}
)
_OPENS = re.compile(rf"<(?:{'|'.join(_MARKS)})[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Emphasised words, spaces as they came, and the marks of which one may stand around them in a plain form."""

    words: str
    marks: str


def find_emphasis(source: str) -> frozenset[Emphasis]:
    """Finds the emphasised words of an HTML text."""
    source = source[:SOURCE_LIMIT].replace("\x00", "")
    if not _OPENS.search(source):
        return frozenset()
    try:
        tree = lxml.html.document_fromstring(source)
        found: set[Emphasis] = set()
        for number, element in enumerate(tree.iter(*_MARKS)):
            words = element.text_content().strip()
            if number >= ELEMENTS_LIMIT:
                break
            if words and len(words) <= WORDS_LENGTH:
                found.add(Emphasis(words, _MARKS[element.tag]))
    except Exception:  # lxml promises nothing about what it raises
        return frozenset()
    return frozenset(found)
