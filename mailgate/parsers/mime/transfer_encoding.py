"""Decodes transfer encodings (RFC 2045 section 6).

Saves as many bytes as possible: base64 between lines of words, without padding or in several pieces, quoted-printable
with blanks at the line end, uuencode and yEnc. With an unknown encoding the bytes stay as they are, with a defect. The
place of base64 text is returned if a notice can use it as it came. Never fails, linear; text of more than LARGE bytes
is measured and not copied.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_qp
from dataclasses import dataclass, field
from hashlib import sha256

from mailgate.parsers.mime.uuencode import decode_body

LARGE = 2**20  # bytes of base64 text that are not copied

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_OTHERS = bytes(set(range(256)) - set(_LETTERS))
_LONGEST_LINE = 998
_STEP = 2**16 // 76 * 76  # bytes that are measured at a time
_WORD = re.compile(rb"[a-z0-9-]+")
_LATE_BREAK = re.compile(rb"=[ \t]++(?=\r?\n|\Z)")
_PLAIN = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none", "utf-8", "us-ascii"})
_UU = frozenset({"x-uuencode", "x-uue", "uuencode", "uue", "x-yencode"})


@dataclass(frozen=True, slots=True)
class DecodedContent:
    """The content of a part.

    `span` is the place of its base64 text; if that is large, `data` is empty, and `size` and `digest` are those of the
    file, `head` its first bytes.
    """

    data: bytes = field(repr=False)
    span: tuple[int, int] | None = None
    defect: str = ""
    size: int = 0
    digest: str = ""
    head: bytes = b""


def decode_content(source: bytes, start: int, end: int, encoding: bytes, *, whole: bool = False) -> DecodedContent:
    """Decodes the content of a part, bytes `start` to `end` of `source`.

    `encoding` is its Content-Transfer-Encoding. `whole` asks for the bytes of a large one, too.
    """
    name = read_encoding(encoding)
    if name == "base64":
        return _decode_base64(source, start, end, whole=whole)
    if name == "quoted-printable":
        view = memoryview(source)[start:end]
        has_late = source.find(b"= ", start, end) >= 0 or source.find(b"=\t", start, end) >= 0
        late = has_late and _LATE_BREAK.search(source, start, end)
        return DecodedContent(a2b_qp(_LATE_BREAK.sub(b"=", source[start:end]) if late else view))
    if name in _UU:
        data = decode_body(source[start:end])
        return (
            DecodedContent(source[start:end], defect=f"{name}: not decoded") if data is None else DecodedContent(data)
        )
    defect = "" if name in _PLAIN else f"unknown transfer encoding {name[:40]}: kept as it came"
    return DecodedContent(source[start:end], defect=defect)


def read_encoding(value: bytes) -> str:
    """Reads the name of a transfer encoding, also among other words; "" for none."""
    if value == b"7bit" or value == b"8bit":
        return "7bit"
    found = _WORD.search(value[:200].lower())
    name = found[0].decode("ascii") if found else ""
    return {"quoted": "quoted-printable", "quotedprintable": "quoted-printable", "base-64": "base64"}.get(name, name)


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Decodes base64 text, and tells whether it was flawless.

    Pieces with padding of their own are decoded each; lines of words and invalid characters are skipped.
    """
    letters = data.translate(None, b" \t\r\n")
    if len(letters) % 4 == 0 and letters.isascii():
        try:
            return a2b_base64(letters, strict_mode=True), True
        except Error:
            pass
    letters = b"".join(_sound_lines(data)) if b" " in data else data  # the old ones go before the new ones come
    letters = letters.translate(None, _OTHERS)
    padding = letters.find(b"=")
    if len(letters) % 4 == 0 and (padding < 0 or letters[padding:] in (b"=", b"==")):
        return a2b_base64(letters), False
    pieces = (piece for piece in letters.split(b"=") if piece)
    return b"".join(a2b_base64(_padded(piece)) for piece in pieces), False


def _padded(piece: bytes) -> bytes:
    rest = len(piece) % 4
    return piece[:-1] if rest == 1 else piece + b"=" * (-rest % 4) if rest else piece


def _sound_lines(data: bytes) -> list[bytes]:
    """The lines that may be base64: all except lines of words."""
    lines = data.splitlines()
    return [line for line in lines if b" " not in line.strip() or not line.translate(None, _LETTERS + b" ")]


def _decode_base64(source: bytes, start: int, end: int, *, whole: bool) -> DecodedContent:
    while start < end and source[start] in b"\r\n":
        start += 1
    while end > start and source[end - 1] in b"\r\n":
        end -= 1
    if end - start > LARGE and not whole:
        found = _measure(source, start, end)
        if found is not None:
            letters = source[start : min(start + 40, end)].translate(None, b"\r\n=")
            head = a2b_base64(letters[: len(letters) // 4 * 4])
            return DecodedContent(b"", (start, end), size=found[0], digest=found[1], head=head)
    text = source[start:end]
    if is_reusable(text):
        return DecodedContent(a2b_base64(text), (start, end))
    data, flawless = decode_base64(text)
    if not flawless and _is_prose(text):
        return DecodedContent(text, defect="called base64, but it is none: kept as it came")
    return DecodedContent(data, defect="" if flawless else "base64 with errors: what could be read is kept")


def _is_prose(text: bytes) -> bool:
    """Tells whether text declared as base64 is plain words: most of its first lines have blanks."""
    lines = [line.strip() for line in text[:4000].splitlines() if line.strip()][:20]
    words = sum(b" " in line or b"<" in line for line in lines)
    return words * 2 > len(lines)


def is_reusable(text: bytes) -> bool:
    """Tells whether base64 text is unambiguous and may stand in a mail as it is (RFC 2045 section 6.8, RFC 5321)."""
    breaks = text.translate(None, _LETTERS)
    if not text or breaks.translate(None, b"\r\n") or b"=" in text.rstrip(b"=\r\n"):
        return False
    return (len(text) - len(breaks)) % 4 == 0 and _lines_fit(text, 0, len(text))


def _lines_fit(text: bytes, start: int, end: int) -> bool:
    """Tells whether no line is longer than a mail allows."""
    while end - start > _LONGEST_LINE:
        line_end = text.rfind(b"\n", start, start + _LONGEST_LINE + 1)
        if line_end < 0:
            return False
        start = line_end + 1
    return True


def _measure(source: bytes, start: int, end: int) -> tuple[int, str] | None:
    """The size and SHA-256 of the file of a large base64 text, None if the text is not reusable."""
    if not _lines_fit(source, start, end):
        return None
    digest, size, rest = sha256(), 0, b""
    for at in range(start, end, _STEP):
        letters = rest + source[at : min(at + _STEP, end)].translate(None, b"\r\n")
        last = at + _STEP >= end
        whole = len(letters) if last else len(letters) // 4 * 4
        if not last and b"=" in letters[:whole]:
            return None
        try:
            content = a2b_base64(letters[:whole], strict_mode=True)
        except Error:
            return None
        digest.update(content)
        size += len(content)
        rest = letters[whole:]
    return size, digest.hexdigest()
