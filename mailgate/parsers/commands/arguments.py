"""Checks and normalises the arguments of commands: durations, addresses, references, types, priorities, reasons.

An unreadable argument is None or a reason, never an exception. Whether an address or a queue exists is not known here.
Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from mailgate.core.mail import Address
from mailgate.core.text import TAG_FORM, fold_case_accents
from mailgate.parsers.commands.moments import read_put_off
from mailgate.parsers.vocabulary import Vocabulary, vocabulary

ALONE, WITH_FILES = "alone", "with files"
"""The words that an agent may write behind the address of `#ask`, in English; `#approve-by` takes the second."""
CHANNELS = {"by phone": "phone", "by chat": "chat"}
"""The words that an agent may write behind the address of `#requester`, in English, and the channel that they name."""
MOST_MINUTES = 7 * 24 * 60
MOST_ADDRESSED = 20  # people to whom one mail goes with #to
_LONGEST = 2000
_LONGEST_LIST = 8000
_ADDRESS = re.compile(r"(?:mailto:)?([^\s<>@,;:\"()\[\]]{1,64}@[^\s<>@,;:\"()\[\]]{1,255}?)[.]?", re.IGNORECASE)
_NAMED = re.compile(r"[^<>@]{0,200}<(?P<address>[^<>\s]{1,330})>")
_LINKED = re.compile(r"<\s*mailto:[^<>]{0,400}>", re.IGNORECASE)
_QUOTES = " \t\xa0\u200b\"“”„«»‹›'‘’"  # what stands around an argument and is no part of it
_DASHES = str.maketrans("‐‑‒–−", "-----")
_ARTICLE = re.compile(r"#?(\d{1,9})\.?")
_NAME_PART = re.compile(r"(?=.*[^\W\d_])\w[\w.'’+-]{0,63}")
_NAME_PARTS = 4  # words of a name
_TITLE_PARTS = 12  # words of a title
_NAMED_TEXT = re.compile(r"\w[\w.-]{0,63}")
_TAG = re.compile(f"-?{TAG_FORM}")
_FORM_NAME = re.compile(r"[\w-]{1,64}")
_REFERENCE = re.compile(r"\[?#?([A-Za-z][A-Za-z0-9]{0,15}-\d{1,12})\]?")


class Reason(StrEnum):
    """The reason why a line stopped the mail."""

    MISTYPED = "mistyped"
    INTERNAL_TEXT_OUT_OF_PLACE = "internal text out of place"
    INTERNAL_TEXT_OPEN = "internal text without an end"
    OUT_OF_PLACE = "command out of place"
    OF_ANOTHER_DESK = "command of another desk"
    MISSING_ARGUMENT = "missing argument"
    BAD_ARGUMENT = "bad argument"
    NO_ARTICLE = "no such article"
    SEVERAL_ARTICLES = "several such articles"
    NO_REPLY = "no such reply"
    OTHER_NAMES = "other names"
    NO_VALUE = "field without a value"
    OF_ONE_REQUESTER = "field of one requester"
    NOT_BESIDE_REPLY = "command beside a saved reply"
    TOO_MANY = "too many commands"
    PASSED_ON = "order in what is passed on"
    OWN_MAIL = "internal mail passed on"
    OTHER_TICKETS = "command for other tickets"
    NEW_MAIL_ONLY = "command of a new mail"
    NOT_BESIDE_TO = "command beside a mail that goes out"
    NOTHING_TO_SEND = "no text that goes out"


class CloseKind(StrEnum):
    """The reasons of `#close` that the workflow distinguishes (docs/process.md)."""

    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    NO_ANSWER = "no answer"
    SPAM = "spam"
    TRANSFERRED = "transferred"
    FREE = "free"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class CloseReason:
    """The reason for closing a ticket. `detail`: the reference of a duplicate, the place of a transfer, or free
    text.
    """

    kind: CloseKind
    detail: str


def read_minutes(args: str) -> int | None:
    """Reads `15m`, `90 min`, `1h30`, `2 h`, `1,5 h` or `1:30` as minutes; a bare number is minutes.

    The words of every shipped language count. None for anything else, for nothing and for more than a week.
    """
    text = fold_case_accents(args[:_LONGEST]).replace("’", "'").strip()
    only_minutes, only_hours, both = _spans()
    if found := only_minutes.fullmatch(text):
        minutes = int(found[1])
    elif found := only_hours.fullmatch(text):
        minutes = round(float(f"{found[1]}.{found[2] or 0}") * 60)
    elif found := both.fullmatch(text):
        minutes = int(found[1]) * 60 + int(found[2])
    else:
        return None
    return minutes if 0 < minutes <= MOST_MINUTES else None


@cache
def _spans() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns for minutes, hours, hours and minutes, in the words of every shipped language."""
    units = vocabulary().units
    hour, minute, join = ("|".join(map(re.escape, sorted(units[kind]))) for kind in ("hour", "minute", "and"))
    return (
        re.compile(rf"(\d{{1,5}})\s*(?:{minute}|')?\.?"),
        re.compile(rf"(\d{{1,3}})(?:[.,](\d{{1,2}}))?\s*(?:{hour})\.?"),
        re.compile(rf"(\d{{1,3}})\s*(?:{hour}|:)\.?\s*(?:{join})?\s*([0-5]?\d)\s*(?:{minute}|')?\.?"),
    )


