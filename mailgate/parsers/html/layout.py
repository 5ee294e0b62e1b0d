"""Lays a tree of HTML elements out as lines of text.

The text has bullets and numbers, table cells apart, the targets of links whose text hides them, words for images, and
no hidden text. Quotes are marked with `> `, other markup of clients with the characters of `marks`. Linear except for
nested tables, whose lines are passed up at most DEPTH_LIMIT times. Raises RecursionError if elements are nested too
deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, zip_longest

from wcwidth import wcswidth

from mailgate.parsers.html import elements
from mailgate.parsers.html.client_markup import ElementRole, role_of
from mailgate.parsers.html.elements import Element
from mailgate.parsers.html.marks import ATTRIBUTION, QUOTE_BELOW, SIGNATURE_FROM, SIGNATURE_TO

DEPTH_LIMIT = 200  # elements inside one another
QUOTES_LIMIT = 50  # quote marks before a line
RULE = "_" * 32
WIDEST_TABLE = 100  # columns of a terminal that a table may take to be set in columns
CELL = "\x1f"  # between the cells of a row that is to be set in columns

_SPACES = re.compile(r"[ \t\n\r\f]+")
_WIDE_SPACES = re.compile(r"  +")
_BULLET = re.compile(r"^(?:[·•▪§◦‣–-]|o(?=\xa0))[ \xa0]*\xa0[ \xa0]*")
_NUMBER = re.compile(r"^(\d{1,3}[.)]|[a-z][.)])[ \xa0]*\xa0[ \xa0]*")


def lay_out(tree: Element, styles: str = "", *, columns: bool = False) -> str:
    """Lays out the text of a tree. `styles` is its style sheet, which says whether paragraphs stand apart.

    `columns` sets the cells of a table below one another.
    """
    page = _Page(flat=elements.is_flat_sheet(styles), columns=columns)
    page.walk(tree, 0)
    page.end_line()
    return "\n".join(_align(page.lines) if columns else page.lines)


def _align(lines: Sequence[str]) -> Iterator[str]:
    """Pads the cells of each table to the widths of its columns; a table that is too wide stays as it is."""
    for is_row, run in groupby(lines, lambda line: CELL in line):
        if not is_row:
            yield from run
            continue
        rows = [line.split(CELL) for line in run]
        sizes = [[max(0, wcswidth(cell)) for cell in row] for row in rows]
        widths = [max(column) for column in zip_longest(*sizes, fillvalue=0)]
        if sum(widths) + 3 * len(widths) > WIDEST_TABLE:
            yield from (" | ".join(cell for cell in row if cell) for row in rows)
            continue
        for row, size in zip(rows, sizes, strict=True):
            cells = (cell + " " * (width - own) for cell, own, width in zip(row, size, widths, strict=False))
            yield " | ".join(cells).rstrip(" |")


class _Page:
    """The lines while they grow. `gap` says that a blank line is due before the next words."""

    def __init__(self, *, flat: bool, columns: bool = False) -> None:
        self.lines: list[str] = []
        self.parts: list[str] = []
        self.flat = flat
        self.columns = columns
        self.gap = False
        self.quotes = 0
        self.opened = 0  # how many lines there were when the last quote began
        self.attribution = 0
        self.indent = ""
        self.bullet = ""
        self.lists: list[int] = []
        self.verbatim = 0

    def walk(self, element: Element, depth: int) -> None:
        """Lays out an element and everything in it, without its tail."""
        if depth > DEPTH_LIMIT:
            raise RecursionError("HTML nested too deep")
        tag = element.tag
        if not isinstance(tag, str) or tag in elements.SKIPPED:
            return
        attributes = element.attrib
        style = ""
        role = ElementRole.CITED if tag == "blockquote" else ElementRole.NOTHING
        if len(attributes):
            style = attributes.get("style", "")
            if style:
                style = elements.squeeze(style)
                if depth and elements.hides(style):
                    return
            if depth and "hidden" in attributes:
                return
            role = role_of(tag, attributes, style)
            if role is ElementRole.NOTHING and tag == "div" and "border-top" in style:
                role = elements.border_role(element, style)
        if tag == "br":
            self.end_line(keep_blank=True)
        elif tag == "img":
            self.parts.append(elements.words_of_image(attributes))
        elif role is not ElementRole.NOTHING:
            self._walk_marked(element, depth, role)
        elif tag in elements.BLOCKS:
            self._walk_block(element, tag, attributes, style, depth)
        elif tag == "a":
            self._walk_children(element, depth)
            if target := elements.hidden_target(element, attributes):
                self.parts.append(f" <{target}>")
        else:
            self._walk_children(element, depth)

    def add(self, text: str) -> None:
        """Adds words to the current line."""
        if not self.verbatim:
            self.parts.append(text if text.isprintable() and "  " not in text else _SPACES.sub(" ", text))
            return
        first, *others = text.split("\n")
        self.parts.append(first)
        for line in others:
            self.end_line(keep_blank=True)
            self.parts.append(line)

    def end_line(self, *, keep_blank: bool = False, gap: bool = False) -> None:
        """Ends the current line; a line without words counts only if a break asked for it."""
        if not self.parts and not keep_blank:  # most ends follow another
            self.gap = self.gap or gap
            return
        text = "".join(self.parts)
        self.parts.clear()
        if not self.verbatim:
            text = text.strip(" ")
            if "  " in text:
                text = _WIDE_SPACES.sub(" ", text)
            if "\xa0" in text:
                text = _NUMBER.sub(r"\1 ", _BULLET.sub("- ", text))
        text = text.replace("\xa0", " ").rstrip()
        if text:
            if self.gap and len(self.lines) > self.opened:
                self._put("")
            self.gap = False
            bullet, self.bullet = self.bullet, ""
            indent = self.indent[: -len(bullet)] if bullet else self.indent
            self._put(f"{ATTRIBUTION if self.attribution else ''}{indent}{bullet}{text}")
        elif keep_blank:
            self._put("")
        self.gap = self.gap or gap

    def _put_blank(self) -> None:
        """Adds the blank line above a quote, which does not belong to it."""
        self.quotes -= 1
        self._put("")
        self.quotes += 1
        self.gap = False

    def _put(self, text: str) -> None:
        if self.quotes:
            text = f"{'>' * min(self.quotes, QUOTES_LIMIT)} {text}".rstrip()
        self.lines.append(text)

    def _walk_children(self, element: Element, depth: int) -> None:
        if element.text:
            self.add(element.text)
        for child in element:
            self.walk(child, depth + 1)
            if child.tail:
                self.add(child.tail)

    def _walk_inside(self, element: Element, tag: str, depth: int) -> None:
        if tag == "table":
            self._walk_table(element, depth)
        elif tag == "pre":
            self.verbatim += 1
            self._walk_children(element, depth)
            self.end_line()
            self.verbatim -= 1
        else:
            self._walk_children(element, depth)

    def _walk_marked(self, element: Element, depth: int, role: ElementRole) -> None:
        tag = element.tag
        if role is ElementRole.CITED and elements.begins_forward(element):
            role = ElementRole.NOTHING
        self.end_line(gap=tag == "blockquote" and not self.quotes)
        self.quotes += role is ElementRole.CITED
        self.attribution += role is ElementRole.ATTRIBUTION and not elements.begins_forward(element)
        if role is ElementRole.QUOTE_BELOW:
            self._put(QUOTE_BELOW)
        elif role is ElementRole.SIGNATURE:
            self._put(SIGNATURE_FROM)
        if role is ElementRole.CITED and self.gap and self.lines:
            self._put_blank()
        self.opened = len(self.lines) if role is ElementRole.CITED else self.opened
        self._walk_inside(element, tag, depth)
        self.end_line()
        if role is ElementRole.SIGNATURE:
            self._put(SIGNATURE_TO)
        self.gap = self.gap or role is ElementRole.CITED
        self.attribution = max(0, self.attribution - (role is ElementRole.ATTRIBUTION))
        self.quotes -= role is ElementRole.CITED

    def _walk_block(self, element: Element, tag: str, attributes: Mapping[str, str], style: str, depth: int) -> None:
        if tag == "hr":
            self.end_line()
            self.parts.append(RULE)
            self.end_line()
            return
        spaced = tag in elements.SPACED and not (tag == "p" and elements.is_flat(attributes, style, self.flat))
        spaced = spaced and not self.lists
        self.end_line(gap=spaced)
        if tag in ("table", "pre"):
            self._walk_inside(element, tag, depth)
        elif tag in ("ul", "ol", "dir", "menu"):
            start = attributes.get("start", "1")
            self.lists.append(int(start) if tag == "ol" and start.isdecimal() and len(start) < 7 else int(tag == "ol"))
            self._walk_children(element, depth)
            self.end_line()
            self.lists.pop()
        elif tag == "li":
            self._walk_item(element, depth)
        else:
            before = len(self.lines)
            self._walk_children(element, depth)
            has_nbsp = len(self.lines) == before and "\xa0" in "".join(self.parts)
            self.end_line(keep_blank=has_nbsp)
        self.end_line(gap=spaced)

    def _walk_item(self, element: Element, depth: int) -> None:
        bullet = "- "
        if self.lists and self.lists[-1]:
            bullet = f"{self.lists[-1]}. "
            self.lists[-1] += 1
        indent = self.indent
        self.indent = " " * min(len(indent) + len(bullet), 40)
        self.bullet = bullet
        self._walk_children(element, depth)
        self.end_line()
        self.bullet = ""
        self.indent = indent

    def _walk_table(self, table: Element, depth: int) -> None:
        """Lays out a table or a group of rows; anything that is no row is read as usual."""
        self.add(table.text or "")
        for child in table:
            self.end_line()
            if child.tag in ("tbody", "thead", "tfoot"):
                if not elements.is_hidden(child):
                    self._walk_table(child, depth + 1)
            elif child.tag == "tr":
                if not elements.is_hidden(child):
                    self._walk_row(child, depth + 1)
            else:
                self.walk(child, depth + 1)
            self.add(child.tail or "")
        self.end_line()

    def _walk_row(self, row: Element, depth: int) -> None:
        cells = [cell for cell in row if isinstance(cell.tag, str) and not elements.is_hidden(cell)]
        self.add(row.text or "")
        self.end_line()
        if len(cells) == 1:
            self.walk(cells[0], depth)
        else:
            self._put_row([self._lines_of(cell, depth) for cell in cells])
        for cell in row:
            self.add(cell.tail or "")
        self.end_line()

    def _lines_of(self, cell: Element, depth: int) -> list[str]:
        inner = _Page(flat=self.flat)
        inner.walk(cell, depth)
        inner.end_line()
        while inner.lines and not inner.lines[-1]:
            inner.lines.pop()
        while inner.lines and not inner.lines[0]:
            del inner.lines[0]
        return inner.lines

    def _put_row(self, cells: list[list[str]]) -> None:
        """Puts short cells on one line, others below one another."""
        full = [cell for cell in cells if cell]
        if not full:
            return
        if self.gap and self.lines:
            self._put("")
        self.gap = False
        if all(len(cell) == 1 and cell[0][0] not in f">{QUOTE_BELOW}" for cell in full):
            row = CELL.join("".join(cell) for cell in cells) if self.columns else " | ".join(cell[0] for cell in full)
            self._put(row)
            return
        for cell in full:
            for line in cell:
                self._put(line)
