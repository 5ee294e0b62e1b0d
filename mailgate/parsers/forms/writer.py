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


def write_form(form_fields: Sequence[FormField], language: str) -> str:
    """Writes the form that asks for these fields, "" if there is none."""
    if not form_fields:
        return ""
    words = wording_of(language)
    fields = [f"{write_label(one, language)}\n{write_hint(one, language)}" for one in form_fields]
    return "\n\n".join([*fields, f"({words.end})"])


def write_label(form_field: FormField, language: str) -> str:
    """Writes the line that is filled in."""
    label = form_field.label.said(language)
    return label if label.endswith("?") else f"{label}{wording_of(language).colon}"


def write_hint(form_field: FormField, language: str) -> str:
    """Writes the hint line below a label."""
    return _hint(form_field, language, wording_of(language))


def write_expectation(form_field: FormField, language: str) -> str:
    """Describes the valid values of a field: `one of: SAP, Mail`; "" if anything is valid."""
    return _expectation(form_field, wording_of(language))


def hints_of(form_field: FormField) -> tuple[str, ...]:
    """The hint line of a field in every language that it may have been written in."""
    codes = dict.fromkeys((*(code for code, _ in form_field.help.pairs), *WORDINGS))
    return tuple(dict.fromkeys(_hint(form_field, code, words) for code in codes for words in WORDINGS.values()))


def _hint(form_field: FormField, language: str, words: Wording) -> str:
    need = words.required if form_field.required else words.optional
    parts = (need, _expectation(form_field, words), form_field.help.said(language))
    return f"({words.apart.join(part for part in parts if part)})"


def _expectation(form_field: FormField, words: Wording) -> str:
    apart = " / " if any("," in choice for choice in form_field.choices) else ", "
    expected = words.kinds.get(form_field.kind, "")
    return expected.format(choices=apart.join(form_field.choices)) if form_field.kind is FieldKind.CHOICE else expected
