"""Writes dates, numbers, durations, sizes and names of languages and places as a language has them (CLDR, by Babel).

A language is a code such as "fr" or "pt-br". Alone, "en" and "pt" are those of Great Britain and Portugal. A language
that CLDR does not know is written as English. Pure, and fails for nothing that is a number or a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_datetime, format_time, get_timezone_location
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

_COUNTRIES = {"en": "en_GB", "pt": "pt_PT"}
_SPACE = "\u00a0"
_SIZES = ("byte", "kilobyte", "megabyte", "gigabyte")
_SPACES = re.compile(r"[\s,]+")
_ELIDED = re.compile(r"\bde (?=[AÂEÉÈÊIÎOÔU])")
_WIDE, _SHORT = "wide", "abbreviated"


@cache
def find_locale(language: str) -> Locale:
    """Returns the locale of a language."""
    code = _COUNTRIES.get(language.lower(), language.replace("-", "_"))
    try:
        return Locale.parse(code)
    except (ValueError, UnknownLocaleError):
        primary = language.partition("-")[0]
        return find_locale(primary if primary != language else "en")


@cache
def list_words(language: str) -> Mapping[str, Any]:
    """Returns the words of dates: `days` from Monday on, `short_days`, and `months` as they stand within a date."""
    locale = find_locale(language)
    return {
        "locale": language,
        "days": [locale.days["format"][_WIDE][day] for day in range(7)],
        "short_days": [locale.days["format"][_SHORT][day] for day in range(7)],
        "months": [locale.months["format"][_WIDE][month] for month in range(1, 13)],
    }


def write_time(moment: datetime | time, pattern: str, language: str) -> str:
    """Writes the time of a day by a pattern of CLDR, such as "HH:mm"."""
    return str(format_time(moment, pattern, locale=find_locale(language)))


def write_stamp(local: datetime, language: str) -> str:
    """Writes date and time in digits: `24/11/2026 09:30`."""
    written = str(format_datetime(local, "short", locale=find_locale(language)))
    return _SPACES.sub(" ", written)


@cache
def name_city(zone: ZoneInfo, language: str) -> str:
    """Returns the city of a time zone in a language: "Paris", "Lisbonne"; its name where it has none."""
    key = str(zone)
    if "/" not in key:
        return key
    if key in get_global("zone_aliases"):  # CLDR names the city of another zone, such as Toronto for Montreal
        return key.rpartition("/")[2].replace("_", " ")
    return str(get_timezone_location(zone, locale=find_locale(language), return_city=True))


def contract(text: str, language: str) -> str:
    """Contracts the French "de" with the name of a city behind it: "heure d’Oslo", "heure du Caire".

    Before an h it stays, as most careful writers have it for foreign cities. For the names of people, sentences are
    written so that nothing needs to be contracted.
    """
    if language.partition("-")[0] != "fr":
        return text
    return _ELIDED.sub("d’", text.replace(" de Le ", " du "))


def name_language(code: str, language: str) -> str:
    """Returns the name of the language `code` in a language: "allemand"; the code where CLDR has none."""
    primary, _, country = code.partition("-")
    names = find_locale(language).languages
    return str(names.get(f"{primary}_{country.upper()}", names.get(primary, code)))


def write_size(count: int, language: str) -> str:
    """Writes a number of bytes as `640 bytes` or `2.4 MB`; 1 kB is 1024 bytes, as for the command line and file
    managers."""
    amount, unit = float(count), 0
    while amount >= 1024 and unit < len(_SIZES) - 1:
        amount, unit = amount / 1024, unit + 1
    written = format_unit(
        round(amount, 1) if unit else count,
        f"digital-{_SIZES[unit]}",
        "short" if unit else "long",
        format="#,##0.#",
        locale=find_locale(language),
    )
    return written.replace(" ", _SPACE)


def write_duration(count: int, unit: str, language: str) -> str:
    """Writes a length of time in full, its `unit` one of second, minute, hour, day and week: `3 days`."""
    return str(format_unit(count, f"duration-{unit}", "long", locale=find_locale(language))).replace(" ", _SPACE)


def write_number(value: float, language: str, digits: int = 1) -> str:
    """Writes a number with so many digits behind the decimal mark: `4.2`."""
    return str(format_decimal(value, f"0.{'0' * digits}", locale=find_locale(language)))


def write_percent(value: float, language: str) -> str:
    """Writes a share in whole percent, of which `value` are given: `75%`."""
    return str(format_percent(value / 100, locale=find_locale(language)))
