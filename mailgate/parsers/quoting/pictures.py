"""Pictures between the lines: finds where they stand in what was written now, and writes their names there.

Most mails have a plain text, which is read, and an HTML text, which shows the pictures. So a place is remembered by the
letters next to it, and looked for again in whatever is made of the text: the words of a command, a public answer.
A picture whose place is not found stays a file. Pure, linear, never fails.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence

from mailgate.core.mail import Attachment, Picture
from mailgate.core.text import fold_alnum
from mailgate.parsers.quoting.images import NUMBERED, MarkedText

PICTURES_LIMIT = 50  # of one mail
LETTERS_LIMIT = 200_000  # of a text in which a place is looked for
_AROUND = (60, 30, 15, 8)  # letters next to a picture that are compared, the most first

_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_ALT = re.compile(r"\balt\s{0,3}=\s{0,3}(?:\"([^\"]{0,500})\"|'([^']{0,500})'|([^\s\"'>]{1,500}))", re.IGNORECASE)
_WIDTH = re.compile(r"\bwidth\s{0,3}[=:]\s{0,3}[\"']?(\d{1,5})(?:px)?[\"'\s;/>]", re.IGNORECASE)
_UNSAFE = re.compile(r"[\[\]<>\s]+")
_NAME = re.compile(r"[ \t]?\[[^\[\]\n]{1,200}\.(?:png|jpe?g|gif|webp)\]", re.IGNORECASE)
_OPENS, _CLOSES = "[<(", "]>)"


def find_pictures(marked: Sequence[MarkedText], files: Sequence[Attachment]) -> tuple[Picture, ...]:
    """Finds the pictures of a mail in its marked texts, each once."""
    shown = {
        file.content_id.casefold(): file
        for file in reversed(files)
        if file.inline and not file.quoted and file.mime_type in _TYPES and file.content_id
    }
    found: list[Picture] = []
    taken: set[str] = set()
    for one in marked:
        for mark in NUMBERED.finditer(one.text):
            cid, tag = one.images[int(mark[1])] if int(mark[1]) < len(one.images) else ("", "")
            file = shown.pop(cid, None)
            if file is not None and len(found) < PICTURES_LIMIT:
                name = _unique(file.filename, taken)
                found.append(_describe(one.text, mark, tag, file, name))
    return tuple(found)


def place_pictures(text: str, pictures: Sequence[Picture]) -> str:
    """Writes the name of each picture in brackets where it stood in the text; those without a place are left out."""
    if not pictures or len(text) > LETTERS_LIMIT:
        return text
    letters, places = _letters(text)
    out: list[str] = []
    done = least = 0
    for picture in pictures:
        span = _find(letters, picture, least)
        if span is None:
            continue
        least = span[0]
        start, end, written = _write(text, places, span, picture, done)
        out += (text[done:start], written)
        done = end
    return "".join((*out, text[done:])).strip("\n") if out else text


def names_in(text: str, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """Returns the pictures whose names `place_pictures` wrote into a text."""
    return tuple(one for one in pictures if f"[{one.name}]" in text)


def without_pictures(text: str) -> str:
    """Takes the names of pictures out of a text that is kept without them."""
    return _NAME.sub("", text)


def _describe(text: str, mark: re.Match[str], tag: str, file: Attachment, name: str) -> Picture:
    most = _AROUND[0]
    before = fold_alnum(NUMBERED.sub("", text[: mark.start()])[-20 * most :])[-most:]
    after = fold_alnum(NUMBERED.sub("", text[mark.end() : mark.end() + 20 * most]))[:most]
    line = text[text.rfind("\n", 0, mark.start()) + 1 : mark.start()] + text[mark.end() :].partition("\n")[0]
    alt = _ALT.search(tag)
    words = html.unescape(next(filter(None, alt.groups()), "")) if alt else ""
    written = (f"cid:{file.content_id}", f"image: {words}", words, f"image: {file.filename}", file.filename)
    folded = dict.fromkeys(filter(None, map(fold_alnum, written)))
    width = _WIDTH.search(tag)
    return Picture(
        name=name,
        content_id=file.content_id,
        before=before,
        after=after,
        words=tuple(folded),
        alone=not NUMBERED.sub("", line).strip("> "),
        width=int(width[1]) if width else 0,
    )


def _unique(filename: str, taken: set[str]) -> str:
    """Returns a name that stands in brackets without doubt, and that no other picture of the mail has."""
    name = _UNSAFE.sub(" ", filename).strip() or "image"
    stem, dot, suffix = name.rpartition(".")
    number = 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}{dot}{suffix}" if dot else f"{suffix}-{number}"
    taken.add(name.casefold())
    return name


def _letters(text: str) -> tuple[str, list[int]]:
    """Returns the letters and figures of a text, folded, and where each of them stands."""
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        folded = character if character.isascii() else unicodedata.normalize("NFKD", character)
        for letter in folded.casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(at)
    return "".join(letters), places


def _find(letters: str, picture: Picture, least: int) -> tuple[int, int] | None:
    """Returns the letters between which a picture stands, and those in its place; `least` is where it may begin."""
    before, after = picture.before, picture.after
    if not before and not after:
        return (0, 0) if not letters else None
    for most in _AROUND:
        head, tail = before[-most:], after[:most]
        for words in ("", *picture.words):
            at = _position(letters, head, words, tail, least)
            if at >= 0:
                return at, at + len(words)
    return next(_find_by_one_side(letters, before, after), None)


def _position(letters: str, head: str, words: str, tail: str, least: int) -> int:
    """Returns where `words` stand between the two; -1 for nowhere. A side without letters is the text's end."""
    if not head:
        return 0 if letters.startswith(words + tail) else -1
    if not tail:
        return len(letters) - len(words) if letters.endswith(head + words) else -1
    at = letters.find(head + words + tail, max(0, least - len(head)))
    return at + len(head) if at >= 0 else -1


def _find_by_one_side(letters: str, before: str, after: str) -> Iterator[tuple[int, int]]:
    """Yields the place behind what stands before a picture, then the one before what stands behind it, if only one."""
    for most in _AROUND:
        for part, offset in ((before[-most:], len(before[-most:])), (after[:most], 0)):
            if len(part) >= _AROUND[-1] and letters.count(part) == 1:
                at = letters.index(part) + offset
                yield at, at


def _write(
    text: str, places: Sequence[int], span: tuple[int, int], picture: Picture, done: int
) -> tuple[int, int, str]:
    """Returns what part of a text the name of a picture takes, and what is written there."""
    name, (at, end) = f"[{picture.name}]", span
    if end > at:  # a program wrote words for it
        first, last = places[at], places[end - 1] + 1
        first -= first > done and text[first - 1] in _OPENS
        last += last < len(text) and text[last] in _CLOSES
        return max(first, done), last, name
    start = places[at - 1] + 1 if at else 0
    gap = text[start : places[at] if at < len(places) else len(text)]
    start = max(start, done)
    if not at:
        return start, start, f"{name}\n\n" if picture.alone else f"{name} "
    line = gap.find("\n")
    if picture.alone and (line >= 0 or at == len(places)):
        here = max(start + line if line >= 0 else len(text.rstrip()), done)
        spare = text.startswith("\n\n\n", here)  # the empty line that a program leaves for it
        gap_below = "" if text.startswith("\n\n", here) or not text[here:].strip() else "\n"
        return here, here + spare, f"\n\n{name}{gap_below}"
    space = re.search(r"\s|$", gap)
    here = max(start + (space.start() if space else 0), done)
    return here, here, f" {name}"