def read_close_reason(args: str) -> CloseReason:
    """Reads the reason after `#close` in any shipped language; an unknown reason is free text.

    A duplicate without a reference and a transfer without a place are free text too: they name no target.
    """
    text = args.strip(_QUOTES)
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
    """Reads a text that is one ticket reference (`SUP-1042`, `[sup-1042]`), in capitals; any dash is accepted."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text[:_LONGEST]).translate(_DASHES)
    found = _REFERENCE.fullmatch(plain.strip(_QUOTES).rstrip(".,;"))
    return found[1].upper() if found else None


def read_address(text: str) -> str | None:
    """Reads a text that is one address: bare, in angle brackets after a name, or as a client linked it."""
    bare = _LINKED.sub("", text[:_LONGEST]).strip(_QUOTES) or text.strip(_QUOTES)
    named = _NAMED.fullmatch(bare)
    found = _ADDRESS.fullmatch(named["address"] if named else bare)
    return found[1] if found else None


def normalise_argument(name: str, args: str, words: Vocabulary) -> str | Reason:
    """Returns the argument of a command in its one spelling, or the reason: missing or bad.

    Types and priorities become their English word, addresses and references stand bare, all else stays verbatim.
    """
    if name in _NEEDED and not args:
        return Reason.MISSING_ARGUMENT
    if name == "time":
        return args if read_minutes(args) is not None else Reason.BAD_ARGUMENT
    if name in ("type", "priority"):
        return words.values[name].get(_phrase(args), Reason.BAD_ARGUMENT)
    if name == "help":
        return words.values[name].get(_phrase(args), args)
    if name in _READERS:
        read = _READERS[name](args, words)
        return Reason.BAD_ARGUMENT if read is None else read
    return args


_NEEDED = frozenset(
    {
        "handback", "ask", "time", "type", "priority", "cause", "tag", "used", "assign", "route", "merge", "link", "cc",
        "kb", "away", "find", "later", "approve-by", "to", "form", "reply",
    }
)  # fmt: skip


def read_person(text: str) -> Address | None:
    """Reads a text that is one person: an address, optionally with a name before it."""
    address = read_address(text)
    if address is None:
        return None
    named = _NAMED.fullmatch(_LINKED.sub("", text[:_LONGEST]).strip(_QUOTES))
    return Address(text.partition("<")[0].strip(_QUOTES + ",") if named else "", address)


def read_requester(args: str) -> tuple[Address | None, str]:
    """Reads the argument of `#requester` in its one spelling: the person, None for nobody, and the channel, or ""."""
    for words, channel in CHANNELS.items():
        if args.endswith(f" {words}"):
            return read_person(args.removesuffix(words)), channel
    return read_person(args), ""


def _agent(args: str, _words: Vocabulary) -> str | None:
    """Reads an address, or the name of a colleague: up to four words, also as a mention (`@bob`)."""
    if address := read_address(args):
        return address
    name = args[:_LONGEST].strip(_QUOTES).removeprefix("@").rstrip(".,;:!")
    parts = name.split()
    is_name = all(_NAME_PART.fullmatch(part) and read_reference(part) is None for part in parts)
    return " ".join(parts) if is_name and 0 < len(parts) <= _NAME_PARTS else None


def has_bare_form(name: str, args: str, words: Vocabulary) -> bool:
    """Tells whether a command stands alone on its line, or with an argument that is no words of the agent's own."""
    read = normalise_argument(name, args, words) if name in _STRICT else Reason.BAD_ARGUMENT
    is_title = name == "kb" and not (read == "no" or read[0].isdecimal())
    return not args or not (isinstance(read, Reason) or is_title)


