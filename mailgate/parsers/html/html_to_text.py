"""Converts HTML to text, for mails that have no other body.

Returns the text as its reader saw it, and the same text with the characters of `marks` where the client's markup shows
a quote or signature. Reads at most SIZE_LIMIT characters, and of a long tag ATTRIBUTES_LIMIT attributes, since libxml2
compares each with all others; if lxml cannot read it (too deep, broken), the text between the tags is taken. Never
fails, linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from itertools import islice

import lxml.html

from mailgate.parsers.html.elements import Element
from mailgate.parsers.html.layout import lay_out
from mailgate.parsers.html.marks import replace_marks, replace_numbered, without_marks
from mailgate.parsers.mime.clean_text import clean_text

SIZE_LIMIT = 1_000_000  # letters
TAG_LENGTH = 2_000  # letters of a tag whose attributes are not counted
ATTRIBUTES_LIMIT = 100  # attributes of a longer one

_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = (("<!--", "-->"), ("<style", "</style"), ("<script", "</script"), ("<head>", "</head"))
_BREAK = re.compile(r"</?(?:br|p|div|tr|li|h[1-6]|blockquote)\b[^<>]*>", re.IGNORECASE)
# An attribute and a tag as HTML reads them: a quote counts only behind the equals sign
_ATTRIBUTE = re.compile(
    r"[ \t\n\r\f/]*+[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+"
    r"(?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*+)?+)?+"
)
_NAME = re.compile(r"<[A-Za-z][^ \t\n\r\f/>]*+")
_WHOLE_TAG = re.compile(rf"{_NAME.pattern}(?:{_ATTRIBUTE.pattern})*+[ \t\n\r\f/]*+>?+")
_QUOTED_END = re.compile(r"=[ \t\n\r\f]*+(?:\"[^\">]*+>|'[^'>]*+>)")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
# what newsletters pad their preview with; one such letter alone can belong to a word
_PADDING = re.compile("(?:[\u200b\u200c\u200d\u034f\u00ad\ufeff\u2007\u2060][ \xa0]*){3,}")


@dataclass(frozen=True, slots=True)
class Converted:
    """The result: `text` is the whole, `marked` has the marks for `quoting`; `defect` is "" without one."""

    text: str
    marked: str
    defect: str = ""


def convert_html(source: str, *, columns: bool = False) -> Converted:
    """Converts an HTML body to text; `columns` sets the cells of a table below one another."""
    defect = "HTML body longer than 1 MB: the rest is left out" if len(source) > SIZE_LIMIT else ""
    source = prepare_html(source[:SIZE_LIMIT])
    if not source.strip():
        return Converted("", "", defect)
    try:
        marked = _tidy(_render(source, columns=columns))
    except Exception:  # lxml promises nothing about what it raises
        marked = _tidy(strip_tags(source))
        defect = defect or "HTML body too deep or too broken to lay out: tags were stripped"
    text = without_marks(marked)
    return Converted(text if text is marked else _tidy(text), marked, defect)


def prepare_html(source: str) -> str:
    """Returns HTML without what lxml cannot read, and without marks of the mail's own."""
    return _DECLARATION.sub("", replace_numbered(replace_marks(source.replace("\x00", ""))))


def read_tree(source: str) -> Element:
    """Parses HTML that `prepare_html` returned. Raises what lxml raises."""
    return lxml.html.document_fromstring(_shorten_tags(source))


def strip_tags(source: str) -> str:
    """Returns the text between the tags: the last resort."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", _drop_unseen(source)))).replace("\xa0", " ")


def _drop_unseen(source: str) -> str:
    """Removes comments, styles and scripts; an opening without its end hides nothing. Linear."""
    lowered = _lower(source)
    for opening, closing in _UNSEEN:
        out: list[str] = []
        position = 0
        while (start := lowered.find(opening, position)) >= 0 and (end := lowered.find(closing, start)) >= 0:
            out.append(source[position:start])
            position = end + len(closing)
            if opening != "<!--":
                position = max(position, source.find(">", position) + 1)
        if position:
            source = "".join(out) + source[position:]
            lowered = _lower(source)
    return source


def _lower(source: str) -> str:
    """Returns HTML in small letters if every place in it stays the same, else as it is."""
    lowered = source.lower()
    return lowered if len(lowered) == len(source) else source


def _shorten_tags(source: str) -> str:
    """Removes the attributes of long tags beyond the limit; with such a tag, scripts and comments too."""
    if max(map(len, source.split(">"))) <= TAG_LENGTH and not _QUOTED_END.search(source):
        return source
    if not any(_is_long(tag[0]) for tag in _WHOLE_TAG.finditer(source)):
        return source
    return _WHOLE_TAG.sub(lambda tag: _shorten(tag[0]) if _is_long(tag[0]) else tag[0], _drop_unseen(source))


def _is_long(tag: str) -> bool:
    return len(tag) > TAG_LENGTH and len(_attributes(tag, ATTRIBUTES_LIMIT + 1)) > ATTRIBUTES_LIMIT


def _shorten(tag: str) -> str:
    name = _NAME.match(tag)
    return f"{name[0] if name else tag}{''.join(_attributes(tag, ATTRIBUTES_LIMIT))}>"


def _attributes(tag: str, limit: int) -> list[str]:
    """The first attributes of a tag, verbatim."""
    name = _NAME.match(tag)
    found = _ATTRIBUTE.finditer(tag, name.end() if name else 0)
    return [attribute[0] for attribute in islice(found, limit)]


def _render(source: str, *, columns: bool) -> str:
    tree = read_tree(source)
    styles = "".join(element.text or "" for element in tree.iter("style")) if "<style" in source.lower() else ""
    return lay_out(tree, styles, columns=columns)


def _tidy(text: str) -> str:
    """Cleans a text: no padding, and at most one blank line in a row."""
    if not text.isascii():
        text = _PADDING.sub("", text)
    return _LINES.sub("\n\n", clean_text(text))
