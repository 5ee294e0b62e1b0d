"""Finds quotes without any mark: the mail that is answered, as a client puts its bare words below or above a reply.

Such a block counts only where it is the whole of that mail, from its first word to its last, on lines of its own. So
words that a person types or pastes never count, though the mail held the same. Case, accents, signs, links and the ends
of lines do not matter. Pure, linear in the texts, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailgate.core.text import fold_case_accents

LETTERS_LIMIT = 500_000  # letters of a text that is looked at
FEWEST = 8  # words of a mail that is looked for: fewer may be typed

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def mark_unmarked(text: str, mails: Iterable[str]) -> str:
    """Returns a text with `>` before each block of lines that holds the words of one of the mails, all and no other."""
    if len(text) > LETTERS_LIMIT:
        return text
    lines = text.split("\n")
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    flat: list[str] = []
    length = 0
    for at, line in enumerate(lines):  # without spaces: Chinese words are broken anywhere on the wire
        if words := "".join(_words(line)):
            starts[length], ends[length + len(words)] = at, at
            flat.append(words)
            length += len(words)
    whole = "".join(flat)
    for mail in mails:
        words_of_mail = _words(mail)
        wanted = "".join(words_of_mail)
        found = whole.find(wanted) if len(words_of_mail) >= FEWEST else -1
        while found >= 0:
            end = found + len(wanted)
            if found in starts and end in ends:
                for at in range(starts[found], ends[end] + 1):
                    lines[at] = f"> {lines[at]}".rstrip()
            found = whole.find(wanted, end)
    return "\n".join(lines)


def repeats_mail(text: str, mails: Iterable[str]) -> bool:
    """Tells whether a text is nothing but a piece of one of the mails, and has too many words to be typed by chance."""
    words = _words(text[:LETTERS_LIMIT])
    piece = f" {' '.join(words)} "
    return len(words) >= FEWEST and any(piece in f" {' '.join(_words(mail))} " for mail in mails)


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_case_accents(_LINK.sub(" ", text)))
