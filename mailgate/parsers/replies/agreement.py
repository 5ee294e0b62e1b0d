"""Tells a bare yes and a wish to close from a statement that the problem is solved. Pure, never fails.

"Yes" answers the question that was asked, whatever it was. "Yes, that is right" agrees with what a person said, and
that may have been that it still fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from mailgate.core.text import fold_case_accents
from mailgate.parsers.replies.answer import MOST_CLAUSES, find_written
from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clauses import read_clauses
from mailgate.parsers.vocabulary import vocabulary

_LONGEST = 200  # characters; a longer reply is no bare yes
_WORD = re.compile(r"[^\W\d_]+")
_THANKS_OF_LANGUAGES = """
thanks thank you thx very much so many a lot merci beaucoup bien danke vielen dank schon besten gracias muchas mil
grazie mille tante molte bedankt u je wel hartelijk obrigado obrigada muito tack tak takk mange tusen kiitos paljon
dziekuje dzieki bardzo dekuji diky moc спасибо большое tesekkurler tesekkur ederim ありがとう ありがとうございます
"""
_THANKS = frozenset(fold_case_accents(word) for word in _THANKS_OF_LANGUAGES.split())


def is_bare_yes(text: str, names: Collection[str] = ()) -> bool:
    """Tells whether a reply is the word yes and nothing else but thanks; `names` are what its writer may sign with."""
    lines = [line for line in find_written(text)[1].split("\n") if line.strip()]
    while lines and lines[-1].strip(" .,-–").casefold() in names:
        lines.pop()
    written = "\n".join(lines)
    if len(written) > _LONGEST or any(mark in written for mark in "?？0123456789"):
        return False
    words = [fold_case_accents(word) for word in _WORD.findall(written)]
    return bool(words) and vocabulary(None).values["confirm"].get(words[0]) == "yes" and _THANKS.issuperset(words[1:])


def asks_to_close(text: str) -> bool:
    """Tells whether a reply asks for the ticket to be closed."""
    clauses, _ = read_clauses(find_written(text)[1], MOST_CLAUSES)
    return any(clause.has(Category.CLOSE) for clause in clauses)
