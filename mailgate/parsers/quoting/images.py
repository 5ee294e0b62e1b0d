"""Finds images of an HTML text that are only in its quote or signature (rule 16).

Reads the text once more with a mark in place of each image: those left in the new text are new. In doubt an image is
new. Pure, linear, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from mailgate.parsers.html.html_to_text import Converted, convert_html

IMAGES_LIMIT = 200  # in one text; those behind them count as new

_MARK = "\ue010"
_IMAGE = re.compile(r"<img\b[^<>]{0,4000}>", re.IGNORECASE)
_CID = re.compile(r"\bsrc\s{0,3}=\s{0,3}[\"']?cid:([^\"'\s<>]{1,250})", re.IGNORECASE)
NUMBERED = re.compile(f"{_MARK}(\\d{{1,3}}){_MARK}")
"""A mark in a text: the number of an image, counted from 0."""


@dataclass(frozen=True, slots=True)
class MarkedText:
    """The new text of an HTML body with a mark in place of each image, and the images: Content-ID and tag."""

    text: str
    images: tuple[tuple[str, str], ...]


def mark_images(html: Sequence[str], read_new: Callable[[Converted], str]) -> tuple[MarkedText, ...]:
    """Reads the new text of each body with marks; the Content-IDs are casefolded."""
    return tuple(_mark(source, read_new) for source in html)


def _mark(source: str, read_new: Callable[[Converted], str]) -> MarkedText:
    found: list[tuple[str, str]] = []

    def mark(image: re.Match[str]) -> str:
        """Puts a mark in the place of an image."""
        cid = _CID.search(image[0])
        if cid is None or len(found) >= IMAGES_LIMIT:
            return image[0]
        found.append((unquote(cid[1]).casefold(), image[0]))
        return f"{_MARK}{len(found) - 1}{_MARK}"

    marked = convert_html(_IMAGE.sub(mark, source.replace(_MARK, "")))
    return MarkedText(read_new(marked), tuple(found))


def find_old_images(marked: Sequence[MarkedText]) -> frozenset[str]:
    """The Content-IDs, casefolded, of images that are in no new text of the bodies."""
    named = {cid for one in marked for cid, _ in one.images}
    new = {one.images[int(number)][0] for one in marked for number in NUMBERED.findall(one.text)
           if int(number) < len(one.images)}  # fmt: skip
    return frozenset(named - new)
