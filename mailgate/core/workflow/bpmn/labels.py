"""Labels of the diagram in one language. Keys are the ids of places, lanes and documents, and answers' names.

A test holds that each language has every word; a missing one raises KeyError when the picture is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a language. `contents` has a document's items, one a line; `beside` the events of the legend."""

    code: str
    pool: str
    lanes: Mapping[str, str]
    places: Mapping[str, str]
    answers: Mapping[str, str]
    documents: Mapping[str, str]
    contents: Mapping[str, str]
    messages: Mapping[str, str]
    legend: str
    beside: Mapping[str, str]
