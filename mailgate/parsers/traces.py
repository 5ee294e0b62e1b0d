"""Finds and hides what names a person: their address in every spelling, their names, and lines that they wrote.

For an erasure. A text loses only what names this person; other people's addresses and names stay (`anonymize` removes
them all). Also the decoded text of a whole email, in which a plain search finds nothing: base64, quoted-printable,
encoded words. Pure, never fails.
"""

from __future__ import annotations

import email
import re
import unicodedata
from collections.abc import Iterable, Iterator
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property
from urllib.parse import quote

from mailgate.core.domains import fold_address, to_a_labels
from mailgate.parsers.anonymize import GAP

_SHORTEST_NAME = 3  # letters of a part of a name: shorter ones are words of some language
_SHORTEST_LINE = 12  # letters of a line that is recognised as a quotation: shorter ones anybody writes
_LARGEST_PART = 4 * 2**20  # bytes of a MIME part that is searched
_NAME_PART = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"^[\s>|]*")
_BEFORE = r"(?:(?<![\w.+%=-])|(?<=%3c)|(?<=%20)|(?<=%2c)|(?<=3d))"
_APART = r"[\s>,|]+"
_AFTER = r"(?![\w-]|\.\w)"


class Traces:
    """The address, names and lines of one person. `names` are display names; `lines` are as `fold_lines` gives them."""

    def __init__(self, address: str, names: Iterable[str] = (), lines: Iterable[str] = ()) -> None:
        self.address = fold_address(address)
        self.names = tuple(dict.fromkeys(name.strip() for name in names if _NAME_PART.search(name)))
        self._lines = frozenset(lines)

    def with_words(self, lines: Iterable[str], others: Iterable[str] = ()) -> Traces:
        """Returns traces for a ticket that the person took part in: with their lines, and the parts of their names.

        `others` are the names of its other people: a part that one of them has, too, is not the person's.
        """
        shared = {part.casefold() for name in others for part in _NAME_PART.findall(name)}
        parts = {part for name in self.names for part in _NAME_PART.findall(name) if len(part) >= _SHORTEST_NAME}
        found = Traces(self.address, self.names, lines)
        found.names = (*self.names, *sorted(part for part in parts if part.casefold() not in shared))
        return found

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The address as it may stand in a text: with its domain in U-labels and A-labels, in a link, in a VERP."""
        local, _, domain = self.address.rpartition("@")
        domains = dict.fromkeys((domain, to_a_labels(domain) or domain))
        forms = [f"{local}{at}{one}" for one in domains for at in ("@", "%40", "=")]
        return tuple(dict.fromkeys((*forms, *(quote(f"{local}@{one}", safe="") for one in domains))))

    @property
    def whole_names(self) -> tuple[str, ...]:
        """The names of more than one word: one word alone may be anybody's."""
        return tuple(name for name in self.names if len(_NAME_PART.findall(name)) > 1)

    def names_in(self, text: str) -> bool:
        """Tells whether the address or a whole name of the person stands in a text."""
        return self._searched.search(unicodedata.normalize("NFC", text)) is not None

    def has_address(self, text: str) -> bool:
        """Tells whether the address stands in a text, in any spelling."""
        return self._addresses.search(unicodedata.normalize("NFC", text)) is not None

    def hide(self, text: str) -> str:
        """Returns the text with gaps in place of the address, the names and the lines of the person."""
        if not text:
            return text
        hidden = self._hidden.sub(GAP, unicodedata.normalize("NFC", text))
        if self._lines and any(_fold_line(line) in self._lines for line in text.splitlines()):
            hidden = "\n".join(GAP if self._is_theirs(line) else line for line in hidden.split("\n"))
        # What has no trace stays as it is, in its own normal form.
        return text if hidden == unicodedata.normalize("NFC", text) else hidden

    def quotes(self, text: str) -> bool:
        """Tells whether one of the person's lines stands in a text, however its lines are broken."""
        whole = " ".join(map(_fold_line, text.splitlines()))
        return any(line in whole for line in self._lines)

    def _is_theirs(self, line: str) -> bool:
        folded = _fold_line(line)
        return folded in self._lines or _fold_line(self._hidden.sub(GAP, line)) in self._hidden_lines

    @cached_property
    def _hidden_lines(self) -> frozenset[str]:
        return frozenset(_fold_line(self._hidden.sub(GAP, line)) for line in self._lines)

    @cached_property
    def _addresses(self) -> re.Pattern[str]:
        return _pattern(_BEFORE + re.escape(form) + _AFTER for form in self.spellings)

    @cached_property
    def _searched(self) -> re.Pattern[str]:
        return _pattern((self._addresses.pattern, *map(_name_pattern, self.whole_names)))

    @cached_property
    def _hidden(self) -> re.Pattern[str]:
        return _pattern((self._addresses.pattern, *map(_name_pattern, sorted(self.names, key=len, reverse=True))))


def _pattern(alternatives: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _name_pattern(name: str) -> str:
    """A name in either order, its words apart by blanks, a line break with a quotation mark, or a comma."""
    words = [re.escape(word) for word in unicodedata.normalize("NFC", name).split()]
    orders = dict.fromkeys((tuple(words), (*words[-1:], *words[:-1])))
    return "|".join(rf"(?<!\w){_APART.join(order)}(?!\w)" for order in orders)


def fold_lines(text: str) -> Iterator[str]:
    """Yields the lines of a text that are long enough to be recognised where they are quoted, in compared form."""
    for line in text.splitlines():
        folded = _fold_line(line)
        if len(folded) >= _SHORTEST_LINE:
            yield folded


def _fold_line(line: str) -> str:
    return " ".join(_QUOTED.sub("", unicodedata.normalize("NFC", line)).casefold().split())


def decode_all(raw: bytes) -> str:
    """Returns everything that can be read of an email: its bytes, decoded headers, and the content of every part."""
    found = [raw.decode("utf-8", "replace")]
    try:
        for part in email.message_from_bytes(raw).walk():
            found += [_decode_header(str(value)) for value in part.values()]
            found.append(_decode_content(part))
    except Exception:  # the parsers of the standard library raise whatever they like on a broken email
        pass
    return "\n".join(found)


def _decode_header(value: str) -> str:
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except Exception:  # as above: an unknown charset, bytes that are none of it
        return value


def _decode_content(part: Message) -> str:
    content = part.get_payload(decode=True) if not part.is_multipart() else b""
    if not isinstance(content, bytes) or len(content) > _LARGEST_PART:
        return ""
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("latin-1")