def _merge(args: str, words: Vocabulary) -> str | None:
    first, *rest = args.split(None, 1)
    target = read_reference(first)
    if target is None or not rest:
        return target
    confirmed = words.values["confirm"].get(_phrase(rest[0]))
    return f"{target} {confirmed}" if confirmed == "yes" else None


def _link(args: str, words: Vocabulary) -> str | None:
    """Reads references separated by spaces, commas or an "and"; or the word that ends the links."""
    if words.values["confirm"].get(_phrase(args)) == "no":
        return "no"
    found = [read_reference(part) for part in _parts(args, vocabulary().units["and"])]
    return " ".join(dict.fromkeys(one for one in found if one)) if found and all(found) else None


def _copies(args: str, _words: Vocabulary) -> str | None:
    """Reads addresses separated by commas, semicolons or spaces, each optionally with a name before it."""
    pieces = [piece for piece in re.split("[,;]", args) if piece.strip()] if len(args) <= _LONGEST_LIST else []
    people = [read_address(piece) for piece in pieces]
    if not all(people):
        people = [read_address(part) for part in _parts(args, frozenset())]
    return " ".join(dict.fromkeys(one for one in people if one)) if people and all(people) else None


def _requester(args: str, words: Vocabulary) -> str | None:
    """Reads an address with its name, and behind it the channel; nothing if the forwarded mail names the requester."""
    if not args:
        return ""
    if found := _person(args):
        return found
    parts = args[:_LONGEST].split()
    for length in range(1, min(4, len(parts))):
        meant = words.values["channel"].get(_phrase(" ".join(parts[-length:]).strip("().,;")))
        if meant and (found := _person(" ".join(parts[:-length]).rstrip(" ,;:"))):
            return f"{found} {meant}"
    return None


def _person(args: str) -> str | None:
    """Reads an address with its name."""
    person = read_person(args)
    if person is None:
        return None
    return f"{person.name} <{person.address}>" if person.name else person.address


def _addressed(args: str, words: Vocabulary) -> str | None:
    """Reads up to 20 people: one with their name, or addresses as `_copies` does."""
    found = _person(args) or _copies(args, words)
    return found if found and found.count("@") <= MOST_ADDRESSED else None


def _articles(args: str, words: Vocabulary) -> str | None:
    """Reads numbers of articles, the name of one, or the word that keeps the solution out of the knowledge base."""
    if _phrase(args) in words.values["confirm"]:
        return words.values["confirm"][_phrase(args)] if words.values["confirm"][_phrase(args)] == "no" else None
    found = [_ARTICLE.fullmatch(part) for part in _parts(args, vocabulary().units["and"])]
    if any(found):
        return " ".join(dict.fromkeys(one[1] for one in found if one)) if all(found) else None
    name = " ".join(args[:_LONGEST].strip(_QUOTES).rstrip(".,;:!").split())
    parts = name.split()
    return name if 0 < len(parts) <= _TITLE_PARTS and all(map(_NAMED_TEXT.fullmatch, parts)) else None


