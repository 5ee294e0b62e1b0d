"""Reads the arguments of queries: what to list, the period of a report, the end of an absence.

The words of all shipped languages count (`[commands.list]`, `[commands.report]` and `[commands.away]` of
`languages/LL.toml`). Today's date is passed in. An unreadable argument is None, never an exception. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from mailgate.core.text import TAG_FORM, fold_case_accents
from mailgate.parsers.vocabulary import LANGUAGES

LONGEST_ABSENCE = timedelta(days=366)  # a mistyped year must not keep an agent away for ever
_LONGEST = 200  # letters of an argument that are looked at
_LEVEL = re.compile(r"(?:level|niveau|stufe|nivel|livello|niva|linia|poziom|l|n)?\s?([1-9])(?=\s|$)")
_TAGGED = re.compile(rf"tag: ?#?({TAG_FORM})", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})[./](?P<m2>\d{1,2})(?:[./](?P<y2>\d{4}|\d{2})?)?"
)
_COUNTED = re.compile(r"(?:in? )?(\d{1,3}) ?([a-z]+)")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|re|\.|º|ª)?(?: of| de)? ([a-z]+)\.?,?(?: (\d{4}))?")
_MONTH_FIRST = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list to show: `what` is the English word, "" for none; `rest` is the text after it, as written.

    `tag` is the one of `tag:vpn`, "" for none.
    """

    what: str
    rest: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """The end of an absence: `last` is the last day away, None for a person who is back."""

    last: date | None


def read_listing(args: str) -> Listing:
    """Reads the argument of `#list`: a known word and the text after it; without one, all is the rest."""
    text = " ".join(args[:_LONGEST].split())
    if tagged := _TAGGED.match(text):
        return Listing("", text[tagged.end() :].lstrip(), tagged[1].casefold())
    folded = fold_words(text)
    level = _LEVEL.match(folded)
    if level is not None:
        return Listing(f"level{level[1]}", " ".join(text.split()[folded[: level.end()].count(" ") + 1 :]))
    words = words_for("list")
    for length in (2, 1):
        parts = folded.split(" ")
        what = words.get(" ".join(parts[:length])) if len(parts) >= length else None
        if what is not None:
            return Listing(what, " ".join(text.split(" ")[length:]))
    return Listing("", text)


def read_period(args: str) -> str | None:
    """Reads the period of `#report`: day, week or month; the week if empty."""
    folded = fold_words(args)
    return words_for("report").get(folded) if folded else "week"


def read_absence(args: str, today: date) -> Absence | None:
    """Reads the last day of an absence, inclusive.

    `2026-12-24`, `24.12.`, `24/12` (the day first, unless there is no such month), `24 December`, `until Friday` (the
    next one after today), `tomorrow`, `3 days` (today is the first). A day without its year is the next one; `back` and
    `off` end it. None for unreadable text, for a day before today and for more than a year.
    """
    text = fold_words(args)
    words = words_for("away")
    if words.get(text) == "back":
        return Absence(None)
    last = read_day(without_small_words(text, words, "until"), today, words)
    if last is None or not today <= last <= today + LONGEST_ABSENCE:
        return None
    return Absence(last)


def read_day(text: str, today: date, words: dict[str, str]) -> date | None:
    """Reads a day as `read_absence` does, from folded text; `words` are those of `away`."""
    named = words.get(text, "")
    if named in ("today", "tomorrow"):
        return today + timedelta(days=int(named == "tomorrow"))
    if named.isdigit():
        return today + timedelta(days=(int(named) - today.weekday() - 1) % 7 + 1)
    if found := _COUNTED.fullmatch(text):
        unit = words.get(found[2])
        if unit in ("day", "week") and int(found[1]):
            return today + timedelta(days=int(found[1]) * (7 if unit == "week" else 1) - 1)
    if found := _NUMBERED.fullmatch(text):
        year = found["y"] or found["y2"] or ""
        month, day = int(found["m"] or found["m2"]), int(found["d"] or found["d2"])
        if month > 12 and found["y"] is None and "/" in text:
            month, day = day, month
        return _date(year, month, day, today)
    if found := _DAY_FIRST.fullmatch(text):
        return _in_month(found[3], found[2], found[1], today, words)
    if found := _MONTH_FIRST.fullmatch(text):
        return _in_month(found[3], found[1], found[2], today, words)
    return None


def _in_month(year: str | None, month: str, day: str, today: date, words: dict[str, str]) -> date | None:
    named = words.get(month, "")
    return _date(year or "", int(named[1:]), int(day), today) if named.startswith("m") and named[1:].isdigit() else None


def _date(year: str, month: int, day: int, today: date) -> date | None:
    """That day; without a year the next one that is not over."""
    years = [int(year) + (2000 if len(year) == 2 else 0)] if year else [today.year, today.year + 1]
    found = []
    for one in years:
        try:
            found.append(date(one, month, day))
        except ValueError:
            continue
    return next((one for one in found if year or one >= today), None)


def without_small_words(text: str, words: dict[str, str], kind: str) -> str:
    """The text without the small words around a date, and without a weekday before one."""
    parts = drop_small_words(text, words, kind).split(" ")
    if len(parts) > 1 and words.get(parts[0].rstrip(","), "").isdigit() and not words.get(parts[1], "").isdigit():
        del parts[0]
    return " ".join(parts)


def drop_small_words(text: str, words: dict[str, str], kind: str) -> str:
    """The text without the small words of `away`; the first word may be one in any language, if more follows it."""
    parts = [part for part in text.split(" ") if words.get(part) != kind]
    return " ".join(parts[1:] if len(parts) > 1 and parts[0] in all_words_for("away", kind) else parts)


def fold_words(text: str) -> str:
    """Folds case, accents and apostrophes of an argument, and drops the marks around it."""
    return " ".join(fold_case_accents(text[:_LONGEST]).replace("’", "'").replace("'", " ").split()).strip(
        " .!,;:"
    ) + _dot(text)


def _dot(text: str) -> str:
    """Keeps the last point of `24.12.`, which belongs to the date."""
    return "." if re.fullmatch(r".*\d{1,2}\.\d{1,2}\.", text[:_LONGEST].strip()) else ""


@cache
def words_for(command: str) -> dict[str, str]:
    """Maps folded words of all languages to their meaning; weekdays are digits (Monday 0), months m1 to m12.

    A word with several meanings has that of English, then that of the first language by its code.
    """
    found: dict[str, str] = {}
    for code in ("en", *(one for one in LANGUAGES if one != "en")):
        table = LANGUAGES[code].get("commands", {}).get(command, {})
        for meaning, words in table.items():
            if meaning in ("weekdays", "months"):
                prefix, first = ("m", 1) if meaning == "months" else ("", 0)
                for number, spellings in enumerate(words, first):
                    _add(found, spellings.split(), f"{prefix}{number}")
            else:
                _add(found, (meaning, *words) if code == "en" else words, meaning)
    return found


@cache
def all_words_for(command: str, meaning: str) -> frozenset[str]:
    """Lists the folded words with a meaning in some language, though `words_for` may know them by another.

    "do" is "until" in Polish, "of" in Portuguese and Thursday in German.
    """
    found = {meaning: meaning}
    for language in LANGUAGES.values():
        _add(found, language.get("commands", {}).get(command, {}).get(meaning, ()), meaning)
    return frozenset(found)


def _add(found: dict[str, str], words: Iterable[str], meaning: str) -> None:
    for word in words:
        found.setdefault(" ".join(fold_case_accents(word).replace("'", " ").split()), meaning)
