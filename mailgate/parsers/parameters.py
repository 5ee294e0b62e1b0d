"""Values with parameters: Content-Type and Content-Disposition (RFC 2045, RFC 2183, RFC 2231).

Answers for one pass over the value. The standard library's reader is quadratic on quotes and loses bytes outside
ASCII in file names; this one reads what mailers really write: percent encoding, continuations, encoded words inside
quotes, raw bytes. Nothing fails: a parameter that cannot be read is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from mailgate.parsers.headers import clean_header, decode_words
from mailgate.parsers.text import decode_bytes

VALUE_LIMIT = 8 * 1024  # bytes of one value that are read
PARAMETER_LIMIT = 200

_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_SECTION = re.compile(r"^([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_ESCAPE = re.compile(rb'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Value:
    """The main word in lower case, and its parameters by lower-case name, decoded and cleaned."""

    main: str
    parameters: Mapping[str, str]

    def get(self, name: str) -> str:
        """A parameter, "" where it is missing."""
        return self.parameters.get(name, "")


@lru_cache(maxsize=256)  # the same few stand in nearly every mail
def read_value(value: bytes) -> Value:
    """Read a header value with parameters."""
    value = value[:VALUE_LIMIT]
    main = clean_header(decode_bytes(value.partition(b";")[0])).lower()
    plain: dict[str, bytes] = {}
    sections: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for found in list(_PARAMETER.finditer(value))[:PARAMETER_LIMIT]:
        content = _ESCAPE.sub(rb"\1", found[2]) if found[2] is not None else found[3].strip()
        section = _SECTION.match(found[1].decode("latin-1").lower())
        if section is None:
            continue
        if section[2] is None and section[3] is None:
            plain.setdefault(section[1], content)
        else:
            sections.setdefault(section[1], {})[int(section[2] or 0)] = (content, section[3] is not None)
    parameters = {name: clean_header(decode_words(decode_bytes(content))) for name, content in plain.items()}
    parameters |= {name: _join_sections(pieces) for name, pieces in sections.items()}
    return Value(main, MappingProxyType(parameters))


def _join_sections(pieces: dict[int, tuple[bytes, bool]]) -> str:
    """RFC 2231, 3 and 4: sections in order; the charset stands in the first one that is percent-encoded."""
    charset = ""
    out = b""
    for number in sorted(pieces):
        content, encoded = pieces[number]
        if encoded and number == 0 and content.count(b"'") >= 2:
            label, _, content = content.split(b"'", 2)
            charset = label.decode("ascii", "replace")
        out += unquote_to_bytes(content) if encoded else content
    text = decode_bytes(out, charset)
    return clean_header(decode_words(text))
