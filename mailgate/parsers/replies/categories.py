"""The categories of phrases in a reply, under which the language files list them.

Only the names; `languages/answers/README.md` explains each.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Category(IntEnum):
    """The meaning of a phrase, one bit each: a plain number holds all categories of a clause."""

    OPTION_YES = 1 << 0
    OPTION_NO = 1 << 1
    YES = 1 << 2
    NO = 1 << 3
    FINE = 1 << 4
    CURED = 1 << 5
    FIXED = 1 << 6
    WORKS = 1 << 7
    ACTS = 1 << 8
    GONE = 1 << 9
    TROUBLE = 1 << 10
    SYMPTOM = 1 << 11
    FAILS = 1 << 12
    LASTS = 1 << 13
    STILL = 1 << 14
    PARTIAL = 1 << 15
    NOT = 1 << 16
    WITHOUT = 1 << 17
    NOTHING = 1 << 18
    ENDED = 1 << 19
    CANNOT = 1 << 20
    BELIEF = 1 << 21
    WISH = 1 << 22
    REPORTED = 1 << 23
    CONDITION = 1 << 24
    LATER = 1 << 25
    PAST = 1 << 26
    BEFORE = 1 << 27
    SEEN = 1 << 28
    RETRACTION = 1 << 29
    NOW = 1 << 30
    CONTRAST = 1 << 31
    THANKS = 1 << 32
    CLOSE = 1 << 33
    ANGER = 1 << 34
    OTHER = 1 << 35
    SIDE = 1 << 36
    ASKS = 1 << 37
    STRANGER = 1 << 38
    MIXED = 1 << 39
    HARMLESS = 1 << 40
    ASKED = 1 << 41
    SOON = 1 << 42
    AWAY = 1 << 43
    INVERTED = 1 << 44
    ELSEWHERE = 1 << 45
    DISCLAIMS = 1 << 46
    NONE_LEFT = 1 << 47
    RETURNS = 1 << 48
    SITE = 1 << 49


class Mark(NamedTuple):
    """A category and the words that carry it: `words[start:end]`."""

    category: int
    start: int
    end: int
