"""Finds and hides what names a person: their address in every spelling, their names, and lines that they wrote.

For an erasure. A text loses only what names this person; other people's addresses and names stay (`anonymize` removes
them all). Also the decoded text of a whole email, in which a plain search finds nothing: base64, quoted-printable,
encoded words. Pure, never fails.
"""

from __future__ import annotations

import email
import html
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from functools import cache, cached_property
from importlib.resources import files
from urllib.parse import quote

from mailgate.core.domains import fold_address, to_a_labels
from mailgate.parsers.anonymize import GAP
from mailgate.parsers.language import is_small_word

_SHORTEST_NAME = 3  # letters of a part of a name: shorter ones need a capital
_SHORTEST_LINE = 12  # letters of a line that is recognised as a quotation: shorter ones anybody writes
_SHORTEST_INSIDE = 20  # of one that is recognised within another's line: "the printer is" anybody writes
_LEAST_INSIDE = 4  # words of it
_LARGEST_PART = 4 * 2**20  # bytes of a MIME part that is searched
_NAME_PART = re.compile(r"[^\W\d_]+")
_NAME_WORD = re.compile(r"[^\W_]+(?:['’ʼ`´‘‐‑–-][^\W_]+)*")
_REMARK = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|\bvia\b.*|\S+@\S+", re.IGNORECASE
)  # what a display name has beside the name
_TOGETHER = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # no blanks there
_TAG = re.compile(r"<[^<>]{0,2000}>")
_QUOTED = re.compile(r"^[\s>|]*")
_LOCAL = r"(?:(?<![\w.+%-])|(?<=%[0-9a-f][0-9a-f])|(?<=[\s*(\[\"]_))"
_OF_VERP = r"(?:(?<![\w.%-])|(?<=\d-)|(?<=%[0-9a-f][0-9a-f]))"
_AT = r"(?:@|%40|&#0*64;|&#x0*40;|&commat;|\s?[(\[{]\s?at\s?[)\]}]\s?)"
_APART = r"[\s>,|.*_\u00ad\u200b-\u200d\u2060]+"
_FILE = r"\.(?:pdf|png|jpe?g|eml|msg|txt|csv|docx?|xlsx?)\b"
_AFTER = rf"(?:(?={_FILE})|(?![^\W_]|-\w|(?-i:\.(?![A-Z][a-z])[^\W_])))"
_APOSTROPHES, _HYPHENS = "'’ʼ`´‘", "‐‑–-"
_SPELT = {
    "ä": "(?:ä|ae|a)", "ö": "(?:ö|oe|o)", "ü": "(?:ü|ue|u)", "ß": "(?:ß|ss|ẞ)", "å": "(?:å|aa|a)", "ø": "(?:ø|oe|o)",
    "æ": "(?:æ|ae)", "ł": "[łl]", "ı": "[ıi]", "đ": "[đd]",
}  # fmt: skip
_PAIRS = {"ae": "(?:ae|ä|æ)", "oe": "(?:oe|ö|ø)", "ue": "(?:ue|ü)", "ss": "(?:ss|ß)", "aa": "(?:aa|å)"}


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists of `languages/parts_of_names.toml`, which explains them."""

    particles: frozenset[str]
    titles: frozenset[str]
    roles: frozenset[str]
    no_names: frozenset[str]
    also_words: frozenset[str]


@cache
def _lists() -> _Lists:
    read = tomllib.loads((files("mailgate.parsers") / "languages" / "parts_of_names.toml").read_text("utf-8"))
    return _Lists(**{name: frozenset(words.split()) for name, words in read.items()})


class Traces:
    """The address, names and lines of one person. `names` are display names; `lines` are as `fold_lines` gives them."""

    def __init__(self, address: str, names: Iterable[str] = (), lines: Iterable[str] = ()) -> None:
        self.address = fold_address(address)
        self.names = tuple(dict.fromkeys(name.strip() for name in names if _NAME_PART.search(name)))
        self._lines = frozenset(lines)
        self._parts: tuple[str, ...] = ()

    def with_words(self, lines: Iterable[str], others: Iterable[str] = ()) -> Traces:
        """Returns traces for a ticket that the person took part in: with their lines, and the parts of their names.

        `others` are the names of its other people: a part that one of them has, too, is not the person's.
        """
        shared = {part.casefold() for name in others for part in _NAME_PART.findall(name)}
        parts = {
            part
            for name in self.names
            for word in _words_of_name(name)
            for part in _NAME_PART.findall(word)
            if len(part) > 1 or _TOGETHER.match(part)
        }
        found = Traces(self.address, self.names, {*self._lines, *lines})
        kept = (
            part
            for part in parts
            if part.casefold() not in shared | _lists().particles | _lists().titles | _lists().roles
        )
        login = self.address.rpartition("@")[0]
        words = set(_NAME_PART.findall(login))
        logins = (login,) if len(words) > 1 and not words <= _lists().roles | _lists().no_names else ()
        found._parts = tuple(sorted({*kept, *logins}, key=lambda part: (-len(part), part)))
        return found

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The address as it may stand in a text: with its domain in U-labels and A-labels, in a link, in a VERP."""
        local, _, domain = self.address.rpartition("@")
        domains = dict.fromkeys((domain, to_a_labels(domain) or domain))
        forms = [f"{local}{at}{one}" for one in domains for at in ("@", "%40", "=")]
        return tuple(dict.fromkeys((*forms, *(quote(f"{local}@{one}", safe="") for one in domains))))

    @cached_property
    def whole_names(self) -> tuple[tuple[str, ...], ...]:
        """The names of more than one word, as words: one word alone may be anybody's.

        Without titles and what a display name has beside the name. A name in a writing without blanks is whole.
        """
        found = []
        for name in self.names:
            words = tuple(word for word in _words_of_name(name) if word.casefold() not in _lists().titles)
            if len(words) > 1 or (words and len(words[0]) > 1 and _TOGETHER.match(words[0])):
                found.append(words)
        return tuple(dict.fromkeys(found))

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
        normal = unicodedata.normalize("NFC", text)
        hidden = self._hide_names(normal)
        if self._lines and any(_fold_line(line) in self._lines for line in text.splitlines()):
            hidden = "\n".join(GAP if self._is_theirs(line) else line for line in hidden.split("\n"))
        # What has no trace stays as it is, in its own normal form.
        return text if hidden == normal else hidden

    def quotes(self, text: str) -> bool:
        """Tells whether one of the person's lines stands in a text, however its lines are broken."""
        return bool(self._find_quoted(text))

    def hide_quotations(self, text: str) -> str:
        """Returns the text with gaps in place of the person's lines, however its lines are broken."""
        found = sorted(self._find_quoted(text), key=len, reverse=True)
        if not found:
            return text
        lines = (r"[\s>|]+".join(map(re.escape, line.split(" "))) for line in found)
        hidden = _pattern(rf"(?<!\w){line}(?!\w)" for line in lines).sub(GAP, unicodedata.normalize("NFC", text))
        # Letters that fold to several ("ß") are not found where they stand otherwise than in the person's line.
        return GAP if self._find_quoted(hidden) else hidden

    def _find_quoted(self, text: str) -> list[str]:
        if not self._lines:
            return []
        whole = f" {' '.join(map(_fold_line, text.splitlines()))} "
        return [line for line in self._inside if line in whole and re.search(rf"(?<!\w){re.escape(line)}(?!\w)", whole)]

    @cached_property
    def _inside(self) -> tuple[str, ...]:
        return tuple(filter(_is_long, self._lines))

    def _is_theirs(self, line: str) -> bool:
        folded = _fold_line(line)
        if not _is_long(folded) and not line.lstrip().startswith((">", "|")):
            return False
        return folded in self._lines or _fold_line(self._hide_names(line)) in self._hidden_lines

    @cached_property
    def _hidden_lines(self) -> frozenset[str]:
        return frozenset(_fold_line(self._hide_names(line)) for line in self._lines)

    def _hide_names(self, text: str) -> str:
        hidden = self._searched.sub(GAP, text)
        if self._parts:
            hidden = self._alone.sub(lambda found: GAP if self._is_name(found, hidden) else found[0], hidden)
        return hidden

    @staticmethod
    def _is_name(found: re.Match[str], text: str) -> bool:
        """Tells whether a part of the name is meant: "May", "Bill" and "Li" are names where they have a capital."""
        part, folded = found[0], found[0].casefold()
        is_small = is_small_word(folded)
        if not (is_small or folded in _lists().also_words or len(part) < _SHORTEST_NAME) or _TOGETHER.match(part):
            return True
        line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        if len(words := _NAME_WORD.findall(line)) <= 2 and words[-1:] == [part]:
            return True  # "hi rose", and under a mail
        if not part[0].isupper() or (part.isupper() and is_small and len(part) > 1):
            return False
        before, after = text[: found.start()].rstrip(" \t>|*_"), text[found.end() : found.end() + 2]
        begins = not before or before[-1] in "\n.!?:…"
        return not (is_small and begins and after[:1] == " " and after[1:2].isalpha())

    @cached_property
    def _addresses(self) -> re.Pattern[str]:
        local, _, domain = self.address.rpartition("@")
        domains = "|".join(re.escape(one) for one in dict.fromkeys((domain, to_a_labels(domain) or domain)))
        quoted = dict.fromkeys((local, quote(local, safe=""), html.escape(local)))
        names = "|".join(re.escape(one) for one in quoted)
        links = (re.escape(one) for one in self.spellings if "%" in one)
        return _pattern(
            (
                rf'{_LOCAL}"?(?:{names})"?{_AT}(?:{domains}){_AFTER}',
                *(rf"{_LOCAL}{link}{_AFTER}" for link in links),
                rf"{_OF_VERP}(?:{names})=(?:{domains}){_AFTER}",
                rf"(?<![\w.-])(?:{domains})=(?:{names})(?=@)",  # SRS
            )
        )

    @cached_property
    def _searched(self) -> re.Pattern[str]:
        return _pattern((self._addresses.pattern, *map(_name_pattern, self.whole_names)))

    @cached_property
    def _alone(self) -> re.Pattern[str]:
        return _pattern(_bounded(_spell(part), part) for part in self._parts)


