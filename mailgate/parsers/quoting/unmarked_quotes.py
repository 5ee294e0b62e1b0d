"""Finds quotes without any mark: the mail that is answered, as a client puts its bare words below or above a reply.

Such a block counts only where it is the whole of that mail, from its first word to its last, on lines of its own. So
words that a person types or pastes never count, though the mail held the same. Case, accents, signs, links and the ends
of lines do not matter. Pure, linear in the texts, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import unescape

from mailgate.core.text import fold_case_accents

LETTERS_LIMIT = 500_000  # letters of a text that is looked at
FEWEST = 8  # words of a mail that is looked for: fewer may be typed

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^<>]*>")
# Parts of tags, in small letters, whose words become text: those of an image, and a target of a link that has a space.
_NAMING = (re.compile(r"alt\s*=[^<>]*"), re.compile(r"href\s*=\s*.?[^\"'<>]*\s[^<>]*"))
_FOREIGN = re.compile(r"[^\x20-\x7e]+")


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


def may_repeat(text: str, source: str) -> bool:
    """Tells whether each plain word of a text stands in the HTML source of a mail, so that `repeats_mail` may be true.

    False for nearly all words that a person typed, at a fraction of what the conversion of the source takes. A word is
    looked for in the text without its tags, which may stand inside it, and in the tags that name images.
    """
    plain = [word for word in _words(text[:LETTERS_LIMIT]) if word.isascii() and word.isalpha()]
    beside = _letters(_TAG.sub("", source))
    missing = [word for word in plain if word not in beside]
    if not missing:
        return True
    lowered = source.lower()
    named = _letters(" ".join(part for naming in _NAMING for part in naming.findall(lowered)))
    return all(word in named for word in missing)


def _letters(source: str) -> str:
    """Returns a text of HTML without case, accents, ends of lines, and signs that are not ASCII."""
    text = unescape(source).replace("\r", "").replace("\n", "")
    return (text if text.isascii() else _FOREIGN.sub(lambda run: _plain(run[0]), text)).lower()


@lru_cache(maxsize=1024)  # the same few signs stand in all mails of the desk
def _plain(signs: str) -> str:
    return "".join(filter(str.isalnum, fold_case_accents(signs)))


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_case_accents(_LINK.sub(" ", text)))
