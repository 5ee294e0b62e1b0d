"""Reads until when a ticket is put off, and whom the desk waits for: the arguments of `#later` and `#waiting`.

Finds the day in an absence note, too, which such a line may name.

The words of all shipped languages count (`[commands.later]`, `[commands.waiting]` and `[commands.away]` of
`languages/LL.toml`). The time of reading is passed in. Pure, never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from mailgate.core.calendar.durations import Duration, read_duration
from mailgate.parsers.commands.query_arguments import (
    LONGEST_ABSENCE,
    all_words_for,
    drop_small_words,
    fold_words,
    read_day,
    without_small_words,
    words_for,
)
from mailgate.parsers.questions import asks_something
from mailgate.parsers.vocabulary import vocabulary

_ANY_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - a leap year: each day that can be written can be read from here
_COUNTED = re.compile(r"(?:in? )?(\d{1,3}) ?([a-z ]{1,30})")
_CLOCK = re.compile(r"(?:^|[ ,])(\d{1,2})(?:[:h](\d{2}))? ?(am|pm|h|uhr|uur)?$")
_APOSTROPHE = re.compile("['’]")  # "jusqu'à vendredi" is three words
_NOON = 12
_LONGEST_NAME = 80  # letters
_MOST_WORDS = 8  # of a name
_FEW_WORDS = 2  # of a name in small letters before "until"
_LONGEST_MOMENT = 6  # words of a moment that no word such as "until" begins
_FIRST_WORD = re.compile(r"([^\s'’]+)(?:[\s'’]+(.*))?", re.DOTALL)
_BETWEEN = " ,:;–-"


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A moment as an agent writes it: a day, on which a time may be named, or a length of time from now."""

    day: date | None
    at: time | None = None
    span: Duration | None = None


@dataclass(frozen=True, slots=True)
class WaitingArgument:
    """Argument of `#waiting`: words to the requester, or the third party that the desk waits for.

    `moment` is until when, as written, "" for no time. Where `is_question` is false and `name` is "", nobody is named.
    """

    is_question: bool
    question: str = ""
    name: str = ""
    moment: str = ""
    is_doubtful: bool = False  # it may name what the requester is asked for: "for the log files"


def read_moment(text: str, now: datetime = _ANY_DAY) -> NamedTime | None:
    """Reads `Friday`, `4 December`, `Monday 9:00`, `tomorrow 2 pm`, `15:00`, `2 hours`, `2 business days`, `3 weeks`.

    `now` is local time. A bare time is the next one; a length in days or weeks names a day. None if it is unreadable.
    """
    away = words_for("away")
    folded = " ".join(word for word in fold_words(text).split(" ") if words_for("later").get(word) != "at")
    counted = _read_length(drop_small_words(folded, away, "until"), now)
    if counted is not None:
        return counted
    found = _CLOCK.search(folded)
    at = _read_time(found) if found is not None else None
    day_words = folded[: found.start()].strip(" ,") if found is not None and at is not None else folded
    if at is not None and not without_small_words(day_words, away, "until"):
        return NamedTime(now.date() + timedelta(days=int(at <= now.time())), at)
    day = read_day(without_small_words(day_words, away, "until"), now.date(), away)
    return NamedTime(day, at) if day is not None else None


def _read_length(text: str, now: datetime) -> NamedTime | None:
    found = _COUNTED.fullmatch(text)
    if found is None or not int(found[1]):
        return None
    count, unit = int(found[1]), found[2].strip()
    kind = words_for("later").get(unit) or words_for("away").get(unit, "")
    if kind in ("day", "week"):
        return NamedTime(now.date() + timedelta(days=count * (7 if kind == "week" else 1)))
    if kind not in ("business day", "business hour"):
        kind = next((name for name in ("hour", "minute") if unit in vocabulary().units[name]), "")
    return NamedTime(None, span=read_duration(f"{count} {kind}s")) if kind else None


def _read_time(found: re.Match[str]) -> time | None:
    """Reads a time of the day; a bare number is none."""
    hour, minute, unit = int(found[1]), int(found[2] or 0), found[3]
    if found[2] is None and unit is None:
        return None
    if unit in ("am", "pm"):
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if unit == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_put_off(args: str) -> str | None:
    """Reads the argument of `#later`: "off" for a word that ends it, a moment as written, None for anything else."""
    if words_for("away").get(fold_words(args)) == "back":
        return "off"
    return args if read_moment(args) is not None else None


