"""Values of formatted text: the runs of an HTML text, and a text with its safe HTML.

Frozen; nothing here can fail.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An element that a run stands in. `tag` is its HTML name, `number` tells it from others of the same text."""

    tag: str
    number: int
    value: int = 0  # the first number of an `ol`, the columns that a cell takes; 0 for one


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of an HTML text in one format (as in OOXML and RTF).

    `path` leads from the outermost list, table or quote to the paragraph. A text that begins with a line feed begins a
    further line of its paragraph. An empty one stands for a cell, which may have no words.
    """

    text: str
    path: tuple[Place, ...]
    bold: bool = False
    italic: bool = False
    code: bool = False
    href: str = ""
    image: str = ""  # the Content-ID of a picture, as it stands in the HTML


STRUCTURE = frozenset({"ul", "ol", "table", "h3"})
"""Elements that a text shows by its layout."""


def is_formatted(run: TextRun) -> bool:
    """Tells whether a run would look different in a plain paragraph; links aside."""
    return run.bold or run.italic or run.code or any(place.tag in STRUCTURE for place in run.path)


@dataclass(frozen=True, slots=True)
class FormattedText:
    """Words as text, and as safe HTML that shows the same words; links and pictures are all that it has besides."""

    text: str
    html: str
