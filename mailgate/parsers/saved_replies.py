"""Reads saved replies, and fills their fields: files as those of articles, whose braces hold the names of fields.

    Hello {first_name},

    your password is reset on https://password.example.org. {words}

The file's name is the reply's: `password-reset.md`, or `password-reset.fr.md` in French. A field without a value, and
a brace that holds no field, keep the whole text from being filled. Pure, linear, never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from mailgate.core.text import fold_case_accents
from mailgate.parsers.articles import InvalidArticle, read_article

WORDS = "words"
"""The field for what the agent writes behind the name."""
OF_REQUESTER = frozenset({"name", "first_name", "address", "reference", "subject", "department"})
"""The fields that are filled from one ticket and its requester."""
FIELDS = OF_REQUESTER | {"agent", "desk", WORDS}
_FIELD = re.compile(r"\{\{?([^{}\n]*)\}\}?|[{}]")
_FILE = re.compile(r"(?P<name>.+?)(?:\.(?P<language>[a-z]{2}))?\.(?:md|markdown)", re.IGNORECASE | re.DOTALL)
_BETWEEN = re.compile(r"[\s_-]+")
_MOST_NEAR = 3
_MOST_COMPARED = 2_000  # names
_LEAST_ALIKE = 0.5  # of two names, as difflib measures it


@dataclass(frozen=True, slots=True)
class SavedReply:
    """Saved reply as written. `language` and `queue` are "" if none is named and none can be detected."""

    name: str
    text: str
    language: str = ""
    queue: str = ""
    unknown: tuple[str, ...] = ()  # fields that there are not: with them it is never sent


@dataclass(frozen=True, slots=True)
class Filled:
    """Text with its fields filled; "" where fields are `missing`, as they are written."""

    text: str
    missing: tuple[str, ...] = ()


def read_saved_reply(raw: bytes, path: str) -> SavedReply | InvalidArticle:
    """Reads a file into a saved reply; `path` ends with its name."""
    read = read_article(raw, path)
    if isinstance(read, InvalidArticle):
        return read
    name, language = part_file_name(path)
    unknown = tuple(field for field in list_fields(read.body) if field not in FIELDS)
    return SavedReply(name, read.body, language or read.language, read.queue, unknown)


def part_file_name(path: str) -> tuple[str, str]:
    """Splits the path of a file into the name by which it is called and its language, "" for none."""
    found = _FILE.fullmatch(path.rpartition("/")[2])
    return (fold_name(found["name"]), (found["language"] or "").lower()) if found else (fold_name(path), "")


def fold_name(name: str) -> str:
    """Folds a name as it is compared: without case and accents, its words joined by hyphens."""
    return _BETWEEN.sub("-", fold_case_accents(name).strip())


def list_fields(text: str) -> tuple[str, ...]:
    """Lists the fields of a text, once each; a brace that holds none stands for itself."""
    return tuple(dict.fromkeys(_name_field(found) for found in _FIELD.finditer(text)))


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Fills all fields of a text, or none: a field without a value is missing."""
    missing = [name for name in list_fields(text) if not values.get(name)]
    if missing:
        return Filled("", tuple(missing))
    return Filled(_FIELD.sub(lambda found: values[_name_field(found)], text))


def _name_field(found: re.Match[str]) -> str:
    return _BETWEEN.sub("_", (found[1] or "").strip()).casefold() or found[0]


def find_nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Finds the names that are most alike to one: misspelled ones, the likeliest first, then those that hold it."""
    names = sorted(set(known))[:_MOST_COMPARED]
    parts = [one for one in names if name in one or one in name]
    alike = get_close_matches(name, names, _MOST_NEAR, _LEAST_ALIKE)
    return tuple(dict.fromkeys([*alike, *parts]))[:_MOST_NEAR]
