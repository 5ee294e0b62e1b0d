"""Reads an HTML text as runs: its words with their paragraphs, lists, tables, emphasis, links and pictures.

Hidden and struck-out words are left out, as `layout` leaves them out; below the mark of an answered mail nothing is
read. Anything that is not known (styles, scripts, forms, remote images) is not taken along. Pure, linear, never fails:
HTML that is too long, too deep or without any format has no runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple
from urllib.parse import unquote

from mailgate.core.formatting import Place, TextRun, is_formatted
from mailgate.parsers.html import elements
from mailgate.parsers.html.client_markup import ElementRole, role_of
from mailgate.parsers.html.elements import Element
from mailgate.parsers.html.html_to_text import prepare_html, read_tree

SOURCE_LIMIT = 500_000  # letters of HTML
DEPTH_LIMIT = 100  # elements inside one another
RUNS_LIMIT = 20_000
ROWS_LIMIT = 2_000  # rows of a table that are looked at
COLUMNS_LIMIT = 50  # that one cell takes
BULLET_SPANS = 50  # of an item of Word, in which its bullet is looked for

# each begins with a sign that is rare enough to look for
_TAGS = re.compile(r"<(?:ul|ol|table|b|strong|i|em|h[1-6]|pre|code|tt|kbd|samp|a)[\s>]", re.IGNORECASE)
_STYLES = re.compile(r"-(?:(?<=font-)(?:weight|style)|(?<=mso-)list)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_UNCLEAN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BOLD = re.compile(r"font-weight:(?:(bold|[6-9]00)|normal|lighter|[1-5]00)")
_ITALIC = re.compile(r"font-style:(?:(italic|oblique)|normal)")
_LEVEL = re.compile(r"mso-list:\w{1,20}?level(\d)")
_IGNORED = "mso-list:ignore"  # Word's own bullets and numbers
_NUMBERED = re.compile(r"\(?(?:(\d{1,4})|[a-zA-Z]|[ivxIVX]{1,6})[.)]")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CODE = frozenset({"code", "tt", "kbd", "samp"})


class _Format(NamedTuple):
    bold: bool = False
    italic: bool = False
    code: bool = False
    href: str = ""


class _Piece(NamedTuple):
    text: str
    format: _Format
    image: str = ""


def read_runs(*sources: str) -> tuple[TextRun, ...]:
    """Reads the runs of the HTML texts of a body; empty where nothing in them is formatted."""
    if sum(map(len, sources)) > SOURCE_LIMIT or not any(map(_may_format, sources)):
        return ()
    reader = _Reader()
    try:
        for source in sources:
            reader.read(source)
    except Exception:  # lxml promises nothing about what it raises
        return ()
    return tuple(reader.runs) if any(is_formatted(run) or run.href or _is_typed(run) for run in reader.runs) else ()


def _may_format(source: str) -> bool:
    return _TAGS.search(source) is not None or _STYLES.search(source) is not None


def _is_typed(run: TextRun) -> bool:
    return bool(run.path) and run.path[-1].tag == "pre"


class _Reader:
    """The runs while they grow. `gap` says that the next words begin a paragraph."""

    def __init__(self) -> None:
        self.runs: list[TextRun] = []
        self.flat = False
        self.line: list[_Piece] = []
        self.path: tuple[Place, ...] = ()
        self.kind = "p"  # of the paragraphs that begin
        self.paragraph: tuple[Place, ...] = ()  # the path of the last one
        self.gap = False
        self.count = 0
        self.ended = False  # the answered mail begins
        self.items: list[tuple[Place, Place]] = []  # Word's list and item at each level

    def read(self, source: str) -> None:
        """Reads an HTML text. Raises what lxml raises, and an error beyond a limit."""
        tree = read_tree(prepare_html(source))
        styles = "".join(element.text or "" for element in tree.iter("style")) if "<style" in source.lower() else ""
        self.flat, self.ended = elements.is_flat_sheet(styles), False
        self.walk(tree, 0, _Format())
        self.end_line(gap=True)

    def walk(self, element: Element, depth: int, outer: _Format) -> None:
        """Reads an element and everything in it, without its tail."""
        if depth > DEPTH_LIMIT:
            raise RecursionError("HTML nested too deep")
        tag = element.tag
        if self.ended or not isinstance(tag, str) or tag in elements.SKIPPED:
            return
        attributes: Mapping[str, str] = element.attrib
        style = elements.squeeze(attributes["style"]) if "style" in attributes else ""
        if depth and ("hidden" in attributes or (style and elements.hides(style))):
            return
        role = role_of(tag, attributes, style) if len(attributes) or tag == "blockquote" else ElementRole.NOTHING
        if role is ElementRole.NOTHING and tag == "div" and "border-top" in style:
            role = elements.border_role(element, style)
        if role is ElementRole.QUOTE_BELOW:
            self.end_line()
            self.ended = True
            return
        inner = _format_in(tag, attributes, style, outer)
        if tag == "br" and self.kind == "pre":
            self._end_typed_line()
        elif tag == "br":
            self.end_line(blank=True)
        elif tag == "img":
            self._add_image(attributes, inner)
        elif role is ElementRole.CITED and not elements.begins_forward(element):
            self._walk_in("blockquote", element, depth, inner)
        elif tag in elements.BLOCKS or tag in ("td", "th"):
            self._walk_block(element, tag, attributes, style, depth, inner)
        elif not (_IGNORED in style and self.items):
            self._walk_children(element, depth, inner)

    def end_line(self, *, gap: bool = False, blank: bool = False) -> None:
        """Ends the current line; `gap` and a blank line begin a paragraph."""
        pieces, self.line = self.line, []
        if self.kind == "pre":
            if pieces:
                self._put(pieces, verbatim=True)
        elif any(piece.image or piece.text.strip() for piece in pieces):
            self._put(_trim(pieces), verbatim=False)
        else:
            gap = gap or blank or any("\xa0" in piece.text for piece in pieces)
        self.gap = self.gap or gap

    def _put(self, pieces: list[_Piece], *, verbatim: bool) -> None:
        goes_on = self.paragraph[:-1] == self.path and bool(self.paragraph) and self.paragraph[-1].tag == self.kind
        if not goes_on or (self.gap and not verbatim):
            self.paragraph = (*self.path, self._place(self.kind))
            lead = ""
        else:
            lead = "\n"
        self.gap = False
        if self.items and self.items[-1][1] not in self.path:
            self.items = []
        for piece in pieces or [_Piece("", _Format())]:
            text = lead + piece.text.replace("\xa0", " ")
            shape = piece.format._replace(bold=False) if self.kind == "h3" else piece.format
            self._add_run(TextRun(text, self.paragraph, *shape, piece.image))
            lead = ""

    def _add_run(self, run: TextRun) -> None:
        if len(self.runs) >= RUNS_LIMIT:
            raise ValueError("too many runs")
        self.runs.append(run)

    def _place(self, tag: str, value: int = 0) -> Place:
        self.count += 1
        return Place(tag, self.count, value)

    def _add(self, text: str, inner: _Format) -> None:
        text = text if text.isprintable() else _UNCLEAN.sub("", text)
        if self.kind != "pre":
            self.line.append(_Piece(_SPACES.sub(" ", text), inner))
            return
        first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.line += [_Piece(first, inner)] if first else []
        for line in others:
            self._end_typed_line()
            self.line += [_Piece(line, inner)] if line else []

    def _end_typed_line(self) -> None:
        pieces, self.line = self.line, []
        is_first = self.paragraph[:-1] != self.path or not self.paragraph or self.paragraph[-1].tag != "pre"
        if pieces or not is_first:
            self._put(pieces, verbatim=True)

    def _add_image(self, attributes: Mapping[str, str], inner: _Format) -> None:
        source = attributes.get("src", "").strip()
        if source[:4].lower() == "cid:":
            self.line.append(_Piece("", inner, _line_of(unquote(source[4:]))))
        elif words := elements.words_of_image(attributes):
            self._add(words, inner)

    def _walk_children(self, element: Element, depth: int, inner: _Format) -> None:
        if element.text:
            self._add(element.text, inner)
        for child in element:
            self.walk(child, depth + 1, inner)
            if self.ended:
                return
            if child.tail:
                self._add(child.tail, inner)

    def _walk_in(self, tag: str, element: Element, depth: int, inner: _Format, value: int = 0) -> None:
        """Reads an element that holds others: a list, an item, a cell, a quote."""
        self.end_line()
        outside, self.path = self.path, (*self.path, self._place(tag, value))
        if tag in ("td", "th"):
            self._add_run(TextRun("", self.path))
        self._walk_children(element, depth, inner)
        self.end_line()
        self.path, self.gap = outside, tag not in ("li", "td", "th", "tr")

    def _walk_block(
        self, element: Element, tag: str, attributes: Mapping[str, str], style: str, depth: int, inner: _Format
    ) -> None:
        is_item = bool(self.path) and self.path[-1].tag in ("ul", "ol")
        level = _LEVEL.search(style) if tag != "li" and style else None
        if level:
            self._walk_word_item(element, int(level[1]), depth, inner)
            return
        if tag in ("ul", "ol", "dir", "menu"):
            start = attributes.get("start", "1")
            value = int(start) if tag == "ol" and start.isdecimal() and len(start) < 7 else 1
            self._walk_in("ol" if tag == "ol" else "ul", element, depth, inner, value if value != 1 else 0)
        elif tag == "li" and is_item:
            self._walk_in("li", element, depth, inner)
        elif tag == "table" and _is_data(element):
            self._walk_table(element, depth, inner)
        elif tag == "hr":
            self.end_line(gap=True)
        else:
            self._walk_paragraph(element, tag, attributes, style, depth, inner)

    def _walk_paragraph(
        self, element: Element, tag: str, attributes: Mapping[str, str], style: str, depth: int, inner: _Format
    ) -> None:
        gap = tag in elements.SPACED and not (tag == "p" and elements.is_flat(attributes, style, self.flat))
        self.end_line(gap=gap)
        kind = self.kind
        if tag in _HEADINGS:
            self.kind = "h3"
        elif tag == "pre":
            self.kind, self.paragraph = "pre", ()
        self._walk_children(element, depth, inner)
        self.end_line(gap=gap)
        self.gap, self.kind = self.gap or gap, kind

    def _walk_word_item(self, element: Element, level: int, depth: int, inner: _Format) -> None:
        """Reads a paragraph that Word calls an item of a list, at a level counted from 1."""
        self.end_line()
        number = _NUMBERED.match(next(_bullets(element), "").strip())
        tag, start = ("ol", int(number[1] or 1)) if number else ("ul", 1)
        self.items = self.items[: max(1, level)]
        if len(self.items) == max(1, level) and self.items[-1][0].tag == tag:
            self.items[-1] = self.items[-1][0], self._place("li")
        else:
            self.items = self.items[: max(1, level) - 1]
            self.items.append((self._place(tag, start if start != 1 else 0), self._place("li")))
        outside, self.path = self.path, (*self.path, *chain.from_iterable(self.items))
        self._walk_children(element, depth, inner)
        self.end_line()
        self.path, self.gap = outside, True

    def _walk_table(self, table: Element, depth: int, inner: _Format) -> None:
        self.end_line()
        outside, self.path = self.path, (*self.path, self._place("table"))
        for row in _rows(table):
            within, self.path = self.path, (*self.path, self._place("tr"))
            for cell in _cells(row):
                span = cell.get("colspan", "")
                columns = int(span) if span.isdecimal() and len(span) < 4 else 0
                format_in_cell = _format_in(cell.tag, cell.attrib, elements.squeeze(cell.get("style", "")), inner)
                self._walk_in(cell.tag, cell, depth + 3, format_in_cell, columns if 1 < columns <= COLUMNS_LIMIT else 0)
            self.path = within
            if self.ended:
                break
        self.path, self.gap = outside, True


def _format_in(tag: str, attributes: Mapping[str, str], style: str, outer: _Format) -> _Format:
    """Returns the format of the words in an element."""
    bold, italic = outer.bold or tag in ("b", "strong"), outer.italic or tag in ("i", "em")
    if "font-" in style:
        if found := _BOLD.search(style):
            bold = bool(found[1])
        if found := _ITALIC.search(style):
            italic = bool(found[1])
    href = outer.href
    if tag == "a":
        href = _line_of(attributes.get("href", ""))[: elements.LINK_LENGTH]
    return _Format(bold, italic, outer.code or tag in _CODE, href)


def _line_of(value: str) -> str:
    """Returns the value of an attribute without line breaks and control characters."""
    return " ".join(_UNCLEAN.sub("", value).split())


def _trim(pieces: list[_Piece]) -> list[_Piece]:
    """Returns the pieces of a line without spaces around it, and with one between two words."""
    out: list[_Piece] = []
    spaced = True
    for piece in pieces:
        text = piece.text.lstrip(" ") if spaced else piece.text
        if not text and not piece.image:
            continue
        spaced = text.endswith(" ")
        if out and not piece.image and not out[-1].image and out[-1].format == piece.format:
            out[-1] = out[-1]._replace(text=out[-1].text + text)
        else:
            out.append(piece._replace(text=text))
    while out and not out[-1].image:
        last = out.pop()
        if text := last.text.rstrip(" \xa0"):
            out.append(last._replace(text=text))
            break
    return out


def _is_data(table: Element) -> bool:
    """Tells whether a table holds data: others only arrange the page."""
    if (
        table.get("role", "").lower() in ("presentation", "none")
        or next(table.iterdescendants("table"), None) is not None
    ):
        return False
    return any(sum(bool(cell.text_content().strip()) for cell in _cells(row)) > 1 for row in _rows(table))


def _rows(table: Element) -> Iterator[Element]:
    rows = (row for row in table.iter("tr") if not elements.is_hidden(row) and not elements.is_hidden(row.getparent()))
    return islice(rows, ROWS_LIMIT)


def _cells(row: Element) -> Iterator[Element]:
    return (cell for cell in row if cell.tag in ("td", "th") and not elements.is_hidden(cell))


def _bullets(element: Element) -> Iterator[str]:
    """Yields the bullets and numbers that Word writes before the words of an item."""
    spans = (
        one for one in islice(element.iter("span"), BULLET_SPANS) if _IGNORED in elements.squeeze(one.get("style", ""))
    )
    return (one.text_content() for one in spans)
