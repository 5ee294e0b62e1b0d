"""Reads in the HTML form of a text what its plain form only hints at: the signature, and emphasis.

A plain form has no signature element, and shows bold and italic words between stars and slashes. Where the mail has
both forms, the HTML proves which lines are the signature and which marks nobody typed. What it does not prove stays.
Pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

from mailgate.parsers.html.emphasis import find_emphasis
from mailgate.parsers.html.html_to_text import convert_html
from mailgate.parsers.html.marks import QUOTE_BELOW, SIGNATURE_FROM, SIGNATURE_TO
from mailgate.parsers.quoting.footers import is_sentence
from mailgate.parsers.quoting.quote_lines import is_quoted, is_rule

SIGNATURE_LINES = 30  # lines of a signature that is looked for
SIGNATURES_LIMIT = 3  # signatures of one mail
LINE_LENGTH = 4_000  # letters of a line that are compared
ROUNDS = 3
MARKS_LIMIT = 2_000  # marks of one piece that may open emphasis
CLOSINGS_LIMIT = 5  # marks that may close it
EMPHASIS_LENGTH = 1_200  # letters of emphasised words
LINES_LIMIT = 2_000  # lines of the plain form that are looked at

_WORD = re.compile(r"[^\W_]+")
_TARGET = re.compile(r"<[^<>\s]{1,2000}>|\[(?:cid|image):[^\[\]]{0,200}\]")
_OPENING = re.compile(r"(?<!\w)[*/_|`](?=\s*\S)")
_LONE_MARKS = frozenset({"*", "**", "_", "/"})


def mark_signature(text: str, source: str) -> str:
    """Puts the marks of a signature around those lines of a plain text that its HTML form shows as one."""
    if "sig" not in source.lower():
        return text
    lines = text.split("\n")
    if len(lines) > LINES_LIMIT:
        return text
    for signature in _find_signatures(source):
        found = _find_lines(lines, signature)
        if found is not None:
            start, end = found
            lines[start:end] = [SIGNATURE_FROM, *lines[start:end], SIGNATURE_TO]
    return "\n".join(lines)


def without_emphasis(text: str, source: str) -> str:
    """Removes the marks of a plain text around words that its HTML form shows as bold or italic. Quotes stay."""
    if not _OPENING.search(text):
        return text
    marks_of: dict[str, str] = {}
    for one in find_emphasis(source):
        words = " ".join(one.words.split())
        marks_of[words] = marks_of.get(words, "") + one.marks
    if not marks_of:
        return text
    pieces = list(_split_quotes(text))
    for _ in range(ROUNDS):  # bold words that are italic, too, have marks inside marks
        pieces = [piece if piece[:1] == ">" else _unmark(piece, marks_of) for piece in pieces]
    return "".join(pieces)


def _unmark(piece: str, marks_of: Mapping[str, str]) -> str:
    """Removes the marks around words that are known to be emphasised."""
    drop: set[int] = set()
    end = 0
    for opening in islice(_OPENING.finditer(piece), MARKS_LIMIT):
        start = opening.start()
        if start < end:
            continue
        closings = re.compile(rf"{re.escape(opening[0])}(?!\w)").finditer(piece, start + 1, start + EMPHASIS_LENGTH)
        for closing in islice(closings, CLOSINGS_LIMIT):
            words = " ".join(piece[start + 1 : closing.start()].split())
            if opening[0] in marks_of.get(words, ""):
                drop |= {start, closing.start()}
                end = closing.end()
                break
    return "".join(letter for at, letter in enumerate(piece) if at not in drop) if drop else piece


def drop_lone_marks(text: str) -> str:
    """Removes lines that are marks around nothing: a bold blank line is `*` and `*` below it."""
    if not any(mark in text for mark in "*/_"):
        return text
    lines = text.split("\n")
    lone = [at for at, line in enumerate(lines) if line in _LONE_MARKS]
    drop: set[int] = set()
    for above, below in pairwise(lone):
        if above not in drop and lines[above] == lines[below] and not any(map(str.strip, lines[above + 1 : below])):
            drop |= {above, below}
    drop |= {at for at in lone if len(lines[at]) > 1}
    return "\n".join(line for at, line in enumerate(lines) if at not in drop) if drop else text


def _find_signatures(source: str) -> Iterator[list[str]]:
    """The lines of each signature that an HTML text shows above its history."""
    found: list[str] | None = None
    count = 0
    for line in convert_html(source).marked.split("\n"):
        if line == QUOTE_BELOW or count >= SIGNATURES_LIMIT:
            return
        if line == SIGNATURE_FROM:
            found = []
        elif line == SIGNATURE_TO:
            if found and len(found) <= SIGNATURE_LINES and not any(is_sentence(one) for one in found):
                count += 1
                yield found
            found = None
        elif found is not None and line.strip():
            found.append(line)


def _find_lines(lines: Sequence[str], signature: Sequence[str]) -> tuple[int, int] | None:
    """The lines of the plain form that have the words of a signature, with the delimiter above."""
    first = next((words for line in signature if (words := _words(line))), [])
    known = {word for line in signature for word in _words(line)}
    if not first:
        return None
    for start, line in enumerate(lines):
        if is_quoted(line) or _words(line) != first:
            continue
        seen: set[str] = set()
        end = start
        while end < len(lines) and not is_quoted(lines[end]) and (here := frozenset(_words(lines[end]))) <= known:
            seen |= here
            end += 1
        if 2 * len(seen) < len(known):
            continue
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        return start - (start > 0 and (is_rule(lines[start - 1]) or lines[start - 1].strip() == "--")), end
    return None


def _split_quotes(text: str) -> Iterator[str]:
    """The text in pieces: runs of quoted lines, each beginning with `>`, and what stands between them."""
    piece: list[str] = []
    in_quote = False
    for line in text.splitlines(keepends=True):
        if is_quoted(line) != in_quote:
            yield "".join(piece)
            piece, in_quote = [], not in_quote
        piece.append(line.lstrip(" ") if in_quote else line)
    yield "".join(piece)


def _words(line: str) -> list[str]:
    """The words of a line, without the targets of links and the names of images, which one form shows."""
    return _WORD.findall(_TARGET.sub("", line[:LINE_LENGTH]).casefold())
