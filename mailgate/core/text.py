"""Text as it is compared and as it is shown short. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_UNDECOMPOSED = {"ı": "i", "ł": "l", "đ": "d"}  # letters with a mark that Unicode does not take apart
_PIECE = 256  # characters that are taken apart at once
_FEW_MARKS = 16  # different marks of a text that are removed one after the other

TAG_FORM = r"\w[\w.-]{0,31}"
"""The form of a tag of tickets, for regular expressions; it is kept in small letters."""


def ellipsis(text: str, most: int) -> str:
    """Puts a text on one line of at most `most` characters; where something is cut off, the line ends with "…"."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def show_on_one_line(text: str) -> str:
    """Puts a foreign text on one line without control characters, so that no cursor moves."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def counted(count: int, name: str) -> str:
    """Writes a number of things in English: `1 file`, `2 files`."""
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def spell_size(count: int) -> str:
    """Formats a number of bytes in the units that the configuration takes: `240 KiB`, `26.0 MiB`, `1.3 GiB`."""
    if count < 1024:
        return f"{count} B"
    if count < 1024**2:
        return f"{count / 1024:.0f} KiB"
    return f"{count / 1024**2:.1f} MiB" if count < 1024**3 else f"{count / 1024**3:.1f} GiB"


def fold_case_accents(text: str) -> str:
    """Removes case, accents and compatibility forms: "Résolu" and "ＲＥＳＯＬＵ" are both "resolu"."""
    if text.isascii():
        return text.lower()
    plain = _drop_marks(_decompose(text.casefold()))
    if plain.isascii():
        return plain.lower()
    return replace_letters(unicodedata.normalize("NFKC", plain).casefold(), _UNDECOMPOSED)


def replace_letters(text: str, letters: Mapping[str, str]) -> str:
    """Replaces a few letters, one after the other: faster than `str.translate`, which looks up each of the text."""
    for letter, other in letters.items():
        text = text.replace(letter, other)
    return text


def fold_alnum(text: str) -> str:
    """Reduces a text to its letters and figures, without case, accents, spaces and signs."""
    if not text.isascii():
        text = _decompose(text)
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _drop_marks(text: str) -> str:
    """Removes the marks of letters that were taken apart. A text has few different ones, but for a hostile one."""
    marks = list(filter(unicodedata.combining, set(text)))
    if len(marks) > _FEW_MARKS:
        return text.translate(dict.fromkeys(map(ord, marks)))
    for mark in marks:
        text = text.replace(mark, "")
    return text


def _decompose(text: str) -> str:
    """Takes letters and their marks apart, for callers who drop the marks: those of a long run are not sorted as one.

    The library sorts the marks of a run in quadratic time.
    """
    return "".join(unicodedata.normalize("NFKD", text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))
