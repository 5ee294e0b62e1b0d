"""The header block of a mail: split, decoded and cleaned.

Answers for every header value being text that a database and a mail can hold: no NUL, no lone surrogate, no line
break or other control character. Encoded words (RFC 2047) that are broken stay as they stood; bytes outside ASCII
are read as UTF-8, else as Windows-1252. Nothing here fails: what is no header ends the block.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailgate.parsers.text import decode_bytes

HEADER_LIMIT = 10_000  # headers of one mail
DECODE_LIMIT = 64 * 1024  # bytes of one header that are decoded; the rest of it is left out

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)?")
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,8}:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*+(?:\r\n|\r|\n)?")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACES = re.compile(r" {2,}")
_ID = re.compile(r"<([^<>]{1,998})>")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_ESCAPED = re.compile(r"=([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Line:
    """One header as it stood: `raw` is the whole of it, folded, with its line end; `key` its name in lower case."""

    name: str
    key: str
    value: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A header block and the offset where the body begins; `complete` is False where a limit was hit."""

    lines: tuple[Line, ...]
    body_at: int
    complete: bool = True

    def first(self, name: str) -> bytes:
        """The value of the topmost header of that name, b"" where there is none."""
        wanted = name.lower()
        return next((line.value for line in self.lines if line.key == wanted), b"")


def split_headers(raw: bytes) -> Block:
    """Split the header block off a mail (RFC 5322, 2.2); a leading mbox `From ` line is skipped."""
    lines: list[bytes] = []
    position = 0
    while position < len(raw):
        if field := _FIELD.match(raw, position):
            lines.append(field[0])
            position = field.end()
            continue
        end = _line_end(raw, position)
        line = raw[position:end]
        if not line.strip(b"\r\n"):
            return Block(_as_lines(lines), end, len(lines) <= HEADER_LIMIT)
        if position or not line.startswith(b"From "):
            break
        position = end
    return Block(_as_lines(lines), position, len(lines) <= HEADER_LIMIT)


def decode_header(value: bytes) -> str:
    """The text of a header value: unfolded, encoded words decoded, cleaned."""
    return clean_header(decode_words(decode_bytes(value[:DECODE_LIMIT])))


def decode_words(text: str) -> str:
    """Decode the encoded words of a text (RFC 2047). Adjacent ones of one charset are decoded as one run of bytes,
    so that a character split over two words survives."""
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[bytes] = []
    charset = ""
    position = 0
    for found in _WORD.finditer(text):
        content = _word_bytes(found[2], found[3])
        if content is None:
            continue
        between = text[position : found.start()]
        name = found[1].partition("*")[0].lower()
        if run and (between.strip() or name != charset):
            out.append(decode_bytes(b"".join(run), charset))
            run = []
            out.append(between if between.strip() else "")
        elif not run:
            out.append(between)
        run.append(content)
        charset, position = name, found.end()
    if run:
        out.append(decode_bytes(b"".join(run), charset))
    return "".join(out) + text[position:]


def clean_header(text: str) -> str:
    """The text without control characters, line breaks and lone surrogates; runs of spaces become one."""
    text = text.replace("\t", " ")
    if not text.isprintable():
        text = _UNSAFE.sub(_replace_unsafe, text)
    return (_SPACES.sub(" ", text) if "  " in text else text).strip()


LONGEST_ID = 998  # characters; a line of a mail holds no more


def read_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs of a header, in its order, without angle brackets (RFC 5322, 3.6.4)."""
    found = tuple("".join(inner.split()) for inner in _ID.findall(value))
    if found:
        return tuple(inner for inner in found if 0 < len(inner) <= LONGEST_ID)
    return tuple(word.strip("<>") for word in value.split() if "@" in word and len(word) <= LONGEST_ID)[:1]


def read_date(value: str) -> datetime | None:
    """The aware moment of a Date header, by RFC 5322 or ISO 8601; no zone is UTC; None where it is no date."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(value[:200].strip())
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            moment.astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return moment
    return None


def join_lines(lines: Iterable[Line], limit: int) -> bytes:
    """Put headers together again, each cut to `limit` bytes."""
    return b"".join(line.raw if len(line.raw) <= limit else line.raw[:limit].rstrip() + b"\r\n" for line in lines)


def _line_end(raw: bytes, position: int) -> int:
    found = _LINE.match(raw, position)
    return found.end() if found else len(raw)


def _as_lines(lines: list[bytes]) -> tuple[Line, ...]:
    return tuple(_as_line(line) for line in lines[:HEADER_LIMIT])


def _as_line(raw: bytes) -> Line:
    head, _, value = raw.partition(b":")
    name = head.strip().decode("ascii", "replace")
    return Line(name, name.lower(), value.replace(b"\r", b"").replace(b"\n", b"").strip(), raw)


def _word_bytes(encoding: str, text: str) -> bytes | None:
    if encoding in "qQ":
        plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text.replace("_", " "))
        try:
            return plain.encode("latin-1")
        except UnicodeEncodeError:
            return None
    if not _BASE64.fullmatch(text):
        return None
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None


def _replace_unsafe(found: re.Match[str]) -> str:
    letter = found[0]
    if "\ud800" <= letter <= "\udfff":
        return "\ufffd"
    return " " if letter in "\r\n\u2028\u2029" else ""