def _words_of_name(name: str) -> list[str]:
    """The words of a display name, without remarks such as "(Sales)" and "via Lists"; "Müller, Anna" has two."""
    normal = unicodedata.normalize("NFC", name).strip(f'{_APOSTROPHES}" ')
    return _NAME_WORD.findall(_REMARK.sub(" ", normal))


def _pattern(alternatives: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _name_pattern(words: Sequence[str]) -> str:
    """A name in either order, its words apart by blanks, a line break with a quotation mark, or a comma."""
    spelt = [_spell(word) for word in words]
    orders = dict.fromkeys((tuple(spelt), (*spelt[-1:], *spelt[:-1]), (*spelt[1:], spelt[0])))
    return "|".join(_bounded(_APART.join(order), words[0]) for order in orders)


def _bounded(pattern: str, word: str) -> str:
    # Not in an address: that of another person may have the same names.
    return pattern if _TOGETHER.match(word) else rf"(?<![^\W_])(?:{pattern})(?![^\W_]|[\w.+%-]{{0,64}}(?:@|%40))"


def _spell(word: str) -> str:
    """The pattern of a word of a name, as people without its letters and signs write it."""
    found, at = "", 0
    while at < len(word):
        letter, pair = word[at].lower(), word[at : at + 2].lower()
        if pair in _PAIRS:
            found, at = found + _PAIRS[pair], at + 2
            continue
        if letter in _APOSTROPHES:
            found += f"[{_APOSTROPHES}]?"
        elif letter in _HYPHENS:
            found += rf"[\s{_HYPHENS}]?"
        elif letter in _SPELT:
            found += _SPELT[letter]
        else:
            plain = unicodedata.normalize("NFD", letter)[0]
            found += re.escape(letter) if plain == letter else f"[{letter}{plain}]"
        at += 1
    return found


def fold_lines(text: str, *, whole: bool = False) -> Iterator[str]:
    """Yields the lines of a text that are long enough to be recognised where they are quoted, in compared form.

    With `whole` only those that are long enough within another's line.
    """
    for line in text.splitlines():
        folded = _fold_line(line)
        if _is_long(folded) if whole else len(folded) >= _SHORTEST_LINE:
            yield folded


def _is_long(folded: str) -> bool:
    """Tells whether hardly anybody else writes such a line: "Kind regards," everybody does."""
    return len(folded) >= _SHORTEST_INSIDE and len(folded.split(" ")) >= _LEAST_INSIDE


def _fold_line(line: str) -> str:
    return " ".join(_QUOTED.sub("", unicodedata.normalize("NFC", line)).casefold().split())


def decode_all(raw: bytes) -> str:
    """Returns everything that can be read of an email: its bytes, decoded headers, and the content of every part.

    HTML also as it is read: without its tags, and with the characters of its entities.
    """
    found = [raw.decode("utf-8", "replace")]
    try:
        for part in email.message_from_bytes(raw).walk():
            found += [_decode_header(str(value)) for value in part.values()]
            found.append(part.get_filename() or "")
            content = _decode_content(part)
            found.append(content)
            if part.get_content_type() == "text/html":
                found.append(html.unescape(_TAG.sub("", content)))
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
