"""Finds the words that a person wrote into the subject of a reply.

Takes off reply prefixes, tags and references, and what is known to be another's words: the subjects of the desk's own
notices (their templates and translations are read at the first such answer) and those that the caller names. Pure,
never raises on mail, linear in the subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from mailgate.core.tokens import MAC
from mailgate.parsers.translations import languages_of_ours, translate

_WORDS = (
    "re fw fwd aw wg antw antwort tr rv sv vs ref réf rif res enc rép rep odp pd ynt ilt vb vl doorst i r на отв на"
)
_PREFIX = re.compile(
    rf"\s*(?:{'|'.join(sorted(_WORDS.split(), key=len, reverse=True))}|回复|答复|返信|転送|回覆)"
    r"\s{0,3}(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s{0,3}[:：]\s*",
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*\[[^\]]{1,80}\]\s*")
_REFERENCE = re.compile(
    rf"\s*\b[A-Z][A-Z0-9]{{0,15}}-\d{{1,12}}\b(?:[ _]\d{{1,6}}\.{MAC}\b)?\s*[-–—:,.|/]*\s*", re.IGNORECASE
)
_MARKS = ".,:;!?"
_EDGES = " \t-–—:|/,"
_SUBJECT = re.compile(r"^Subject: .*\[\{\{ reference \}\}\] (.+)$", re.MULTILINE)
_MESSAGE = re.compile(r'_\("([^"]+)"\)|\{% trans [^%]*%\}(.*?)\{%')  # of a template
_VARIABLE = re.compile(r"\{\{ (\w+) \}\}")
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


class WrittenSubject(NamedTuple):
    """The words of a subject that are its writer's own, as far as the subject shows ("" if none are).

    `replied`: a reply prefix stood before them. `tagged`, `referenced`: so did a tag in brackets, a bare reference.
    `removed`: another's words were taken off.
    """

    words: str
    replied: bool
    tagged: bool
    referenced: bool
    removed: bool


def find_written_subject(subject: str, others: Sequence[str] = ()) -> WrittenSubject:
    """Finds the writer's words in a subject; `others` are subjects that stood there before."""
    rest, replied, tagged, referenced = _without_head(subject)
    rest = _without_tail(rest)
    removed = False
    for framed in _framed_subjects():
        if found := framed.match(rest):
            rest, removed = _without_tail(_without_head(found[1])[0]), True
    for other in (*others, *_notice_subjects()):
        shorter = _without(rest, _without_tail(_without_head(other)[0]))
        if shorter is not None:
            rest, removed = _without_tail(_without_head(shorter)[0]), True
    return WrittenSubject(rest, replied, tagged, referenced, removed)


def _without_head(subject: str) -> tuple[str, bool, bool, bool]:
    """The subject without what stands before its words, and whether that was a prefix, a tag, a reference."""
    replied = tagged = referenced = False
    place = 0
    while True:
        if found := _PREFIX.match(subject, place):
            replied = True
        elif found := _TAG.match(subject, place):
            tagged = True
        elif found := _REFERENCE.match(subject, place):
            referenced = True
        else:
            return subject[place:].strip(_EDGES), replied, tagged, referenced
        place = found.end()


def _without_tail(subject: str) -> str:
    """The subject without a tag at its end."""
    if subject.endswith("]") and (start := subject.rfind("[")) >= 0:
        subject = subject[:start]
    return subject.strip(_EDGES)


def _without(subject: str, other: str) -> str | None:
    """The subject without another's words at its beginning or end; None if they do not stand there."""
    words, others = subject.split(), [_fold(word) for word in other.split()]
    folded, count = [_fold(word) for word in words], len(others)
    if not count or count > len(words):
        return None
    if folded[:count] == others:
        return " ".join(words[count:])
    return " ".join(words[:-count]) if folded[-count:] == others else None


def _fold(word: str) -> str:
    return word.casefold().strip(_MARKS) or word


@cache
def _notice_subjects() -> tuple[str, ...]:
    """The subjects of the desk's notices to requesters, in every language, the longest first.

    Of one with a name at its beginning or end, the words without the name; `_framed_subjects` has the others.
    """
    found = {subject.strip(_EDGES) for parts in _subject_parts() if len(parts) < 3 for subject in parts}
    return tuple(sorted(filter(None, found), key=len, reverse=True))


@cache
def _framed_subjects() -> tuple[re.Pattern[str], ...]:
    """The subjects that have words of the notice before and after a name; what follows them is their group."""
    return tuple(
        re.compile(rf"{_spaced(before)}\s+\S.{{0,80}}?\s+{_spaced(after)}(?!\w)[{_MARKS}]*(.*)", re.IGNORECASE)
        for before, after in (parts for parts in _subject_parts() if len(parts) == 2 and all(map(str.strip, parts)))
    )


@cache
def _subject_parts() -> Set[tuple[str, ...]]:
    """The subjects of the notices, each as its words before and after its names."""
    languages = [translate(language) for language in languages_of_ours()]
    found: set[tuple[str, ...]] = set()
    for template in (files("mailgate") / "templates").iterdir():
        if not template.name.endswith(".txt"):
            continue
        for line in _SUBJECT.findall(template.read_text("utf-8")):
            for message in _MESSAGE.findall(line):
                text = _VARIABLE.sub(r"%(\1)s", message[0] or message[1]).strip()
                found.update(tuple(_PLACEHOLDER.split(one.find(text))) for one in languages)
    return found


def _spaced(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))
