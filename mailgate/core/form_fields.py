"""Fields of a form, with their labels in every language.

Frozen values; nothing here can fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class FieldKind(StrEnum):
    """Kind of value that a field takes. The values are those of the configuration."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    DATE = "date"
    NUMBER = "number"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Texts:
    """Text in one or more languages: pairs of a language code and the text; the code "" is for all languages."""

    pairs: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return any(text for _, text in self.pairs)

    @property
    def all(self) -> tuple[str, ...]:
        """Returns the text in every language."""
        return tuple(text for _, text in self.pairs)

    def said(self, language: str) -> str:
        """Returns the text in that language, else its base (`pt` of `pt-br`), else the one for all, else the first."""
        known = dict(self.pairs)
        wanted = (language, language.partition("-")[0], "")
        return next((known[code] for code in wanted if code in known), self.pairs[0][1] if self.pairs else "")


@dataclass(frozen=True, slots=True)
class FormField:
    """Field to fill in. The ticket keeps its value under `name`."""

    name: str
    label: Texts
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    help: Texts = field(default=Texts())