def find_return(text: str, now: datetime) -> date | None:
    """Finds the last day that an absence note names behind a word such as "until" or "on"; None for none ahead.

    `now` is the time of the note, from which a weekday counts. A length ("for two weeks") is no day.
    """
    away = words_for("away")
    words = [fold_words(word) for word in _APOSTROPHE.sub(" ", text).split()]
    until = all_words_for("away", "until")
    named = (_read_first_day(words[at + 1 :], now, away) for at, word in enumerate(words) if word in until)
    ahead = now.date(), now.date() + LONGEST_ABSENCE
    return max((day for day in named if day is not None and ahead[0] < day <= ahead[1]), default=None)


def _read_first_day(words: list[str], now: datetime, away: dict[str, str]) -> date | None:
    """Reads the day with which a text begins, from as many of its words as belong to it."""
    texts = (" ".join(words[:count]) for count in range(_LONGEST_MOMENT, 0, -1))
    days = (without_small_words(text, away, "until") for text in texts)
    named = (text for text in days if away.get(text.rpartition(" ")[2]) not in ("day", "week"))
    read = (read_day(text, now.date(), away) for text in named)
    return next((day for day in read if day is not None), None)


def read_waiting(args: str) -> WaitingArgument:
    """Tells a third party from words to the requester: `HP until Friday`, `for the printer supplier`, `supplier`.

    A third party is named behind "for" or before a time, by one word alone, or with a word such as "supplier". Whatever
    asks something is a question to the requester, and so is anything else; words for the requester ask nothing anew.
    """
    text = " ".join(args.split())
    words = words_for("waiting")
    if not text or asks_something(text) or "please" in _kinds(text, words):
        return WaitingArgument(True, args)
    named, moment, is_until = _part_moment(text, words)
    kinds = _kinds(named, words)
    shown, name, is_led = _without_lead(named, words)
    parts = name.split(" ")
    if "requester" in kinds and "third" not in kinds:
        if moment:
            return WaitingArgument(False, moment=moment)
        return WaitingArgument(True, "" if is_led or len(parts) == 1 else args)
    is_third = "third" in kinds or "@" in name
    is_word = " " not in named or (is_led and len(parts) == 1)
    until_name = is_until and (len(parts) <= _FEW_WORDS or all(not part[0].islower() for part in parts))
    if len(name) > _LONGEST_NAME or len(parts) > _MOST_WORDS or not (is_third or is_word or is_led or until_name):
        return WaitingArgument(True, args)
    return WaitingArgument(False, "", shown, moment, is_doubtful=not (is_third or moment or name[:1].isupper()))


def _kinds(text: str, words: dict[str, str]) -> set[str | None]:
    """Lists the meanings of a text's words, each alone and all together."""
    folded = fold_words(text)
    return {words.get(folded), *map(words.get, folded.split(" "))}


def _part_moment(text: str, words: dict[str, str]) -> tuple[str, str, bool]:
    """Parts a name from the time behind it, and tells whether a word such as "until" stands between them."""
    parts = [(found.start(), fold_words(found[0])) for found in re.finditer(r"\S+", _APOSTROPHE.sub(" ", text))]
    unread = None
    for (start, word), (after, _) in pairwise(parts):
        kind = words.get(word)
        if kind in ("until", "by") and read_moment(text[after:]) is not None:
            return text[:start].strip(_BETWEEN), text[after:], True
        if kind == "until" and unread is None:
            unread = text[:start].strip(_BETWEEN), text[after:], True
    if unread is not None:
        return unread
    for start, word in parts[-_LONGEST_MOMENT:]:
        if word not in all_words_for("away", "until") and read_moment(text[start:]) is not None:
            return text[:start].strip(_BETWEEN), text[start:], False
    return text, "", False


def _without_lead(name: str, words: dict[str, str]) -> tuple[str, str, bool]:
    """The name without a "for" before it, the name without its article, too, and whether there was a "for"."""
    is_led = False
    shown = rest = name
    while found := _FIRST_WORD.match(rest):
        word = fold_words(found[1])
        is_for = word in all_words_for("waiting", "for") and words.get(word) != "article"
        if not (is_for or words.get(word) == "article") or not found[2]:
            break
        rest = found[2]
        if is_for:
            is_led, shown = True, rest
    return shown.strip(" .,:;"), rest.strip(" .,:;"), is_led
