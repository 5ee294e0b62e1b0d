"""Wraps the text of a notice for the wire, as format=flowed (RFC 3676): 72 columns, and the reader joins the lines.

Only what is longer is wrapped, so each line break of the text stays one. Never wrapped are what four spaces indent
(code) and lines of tables; nothing is broken inside a word, a URL or `a command`. A line of a quotation keeps its
marks. Chinese and Japanese text, which has no spaces, breaks between its letters: that takes DelSp=yes, since a reader
keeps the space of a soft break otherwise. Pure, linear, never fails. `parsers/mime/clean_text.undo_flow` reads it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from wcwidth import width

COLUMNS = 72  # without the space of a soft break
LONGEST_FIXED = 998  # characters of a line that is not wrapped (RFC 5322, 2.1.1)
_FEWEST = 20  # columns beside the marks of a deep quotation
_SIGNATURE = "-- "  # the line above a signature, which is no soft break (RFC 3676, 4.3)
_MARKS = re.compile(r">(?: ?>){0,50}(?= |\Z)")
_FIXED = re.compile(r" {4}|[|│]|.*?(?:\t| \| .*? \| |[^ ] {3,}[^ ])")
_FIXED_BEGINS, _FIXED_MARKS = ("    ", "|", "│"), ("\t", " | ", "   ")  # one of which each of these has
_STUFFED = (" ", ">", "From ")  # RFC 3676, 4.4

# Signs that no line ends with, those that no line begins with, and all that a line may be broken beside
_OPENING = "〈《「『【〔〖〘〝（［｛"
_CLOSING = "、。〉》」』】〕〗〙〞〟々ー！），．：；？］｝～ぁぃぅぇぉっゃゅょァィゥェォッャュョ・"
_WIDE = "\u2e80-\u312f\u31a0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\U00020000-\U0003ffff"
# What stays on one line, with the spaces behind it. Possessive: no place is looked at twice.
_UNIT = re.compile(
    rf" *[{_OPENING}]{{0,5}}+(?:(?:(?<![^ (\[“\"])`[^`]{{1,60}}`|https?://[^ {_OPENING}{_CLOSING}]+|[^ {_WIDE}])++"
    rf"|[{_WIDE}])?[{_CLOSING}]*+ *"
)
# Characters of one column each, of most languages that are written with spaces, and those of two columns of Japanese
_ONE_COLUMN, _TWO_COLUMNS = "\n -~\xa0-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e€", "、-〩ぁ-ゖァ-ヿ一-鿿！-～"
_NARROW = re.compile(rf"[{_ONE_COLUMN}]*+")
_KNOWN = re.compile(rf"[{_ONE_COLUMN}{_TWO_COLUMNS}]*+")
_WIDE_ONES = re.compile(rf"[{_TWO_COLUMNS}]")
# Lines that may have to change: long ones, and those that begin with a space, `From ` or marks other than `> `
_ANY_LINE = re.compile(r"\n[^\n]*")
_MAY_CHANGE = r"\n(?: |From |>(?! [^ >\n]|\n|\Z)|[^\n]{%d})[^\n]*"
_ODD_NARROW_LINE, _ODD_LINE = (re.compile(_MAY_CHANGE % (most + 1)) for most in (COLUMNS, COLUMNS // 2))


@dataclass(frozen=True, slots=True)
class FlowedText:
    """Text as its part of a message has it, lines by line feeds; `delete_space` is the DelSp parameter."""

    text: str
    delete_space: bool

    @property
    def parameters(self) -> str:
        """The parameters of text/plain."""
        return f"format=flowed; delsp={'yes' if self.delete_space else 'no'}"


def flow(text: str) -> FlowedText:
    """Wraps a text with line feeds. Spaces at the end of a line go, and the marks of a quotation become `>> `."""
    is_narrow = _is_narrow(text)  # all at once, since nearly all texts are
    found = list(_pattern_for(text, is_narrow=is_narrow).finditer(f"\n{text}"))
    lines = [_split(line[0][1:], is_narrow=is_narrow) for line in found]
    delete_space = any(not piece.endswith(" ") for _, pieces in lines for piece in pieces[:-1])
    soft = " " if delete_space else ""
    flowed: list[str] = []
    done = 0  # characters of the text; it was searched with a line feed before it, so that each line has one
    for line, (depth, pieces) in zip(found, lines, strict=True):
        wrapped = (*(piece + soft for piece in pieces[:-1]), pieces[-1])
        flowed += text[done : line.start()], "\n".join([_mark(depth, piece) for piece in wrapped])
        done = line.end() - 1
    return FlowedText("".join((*flowed, text[done:])), delete_space)


def _pattern_for(text: str, *, is_narrow: bool) -> re.Pattern[str]:
    """Returns the pattern of the lines that may not stay as they are, with the line feed before each: mostly few."""
    if " \n" in text or text.endswith(" "):
        return _ANY_LINE
    return _ODD_NARROW_LINE if is_narrow else _ODD_LINE


def _split(line: str, *, is_narrow: bool) -> tuple[int, list[str]]:
    """Returns how deep a line is quoted, and the pieces into which its words are broken: together they are these."""
    marks = _MARKS.match(line) if line.startswith(">") else None
    depth = marks[0].count(">") if marks is not None else 0
    words = line[marks.end() + 1 :] if marks is not None else line
    if words == _SIGNATURE:
        return depth, [words]
    words = words.rstrip(" ")
    columns = max(COLUMNS - (depth + 1 if depth else 0), _FEWEST)
    is_narrow = is_narrow or _is_narrow(words)
    taken = len(words) if is_narrow else _columns(words)
    if taken <= columns or (len(words) <= LONGEST_FIXED and _is_fixed(words)):
        return depth, [words]
    is_plain = is_narrow and words[0] != " " and "`" not in words and "-- " not in words
    return depth, list(_wrap_narrow(words, columns) if is_plain else _wrap(words, columns))


def _is_fixed(words: str) -> bool:
    may_be = words.startswith(_FIXED_BEGINS) or any(mark in words for mark in _FIXED_MARKS)  # faster than the pattern
    return may_be and _FIXED.match(words) is not None


def _wrap_narrow(words: str, columns: int) -> Iterator[str]:
    """Does the same as `_wrap` with words of one column a character that may be broken at each space."""
    start = 0
    while len(words) - start > columns:
        end = words.rfind(" ", start, start + columns + 1)
        if end < 0 and (end := words.find(" ", start)) < 0:
            break
        while words[end] == " ":
            end += 1
        yield words[start:end]
        start = end
    yield words[start:]


def _wrap(words: str, columns: int) -> Iterator[str]:
    piece, taken = "", 0
    for unit in filter(None, _UNIT.findall(words)):
        word = unit.rstrip(" ")
        width_of_word = _columns_of_letter(word) if len(word) == 1 else _columns(word)
        # no piece may be read as the line above a signature
        if taken + width_of_word > columns and piece and piece.rstrip(" ") != "--":
            yield piece
            piece, taken = "", 0
        piece, taken = piece + unit, taken + width_of_word + len(unit) - len(word)
    yield piece


def _mark(depth: int, words: str) -> str:
    if depth:
        return f"{'>' * depth} {words}" if words else ">" * depth
    return f" {words}" if words.startswith(_STUFFED) else words


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    if _KNOWN.fullmatch(text):  # faster than asking for each character
        return len(text) + len(_WIDE_ONES.findall(text))
    return width(text, control_codes="ignore")


@lru_cache(maxsize=4096)
def _columns_of_letter(letter: str) -> int:
    return _columns(letter)  # of a Chinese or Japanese text, where each letter may end a line


def _is_narrow(text: str) -> bool:
    return text.isascii() or _NARROW.fullmatch(text) is not None
