"""Decodes bytes to text: finds the charset that a text is really in.

Labels are often wrong, missing or unknown, so each is checked against the bytes. The order: escape sequences and byte
order marks, the label unless the bytes contradict it, UTF-8, the charset of the rest of the mail (`hint`), a guess,
Windows-1252. Never fails: undecodable bytes become U+FFFD. Linear; only GUESS_LIMIT bytes are used for a guess.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

import webencodings

from mailgate.parsers.mime.code_pages import choose_cyrillic_page, choose_latin_page
from mailgate.parsers.mime.iso2022jp import decode_jis

GUESS_LIMIT = 20_000  # bytes that are looked at when guessing
MIXED_LIMIT = 100_000  # lines of a text that may be in two charsets
REPAIR_LIMIT = 10_000  # stray bytes of a UTF-8 text that are read as Windows-1252

# Labels that are never taken by their word: what carries them is UTF-8 or Windows-1252 in practice
_WESTERN = frozenset(
    {"ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1", "windows-1252", "cp1252", "ansi"}
)
_NAMELESS = frozenset({"x-unknown", "unknown-8bit", "unknown", "default", "binary", "8bit", "none", "x-user-defined"})
# Python's codecs that are no charset of mail; the first two take quadratic time
_FOREIGN = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
# Labels that WHATWG's table lacks, or that mail uses otherwise: UTF-16 without a mark is of either order, HZ is read
_MEANT = {
    "utf8mb4": "utf-8", "cp65001": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7",
    "utf-16": "utf-16", "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "csunicode": "utf-16",
    "cp936": "gb18030", "gb-2312": "gb18030", "euc-cn": "gb18030", "gb2312-80": "gb18030", "hz-gb-2312": "hz",
    "ks-c-5601-1987": "cp949", "ks-c-5601": "cp949", "big5-hkscs": "big5hkscs", "ms-kanji": "cp932",
    "cp51932": "euc-jp", "x-mac-ce": "mac-latin2", "x-mac-centraleurroman": "mac-latin2", "x-mac-greek": "mac-greek",
    "x-mac-turkish": "mac-turkish", "win-1251": "cp1251", "win-1250": "cp1250", "dos-866": "cp866",
}  # fmt: skip
_WIDER = {"gbk": "gb18030", "big5": "cp950"}  # by WHATWG's name: Python's codec that has more of what mail holds
_NO_CHARSET = frozenset({"replacement", "x-user-defined"})  # names of WHATWG for what is not to be decoded
_CYRILLIC = frozenset({"", "cp1251", "koi8-r", "koi8-u", "koi8-t", "iso8859-5", "cp866", "cp855", "mac-cyrillic"})
# Where ISO 8859 has no letters but its Windows sister has
_SISTERS = {"iso8859-2": "cp1250", "iso8859-4": "cp1257", "iso8859-5": "cp1251", "iso8859-6": "cp1256",
            "iso8859-7": "cp1253", "iso8859-8": "cp1255", "iso8859-13": "cp1257", "iso8859-15": "cp1252"}  # fmt: skip
_LABEL = re.compile(r"[a-z0-9][a-z0-9._:+-]{0,39}")
_JIS = re.compile(rb"\x1b(?:\$[@B]|\$\([DOPQ]|\([JI])")
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_C1 = re.compile(rb"[\x80-\x9f]")
_ASCII = bytes(range(128))
_NOT_CONTINUING = bytes(code for code in range(256) if not 0x80 <= code < 0xC0)
_BLANK = b" " * 128 + bytes(range(128, 256))  # a table: ASCII becomes blanks


def decode_bytes(data: bytes, charset: str = "", hint: str = "") -> str:
    """Decodes bytes. `charset` is their label, `hint` a label of other parts of the mail; "" for none."""
    if data.isascii() and b"\x1b" not in data and b"\0" not in data and (not charset or charset in _PLAIN):
        return data.decode("ascii")
    codec = find_codec(charset)
    text = _read_marked(data, codec)
    if text is None and codec:
        text = _read_labelled(data, codec)
    if text is None:
        text = _read_unlabelled(data, find_codec(hint), western=is_western(charset))
    return text


@lru_cache(maxsize=256)
def find_codec(label: str) -> str:
    """Python's name of the charset that a label means; "" for Western ones, unknown ones and none."""
    found = _LABEL.search(label[:200].lower().removeprefix("charset="))
    given = found[0].rstrip(".:") if found else ""
    name = given.replace("_", "-")
    if not name or name in _WESTERN or name in _NAMELESS or name in _FOREIGN:
        return ""
    known = None if name in _MEANT else webencodings.lookup(given) or webencodings.lookup(name)
    if known is None:
        name = _MEANT.get(name, name)
    elif known.name not in _NO_CHARSET:
        name = _WIDER.get(known.name, known.codec_info.name)
    short = name.replace("windows", "cp").replace("-", "")
    for attempt in (name, name.removeprefix("x-"), name.removeprefix("cs"), short):
        try:
            found_codec = codecs.lookup(attempt)
        except (LookupError, ValueError, UnicodeError):
            continue
        if getattr(found_codec, "_is_text_encoding", True) and found_codec.name not in _FOREIGN:
            return "" if found_codec.name in ("iso8859-1", "ascii", "cp1252") else found_codec.name
    return ""


