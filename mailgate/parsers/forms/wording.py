"""The words of forms in each shipped language. A broken data file is a bug of the package and raises at import."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from mailgate.core.text import fold_alnum


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language.

    `kinds` says what a kind of field expects, `months` maps a folded name to its number, `days` a folded word such as
    "tomorrow" to its distance from today.
    """

    colon: str
    apart: str
    required: str
    optional: str
    kinds: Mapping[str, str]
    end: str
    months: Mapping[str, int]
    days: Mapping[str, int]
    month_first: bool
    decimal: str


def wording_of(language: str) -> Wording:
    """The words of a language, of its base language, or the English ones."""
    return WORDINGS.get(language) or WORDINGS.get(language.partition("-")[0]) or WORDINGS["en"]


def _wording(section: Mapping[str, Any]) -> Wording:
    months = {fold_alnum(name): at for at, names in enumerate(section["months"], 1) for name in names.split()}
    days = {
        fold_alnum(word): away
        for key, away in (("today", 0), ("tomorrow", 1), ("yesterday", -1))
        for word in section[key]
    }
    return Wording(
        colon=section["colon"],
        apart=section["apart"],
        required=section["required"],
        optional=section["optional"],
        kinds=MappingProxyType({key: section[key] for key in ("choice", "date", "number", "address", "long")}),
        end=section["end"],
        months=MappingProxyType(months),
        days=MappingProxyType(days),
        month_first=section["month_first"],
        decimal=section["decimal"],
    )


def _read() -> dict[str, Wording]:
    text = (files("mailgate.parsers") / "languages" / "forms.toml").read_text("utf-8")
    return {code: _wording(section) for code, section in tomllib.loads(text).items()}


WORDINGS: Mapping[str, Wording] = MappingProxyType(_read())
