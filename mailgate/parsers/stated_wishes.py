"""Reads what a requester states of their request: how urgent it is, and what they hope for. Pure, linear, never fails.

The words are the requester's and are shown as such; they never set a priority. Urgency is read from a line "Urgent: …",
from the beginning of the subject, or from the headers Importance and Priority (RFC 2156) and X-Priority, in this order.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from mailgate.core.mail import Mail
from mailgate.core.text import ellipsis, fold_case_accents
from mailgate.parsers.phrases import load_phrases
from mailgate.parsers.quoting.quote_lines import bare_subject, is_quoted

__all__ = ["LONGEST_WISH", "StatedWishes", "read_stated_wishes"]

LONGEST_WISH = 200  # characters that are kept
_LINES = 200  # lines that are looked at
_LONGEST_LABEL = 60  # characters in which a label ends
_HEAD = 3  # letters that most lines have otherwise than a label
_MARKS = " \t*_-!.[]()<>#•\u200b\xa0\u202f"
_HIGH = {"importance": ("high",), "priority": ("urgent",), "x-priority": ("1", "2")}
_PHRASES = load_phrases("stated_wishes")


def _plain(text: str) -> str:
    return " ".join(fold_case_accents(text).split())


_URGENT, _OUTCOME = (frozenset(map(_plain, _PHRASES[key])) for key in ("urgent", "outcome"))
_HEADS = frozenset(name[:_HEAD] for name in _URGENT | _OUTCOME)
_LETTERS = frozenset(name[0] for name in _HEADS)
_BEHIND = re.compile(r"[:：!\]\)–—]|\s-\s|$")


class StatedWishes(NamedTuple):
    """The requester's words, each on one line; "" where they state nothing."""

    urgency: str = ""
    outcome: str = ""


def read_stated_wishes(mail: Mail) -> StatedWishes:
    """Reads what a first mail states; of several lines the first counts."""
    urgency = outcome = ""
    for line in mail.new_text.split("\n", _LINES)[:_LINES]:
        if _begins_otherwise(line.lstrip(_MARKS)[:_HEAD]) or is_quoted(line):
            continue
        label, colon, value = line[: _LONGEST_LABEL + LONGEST_WISH].replace("：", ":").partition(":")
        name = _plain(label[: _LONGEST_LABEL + 1].strip(_MARKS))
        if not urgency and name in _URGENT:
            urgency = value.strip(_MARKS) or label.strip(_MARKS)
        elif not outcome and name in _OUTCOME and colon:
            outcome = value.strip(_MARKS)
    urgency = urgency or _of_subject(mail.subject) or _of_headers(mail)
    return StatedWishes(ellipsis(urgency, LONGEST_WISH), ellipsis(outcome, LONGEST_WISH))


@lru_cache(maxsize=1_024)  # beginnings of lines recur
def _begins_otherwise(head: str) -> bool:
    """Tells whether a label with such a head is none of the known ones. Letters of ASCII fold to themselves."""
    if head.isascii():
        return not head or (head.isalpha() and head.lower() not in _HEADS)
    letter = _plain(head[0])
    return bool(letter) and letter[0] not in _LETTERS


def _of_subject(subject: str) -> str:
    """Returns the word at the beginning of a subject; "Urgent care form" begins with no such word."""
    words = bare_subject(subject)[:LONGEST_WISH].lstrip(_MARKS)
    end = _BEHIND.search(words)
    head = words[: end.start()].strip(_MARKS) if end is not None else ""
    return head if not _begins_otherwise(head[:_HEAD]) and _plain(head) in _URGENT else ""


def _of_headers(mail: Mail) -> str:
    for name, values in _HIGH.items():
        value = mail.header(name).strip()
        if value.partition(" ")[0].lower() in values:
            return f"{name.title()}: {value}"
    return ""