def is_western(label: str) -> bool:
    """Tells whether a label is one of those that are taken for UTF-8 or Windows-1252."""
    found = _LABEL.search(label[:200].lower())
    if found is None:
        return False
    known = webencodings.lookup(found[0])
    return found[0] in _WESTERN or (known is not None and known.name == "windows-1252")


def _read_marked(data: bytes, codec: str) -> str | None:
    """Decodes text that identifies itself: by a byte order mark, NULs or escape sequences."""
    if data.startswith(b"\xef\xbb\xbf"):
        return _read_utf8(data[3:])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and (b"\0" in data or codec.startswith(("utf-16", "utf-32"))):
        return data.decode("utf-32" if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff") else "utf-16", "replace")
    if b"\0" in data and (codec in ("", "utf-8") or codec.startswith("utf-16")):
        return _read_wide(data, share=0.05 if codec.startswith("utf-16") else 0.5)
    if b"\x1b" in data:
        if data.isascii() and b"\x1b$)C" in data:
            return data.decode("iso2022_kr", "replace")
        if _JIS.search(data) and (codec in ("", "utf-8") or codec.startswith("iso2022_jp")):
            return decode_jis(data)
    return None


def _read_wide(data: bytes, share: float) -> str | None:
    """Decodes UTF-16 without a byte order mark; None if it is none.

    Of every other byte at least a `share` is NUL, since blanks and Latin letters are written so.
    """
    even, odd, half = data[::2].count(0), data[1::2].count(0), len(data) // 2
    if half < 4 or max(even, odd) < share * half or min(even, odd) * 4 > max(even, odd):
        return None
    return data.decode("utf-16-be" if even > odd else "utf-16-le", "replace")


def _read_labelled(data: bytes, codec: str) -> str | None:
    """Decodes text in the labelled charset, None if the bytes contradict the label."""
    if codec == "utf-8":
        return _read_utf8(data)
    if codec.startswith(("utf-16", "utf-32")):
        if b"\0" not in data and _try(data, "utf-8") is not None:
            return None
        return data.decode("utf-16-be" if codec == "utf-16" else codec, "replace")  # RFC 2781, 4.3: without a mark
    if codec in ("utf-7", "hz") or codec.startswith("iso2022"):
        return _try(data, codec) if data.isascii() else None
    if data.isascii():
        return data.decode("ascii")
    utf8 = _try(data, "utf-8")
    multibyte = codec in ("gb18030", "cp949", "cp950", "big5hkscs", "cp932", "euc_jp", "euc_jis_2004", "johab")
    if utf8 is not None and (not multibyte or len(_SEQUENCE.findall(data[:GUESS_LIMIT])) >= 4):
        return utf8
    if codec in _SISTERS and _C1.search(data):
        codec = _SISTERS[codec]
    text = _try(data, codec)
    if text is None and codec == "cp950":
        text = _try(data, "big5hkscs")
    if text is None and utf8 is None:
        read = data.decode(codec, "replace")
        bad = read.count("\ufffd")
        text = read if bad <= 1 or bad * 50 <= len(read) else None
    return text


def _read_utf8(data: bytes) -> str | None:
    """Decodes UTF-8, even with a few wrong bytes: a text that was cut, or a footer in Windows-1252."""
    text = _try(data, "utf-8")
    if text is not None:
        return text
    high = len(data.translate(None, _ASCII))
    if len(data.translate(None, _NOT_CONTINUING)) * 3 < high:  # in UTF-8 half of them continue a letter, or more
        return None
    read = data.decode("utf-8", "replace")
    bad, good = read.count("\ufffd"), len(_SEQUENCE.findall(data[:GUESS_LIMIT]))
    if good < min(bad, GUESS_LIMIT):
        return None
    return data.decode("utf-8", _STRAY) if bad <= REPAIR_LIMIT else read


def is_utf8(data: bytes) -> bool:
    """Tells whether bytes are UTF-8, but for a few wrong ones."""
    return _read_utf8(data) is not None


def _read_unlabelled(data: bytes, hint: str, *, western: bool) -> str:
    text = _read_utf8(data)
    if text is None and hint:
        text = _try(data, hint)
    if text is not None:
        return text
    codec = guess_codec(data, western=western) or "cp1252"
    if _has_sequence(data) and data.count(b"\n") < MIXED_LIMIT and _looks_western(data[:GUESS_LIMIT]):
        return "\n".join(_read_line(line, codec) for line in data.split(b"\n"))
    return data.decode(codec, "replace")


def _has_sequence(data: bytes) -> bool:
    """Tells whether a letter of UTF-8 stands in bytes: first among those above 127 alone, which are few."""
    return bool(_SEQUENCE.search(data.translate(None, _ASCII)) and _SEQUENCE.search(data))


def _read_line(line: bytes, codec: str) -> str:
    """Decodes a line of a text to which a server added a footer in another charset."""
    text = _try(line, "utf-8")
    return line.decode(codec, "replace") if text is None else text


def _looks_western(sample: bytes) -> bool:
    """Tells whether letters outside ASCII stand alone or in pairs, as accented ones do."""
    runs = [run for run in sample.translate(_BLANK).split() if len(run) > 2]
    words = (run for run in runs if max(run) >= 0xC0 or b"\x82" in run or b"\x83" in run)
    dense = sum(len(run) for run in words if len(set(run[:8])) > 1)
    return dense * 2 < len(sample.translate(None, _ASCII))


def guess_codec(data: bytes, *, western: bool) -> str:
    """Guesses the charset of bytes that are no UTF-8, "" for Windows-1252. `western` says that their label is so."""
    return _guess(data[:GUESS_LIMIT], western=western)


@lru_cache(maxsize=8)  # a text is guessed for the headers, and read
def _guess(sample: bytes, *, western: bool) -> str:
    if _looks_western(sample):
        return choose_latin_page(sample, is_labelled=western)
    codec = _ask_chardet(sample, trust=0.08 if western else 0.05)
    return choose_cyrillic_page(sample) or codec if codec in _CYRILLIC else codec


def _ask_chardet(data: bytes, *, trust: float) -> str:
    import chardet  # its tables take a fifth of a second to load, and few mails need them

    found = chardet.detect(data)
    codec = find_codec(str(found.get("encoding") or ""))
    return codec if (found.get("confidence") or 0.0) >= trust else ""


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _mend(error: UnicodeError) -> tuple[str, int]:
    """Decodes a stray byte of a UTF-8 text as Windows-1252; the rest of a cut letter is U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.reason == "unexpected end of data":
        return "\ufffd", error.end
    return error.object[error.start : error.start + 1].decode("cp1252", "replace"), error.start + 1


_STRAY = "mailgate.stray"
codecs.register_error(_STRAY, _mend)
_PLAIN = _WESTERN | {"utf-8", "UTF-8", "US-ASCII", "ISO-8859-1", "us-ascii"}
