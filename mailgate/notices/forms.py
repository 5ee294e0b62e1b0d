"""Shows a ticket's form in a notice, to its requester and to agents. Pure."""

from __future__ import annotations

from mailgate.config import Settings
from mailgate.config.forms import TAKEN
from mailgate.core.text import ellipsis
from mailgate.notices.rendering.content import FormValue
from mailgate.parsers.forms import InvalidValue, write_expectation, write_form
from mailgate.tickets.forms import Values, fields_of, is_missing

_SHOWN = 300  # characters of a value that a notice shows; the whole stands in the request and in the ticket


def ask(
    settings: Settings, name: str, values: Values, wrong: tuple[InvalidValue, ...], asked: int, language: str
) -> str:
    """Writes the form to be filled in: at first all that is not given yet, later only what is required."""
    form = settings.forms.get(name)
    if form is None:
        return ""
    objected = {one.name for one in wrong}
    wanted = [
        form_field
        for form_field in fields_of(form)
        if is_missing(form_field, values)
        or form_field.name in objected
        or (asked <= 1 and form_field.name not in values)
    ]
    return write_form(wanted, language)


def title(settings: Settings, name: str, language: str) -> str:
    """Returns the form's title, "" for none."""
    form = settings.forms.get(name)
    return form.title.said(language) if form is not None else name


def show(
    settings: Settings, name: str, values: Values, wrong: tuple[InvalidValue, ...], language: str
) -> tuple[FormValue, ...]:
    """Lists given, missing and invalid values, in the order of the form."""
    form = settings.forms.get(name)
    if form is None:
        return tuple(FormValue(one, ellipsis(value, _SHOWN)) for one, value in values.items() if one not in TAKEN)
    written = {one.name: one.written for one in wrong}
    details = []
    for form_field in fields_of(form):
        label = form_field.label.said(language).rstrip("? \xa0")
        expected = write_expectation(form_field, language)
        if form_field.name in written:
            details.append(FormValue(label, ellipsis(written[form_field.name], _SHOWN), "wrong", expected))
        elif form_field.name in values:
            details.append(FormValue(label, ellipsis(values[form_field.name], _SHOWN)))
        elif form_field.required:
            details.append(FormValue(label, "", "missing", expected))
    return tuple(details)
