"""Converts rich text to plain text or HTML, for mails of Exchange that have no other body.

Compressed RTF (MS-OXRTFCP), the words of RTF, and the HTML that Outlook wraps in it (MS-OXRTFEX). Never fails: broken
input ends at the break. Linear; at most SIZE_LIMIT bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from mailgate.parsers.mime.charsets import find_codec

SIZE_LIMIT = 2 * 2**20  # bytes of RTF
DEPTH_LIMIT = 1_000  # groups inside one another

# What every compressed text may refer to (MS-OXRTFCP, 2.1.2.1)
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"((?:\\'[0-9a-fA-F]{2})++)|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer themedata listtable listoverridetable".split()
)
_LETTERS = {b"par": "\n", b"line": "\n", b"sect": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t", b"emdash": "—",
            b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
            b"bullet": "•"}  # fmt: skip
_SIGNS = {b"~": "\u00a0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n"}


@dataclass(frozen=True, slots=True)
class RichText:
    """The text; `html` says that it is HTML."""

    text: str
    html: bool


@dataclass(slots=True)
class _Group:
    silent: bool = False
    tag: bool = False  # the group holds HTML as it stood
    twin: bool = False  # what follows is the RTF form of HTML that stands there too
    fallback: int = 1  # replacement characters that follow a Unicode one, for readers without Unicode


def decompress_rtf(data: bytes) -> bytes:
    """Decompresses PR_RTF_COMPRESSED, b"" if it is none."""
    if len(data) < 16:
        return b""
    size, magic = int.from_bytes(data[4:8], "little"), data[8:12]
    if magic == b"MELA":
        return data[16 : 16 + min(size, SIZE_LIMIT)]
    if magic != b"LZFu":
        return b""
    out = bytearray(_DICTIONARY)
    at, limit = 16, len(_DICTIONARY) + min(size, SIZE_LIMIT)
    while at < len(data) and len(out) < limit:
        control = data[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1 == 0:
                if at >= len(data):
                    break
                out.append(data[at])
                at += 1
                continue
            if at + 1 >= len(data):
                return bytes(out[len(_DICTIONARY) : limit])
            reference = data[at] << 8 | data[at + 1]
            at += 2
            if not _copy(out, reference >> 4, (reference & 15) + 2):
                return bytes(out[len(_DICTIONARY) : limit])
    return bytes(out[len(_DICTIONARY) : limit])


def _copy(out: bytearray, offset: int, length: int) -> bool:
    """Copies bytes from a place of the ring of 4096 bytes; False at the end mark."""
    write = len(out) % 4096
    if offset == write:
        return False
    start = len(out) - (write - offset) % 4096
    for at in range(start, start + length):
        out.append(out[at] if at >= 0 else 32)
    return True


def read_rtf(data: bytes) -> RichText:
    """Reads the words of RTF, or the HTML in it."""
    reader = _RtfReader(html=b"\\fromhtml" in data[:500])
    for found in _TOKEN.finditer(data[:SIZE_LIMIT]):
        reader.take(found)
    return RichText("".join(reader.out), reader.html)


class _RtfReader:
    """Takes one token after the other, and keeps the state of the open groups."""

    def __init__(self, *, html: bool) -> None:
        self.html = html
        self.out: list[str] = []
        self._groups = [_Group()]
        self._codec = "cp1252"
        self._skip = 0  # letters that stand below a Unicode one for old readers, still to come
        self._starts = False  # a group has just begun

    def take(self, found: re.Match[bytes]) -> None:
        """Takes one token."""
        octets, word, argument, sign, brace, words = found.groups()
        group = self._groups[-1]
        if brace:
            self._turn(group, opens=brace == b"{")
        elif sign == b"*" and self._starts:
            group.silent = True
        elif word:
            self._take_word(group, word, argument)
        elif octets:
            text = bytes.fromhex(octets.replace(b"\\'", b"").decode("ascii")).decode(self._codec, "replace")
            self._write(group, text)
        elif sign:
            self._write(group, _SIGNS.get(sign, sign.decode("latin-1")))
        elif words:
            self._write(group, words.decode(self._codec, "replace"))

    def _turn(self, group: _Group, *, opens: bool) -> None:
        if opens and len(self._groups) < DEPTH_LIMIT:
            self._groups.append(_Group(group.silent, group.tag, group.twin, group.fallback))
        elif not opens and len(self._groups) > 1:
            self._groups.pop()
        self._starts, self._skip = opens, 0

    def _take_word(self, group: _Group, word: bytes, argument: bytes | None) -> None:
        if word == b"ansicpg" and argument:
            self._codec = find_codec("cp" + argument.decode("ascii")) or self._codec
        elif word == b"uc" and argument:
            group.fallback = max(0, min(int(argument), 10))
        elif word in _SILENT and self._starts:
            group.silent = True
        elif self.html:
            _mark_html(group, word, argument)
        if word == b"u" and argument:
            code = int(argument) % 0x10000
            self._write(group, chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd", counts=False)
            self._skip = group.fallback
        else:
            self._write(group, _LETTERS.get(word, ""), counts=False)

    def _write(self, group: _Group, text: str, *, counts: bool = True) -> None:
        self._starts = False
        if counts and self._skip:
            text, self._skip = text[self._skip :], max(0, self._skip - len(text))
        if text and not group.silent and not group.twin:
            self.out.append(text if group.tag or not self.html else escape(text, quote=False))


def _mark_html(group: _Group, word: bytes, argument: bytes | None) -> None:
    """Applies a control word of wrapped HTML to its group (MS-OXRTFEX section 2.1.3)."""
    if word == b"htmltag":
        group.silent, group.tag = False, True
    elif word == b"mhtmltag":
        group.silent = True
    elif word == b"htmlrtf":
        group.twin = argument != b"0"
