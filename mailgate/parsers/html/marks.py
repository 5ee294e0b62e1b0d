"""Characters that mark quotes and signatures in text that came from HTML.

`html` sets them where the client's own markup shows a quote or signature; `quoting` reads and removes them. They are of
the private use area; a mail's own ones become U+FFFD, so that none leaves with a Mail. Pure, never fails.
"""

from __future__ import annotations

import re

QUOTE_BELOW = "\ue002"  # a line of its own: the answered mail follows below
SIGNATURE_FROM, SIGNATURE_TO = "\ue003", "\ue004"  # lines of their own around a signature
ATTRIBUTION = "\ue005"  # begins a line that says who wrote the quote below

_MARKS = re.compile("[\ue002-\ue005]")
_NUMBERED = re.compile(r"&#(?:0*+5734[6-9](?!\d)|x0*+e00[2-5](?![0-9a-f]));?", re.IGNORECASE)
_LINE = re.compile("^[> ]*[\ue002-\ue004][ \t]*(?:\n|$)", re.MULTILINE)


def without_marks(text: str) -> str:
    """A marked text without the marks."""
    if text.isascii() or not any(mark in text for mark in (QUOTE_BELOW, SIGNATURE_FROM, SIGNATURE_TO, ATTRIBUTION)):
        return text
    return _MARKS.sub("", _LINE.sub("", text))


def replace_marks(text: str) -> str:
    """Replaces such characters of a mail's own, so that only `html` sets marks."""
    if text.isascii():
        return text
    for mark in (QUOTE_BELOW, SIGNATURE_FROM, SIGNATURE_TO, ATTRIBUTION):
        text = text.replace(mark, "\ufffd")
    return text


def replace_numbered(source: str) -> str:
    """Replaces marks that HTML spells as numbers."""
    return _NUMBERED.sub("\ufffd", source) if "&#" in source else source
