"""Converts rich text to plain text or HTML, for mails of Exchange that have no other body.

Compressed RTF (MS-OXRTFCP), the words of RTF, and the HTML that Outlook wraps in it (MS-OXRTFEX). Bytes are decoded by
the charset of their font, else by that of the text. Never fails: broken input ends at the break. Linear; at most
SIZE_LIMIT bytes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
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
_SURROGATE = re.compile("[\ud800-\udfff]")
_SILENT = frozenset(b"colortbl stylesheet info pict object header footer themedata listtable listoverridetable".split())
_LETTERS = {b"par": "\n", b"line": "\n", b"sect": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t", b"emdash": "—",
            b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
            b"bullet": "•"}  # fmt: skip
# The charsets of fonts; 0 and 1 are that of the text
_FONT_CODECS = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_TEXT_CODECS = {b"ansi": "cp1252", b"mac": "mac-roman", b"pc": "cp437", b"pca": "cp850"}
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
    font: int | None = None  # None for the default one
    is_font_table: bool = False


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
    reader.finish()
    text = "".join(reader.out)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return RichText(text, reader.html)


class _RtfReader:
    """Takes one token after the other, and keeps the state of the open groups."""

    def __init__(self, *, html: bool) -> None:
        self.html = html
        self.out: list[str] = []
        self._groups = [_Group()]
        self._codec = "cp1252"  # of the text
        self._fonts: dict[int, str] = {}
        self._default_font = 0
        self._defined = 0  # the font that the font table describes
        self._skip = 0  # letters or bytes that stand below a Unicode letter for old readers, still to come
        self._starts = False  # a group has just begun
        self._decoding = ""  # the codec of the decoder, which keeps half a letter until the other half comes
        self._decoder = codecs.getincrementaldecoder("cp1252")("replace")

    def take(self, found: re.Match[bytes]) -> None:
        """Takes one token."""
        octets, word, argument, sign, brace, words = found.groups()
        group = self._groups[-1]
        if octets:
            self._take_bytes(group, bytes.fromhex(octets.replace(b"\\'", b"").decode("ascii")))
        elif words:
            self._take_bytes(group, words)
        elif brace:
            self.finish()
            self._turn(group, opens=brace == b"{")
        elif sign == b"*" and self._starts:
            group.silent = True
        elif word:
            self.finish()
            self._take_word(group, word, argument)
        elif sign:
            self.finish()
            self._write(group, _SIGNS.get(sign, sign.decode("latin-1")), counts=True)

    def finish(self) -> None:
        """Writes what is left of half a letter."""
        if rest := self._decoder.decode(b"", final=True):
            self._write(self._groups[-1], rest)

    def _turn(self, group: _Group, *, opens: bool) -> None:
        if opens and len(self._groups) < DEPTH_LIMIT:
            self._groups.append(replace(group))
        elif not opens and len(self._groups) > 1:
            self._groups.pop()
        self._starts, self._skip = opens, 0

    def _take_bytes(self, group: _Group, content: bytes) -> None:
        if self._skip:
            content, self._skip = content[self._skip :], max(0, self._skip - len(content))
        codec = self._codec_of(group)
        if codec != self._decoding:
            self.finish()
            self._decoding, self._decoder = codec, codecs.getincrementaldecoder(codec)("replace")
        self._write(group, self._decoder.decode(content))

    def _codec_of(self, group: _Group) -> str:
        """The codec of the bytes of a group; tags of HTML are in that of the text."""
        font = self._default_font if group.font is None else group.font
        return self._codec if group.tag else self._fonts.get(font, self._codec)

    def _take_word(self, group: _Group, word: bytes, argument: bytes | None) -> None:
        number = int(argument) if argument else 0
        if word == b"fonttbl":
            group.silent = group.is_font_table = True
        elif group.is_font_table:
            self._define_font(word, number)
        elif word == b"ansicpg" and argument:
            self._codec = find_codec("cp" + argument.decode("ascii")) or self._codec
        elif word in _TEXT_CODECS:
            self._codec = _TEXT_CODECS[word]
        elif word == b"deff":
            self._default_font = number
        elif word == b"f" and argument:
            group.font = number
        elif word == b"plain":
            group.font = None
        elif word == b"uc" and argument:
            group.fallback = max(0, min(number, 10))
        elif word in _SILENT and self._starts:
            group.silent = True
        elif self.html:
            _mark_html(group, word, argument)
        if word == b"u" and argument:
            self._write(group, chr(number % 0x10000))
            self._skip = group.fallback
        else:
            self._write(group, _LETTERS.get(word, ""))

    def _define_font(self, word: bytes, number: int) -> None:
        if word == b"f":
            self._defined = number
        codec = _FONT_CODECS.get(number) if word == b"fcharset" else find_codec(f"cp{number}") if word == b"cpg" else ""
        if codec:
            self._fonts[self._defined] = codec

    def _write(self, group: _Group, text: str, *, counts: bool = False) -> None:
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
