"""Writes runs as safe HTML: a small set of elements, no style, no class, nothing that is loaded from elsewhere.

`clean` is the fence (nh3), and the last to see the HTML wherever it comes from. Links lead to http, https, mailto and
tel only; one whose words name another address than its target is no link. Pictures are those of the same mail, by
Content-ID. Pure, linear, never fails.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

import nh3

from mailgate.core.formatting import Place, TextRun
from mailgate.core.mail import Picture
from mailgate.parsers.html.elements import LINK_LENGTH

_TAGS = {"p", "br", "strong", "em", "code", "a", "ul", "ol", "li", "table", "tbody", "tr", "th", "td", "h3"} | {
    "blockquote", "pre", "img",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "th": {"colspan"}, "td": {"colspan"}, "img": {"src", "alt", "width"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    link_rel="noopener noreferrer",
    attribute_filter=lambda tag, name, value: value if _is_safe(tag, name, value) else None,
)
_VALUES = {"ol": "start", "th": "colspan", "td": "colspan"}
_TIGHT = frozenset({"li", "td", "th"})  # their first paragraph needs no element
_WEB = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_AFTER_LINK = ".,;:!?)]}»'’"
_TARGET = re.compile(r"(?:https?://|mailto:)[^\s<>\"\\\x00-\x1f\x7f]+|tel:[+\d().-]{2,40}", re.IGNORECASE)
_NAMES_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.-]+\.[a-z]{2,24}(?:[/:?#]\S*)?|\S+@\S+", re.IGNORECASE)
_PLAIN_ADDRESS = re.compile(r"(?:https?://|www\.)|\S+@|[\w-]+(?:\.[\w-]+)+/", re.IGNORECASE)  # no name of a file
_AROUND_ADDRESS = "()[]{}<>.,;:!?\"'«»„“”‘’"
_UNSEEN = re.compile("[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # hides or reorders letters
_HOST = re.compile(r"(?:[a-z]{2,10}:(?://)?)?(?:[^/?#@]*@)?(?:www\.)?([^/?#:]*)", re.IGNORECASE)


def clean(source: str) -> str:
    """Returns HTML with the elements and attributes of formatted text alone."""
    return _CLEANER.clean(source)


def write_html(pieces: Sequence[tuple[TextRun, str]], pictures: Mapping[str, Picture]) -> str:
    """Writes runs, each with the part of its words that is shown; `pictures` by their Content-ID, casefolded."""
    out: list[str] = []
    opened: tuple[Place, ...] = ()
    for path, group in groupby(pieces, key=lambda piece: piece[0].path):
        begins = path != opened
        if begins:
            out += _step(opened, path)
        opened = path
        out.append(_write_line(list(group), pictures, typed=path[-1].tag == "pre", begins=begins))
    out += [_close(place, opened[:at]) for at, place in reversed(list(enumerate(opened)))]
    return clean("".join(out))


def _step(left: Sequence[Place], entered: Sequence[Place]) -> Iterable[str]:
    """Closes and opens the elements between two runs."""
    common = 0
    while common < min(len(left), len(entered)) and left[common] == entered[common]:
        common += 1
    for at in range(len(left) - 1, common - 1, -1):
        yield _close(left[at], left[:at])
    above, below = left[common:], entered[common:]
    if len(above) == len(below) == 1 and above[0].tag == below[0].tag == "p" and _is_tight(left[:-1]):
        yield "<br><br>"
    for at in range(common, len(entered)):
        place = entered[at]
        if not (place.tag == "p" and _is_tight(entered[:at])):
            name = _VALUES.get(place.tag) if place.value else None
            yield f'<{place.tag} {name}="{place.value}">' if name else f"<{place.tag}>"


def _close(place: Place, outside: Sequence[Place]) -> str:
    return "" if place.tag == "p" and _is_tight(outside) else f"</{place.tag}>"


def _is_tight(path: Sequence[Place]) -> bool:
    return bool(path) and path[-1].tag in _TIGHT


def _write_line(
    pieces: Sequence[tuple[TextRun, str]], pictures: Mapping[str, Picture], *, typed: bool, begins: bool
) -> str:
    out: list[str] = []
    for href, linked in groupby(pieces, key=lambda piece: piece[0].href):
        group = list(linked)
        if begins and not out:
            group[0] = group[0][0], group[0][1].lstrip("\n")
        words = "".join(text for _, text in group)
        inner = "".join(_write_run(run, text, pictures, typed=typed, linked=bool(href)) for run, text in group)
        target = read_target(href, words)
        out.append(f'<a href="{escape(target)}">{inner}</a>' if target and inner.strip() else inner)
    return "".join(out)


def _write_run(run: TextRun, text: str, pictures: Mapping[str, Picture], *, typed: bool, linked: bool) -> str:
    lead, text = ("<br>", text[1:]) if text.startswith("\n") and not typed else ("", text)
    if run.image:
        picture = pictures.get(run.image.casefold())
        if picture is None:
            return ""
        width = f' width="{picture.width}"' if picture.width else ""
        return f'{lead}<img src="cid:{escape(picture.content_id)}" alt="[{escape(picture.name)}]"{width}>'
    out = _with_links(text) if not (linked or typed or run.code) else escape(text)
    for tag, is_set in (("code", run.code and not typed), ("em", run.italic), ("strong", run.bold)):
        out = f"<{tag}>{out}</{tag}>" if is_set and text.strip() else out
    return lead + out


def _with_links(text: str) -> str:
    """Escapes text, and makes links of the web addresses in it."""
    parts, done = [], 0
    for found in _WEB.finditer(text):
        target = found[0].rstrip(_AFTER_LINK)
        parts += [escape(text[done : found.start()]), f'<a href="{escape(target)}">{escape(target)}</a>']
        done = found.start() + len(target)
    return "".join((*parts, escape(text[done:])))


def read_target(href: str, words: str) -> str:
    """Returns the target of a link with these words, "" where it is not to be one.

    A mailto link loses its query, which could fill in a mail (docs/rules.md#15).
    """
    target, shown = href.strip(), words.strip()
    if not shown or len(target) > LINK_LENGTH or not _TARGET.fullmatch(target):
        return ""
    scheme = target.partition(":")[0].lower()
    if scheme == "mailto":
        target = target.partition("?")[0]
    elif scheme == "tel":
        return target if _digits(target) == _digits(shown) else ""  # the text part does not name it
    if _NAMES_ADDRESS.fullmatch(shown) and _place_of(shown) != _place_of(target):
        return shown if _WEB.fullmatch(shown) else ""
    return "" if _UNSEEN.search(shown) or _misleads(shown, target) else target


def _misleads(shown: str, target: str) -> bool:
    """Tells whether the words of a link hold, among others, an address that is not that of its target."""
    named = (word.strip(_AROUND_ADDRESS) for word in unicodedata.normalize("NFKC", shown).split())
    return any(
        _NAMES_ADDRESS.fullmatch(word) and _place_of(word) != _place_of(target)
        for word in named
        if word == shown.strip(_AROUND_ADDRESS) or _PLAIN_ADDRESS.match(word)
    )


def _place_of(address: str) -> str:
    """The host of a web address, or the mail address."""
    if "@" in address and "//" not in address:
        return address.lower().removeprefix("mailto:").partition("?")[0]
    host = _HOST.match(address)
    return host[1].lower() if host else ""


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _is_safe(tag: str, name: str, value: str) -> bool:
    """Tells whether the value of an attribute may stay: pictures are of the mail, links have one of the schemes.

    `rel` is set by nh3 alone.
    """
    if (tag, name) == ("img", "src"):
        return value.lower().startswith("cid:")
    if name == "href":
        return _TARGET.fullmatch(value) is not None
    if name == "alt":
        return "<" not in value and ">" not in value
    return name == "rel" or (value.isdecimal() and len(value) < 7)
