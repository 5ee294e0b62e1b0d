"""Tells a bare yes, agreement and a wish to close from a statement that it is solved. Pure, never fails.

"Yes" answers the question that was asked, whatever it was. "Yes, that is right" agrees with what a person said, and
that may have been that it still fails. "That works" may agree to an appointment.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from mailgate.core.text import fold_case_accents
from mailgate.parsers.phrases import load_phrases
from mailgate.parsers.replies.answer import MOST_CLAUSES, drop_name, find_written
from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clauses import read_clauses
from mailgate.parsers.vocabulary import vocabulary

_LONGEST = 200  # characters; a longer reply is no bare yes
_WORD = re.compile(r"[^\W\d_]+")


def _words(text: str) -> tuple[str, ...]:
    return tuple(fold_case_accents(word) for word in _WORD.findall(text))


_LISTS = {key: tuple(map(_words, phrases)) for key, phrases in load_phrases("agreement").items()}
_THANKS, _OPENINGS, _RECOVERED = (
    frozenset(phrase[0] for phrase in _LISTS[key]) for key in ("thanks", "openings", "recovered")
)


def is_bare_yes(text: str, names: Collection[str] = ()) -> bool:
    """Tells whether a reply is the word yes and nothing else but thanks; `names` are what its writer may sign with."""
    written = drop_name(find_written(text)[1], names)
    if len(written) > _LONGEST or any(mark in written for mark in "?？0123456789"):
        return False
    words = _words(written)
    return bool(words) and vocabulary(None).values["confirm"].get(words[0]) == "yes" and _THANKS.issuperset(words[1:])


def agrees(text: str) -> bool:
    """Tells whether a reply begins with words that agree to a proposal as well as they say that a thing works.

    "It works again" and "ça marche maintenant" agree to nothing.
    """
    words = _words(find_written(text)[1][:_LONGEST])
    start = next((at for at, word in enumerate(words) if word not in _OPENINGS), len(words))
    rest = words[start:]
    return any(rest[: len(one)] == one for one in _LISTS["agreements"]) and _RECOVERED.isdisjoint(rest)


def asks_to_close(text: str) -> bool:
    """Tells whether a reply asks for the ticket to be closed."""
    clauses, _ = read_clauses(find_written(text)[1], MOST_CLAUSES)
    return any(clause.has(Category.CLOSE) for clause in clauses)
