"""A form as text: a label with room behind it, and below it, in brackets, what is expected there.

    System:
    (required; one of: SAP, Mail)

    (End of the form)

The label stands alone on its line, so that no client wraps it and the answer fits behind it or below it; what is
expected stands in brackets, so that it is never read as an answer. Pure, never fails.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.core.form_fields import FieldKind, FormField
from mailgate.parsers.forms.wording import WORDINGS, Wording, wording_of


def write_form(blanks: Sequence[FormField], language: str) -> str:
    """The form that asks for these fields, "" where there is none."""
    if not blanks:
        return ""
    words = wording_of(language)
    fields = [f"{write_label(blank, language)}\n{write_hint(blank, language)}" for blank in blanks]
    return "\n\n".join([*fields, f"({words.end})"])


def write_label(blank: FormField, language: str) -> str:
    """The line that is answered."""
    label = blank.label.said(language)
    return label if label.endswith("?") else f"{label}{wording_of(language).colon}"


def write_hint(blank: FormField, language: str) -> str:
    """The line below it."""
    return _hint(blank, language, wording_of(language))


def write_expectation(blank: FormField, language: str) -> str:
    """What a value of this field must be: `one of: SAP, Mail`; "" where anything goes."""
    return _expectation(blank, wording_of(language))


def hints_of(blank: FormField) -> tuple[str, ...]:
    """The line below the label in every language that it may have been written in."""
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
