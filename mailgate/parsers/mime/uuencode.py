"""Extracts files that stand in a text: uuencode, its base64 form, and yEnc.

Reads `begin 644 name` to `end` as POSIX uuencode writes it, `begin-base64`, and `=ybegin` to `=yend`: returns the
files, and the text without them. A block counts only with valid lines below it, so that a sentence with "begin 644 x"
stays. Never fails, linear, at most FILES_LIMIT files.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_uu
from dataclasses import dataclass, field

FILES_LIMIT = 100  # files of one text
LINES_NEEDED = 3  # sound lines of a block that has no end
LINES_LIMIT = 600_000  # lines of a block, 27 MB of a file; one with more of them is none

_BEGIN = re.compile(
    rb"(?m)^(?:begin(-base64)? [0-7]{3,4} ([^\r\n]{1,400})|(=ybegin) [^\r\n]{0,400}?name=([^\r\n]{1,400}))\r?$"
)
_BASE64 = re.compile(rb"((?:(?!====)[A-Za-z0-9+/=]{1,998}+\r?\n)*+)====[^\n]*\n?")
_LINE = re.compile(rb"[^\n]*\n?")
_UU = re.compile(rb"[!-`][ -`]*+")
_KEYWORDS = re.compile(rb"(?m)^=y(?:part|end)[^\n]*\n?")
_UNYENC = bytes((code - 42) % 256 for code in range(256))
_YENC_ESCAPE = re.compile(rb"=(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that stood in a text, under the name given there."""

    name: bytes
    content: bytes = field(repr=False)


def take_files(text: bytes) -> tuple[bytes, list[Enclosed]]:
    """Splits a text into the text without files, and the files."""
    if b"begin" not in text:
        return text, []
    files: list[Enclosed] = []
    out: list[bytes] = []
    done = 0
    for found in _BEGIN.finditer(text):
        if found.start() < done or len(files) >= FILES_LIMIT:
            continue
        block = _read_block(text, found)
        if block is None:
            continue
        content, end = block
        out.append(text[done : found.start()])
        files.append(Enclosed((found[2] or found[4]).strip(), content))
        done = end
    return (b"".join(out) + text[done:], files) if files else (text, [])


def decode_body(text: bytes) -> bytes | None:
    """Decodes a part that is all uuencoded; None if it is not."""
    _, files = take_files(text)
    if files:
        return files[0].content
    read = _read_uu(text, 0)
    return read[0] if read is not None else None


def _read_block(text: bytes, found: re.Match[bytes]) -> tuple[bytes, int] | None:
    """The content of a block and where it ends; None if its first lines are no file's."""
    start = text.find(b"\n", found.end()) + 1
    if not start:
        return None
    if found[3]:
        return _read_yenc(text, start)
    return _read_base64(text, start) if found[1] else _read_uu(text, start)


def _read_uu(text: bytes, start: int) -> tuple[bytes, int] | None:
    """Decodes lines whose first character gives their length; a broken block gives the lines before the break."""
    out = bytearray()
    position, count = start, 0
    for found in _LINE.finditer(text, start):
        line = found[0].rstrip(b"\r\n")
        if not found[0] or (line == b"end" and out):
            return (bytes(out), found.end()) if found[0] or count >= LINES_NEEDED else None
        if line in (b"`", b" ", b"") and out:
            position = found.end()
            if not line:
                break
            continue
        content = _decode_line(line)
        if content is None:
            break
        out += content
        count += 1
        if count > LINES_LIMIT:
            return None
        position = found.end()
    return (bytes(out), position) if count >= LINES_NEEDED else None


def _decode_line(line: bytes) -> bytes | None:
    """Decodes a line of uuencode, None if its length is wrong (checksum character or lost blanks allowed)."""
    if not _UU.fullmatch(line):
        return None
    size = (line[0] - 32) & 63
    letters = (size + 2) // 3 * 4
    if not size or not (letters - 3 <= len(line) - 1 <= letters + 1 or len(line) - 1 == (size * 8 + 5) // 6):
        return None
    try:
        return a2b_uu(line[: letters + 1])
    except Error:
        return None


def _read_base64(text: bytes, start: int) -> tuple[bytes, int] | None:
    found = _BASE64.match(text, start)
    try:
        return (a2b_base64(found[1].translate(None, b"\r\n"), strict_mode=True), found.end()) if found else None
    except Error:
        return None


def _read_yenc(text: bytes, start: int) -> tuple[bytes, int] | None:
    """Decodes yEnc: bytes shifted by 42, with escapes. The end must precede the next beginning."""
    following = text.find(b"\n=ybegin ", start)
    end = text.find(b"\n=yend", start - 1, following if following >= 0 else len(text))
    if end < 0:
        return None
    body = _KEYWORDS.sub(b"", text[start : end + 1]).translate(None, b"\r\n")
    body = _YENC_ESCAPE.sub(lambda found: bytes(((found[1][0] - 64) % 256,)), body)
    line = _LINE.match(text, end + 1)
    return body.translate(_UNYENC), line.end() if line else len(text)
