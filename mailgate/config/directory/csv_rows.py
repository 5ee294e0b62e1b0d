"""The text of a CSV file, and its rows with the lines that they begin on.

Spreadsheets save in many ways: UTF-8 with or without a byte order mark, UTF-16 with one, or the Windows code page;
comma, semicolon or tab; a first line `sep=;`. The separator is the one by which the first row has the most names of
columns. A quotation mark that is opened and not closed within `LONGEST_ROW` lines spoils its own row only. Linear in
the text.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

LONGEST_ROW = 20  # the most lines of a quoted field, so that one that is not closed does not take in the whole file
_SEPARATORS = ",;\t"
_SAID = re.compile(r"sep=(.)", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class UnreadableFile(Exception):
    """A file that cannot be used; its text says why and what to do."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: `line` is where it begins, `broken` why it cannot be taken apart, "" where it can."""

    line: int
    fields: Sequence[str]
    broken: str = ""


def decode(raw: bytes) -> str:
    """Decodes a file. Raises UnreadableFile for what is no text."""
    encodings = next(((name,) for mark, name in _MARKS if raw.startswith(mark)), ("utf-8", "cp1252"))
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile("it is not UTF-8 or Windows-1252 text; save it as CSV UTF-8")


def split_rows(text: str, count_known: Callable[[Sequence[str]], int]) -> Iterator[CsvRow]:
    """The rows of the text, the first one first, blank ones left out.

    `count_known` says how many names of columns a first row has.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    position, told = 0, ""
    while position < len(lines) and not lines[position].strip():
        position += 1
    if position < len(lines) and (found := _SAID.fullmatch(lines[position])):
        told, position = found[1], position + 1
    first = lines[position] if position < len(lines) else ""
    separator = told or max(_SEPARATORS, key=lambda one: count_known(_take(lines, position, one)[0].fields))
    if not first:
        return
    while position < len(lines):
        row, used = _take(lines, position, separator)
        position += used
        if row.broken or any(field.strip() for field in row.fields):
            yield row


def _take(lines: Sequence[str], position: int, separator: str) -> tuple[CsvRow, int]:
    """Reads the row that begins at a line; returns it with the number of its lines."""
    line = lines[position] if position < len(lines) else ""
    if '"' not in line:
        return CsvRow(position + 1, line.split(separator)), 1
    ahead = (f"{one}\n" for one in lines[position : position + LONGEST_ROW])
    reader = csv.reader(ahead, delimiter=separator, strict=True)
    try:
        return CsvRow(position + 1, next(reader)), reader.line_num
    except csv.Error as error:
        unclosed = "unexpected end" in str(error) or "field larger" in str(error)
        words = "a quotation mark is never closed" if unclosed else "its quotation marks cannot be read"
        return CsvRow(position + 1, (), f"{words}; double those inside a quoted field"), 1
