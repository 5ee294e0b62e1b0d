"""Decodes encoded words: text outside ASCII in a header (RFC 2047).

Accepts the variants of mailers: words broken in the middle of a character, with blanks or raw bytes inside, without end
or padding, with a language (RFC 2231 section 5). An unreadable word stays as it is. Never fails, linear.
"""

from __future__ import annotations

import re

from mailgate.parsers.mime.charsets import decode_bytes
from mailgate.parsers.mime.transfer_encoding import decode_base64

# The content ends at the first ?=, and no other word begins in it; the last word of a header may have lost its end
WORD = r"=\?[^?\s]{1,60}\?[bBqQ]\?(?:[^?=]|\?(?!=)|=(?!\?(?!=)))*+\?="
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?=]|\?(?!=)|=(?!\?(?!=)))*+)(\?=|\Z)")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+", re.ASCII)
_ESCAPED = re.compile(rb"=([0-9A-Fa-f]{2})")


def decode_words(text: str, hint: str = "") -> str:
    """Decodes the encoded words of a text.

    Adjacent ones of one charset are decoded as one run of bytes, so that a character split over two words survives.
    `hint` is the charset of the mail's text.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[bytes] = []
    charset = ""
    position = 0
    for found in _WORD.finditer(text):
        content = _word_bytes(found[2], found[3] if found[4] else found[3].removesuffix("?"))
        if content is None:
            continue
        between = text[position : found.start()]
        name = found[1].partition("*")[0].lower()
        if run and (between.strip() or name != charset):
            out.append(decode_bytes(b"".join(run), charset, hint))
            run = []
            out.append(between if between.strip() else "")
        elif not run:
            out.append(between)
        run.append(content)
        charset, position = name, found.end()
    if run:
        out.append(decode_bytes(b"".join(run), charset, hint))
    return "".join(out) + text[position:]


def _word_bytes(encoding: str, text: str) -> bytes | None:
    if encoding in "qQ":
        plain = text.replace("_", " ").encode("utf-8", "replace")
        return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), plain)
    if not _BASE64.fullmatch(text):
        return b"" if not text else None
    return decode_base64(text.encode("ascii"))[0] or None
