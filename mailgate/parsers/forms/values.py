"""Checks one value of a form field: the value in its stored form, or None if it is not valid.

A doubtful value is None: a wrong value is worse than one that is asked for again. Pure, linear, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from mailgate.core.form_fields import FieldKind, FormField
from mailgate.core.text import fold_alnum
from mailgate.parsers.forms.wording import WORDINGS, wording_of

LONGEST = 500  # characters of a value on one line
LONGEST_LONG = 5_000  # of one over several lines
_SHORT = 120  # of one that is a choice, a date, a number or an address

_MARKED = re.compile(r"^(?:\[[xX✓✔ ]?\]|\([xX✓✔]\)|[-*•☑☒✓✔]|\d{1,2}[.)](?!\d))\s*")
_ISO = re.compile(r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)")
_FIGURES = re.compile(r"(?<!\d)(\d{1,2})([-./])(\d{1,2})(?:\2|[- ](?=\d{4}))(\d{4}|\d{2})(?!\d)")  # 1/12-2026 too
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|[º°o]|:[ae]|\.)?\s{1,3}(?:(?:of|de)\s{1,3})?([^\W\d_]{3,12})\.?"
    r"(?:,?\s{1,3}(?:del?\s{1,3})?(\d{4})(?!\d))?"
)
_MONTH_FIRST = re.compile(
    r"(?<!\w)([^\W\d_]{3,12})\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s{1,3}(\d{4})(?!\d))?"
)
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?(?::\d{2}(?::\d{2})?|h(?:\d{2})?|[ap]\.?m\.?)(?!\w)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.,])[-+−]?\d{1,15}(?:[.,\s\xa0\u202f'’]\d{1,15}){0,6}(?![\d])")
_GAPS = re.compile(r"[\s\xa0\u202f'’]")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def check_value(form_field: FormField, written: str, language: str, today: date) -> str | None:
    """Returns the value as it is stored, or None; `today` is the day on which it was written."""
    if form_field.kind is FieldKind.LONG:
        return written[:LONGEST_LONG].strip()
    line = " ".join(written.split())
    if form_field.kind is FieldKind.TEXT:
        return line[:LONGEST]
    if len(line) > _SHORT:
        return None
    if form_field.kind is FieldKind.CHOICE:
        return _choose(line, form_field.choices)
    return _READERS[form_field.kind](line, language, today)


# -- a choice --------------------------------------------------------------------------------------------------------


def _choose(line: str, choices: tuple[str, ...]) -> str | None:
    """The one choice that a text names, alone or followed by other words: "SAP, please"."""
    by_key = {fold_alnum(choice): choice for choice in choices}
    for bare in (line, _MARKED.sub("", line)):
        if (exact := by_key.get(fold_alnum(bare))) is not None:
            return exact
    words = [key for word in _MARKED.sub("", line).split() if (key := fold_alnum(word))]
    named = list(_named(words, choices))
    is_alone = len({choice for _, choice in named}) == 1
    return named[0][1] if is_alone and (named[0][0] == 0 or _is_hint(line)) else None


def _is_hint(line: str) -> bool:
    """Tells whether a line is the hint below the label, reduced to one choice."""
    needs = tuple(fold_alnum(need) for words in WORDINGS.values() for need in (words.required, words.optional))
    return line.startswith("(") and fold_alnum(line).startswith(needs)


def _named(words: list[str], choices: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Finds the choices that a text names, the longest that fits at each place."""
    keyed = sorted(
        ((tuple(filter(None, map(fold_alnum, one.split()))), one) for one in choices), key=lambda k: -len(k[0])
    )
    at = 0
    while at < len(words):
        found = next(((key, one) for key, one in keyed if key and tuple(words[at : at + len(key)]) == key), None)
        if found is not None:
            yield at, found[1]
        at += len(found[0]) if found is not None else 1


# -- a date ----------------------------------------------------------------------------------------------------------


def _read_date(line: str, language: str, today: date) -> str | None:
    """Reads the only date of a line, in ISO 8601."""
    key = fold_alnum(line)
    for words in WORDINGS.values():
        if key in words.days:
            return (today + timedelta(days=words.days[key])).isoformat()
    line = _TIME.sub(" ", line)
    for pattern, read in ((_ISO, _iso), (_FIGURES, _figures), (_DAY_FIRST, _day_first), (_MONTH_FIRST, _month_first)):
        for found in pattern.finditer(line):
            day = read(found, language, today)
            if day is not None:
                rest = line[: found.start()] + line[found.end() :]
                return None if any(letter.isdigit() for letter in rest) else day.isoformat()
    return None


def _iso(found: re.Match[str], _language: str, _today: date) -> date | None:
    return _date(int(found[1]), int(found[2]), int(found[3]))


def _figures(found: re.Match[str], language: str, _today: date) -> date | None:
    """Reads a date in figures: 1.12.2026 is day first, 1/12/2026 too unless the language is month first."""
    day, month = int(found[1]), int(found[3])
    year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
    if found[2] != "." and wording_of(language).month_first and day != month:
        if day <= 12 and month <= 12:
            return None
        if month > 12:
            day, month = month, day
    return _date(year, month, day)


def _day_first(found: re.Match[str], _language: str, today: date) -> date | None:
    return _named_month(found[2], int(found[1]), found[3], today)


def _month_first(found: re.Match[str], _language: str, today: date) -> date | None:
    return _named_month(found[1], int(found[2]), found[3], today)


def _named_month(name: str, day: int, year: str | None, today: date) -> date | None:
    key = fold_alnum(name)
    month = next((words.months[key] for words in WORDINGS.values() if key in words.months), None)
    if month is None:
        return None
    if year:
        return _date(int(year), month, day)
    near = [found for away in (-1, 0, 1) if (found := _date(today.year + away, month, day)) is not None]
    return min(near, key=lambda found: abs(found - today), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2999 else None
    except ValueError:
        return None


# -- a number, an address --------------------------------------------------------------------------------------------


def _read_number(line: str, language: str, _today: date) -> str | None:
    """Reads the only number of a line, with a decimal point: "1 200,50 €" is 1200.50."""
    found = _NUMBER.findall(line)
    if len(found) != 1:
        return None
    number = _GAPS.sub("", found[0].replace("−", "-")).lstrip("+")
    other = "," if wording_of(language).decimal == "." else "."
    signs = [letter for letter in number if letter in ".,"]
    if not signs:
        return number
    last = signs[-1]
    whole, _, part = number.rpartition(last)
    is_group = len(signs) > 1 and len(set(signs)) == 1
    if is_group or (last == other and len(part) == 3):
        return number.replace(last, "")
    return f"{whole.replace('.', '').replace(',', '')}.{part}"


def _read_address(line: str, _language: str, _today: date) -> str | None:
    """Reads the only address of a line; clients write some of them twice, as a link."""
    found = {one.casefold(): one.rstrip(".") for one in _ADDRESS.findall(line.replace("mailto:", " "))}
    return next(iter(found.values())) if len(found) == 1 else None


_READERS: dict[FieldKind, Callable[[str, str, date], str | None]] = {
    FieldKind.DATE: _read_date,
    FieldKind.NUMBER: _read_number,
    FieldKind.ADDRESS: _read_address,
}
