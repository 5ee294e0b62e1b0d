"""A linear classifier learnt from labelled answers: how likely a text means each outcome.

Holds the weights of features (`learned.bin`). The labelled lines are in `tests/corpus/answers/`, and `make learn`
trains anew. Pure, linear in the words, raises on no text; a missing or broken file is a bug of the package and raises
when it is loaded.

The file: a head (`HEAD`), a tag of 16 bits for each slot, then for each outcome a byte for each slot. A feature is in
the slot that its lower bits name, if the tag there is its upper 16 bits.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import NamedTuple

MAGIC = b"mailgate answers 1"
HEAD = struct.Struct("<18sxxI5f5f")
"""The magic, the number of slots (a power of two), the scale of a weight and the bias of each outcome."""
TAG_SHIFT = 16


class AnswerClass(Enum):
    """The outcomes that a reply may mean, in the order of the file."""

    RESOLVED = 0
    NEW_PROBLEM = 1  # resolved, and another problem beside it
    NOT_FIXED = 2
    UNCLEAR = 3
    THANKS_ONLY = 4


class Likelihoods(NamedTuple):
    """The likelihood of each outcome, from 0 to 1."""

    resolved: float
    new_problem: float
    not_fixed: float
    unclear: float
    thanks_only: float


class Classifier:
    """The weights of one file."""

    def __init__(self, stored: bytes) -> None:
        magic, slots, *numbers = HEAD.unpack_from(stored.ljust(HEAD.size, b"\0"))
        is_whole = len(stored) == HEAD.size + slots * (2 + len(AnswerClass)) and slots.bit_count() == 1
        if magic != MAGIC or not is_whole:
            raise ValueError("learned.bin is damaged or of another version: install the package anew")
        self._scales: list[float] = numbers[: len(AnswerClass)]
        self._biases: list[float] = numbers[len(AnswerClass) :]
        self._mask = slots - 1
        self._tags = array("H", stored[HEAD.size : HEAD.size + 2 * slots])
        if sys.byteorder == "big":
            self._tags.byteswap()
        place = HEAD.size + 2 * slots
        places = range(place, len(stored), slots)
        self._weights = [array("b", stored[place : place + slots]) for place in places]

    def predict(self, groups: Iterable[Collection[int]]) -> Likelihoods:
        """The likelihoods of a text with these features."""
        features = set().union(*groups)
        slots, length = self._find_slots(features), math.sqrt(max(1, len(features)))
        parts = zip(self._weights, self._scales, self._biases, strict=True)
        odds = [bias + scale * sum(map(weights.__getitem__, slots)) / length for weights, scale, bias in parts]
        likelihoods = [1 / (1 + math.exp(-max(-30.0, min(30.0, one)))) for one in odds]
        whole = sum(likelihoods)
        return Likelihoods(*(one / whole for one in likelihoods))

    def find_strongest(self, groups: Sequence[Collection[int]], outcomes: Collection[AnswerClass]) -> int:
        """The index of the group of features that speaks most for one of the outcomes."""
        columns = [(self._weights[one.value], self._scales[one.value]) for one in outcomes]

        def speaks(at: int) -> float:
            """The highest score of a group."""
            slots = self._find_slots(groups[at])
            return max([scale * float(sum(map(weights.__getitem__, slots))) for weights, scale in columns])

        return max(range(len(groups)), key=speaks)

    def _find_slots(self, features: Iterable[int]) -> list[int]:
        mask, tags = self._mask, self._tags
        return [one & mask for one in features if tags[one & mask] == one >> TAG_SHIFT]


@cache
def load_classifier() -> Classifier:
    """Loads the shipped classifier at the first answer. Cached."""
    return Classifier((files("mailgate.parsers.replies") / "learned.bin").read_bytes())
