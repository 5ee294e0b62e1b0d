"""Recognizes the line that begins a mail: "Dear Ms Roy,". Pure, linear, never fails."""

from __future__ import annotations

from mailgate.parsers.phrases import WIDE, fold, load_phrases

_PHRASES = load_phrases("salutations")
_LONGEST = 60  # characters of such a line
_MOST_NAMES = 5  # words behind the greeting, where a mark ends the line
_MOST_BARE_NAMES = 3
_MARKS = " ,;:.!-–—，、；：。！*_"


def begins_with_salutation(text: str) -> bool:
    """Tells whether the first line with words greets its reader and says nothing else."""
    line = next((line.strip() for line in text[:2_000].splitlines() if line.strip(_MARKS)), "")
    if not line or len(line) > _LONGEST or line.endswith(("?", "？")):
        return False
    words = fold(line.lstrip("*_").rstrip(_MARKS))
    if words.endswith(_PHRASES["titles"]):
        return True
    if not words.startswith(_PHRASES["words"]):  # as nearly all lines, told faster than phrase by phrase
        return False
    most = _MOST_NAMES if line[-1] in _MARKS else _MOST_BARE_NAMES
    return any(_is_greeting(words, phrase, most) for phrase in _PHRASES["words"])


def _is_greeting(words: str, phrase: str, most: int) -> bool:
    """Tells whether a folded line is a greeting with at most so many words behind it."""
    if not words.startswith(phrase):
        return False
    rest = words[len(phrase) :]
    return bool(WIDE.match(phrase)) or (not rest[:1].isalnum() and len(rest.split()) <= most)
