"""Tells whether a text asks its reader something, or proposes it. Pure, never fails, linear in the text.

What a requester writes to such a text answers the question: "it works" may be said of another browser that the agent
had them try. In doubt a text asks: then their answer is passed on as it is, and moves nothing.
"""

from __future__ import annotations

import re

from mailgate.parsers.phrases import LINE_LIMIT, load_phrases
from mailgate.parsers.quoting.quote_lines import is_quoted

__all__ = ["asks_something", "plans_something"]

_PHRASES = load_phrases("questions")
_URL = re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.IGNORECASE)
_MARKS = re.compile("[?？؟⁇⁈❓]|(?:です|ます|でした|ました|でしょう)か(?:[。．\\s]|$)|吗(?:[。．\\s]|$)")
_TIME = re.compile(r"(?<!\d)\d{1,2}(?:[:.h]\d{2}\b|\s?(?:am|pm|h)\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!…。！\n]+(?=\s|$)|\n")


def _compile(key: str, end: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _PHRASES[key]))}){end}")


_ASKS, _OFFERS, _PLANS = _compile("asks"), _compile("offers"), _compile("plans", r"(?!\w)")


def asks_something(text: str) -> bool:
    """Tells whether a text holds a question, with its mark or as a request for words: "let me know whether …"."""
    written = _written(text)
    if _MARKS.search(written):
        return True
    return any(_is_request(" ".join(sentence.split())) for sentence in _SENTENCE.split(written))


def plans_something(text: str) -> bool:
    """Tells whether a text says what is still to come: "that works" may agree to the day that it names."""
    written = " ".join(_written(text).split()).casefold().replace("’", "'")
    return _TIME.search(written) is not None or _PLANS.search(written) is not None


def _written(text: str) -> str:
    return _URL.sub(" ", "\n".join(line for line in text.split("\n") if not is_quoted(line)))


def _is_request(sentence: str) -> bool:
    """Tells whether a sentence asks for an answer, and does not only offer help."""
    folded = sentence.casefold().replace("’", "'")
    heads = (folded[at : at + LINE_LIMIT] for at in range(0, len(folded), LINE_LIMIT))
    return any(_ASKS.search(head) is not None for head in heads) and _OFFERS.search(folded) is None
