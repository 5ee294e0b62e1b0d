"""Marks in a text that HTML left: where a mail client's own structure says what is quoted or signed.

Answers for the letters that stand for them between `html`, which sets them, and `quoting`, which reads them and takes
them out again. They are letters of the private use area; where a mail has them of its own, each becomes U+FFFD, so
that none leaves with a Mail. Pure, never fails.
"""

from __future__ import annotations

import re

QUOTE_BELOW = "\ue002"  # a line of its own: what stands below is the mail that is answered
SIGNATURE_FROM, SIGNATURE_TO = "\ue003", "\ue004"  # lines of their own around a signature
ATTRIBUTION = "\ue005"  # begins a line that says who wrote the quote below

_MARKS = re.compile("[\ue002-\ue005]")
_NUMBERED = re.compile(r"&#(?:0*+5734[6-9](?!\d)|x0*+e00[2-5](?![0-9a-f]));?", re.IGNORECASE)
_LINE = re.compile("^[> ]*[\ue002-\ue004][ \t]*(?:\n|$)", re.MULTILINE)


def without_marks(text: str) -> str:
    """A marked text as people read it."""
    if text.isascii() or not any(mark in text for mark in (QUOTE_BELOW, SIGNATURE_FROM, SIGNATURE_TO, ATTRIBUTION)):
        return text
    return _MARKS.sub("", _LINE.sub("", text))


def replace_marks(text: str) -> str:
    """A text in which nobody but `html` may set marks."""
    if text.isascii():
        return text
    for mark in (QUOTE_BELOW, SIGNATURE_FROM, SIGNATURE_TO, ATTRIBUTION):
        text = text.replace(mark, "\ufffd")
    return text


def replace_numbered(source: str) -> str:
    """HTML in which no mark is written as a number."""
    return _NUMBERED.sub("\ufffd", source) if "&#" in source else source
