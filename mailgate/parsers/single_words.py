"""Recognises a mail that holds one of a few words and nothing else: "status", "Wie ist der Stand?". Pure, never fails.

Each must be all that its author wrote, but for a greeting, a signature and courtesy: a word beside others is part of
what they say.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

from mailgate.core.text import fold_case_accents
from mailgate.parsers.phrases import load_phrases
from mailgate.parsers.quoting.quote_lines import bare_subject
from mailgate.parsers.replies.answer import drop_name, find_written

__all__ = ["SingleWord", "is_unsubscription", "read_single_word", "read_subject_word"]

LONGEST_TEXT = 2_000  # characters of a mail that is looked at: a signature and a notice of confidentiality
_LONGEST = 200  # characters that a single word with its courtesy can have
_TAG = re.compile(r"\[[^\[\]]{1,200}\]")
_WORD = re.compile(r"[^\W_]+")


class SingleWord(StrEnum):
    """Meaning of the words; the values are the keys of the data file."""

    STATUS = "status"
    LEAVE = "leave"


def read_single_word(text: str, names: Collection[str] = (), *, literally: bool = False) -> SingleWord | None:
    """Reads a text that says nothing but one of the words; `names` are what its author may sign with, folded.

    `literally` leaves out the phrases of several words ("Any news?").
    """
    if len(text) > LONGEST_TEXT:
        return None
    return _find(drop_name(find_written(text)[1], names), literally=literally)


def read_subject_word(subject: str, text: str, names: Collection[str] = ()) -> SingleWord | None:
    """Reads a subject that is one of the words, above a text without any words of its own."""
    found = _find(bare_subject(subject))
    if found is None or len(text) > LONGEST_TEXT:
        return None
    written = drop_name(find_written(text)[1], names)
    return found if not _words(written) or _is_courtesy(written) else None


def is_unsubscription(subject: str) -> bool:
    """Tells whether a subject is that of a mail by which a program unsubscribes, whatever it writes below.

    It is the one that our header gives it. Other words to leave are those of a person, who may go on below them.
    """
    return _words(_TAG.sub(" ", subject)) == ("unsubscribe",)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold_case_accents(text)))


_PHRASES = load_phrases("single_words")
_MEANINGS = {_words(phrase): word for word in SingleWord for phrase in _PHRASES[word.value]}
_COURTESY = frozenset(_words(" ".join(_PHRASES["courtesy"])))


def _find(text: str, *, literally: bool = False) -> SingleWord | None:
    if len(text) > _LONGEST:
        return None
    words = _words(text)
    while words and words not in _MEANINGS and words[-1] in _COURTESY:
        words = words[:-1]
    while words and words not in _MEANINGS and words[0] in _COURTESY:
        words = words[1:]
    return None if literally and len(words) > 1 else _MEANINGS.get(words)


def _is_courtesy(text: str) -> bool:
    return len(text) <= _LONGEST and _COURTESY.issuperset(_words(text))
