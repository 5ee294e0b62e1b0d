"""Finds images of an HTML text that are only in its quote or signature (rule 16).

Reads the text once more with a mark in place of each image: those left in the new text are new. In doubt an image is
new. Pure, linear, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from mailgate.parsers.html.html_to_text import Converted, convert_html

IMAGES_LIMIT = 200  # in one text; those behind them count as new

_MARK = "\ue010"
_IMAGE = re.compile(r"<img\b[^<>]{0,4000}>", re.IGNORECASE)
_CID = re.compile(r"\bsrc\s{0,3}=\s{0,3}[\"']?cid:([^\"'\s<>]{1,250})", re.IGNORECASE)
_NUMBERED = re.compile(f"{_MARK}(\\d{{1,3}}){_MARK}")


def find_old_images(html: Sequence[str], read_new: Callable[[Converted], str]) -> frozenset[str]:
    """The Content-IDs, casefolded, of images that are in no new text of the bodies."""
    named: set[str] = set()
    new: set[str] = set()
    for source in html:
        found: list[str] = []

        def mark(image: re.Match[str], found: list[str] = found) -> str:
            """Puts a mark in the place of an image."""
            cid = _CID.search(image[0])
            if cid is None or len(found) >= IMAGES_LIMIT:
                return image[0]
            found.append(unquote(cid[1]).casefold())
            return f"{_MARK}{len(found) - 1}{_MARK}"

        marked = convert_html(_IMAGE.sub(mark, source.replace(_MARK, "")))
        left = {int(number) for number in _NUMBERED.findall(read_new(marked))}
        named.update(found)
        new.update(cid for number, cid in enumerate(found) if number in left)
    return frozenset(named - new)
