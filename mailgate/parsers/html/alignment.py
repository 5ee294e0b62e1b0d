"""Gives a text its format: finds the words of a text, as they are to be shown, in the runs of the mail's HTML.

The text is the authority. Quotes, signatures, notes and commands were cut from it, so of the HTML only those letters
are shown that the text has, in its order. A line of the text is found right behind the line before it, or where a line
of the HTML begins, or behind a command there. What the HTML then shows is read as text once more and compared; in any
doubt the text stays plain. White space, the signs that clients write for a format, the numbers of lists and the targets
of links are what the two may differ in. Pure, linear, never fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from mailgate.core.formatting import FormattedText, TextRun, is_formatted
from mailgate.core.mail import Picture
from mailgate.parsers.html.html_to_text import convert_html
from mailgate.parsers.html.safe_html import clean, read_target, write_html

TEXT_LIMIT = 200_000  # letters of a text
HTML_LIMIT = 400_000  # letters of the HTML that is written
LINES_LIMIT = 20_000  # lines of a text
PIECES_LIMIT = 200  # of one line that may be left out
TRIES_LIMIT = 200_000  # lines of the HTML at which a line of the text is looked for, all in all
COMMAND_WORDS = 20  # of a line with a command, behind which its text may begin

# Letters are all signs but white space, invisible ones, and those that stand for a format or a bullet
_LETTERS = re.compile(
    "[^\\s*_/|`>^~•·▪◦○●§‣\u2010-\u2015\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff-]+"
)
_NUMBER = r"(?:\d{1,4}|[a-zA-Z]|[ivxIVX]{1,6})[.)](?=\s|$)"
_TARGET = r"<(?:https?:|mailto:|tel:)[^<>]{1,2000}>"
_NO_PICTURE = r"\[(?:cid|image|bild|imagen?|immagine|afbeelding|imagem)\s?:[^\[\]]{0,300}\]"
_LEFT_OUT = re.compile(rf"^[>\s*_•·–—-]*(?:{_NUMBER}|o(?=[ \t\xa0]{{2}}))|{_TARGET}|{_NO_PICTURE}", re.IGNORECASE)
_UNCOMPARED = re.compile(
    rf"(?<!\S){_NUMBER}|^[> \t]*o(?=[ \t\xa0]{{2}})|{_TARGET}|{_NO_PICTURE}", re.IGNORECASE | re.MULTILINE
)
_TARGETS = re.compile(_TARGET, re.IGNORECASE)
_IMAGE = re.compile(r'<img [^<>]*?alt="(\[[^"]*\])"[^<>]*>')
_WORD = re.compile(r"\S+")
_PICTURES_FROM = 0xF0000  # a letter of the private use area for each picture


class _Piece(NamedTuple):
    """Letters of a line of the text; the HTML may lack those of an `optional` piece."""

    letters: str
    optional: bool


class _Span(NamedTuple):
    """Letters of the HTML that are shown, `start` to `end`; `inside` where they begin inside a line."""

    start: int
    end: int
    inside: bool


class Formatter:
    """Formats the texts that are made of one mail, each once."""

    def __init__(self, runs: Sequence[TextRun], pictures: Sequence[Picture] = ()) -> None:
        self._runs = runs
        self._pictures = pictures
        self._known: dict[str, tuple[FormattedText, str] | None] = {}

    def format(self, text: str) -> tuple[FormattedText, str] | None:
        """Returns a text formatted, laid out anew where it holds lists, tables or links, and what stays plain below.

        In the text the names of pictures stand in brackets. None where it stays plain as a whole.
        """
        if not self._runs or not text.strip():
            return None
        if text not in self._known:
            self._known[text] = _format(text, self._runs, self._pictures)
        return self._known[text]


def _format(text: str, runs: Sequence[TextRun], pictures: Sequence[Picture]) -> tuple[FormattedText, str] | None:
    lines = text.split("\n")
    if len(text) > TEXT_LIMIT or len(lines) > LINES_LIMIT:
        return None
    named = {one.content_id.casefold(): one for one in pictures if f"[{one.name}]" in text}
    signs = {cid: chr(_PICTURES_FROM + number) for number, cid in enumerate(named)}
    source = _Source(runs, signs)
    for cid, sign in signs.items():
        lines = [line.replace(f"[{named[cid].name}]", sign) for line in lines]
    spans, count = source.find(lines)
    if not spans or (count < len(lines) and lines[count - 1].strip()):
        return None
    pieces = source.cut(spans)
    if not _is_worth_it(pieces):
        return None
    plain = text.split("\n")
    return _prove("\n".join(plain[:count]).strip("\n"), "\n".join(plain[count:]), write_html(pieces, named))


def _prove(text: str, rest: str, html: str) -> tuple[FormattedText, str] | None:
    """Returns the text with its HTML where that says the same."""
    shown = _read(html)
    if len(html) > HTML_LIMIT or _compared(shown) != _compared(text):
        return None
    is_laid_out = any(f"<{tag}" in html for tag in ("ul", "ol", "table"))
    if is_laid_out or any(target not in text for target in _TARGETS.findall(shown)):
        text = shown
    return FormattedText(text, html), rest


def check_html(html: str, text: str) -> str:
    """Returns HTML that comes from elsewhere, made safe, if it says just what the text says; else ""."""
    safe = clean(html) if 0 < len(html) <= HTML_LIMIT else ""
    return safe if safe and _compared(_read(safe)) == _compared(text) else ""


def _read(html: str) -> str:
    """Returns the text that HTML shows, the names of pictures in brackets."""
    return convert_html(_IMAGE.sub(r"\1", html), columns=True).text


def _compared(text: str) -> str:
    return _letters(_UNCOMPARED.sub(" ", text))


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text))


def _is_worth_it(pieces: Sequence[tuple[TextRun, str]]) -> bool:
    """Tells whether anything would look different as a plain text."""
    shown = [(run, text) for run, text in pieces if text.strip()]
    typed = [run.path[-1].tag == "pre" for run, _ in shown]
    if any(is_formatted(run) for run, _ in shown) or (any(typed) and not all(typed)):
        return True
    return any(
        run.href and read_target(run.href, text).removeprefix("mailto:") not in ("", text.strip())
        for run, text in shown
    )


class _Source:
    """The letters of the runs of a mail, in one string."""

    def __init__(self, runs: Sequence[TextRun], signs: Mapping[str, str]) -> None:
        self._runs = runs
        self._offsets: list[int] = []  # where each run begins among the letters
        self._first = [True] + [_begins_line(one, other) for one, other in pairwise(runs)]
        self._signs: dict[int, str] = {}
        left, letters, size = dict(signs), list[str](), 0
        for number, run in enumerate(runs):
            if run.image and (sign := left.pop(run.image.casefold(), "")):
                self._signs[number] = sign
            letters.append(self._signs.get(number, "") if run.image else _letters(run.text))
            self._offsets.append(size)
            size += len(letters[-1])
        self._letters = "".join(letters)
        self._edges = {offset for offset, first in zip(self._offsets, self._first, strict=True) if first} | {size}
        self._starts = sorted(self._edges | set(self._behind_commands()))
        self._tries = 0

    def find(self, lines: Sequence[str]) -> tuple[list[_Span], int]:
        """Returns the letters that the lines have, and how many lines were found; none in doubt."""
        spans: list[_Span] = []
        at = 0
        for number, line in enumerate(lines):
            pieces = _split(line)
            start, end = at, self._match(pieces, at)
            if end < 0:
                start, end = self._search(pieces, at)
                if end < 0:
                    return (spans, number) if at in self._edges else ([], 0)
            if end > start:
                if _is_quoted(self._run_at(start)) != line.lstrip().startswith(">"):
                    return [], 0
                if spans and start == at:
                    spans[-1] = spans[-1]._replace(end=end)
                elif spans and at not in self._edges:
                    return [], 0
                else:
                    spans.append(_Span(start, end, start not in self._edges))
            at = end
        return (spans, len(lines)) if at in self._edges else ([], 0)

    def cut(self, spans: Sequence[_Span]) -> list[tuple[TextRun, str]]:
        """Returns the runs of spans, each with the part of its words that is shown."""
        kept: dict[int, str] = {}
        for span in spans:
            first, last = self._first_run(span), self._last_run(span)
            for number in range(first, last + 1):
                text = self._runs[number].text
                if number == last and span.end < self._end_of(number):
                    text = text[: _position(text, span.end - self._offsets[number] - 1) + 1]
                if number == first and span.inside:
                    text = "\n" + text[_position(text, span.start - self._offsets[number]) :]
                kept[number] = kept.get(number, "") + text
        rows = {place for number in kept for place in self._runs[number].path if place.tag == "tr"}
        cells = [number for number, run in enumerate(self._runs) if _is_cell(run) and run.path[-2] in rows]
        numbers = sorted({*kept, *cells}) if rows else sorted(kept)
        return [(self._runs[number], kept.get(number, "")) for number in numbers if self._is_shown(number)]

    def _is_shown(self, number: int) -> bool:
        return not self._runs[number].image or number in self._signs

    def _behind_commands(self) -> list[int]:
        """Returns the letters at which words begin in lines that begin with a command."""
        found: list[int] = []
        in_command = False
        for number, run in enumerate(self._runs):
            if self._first[number]:
                in_command = run.text.lstrip().startswith("#")
            words = _WORD.finditer(run.text) if in_command else ()
            for word, _ in zip(words, range(COMMAND_WORDS), strict=False):
                found.append(self._offsets[number] + len(_letters(run.text[: word.start()])))
        return found

    def _match(self, pieces: Sequence[_Piece], at: int) -> int:
        """Returns the end of a line of the text that begins at a letter; -1 where it does not."""
        ends = {at} if len(pieces) <= PIECES_LIMIT else set()
        for piece in pieces:
            behind = {end + len(piece.letters) for end in ends if self._letters.startswith(piece.letters, end)}
            ends = behind | ends if piece.optional else behind
            if not ends:
                return -1
        return max(ends, default=-1)

    def _search(self, pieces: Sequence[_Piece], least: int) -> tuple[int, int]:
        """Returns start and end of a line of the text further down; (-1, -1) for nowhere."""
        for place in range(bisect_left(self._starts, least), len(self._starts)):
            start = self._starts[place]
            self._tries += 1
            if self._tries > TRIES_LIMIT:
                break
            end = self._match(pieces, start)
            if end > start:
                return start, end
        return -1, -1

    def _run_at(self, letter: int) -> TextRun:
        return self._runs[bisect_right(self._offsets, letter) - 1]

    def _end_of(self, number: int) -> int:
        return self._offsets[number + 1] if number + 1 < len(self._offsets) else len(self._letters)

    def _first_run(self, span: _Span) -> int:
        """Returns the run in which a span begins: where it begins a line, with the bullet above its first letter."""
        number = bisect_right(self._offsets, span.start) - 1
        while not span.inside and not self._first[number]:
            number -= 1
        return number

    def _last_run(self, span: _Span) -> int:
        """Returns the run in which a span ends, with the signs that end its line."""
        number = bisect_left(self._offsets, span.end) - 1
        while number + 1 < len(self._runs) and self._offsets[number + 1] == span.end and not self._first[number + 1]:
            number += 1
        return number


def _split(line: str) -> list[_Piece]:
    """Splits a line of the text into its letters and those that the HTML may lack."""
    pieces: list[_Piece] = []
    done = 0
    for found in _LEFT_OUT.finditer(line):
        pieces += [_Piece(_letters(line[done : found.start()]), False), _Piece(_letters(found[0]), True)]
        done = found.end()
    pieces.append(_Piece(_letters(line[done:]), False))
    return [piece for piece in pieces if piece.letters]


def _position(text: str, letter: int) -> int:
    """Returns where a letter stands in a text, counted from 0."""
    for chunk in _LETTERS.finditer(text):
        if letter < len(chunk[0]):
            return chunk.start() + letter
        letter -= len(chunk[0])
    return len(text)


def _begins_line(above: TextRun, run: TextRun) -> bool:
    return run.text.startswith("\n") or run.path[-1] != above.path[-1]


def _is_quoted(run: TextRun) -> bool:
    return any(place.tag == "blockquote" for place in run.path)


def _is_cell(run: TextRun) -> bool:
    return not run.text and not run.image and run.path[-1].tag in ("td", "th")
