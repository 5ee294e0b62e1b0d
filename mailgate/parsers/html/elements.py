"""Properties of one HTML element for its reader: hidden, block or inline, first words, link.

Bounded looks into one element at a time. Pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mailgate.parsers.html.client_markup import ElementRole
from mailgate.parsers.phrases import fold, load_phrases

LINK_LENGTH = 2000
STYLE_LENGTH = 1000  # letters of a style that are looked at

SKIPPED = frozenset(
    {
        *("style", "script", "head", "title", "meta", "link", "template", "object", "applet", "audio", "video", "svg"),
        *("canvas", "select", "textarea", "noframes", "xml"),
        *("s", "strike", "del"),  # who strikes words out takes them back
    }
)
BLOCKS = frozenset(
    {
        *("div", "p", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
        *("blockquote", "pre", "address", "article", "aside", "section", "header", "footer", "main", "nav", "form"),
        *("fieldset", "figure", "figcaption", "center", "details", "summary", "body", "html", "dir", "menu"),
        *("tbody", "thead", "tfoot", "caption"),
    }
)
SPACED = frozenset({"p", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure"})

_SPACES = re.compile(r"[ \t\n\r\f]+")
_HIDDEN = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|font-size:[01](?:px|pt|em|%)?(?:;|!|$)|font-size:0\.\d"
    r"|max-height:[01](?:px)?(?:;|!|$)|(?<![a-z-])opacity:0(?:\.0+)?(?:;|!|$)"
    r"|text-decoration(?:-line)?:[^;]{0,60}line-through"
)
_FLAT = re.compile(r"margin-bottom:0(?!\.[1-9]|\d)|margin:0(?:cm|in|px|pt)?(?:;|!|$|0(?:cm|in|px|pt)?0)")
_FLAT_SHEET = re.compile(r"(?:^|[},/>-])(?:p|p\.msonormal|p,div)\{[^}]{0,60}margin(?:-top|-bottom)?:0")
_FILE_NAME = re.compile(r"^\S*\.(?:png|jpe?g|gif|bmp|svg|webp|tiff?)$", re.IGNORECASE)
_FORWARDED = load_phrases("quoting")["forwarded"]
_FROM = frozenset(load_phrases("quoting")["from"])
_RULED = re.compile(r"border-top(?:-style)?:[^;]{0,40}solid")
_BORDERS = ("border:none;border-top:solid", "border-right:none", "mso-element:para-border")

Element = Any  # lxml has no types


def squeeze(style: str) -> str:
    """A style in lower case without spaces."""
    return _squeeze(style[:STYLE_LENGTH])


@lru_cache(maxsize=256)  # a mail has few styles, each on many elements
def _squeeze(style: str) -> str:
    return _SPACES.sub("", style).lower()


@lru_cache(maxsize=256)
def hides(style: str) -> bool:
    """Tells whether a squeezed style hides its element or strikes it out."""
    return bool(_HIDDEN.search(style))


def is_hidden(element: Element) -> bool:
    """Tells whether an element is hidden or struck out by its style."""
    style = element.get("style")
    return bool(style and hides(squeeze(style))) or element.get("hidden") is not None


def is_flat_sheet(styles: str) -> bool:
    """Tells whether a style sheet sets paragraphs without space between them, as Outlook's does."""
    return _is_flat_sheet(styles[:20_000]) if styles else False


@lru_cache(maxsize=8)  # the same few programs write most mails
def _is_flat_sheet(styles: str) -> bool:
    return bool(_FLAT_SHEET.search(_SPACES.sub("", styles).lower()))


def is_flat(attributes: Mapping[str, str], style: str, by_sheet: bool) -> bool:
    """Tells whether a paragraph has no space around it."""
    if style and "margin" in style:
        return bool(_FLAT.search(style))
    return by_sheet or "mso" in attributes.get("class", "").lower()


def border_role(element: Element, style: str) -> ElementRole:
    """Recognises the rule that Word and Windows Mail draw above the header block of the answered mail.

    A label follows it; where other programs draw such a rule, the label must be a known one.
    """
    words = first_words(element, 80).replace("：", ":")
    label, colon, _ = words.partition(":")
    known = style.startswith(_BORDERS) or (bool(_RULED.search(style)) and fold(label.strip("* \t\n")) in _FROM)
    return ElementRole.QUOTE_BELOW if colon and known else ElementRole.NOTHING


def begins_forward(element: Element) -> bool:
    """Tells whether the first words of an element announce a forwarded mail."""
    return fold(" ".join(first_words(element, 200).split()).lstrip("-–—_‐ ")).startswith(_FORWARDED)


def first_words(element: Element, limit: int) -> str:
    """The text at the beginning of an element."""
    words: list[str] = []
    size = 0
    for number, text in enumerate(element.itertext()):
        words.append(text)
        size += len(text)
        if size > limit or number > 50:
            break
    return "".join(words)[:limit]


def words_of_image(attributes: Mapping[str, str]) -> str:
    """The text for an image: its words in brackets, an emoji as it is, "" for a file name or a dot."""
    words = " ".join(attributes.get("alt", "")[:500].split())
    if not words or _FILE_NAME.match(words) or attributes.get("width") in ("0", "1"):
        return ""
    is_emoji = len(words) <= 2 or (not words.isascii() and len(words) <= 8)
    return words if is_emoji else f"[{words}]"


def hidden_target(element: Element, attributes: Mapping[str, str]) -> str:
    """The target of a link whose text does not show it, else ""."""
    target = attributes.get("href", "").strip()[:LINK_LENGTH]
    if not target.lower().startswith(("http://", "https://", "mailto:")):
        return ""
    shown = first_words(element, LINK_LENGTH).strip()
    return target if shown and _bare(target) not in (_bare(shown), _bare("".join(shown.split()))) else ""


def _bare(target: str) -> str:
    text = target.lower()
    for prefix in ("mailto:", "https://", "http://", "www."):
        text = text.removeprefix(prefix)
    return text.rstrip("/").partition("?")[0] if target.lower().startswith("mailto:") else text.rstrip("/")
