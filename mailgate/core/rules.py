"""Matches new requests against the conditions of `[[rules]]`, the operator's rules at the door.

Pure; each test is linear in the text and knows no regular expressions. Words are compared without case and accents and
as whole words; a `*` at either end of a word or a value stands for any further letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mailgate.core.domains import domain_of, fold_address, fold_domain
from mailgate.core.text import fold_case_accents

LONGEST_SUBJECT = 1_000  # characters in which words of a condition are looked for
LONGEST_BODY = 4_000
_WORD = re.compile(r"\w+")
_Value = TypeVar("_Value")
_PATTERN_WORD = re.compile(r"[\w*]+")

Words = tuple[str, ...]
"""Words one after the other, folded."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The facts of a request that conditions may test, folded by `make_facts`."""

    sender: str
    recipients: tuple[str, ...]
    subject: Words
    body: Words
    headers: tuple[tuple[str, str], ...]
    form: str
    language: str
    has_files: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a rule, all of which must hold; of the values of one, any. () and None: no such condition.

    All values are folded: addresses by `fold_pattern`, words by `split_pattern`, headers by `fold_value`.
    """

    sender: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    subject: tuple[Words, ...] = ()
    body: tuple[Words, ...] = ()
    headers: tuple[tuple[str, tuple[str, ...]], ...] = ()  # names in small letters
    form: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    has_files: bool | None = None

    def match(self, facts: RequestFacts) -> bool:
        """Tells whether all conditions hold for a request; without any, they do."""
        return (
            (not self.sender or any(matches_address(one, facts.sender) for one in self.sender))
            and (not self.to or any(matches_address(one, to) for one in self.to for to in facts.recipients))
            and (not self.form or facts.form in self.form)
            and (not self.language or facts.language in self.language)
            and (self.has_files is None or self.has_files is facts.has_files)
            and all(_has_header(facts.headers, name, values) for name, values in self.headers)
            and (not self.subject or any(has_words(one, facts.subject) for one in self.subject))
            and (not self.body or any(has_words(one, facts.body) for one in self.body))
        )

    def cover(self, other: Conditions) -> bool:
        """Tells whether every request that `other` matches is matched by these conditions, too."""
        theirs = dict(other.headers)
        return (
            _cover(self.sender, other.sender, matches_address)
            and _cover(self.to, other.to, matches_address)
            and _cover(self.subject, other.subject, has_words)
            and _cover(self.body, other.body, has_words)
            and _cover(self.form, other.form, str.__eq__)
            and _cover(self.language, other.language, str.__eq__)
            and self.has_files in (None, other.has_files)
            and all(_cover(values, theirs.get(name, ()), matches_value) for name, values in self.headers)
        )


def make_facts(
    *,
    sender: str,
    recipients: Sequence[str],
    subject: str,
    body: str,
    headers: Sequence[tuple[str, str]],
    form: str,
    language: str,
    has_files: bool,
) -> RequestFacts:
    """Folds what is known of a request; of subject and body the first characters count."""
    return RequestFacts(
        sender=fold_address(sender),
        recipients=tuple(fold_address(one) for one in recipients),
        subject=split_words(subject[:LONGEST_SUBJECT]),
        body=split_words(body[:LONGEST_BODY]),
        headers=tuple((name.lower(), fold_value(value)) for name, value in headers),
        form=form,
        language=language,
        has_files=has_files,
    )


def split_words(text: str) -> Words:
    """Returns the words of a text, folded."""
    return tuple(_WORD.findall(fold_case_accents(text)))


def split_pattern(text: str) -> Words:
    """Returns the words of a condition, folded. Raises ValueError where a `*` stands elsewhere than at their ends."""
    found = tuple(_PATTERN_WORD.findall(fold_case_accents(text)))
    if not any(word.strip("*") for word in found):
        raise ValueError(f'"{text}" has no word to search for')
    for word in found:
        _check_pattern(word)
    return found


def fold_value(text: str) -> str:
    """Returns the value of a header in the form in which it is compared: folded, with single spaces."""
    return " ".join(fold_case_accents(text).split())


def fold_value_pattern(text: str) -> str:
    """Folds the value of a header in a condition; "*" alone stands for any value. Raises ValueError as above."""
    found = fold_value(text)
    if not found:
        raise ValueError('must not be empty; "*" stands for any value')
    if found != "*":
        _check_pattern(found)
    return found


def fold_pattern(text: str) -> str:
    """Folds an address of a condition: itself, `@example.com` for a domain, `*.example.com` for all below it."""
    return f"*.{fold_domain(text[2:])}" if text.startswith("*.") else fold_address(text)


def matches_address(pattern: str, address: str) -> bool:
    """Tells whether an address is meant by a folded pattern."""
    if pattern.startswith("*."):
        return domain_of(address).endswith(pattern[1:]) or (address.startswith("*.") and address.endswith(pattern[1:]))
    return address.endswith(pattern) if pattern.startswith("@") else address == pattern


def matches_value(pattern: str, value: str) -> bool:
    """Tells whether a folded word or value is meant by a pattern with a `*` at one of its ends, at both, or at none."""
    core = pattern.strip("*")
    if pattern.startswith("*"):
        return core in value if pattern.endswith("*") else value.endswith(core)
    return value.startswith(core) if pattern.endswith("*") else value == core


def has_words(pattern: Words, words: Words) -> bool:
    """Tells whether a text has the words of a pattern one after the other."""
    length = len(pattern)
    return any(
        all(matches_value(one, word) for one, word in zip(pattern, words[at : at + length], strict=True))
        for at in range(len(words) - length + 1)
        if matches_value(pattern[0], words[at])
    )


def _check_pattern(word: str) -> None:
    if not word.strip("*") or "*" in word.strip("*"):
        raise ValueError(f'"{word}": a * may stand only at the beginning or the end of a word')


def _has_header(headers: Sequence[tuple[str, str]], name: str, values: Sequence[str]) -> bool:
    return any(key == name and any(matches_value(one, value) for one in values) for key, value in headers)


def _cover(ours: Sequence[_Value], theirs: Sequence[_Value], matches: Callable[[_Value, _Value], bool]) -> bool:
    """Tells whether one of our values matches whatever any of theirs does; no values of ours match everything.

    A pattern matches another as it would match a text: no word of a text has a `*`.
    """
    return not ours or (bool(theirs) and all(any(matches(one, value) for one in ours) for value in theirs))