def _saved_reply(args: str, _words: Vocabulary) -> str | None:
    """Reads the name of a saved reply, and behind it the words that the agent gives it."""
    name, *rest = args[:_LONGEST].split(None, 1)
    name = name.strip(_QUOTES + ".,;:!")
    return " ".join((name, *rest)) if _NAMED_TEXT.fullmatch(name) and len(args) <= _LONGEST else None


def _asked(args: str, words: Vocabulary) -> str | None:
    """Reads an address, and behind it the words that say what goes along: `alone` or `with files`."""
    address = read_address(args)
    parts = args[:_LONGEST].split()
    for length in range(1, min(5, len(parts))) if address is None else ():
        head, tail = " ".join(parts[:-length]).rstrip(" ,;:"), _phrase(" ".join(parts[-length:]))
        if tail in words.values["ask"] and (found := read_address(head)):
            return f"{found} {words.values['ask'][tail]}"
    return address


def _approver(args: str, words: Vocabulary) -> str | None:
    """Reads an address, the words that send the files along, if any, and behind them the question."""
    if address := read_address(args):
        return address
    parts = args[:_LONGEST_LIST].split()
    head = 1 + next((at for at, part in enumerate(parts) if "@" in part), len(parts))
    address = read_address(" ".join(parts[:head]).rstrip(",;:"))
    for length in range(min(4, len(parts) - head), 0, -1) if address is not None else ():
        if words.values["ask"].get(_phrase(" ".join(parts[head : head + length]))) == WITH_FILES:
            return " ".join((f"{address} {WITH_FILES}", *parts[head + length :]))
    return " ".join((address, *parts[head:])) if address is not None else None


def _tags(args: str, _words: Vocabulary) -> str | None:
    """Reads tags, in small letters; a minus before one takes it off. What reads like a reference is none."""
    pieces = _parts(unicodedata.normalize("NFKC", args).translate(_DASHES).casefold(), frozenset())
    found = [piece.replace("#", "", 1).rstrip(".") for piece in pieces]
    good = all(_TAG.fullmatch(one) and read_reference(one) is None for one in found)
    return " ".join(dict.fromkeys(found)) if found and good else None


def _form(args: str, _words: Vocabulary) -> str | None:
    """Reads the name of a form, in small letters."""
    name = unicodedata.normalize("NFKC", args[:_LONGEST]).translate(_DASHES).strip(_QUOTES).rstrip(".").casefold()
    return name if _FORM_NAME.fullmatch(name) else None


def _shown(args: str, _words: Vocabulary) -> str | None:
    return read_reference(args) if args else ""


def _parts(args: str, between: frozenset[str]) -> list[str]:
    """Splits a list; empty if it is too long, since a piece that is cut off would have another meaning."""
    if len(args) > _LONGEST_LIST:
        return []
    return [part for part in re.split(r"[\s,;]+", args) if part and fold_case_accents(part) not in between]


_READERS: Mapping[str, Callable[[str, Vocabulary], str | None]] = {
    "assign": _agent,
    "merge": _merge,
    "link": _link,
    "cc": _copies,
    "requester": _requester,
    "to": _addressed,
    "kb": _articles,
    "reply": _saved_reply,
    "ask": _asked,
    "approve-by": _approver,
    "tag": _tags,
    "form": _form,
    "show": _shown,
    "explain": _shown,
    "blocked": lambda args, _words: None if args else "",
    "unblock": lambda args, _words: read_address(args) if args else "",
    "later": lambda args, _words: read_put_off(args),
}


_STRICT = frozenset({*_READERS, "time", "type", "priority"})
"""Commands whose argument is checked."""


def _phrase(text: str) -> str:
    folded = fold_case_accents(unicodedata.normalize("NFKC", text[:_LONGEST])).replace("’", " ").replace("'", " ")
    return " ".join(folded.strip(_QUOTES).split()).rstrip(" .!;,").strip(_QUOTES)
