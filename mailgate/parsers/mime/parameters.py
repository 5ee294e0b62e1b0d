"""Parses values with parameters: Content-Type and Content-Disposition (RFC 2045, RFC 2183, RFC 2231).

One pass over the value. The standard library's parser is quadratic on quotes and loses bytes outside ASCII in file
names. Accepts the variants of mailers: percent encoding, continuations, encoded words inside quotes, quotes inside
quotes, raw bytes, missing semicolons, comments, a value without its first word. Never fails: an unreadable parameter is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from mailgate.parsers.mime.charsets import decode_bytes, find_codec, is_western
from mailgate.parsers.mime.encoded_words import decode_words
from mailgate.parsers.mime.headers import clean_header

VALUE_LIMIT = 8 * 1024  # bytes of one value that are read
PARAMETER_LIMIT = 200

_MAIN = re.compile(rb"[^;]*")
# A type or disposition and what stands behind it without a semicolon
_UNPARTED = re.compile(rb"\s*([A-Za-z0-9.+_-]+(?:/[A-Za-z0-9.+_-]+)?)[\s,]+(?=[A-Za-z0-9*_-]{2,40}\s*=)")
# A quote ends a quoted value only where the parameter ends; a comment may follow it
_PARAMETER = re.compile(
    rb"(?:;|(?<![\s;])\s)\s*+([^\s=;\"]{1,200}+(?:\s{1,4}\*)?)\s*+="
    rb"\s*+(?:\"((?:[^\"\\]|\\.|\"(?!\s{0,20}(?:\([^()\"]{0,100}\)\s{0,20})?(?:;|\Z)))*+)(?:\"|\Z)|([^;]*))",
    re.DOTALL,
)
_SECTION = re.compile(r"^([^*\s]+)\s*(?:\*(\d{1,3}))?(\*)?$")
# The charset and language before a percent-encoded value, also without the second apostrophe
_LABEL = re.compile(rb"([A-Za-z0-9_.:+-]{0,40})'(?:([A-Za-z0-9-]{0,20})'|(?=[^']*+\Z))")
_ESCAPE = re.compile(rb'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Value:
    """The main word in lower case, and its parameters by lower-case name, decoded and cleaned."""

    main: str
    parameters: Mapping[str, str]

    def get(self, name: str) -> str:
        """A parameter, "" if it is missing."""
        return self.parameters.get(name, "")


@lru_cache(maxsize=256)  # the same few stand in nearly every mail
def read_value(value: bytes, hint: str = "") -> Value:
    """Parses a header value with parameters. `hint` is the charset of the mail's text, for raw bytes."""
    value = value[:VALUE_LIMIT]
    found = _UNPARTED.match(value) or _MAIN.match(value)
    word = value[: found.end(1) if found.re is _UNPARTED else found.end()] if found else value
    if b"=" in word:  # parameters alone
        word, value = b"", b";" + value
    main = clean_header(decode_bytes(word)).lower()
    plain: dict[str, bytes] = {}
    extended: dict[str, bytes] = {}
    sections: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for number, parameter in enumerate(_PARAMETER.finditer(value, len(word))):
        if number >= PARAMETER_LIMIT:
            break
        quoted = parameter[2]
        content = parameter[3].strip() if quoted is None else quoted
        content = _ESCAPE.sub(rb"\1", content) if b"\\" in content and quoted is not None else content
        section = _SECTION.match(parameter[1].decode("latin-1").lower())
        if section is None:
            continue
        if section[2] is not None:
            sections.setdefault(section[1], {}).setdefault(int(section[2]), (content, section[3] is not None))
        else:
            (plain if section[3] is None else extended).setdefault(section[1], content)
    parameters = {name: _decode(content, "", hint) for name, content in plain.items()}
    long = {name: _join_sections(pieces, hint) for name, pieces in sections.items() if 0 in pieces or name not in plain}
    encoded = {name: _join_sections({0: (content, True)}, hint) for name, content in extended.items()}
    for choice in (long, encoded):  # the surest form last
        parameters |= {
            name: text for name, text in choice.items() if text and ("\ufffd" not in text or name not in parameters)
        }
    return Value(main, MappingProxyType(parameters))


def _decode(content: bytes, charset: str, hint: str) -> str:
    return clean_header(decode_words(decode_bytes(content, charset, hint), hint))


def _join_sections(pieces: dict[int, tuple[bytes, bool]], hint: str) -> str:
    """Joins the sections of a parameter (RFC 2231 sections 3 and 4).

    The first encoded one has the charset; mailers repeat it in later ones.
    """
    charset = ""
    out: list[bytes] = []
    for at, number in enumerate(sorted(pieces)):
        content, encoded = pieces[number]
        if encoded and (label := _LABEL.match(content)) and _is_label(label, first=at == 0):
            charset = charset or label[1].decode("ascii")
            content = content[label.end() :]
        out.append(unquote_to_bytes(content) if encoded else content)
    return _decode(b"".join(out), charset, hint)


def _is_label(found: re.Match[bytes], *, first: bool) -> bool:
    """Tells whether a charset stands here; only the first section's may be unknown or empty."""
    if first and found[2] is not None:
        return True
    name = found[1].decode("ascii")
    return bool(find_codec(name)) or is_western(name)
