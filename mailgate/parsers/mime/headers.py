"""Splits, decodes and cleans the header block of a mail.

Every value is text that a database and a mail can hold: no NUL, no lone surrogate, no line break or other control
character. Bytes outside ASCII are decoded as in `charsets`. Never fails: a line that is no header ends the block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from mailgate.parsers.mime.charsets import decode_bytes
from mailgate.parsers.mime.encoded_words import decode_words

HEADER_LIMIT = 10_000  # headers of one mail
DECODE_LIMIT = 64 * 1024  # bytes of one header that are decoded; the rest of it is left out
LONGEST_ID = 998  # characters; a line of a mail holds no more

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)?")
_BLANK = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,8}:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*+(?:\r\n|\r|\n)?")
_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|sender|reply-to|message-id|in-reply-to|references|mime-version|received|return-path"
    rb"|content-[a-z-]{2,40})[ \t]{0,8}:",
    re.IGNORECASE,
)
_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]{0,8}\r?\n){0,10}[ \t]{0,8}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACES = re.compile(r" {2,}")
_ID = re.compile(r"<([^<>]{1,998})>")


class HeaderLine(NamedTuple):
    """One header verbatim: `raw` is the whole of it, folded, with its line end; `key` its name in lower case."""

    name: str
    key: str
    value: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """A header block and the offset where the body begins.

    `complete` is False if a limit was hit, `sound` is False if a line is no header or no blank line ends the block.
    """

    lines: tuple[HeaderLine, ...]
    body_at: int
    complete: bool = True
    sound: bool = True

    def first(self, name: str) -> bytes:
        """The value of the topmost header of a name, b"" for none."""
        wanted = name.lower()
        for line in self.lines:
            if line.key == wanted:
                return line.value
        return b""


def split_headers(raw: bytes, position: int = 0, end: int | None = None, limit: int = HEADER_LIMIT) -> HeaderBlock:
    """Splits a header block off (RFC 5322 section 2.2), from `position` on.

    A byte order mark, blanks, blank lines and the `From ` line of a mailbox file are skipped. A line that is no header,
    but has one below it, counts as the rest of the one above. At most `limit` headers are kept.
    """
    lines: list[bytes] = []
    sound = True
    start, end = position, len(raw) if end is None else end
    if not position and (lead := _LEAD.match(raw)) and _KNOWN.match(raw, lead.end(), end):
        position = lead.end()
    while position < end:
        if len(lines) > limit:
            blank = _BLANK.search(raw, position - 1, end)
            return HeaderBlock(_as_lines(lines[:limit]), blank.end() if blank else end, complete=False, sound=sound)
        if field := _FIELD.match(raw, position, end):
            lines.append(field[0])
            position = field.end()
            continue
        stop = _line_end(raw, position, end)
        line = raw[position:stop]
        if not line.strip(b"\r\n"):
            return HeaderBlock(_as_lines(lines), stop, sound=sound)
        if lines and _KNOWN.match(raw, stop, end):
            lines[-1] = lines[-1].rstrip(b"\r\n") + b"\r\n " + line
            sound = False
        elif position > start or not line.startswith((b"From ", b">From ")):
            sound = False
            break
        position = stop
    return HeaderBlock(_as_lines(lines[:limit]), position, len(lines) <= limit, sound and bool(lines))


def decode_header(value: bytes, hint: str = "") -> str:
    """Decodes a header value: unfolded, encoded words decoded, cleaned.

    `hint` is the charset of the mail's text, for bytes without a label.
    """
    value = value[:DECODE_LIMIT]
    if value.isascii() and b"=?" not in value and b"\x1b" not in value and b"\0" not in value:
        return clean_header(value.decode("ascii"))
    return clean_header(decode_words(decode_bytes(value, "", hint), hint))


def clean_header(text: str) -> str:
    """Removes control characters, line breaks and lone surrogates; runs of spaces become one."""
    if "\t" in text:
        text = text.replace("\t", " ")
    if not text.isprintable():
        text = _UNSAFE.sub(_replace_unsafe, text)
    return (_SPACES.sub(" ", text) if "  " in text else text).strip()


def read_ids(value: str) -> tuple[str, ...]:
    """Reads the Message-IDs of a header, in order, without angle brackets (RFC 5322 section 3.6.4)."""
    value = clean_header(value)  # a report pastes headers of others into its text
    found = tuple("".join(inner.split()) for inner in _ID.findall(value))
    if found:
        return tuple(inner for inner in found if 0 < len(inner) <= LONGEST_ID)
    return tuple(word.strip("<>") for word in value.split() if "@" in word and len(word) <= LONGEST_ID)[:1]


def _line_end(raw: bytes, position: int, end: int) -> int:
    found = _LINE.match(raw, position, end)
    return found.end() if found else end


def _as_lines(lines: list[bytes]) -> tuple[HeaderLine, ...]:
    return tuple(map(_as_line, lines))


def _as_line(raw: bytes) -> HeaderLine:
    head, _, value = raw.partition(b":")
    name = head.strip().decode("ascii", "replace")
    value = value.strip()
    if b"\n" in value or b"\r" in value:
        value = value.replace(b"\r", b"").replace(b"\n", b"")
    return HeaderLine(name, name.lower(), value, raw)


def _replace_unsafe(found: re.Match[str]) -> str:
    letter = found[0]
    if "\ud800" <= letter <= "\udfff":
        return "\ufffd"
    return " " if letter in "\r\n\u2028\u2029" else ""
