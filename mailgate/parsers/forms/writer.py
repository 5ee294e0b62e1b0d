"""Writes a form as text: a label with room after it, and below it, in brackets, the expected value.

    System:
    (required; one of: SAP, Mail)

    (End of the form)

The label has a line of its own, so that no client wraps it and the value fits after it or below it; the hint stands in
brackets, so that it is never read as a value. Pure, never fails.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.core.form_fields import FieldKind, FormField
from mailgate.parsers.forms.wording import WORDINGS, Wording, wording_of


def write_form(blanks: Sequence[FormField], language: str) -> str:
    """Writes the form that asks for these fields, "" if there is none."""
    if not blanks:
        return ""
    words = wording_of(language)
    fields = [f"{write_label(blank, language)}\n{write_hint(blank, language)}" for blank in blanks]
    return "\n\n".join([*fields, f"({words.end})"])


def write_label(blank: FormField, language: str) -> str:
    """Writes the line that is filled in."""
    label = blank.label.said(language)
    return label if label.endswith("?") else f"{label}{wording_of(language).colon}"


def write_hint(blank: FormField, language: str) -> str:
    """Writes the hint line below a label."""
    return _hint(blank, language, wording_of(language))


def write_expectation(blank: FormField, language: str) -> str:
    """Describes the valid values of a field: `one of: SAP, Mail`; "" if anything is valid."""
    return _expectation(blank, wording_of(language))


def hints_of(blank: FormField) -> tuple[str, ...]:
    """The hint line of a field in every language that it may have been written in."""
    codes = dict.fromkeys((*(code for code, _ in blank.help.pairs), *WORDINGS))
    return tuple(dict.fromkeys(_hint(blank, code, words) for code in codes for words in WORDINGS.values()))


def _hint(blank: FormField, language: str, words: Wording) -> str:
    need = words.required if blank.required else words.optional
    parts = (need, _expectation(blank, words), blank.help.said(language))
    return f"({words.apart.join(part for part in parts if part)})"


def _expectation(blank: FormField, words: Wording) -> str:
    apart = " / " if any("," in choice for choice in blank.choices) else ", "
    expected = words.kinds.get(blank.kind, "")
    return expected.format(choices=apart.join(blank.choices)) if blank.kind is FieldKind.CHOICE else expected
