"""What follows a command's name: durations, addresses, references, kinds, priorities, reasons of closing.

Answers for: whether an argument can be meant, and its one spelling. Pure; what cannot be read is None or a reason,
never an exception. Whether an address or a queue exists is not for this module to know.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from mailgate.parsers.vocabulary import Vocabulary, fold, vocabulary

MOST_MINUTES = 7 * 24 * 60
_LONGEST = 2000
_ADDRESS = re.compile(r"(?:mailto:)?([^\s<>@,;:\"()\[\]]{1,64}@[^\s<>@,;:\"()\[\]]{1,255}?)[.]?", re.IGNORECASE)
_NAMED = re.compile(r"[^<>@]{0,200}<(?P<address>[^<>\s]{1,330})>")
_LINKED = re.compile(r"<\s*mailto:[^<>]{0,400}>", re.IGNORECASE)
_REFERENCE = re.compile(r"\[?#?([A-Za-z][A-Za-z0-9]{0,15}-\d{1,12})\]?")
_HOUR = r"(?:h|hr|hrs|hour|hours|heure|heures|std|stunde|stunden|hora|horas|ora|ore|uur|u)"
_MINUTE = r"(?:m|mn|min|mins|minute|minutes|minuten|minuto|minutos|minuti|minuut|')"
_MINUTES = re.compile(rf"(\d{{1,5}})\s*{_MINUTE}?\.?")
_HOURS = re.compile(rf"(\d{{1,3}})(?:[.,](\d{{1,2}}))?\s*{_HOUR}\.?")
_BOTH = re.compile(rf"(\d{{1,3}})\s*(?:{_HOUR}|:)\.?\s*(?:et|and|und|y|e|en)?\s*([0-5]?\d)\s*{_MINUTE}?\.?")


class Reason(StrEnum):
    """Why a line stopped the mail."""

    MISTYPED = "mistyped"
    INTERNAL_TEXT_OUT_OF_PLACE = "internal text out of place"
    MISSING_ARGUMENT = "missing argument"
    BAD_ARGUMENT = "bad argument"


class CloseKind(StrEnum):
    """The reasons of `#close` that the process tells apart (process, "The states")."""

    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    NO_ANSWER = "no answer"
    SPAM = "spam"
    TRANSFERRED = "transferred"
    FREE = "free"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class CloseReason:
    """Why a ticket is closed. `detail`: the reference of a duplicate, where it was transferred, or the free words."""

    kind: CloseKind
    detail: str


def read_minutes(args: str) -> int | None:
    """The minutes that `15m`, `90 min`, `1h30`, `2 h`, `1,5 h` or `1:30` spell; a bare number is minutes.

    None for anything else, for nothing and for more than a week.
    """
    text = fold(args[:_LONGEST]).strip()
    if found := _MINUTES.fullmatch(text):
        minutes = int(found[1])
    elif found := _HOURS.fullmatch(text):
        minutes = round(float(f"{found[1]}.{found[2] or 0}") * 60)
    elif found := _BOTH.fullmatch(text):
        minutes = int(found[1]) * 60 + int(found[2])
    else:
        return None
    return minutes if 0 < minutes <= MOST_MINUTES else None


def read_close_reason(args: str) -> CloseReason:
    """The reason after `#close` in any shipped language; what is no known reason is free words.

    A duplicate without a reference and a transfer without a place are free words too: they name no target.
    """
    text = args.strip()
    if not text:
        return CloseReason(CloseKind.BARE, "")
    words = text.split()
    closings = vocabulary().closings
    for length in range(min(4, len(words)), 0, -1):
        key = _phrase(" ".join(words[:length])).rstrip(" :.,;!")
        if key in closings:
            return _close_reason(CloseKind(closings[key]), " ".join(words[length:]).strip(" :–-"), text)
    return CloseReason(CloseKind.FREE, text)


def _close_reason(kind: CloseKind, rest: str, text: str) -> CloseReason:
    if kind is CloseKind.DUPLICATE:
        target = read_reference(rest)
        return CloseReason(kind, target) if target else CloseReason(CloseKind.FREE, text)
    if kind is CloseKind.TRANSFERRED:
        return CloseReason(kind, rest) if rest else CloseReason(CloseKind.FREE, text)
    # "spam filter was wrong" or "withdrawn the certificate" is a sentence, and spam would block the sender
    return CloseReason(kind, rest) if not rest or kind is CloseKind.WITHDRAWN else CloseReason(CloseKind.FREE, text)


def read_reference(text: str) -> str | None:
    """The ticket reference that the whole text spells (`SUP-1042`, `[sup-1042]`), in capitals."""
    found = _REFERENCE.fullmatch(text.strip().rstrip(".,;"))
    return found[1].upper() if found else None


def read_address(text: str) -> str | None:
    """The one address that the whole text spells: bare, in angle brackets after a name, or as a client linked it."""
    bare = _LINKED.sub("", text[:_LONGEST]).strip() or text.strip()
    named = _NAMED.fullmatch(bare)
    found = _ADDRESS.fullmatch(named["address"] if named else bare)
    return found[1] if found else None


def normalise_argument(name: str, args: str, words: Vocabulary) -> str | Reason:
    """The argument of a command as the desk takes it, or why it cannot: missing or bad.

    Kinds and priorities become their English word, addresses and references stand bare, all else stays verbatim.
    """
    if name in _NEEDED and not args:
        return Reason.MISSING_ARGUMENT
    if name == "time":
        return args if read_minutes(args) is not None else Reason.BAD_ARGUMENT
    if name in ("type", "priority"):
        return words.values[name].get(_phrase(args), Reason.BAD_ARGUMENT)
    if name in ("ask", "assign"):
        return read_address(args) or Reason.BAD_ARGUMENT
    if name == "merge":
        return _merge(args, words)
    return args


_NEEDED = frozenset(["handback", "ask", "time", "type", "priority", "cause", "assign", "route", "merge"])


def _merge(args: str, words: Vocabulary) -> str | Reason:
    first, _, rest = args.partition(" ")
    target = read_reference(first)
    if target is None:
        return Reason.BAD_ARGUMENT
    if not rest.strip():
        return target
    confirmed = words.values["confirm"].get(_phrase(rest))
    return f"{target} {confirmed}" if confirmed else Reason.BAD_ARGUMENT


def _phrase(text: str) -> str:
    folded = fold(unicodedata.normalize("NFKC", text[:_LONGEST])).replace("’", " ").replace("'", " ")
    return " ".join(folded.split()).rstrip(" .!;,")
