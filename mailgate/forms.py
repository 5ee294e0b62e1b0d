"""The forms of a desk as its tickets meet them: what a form asks for, what is given, what is missing.

Pure. A form that was taken out of the configuration leaves its tickets as they are: nothing is asked any more, and what
was given is shown under its names.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailgate.blanks import Blank
from mailgate.config import Form, Settings
from mailgate.config.forms import TAKEN
from mailgate.notices import Detail
from mailgate.parsers.forms import Wrong, write_expectation, write_form

ASKED_MOST = 2  # how often missing details are asked for: with the receipt, and once again
_SHOWN = 300  # characters of a value that a notice shows; the whole stands in the request and in the ticket

Values = Mapping[str, str]


def blanks_of(form: Form) -> tuple[Blank, ...]:
    """What a form asks for."""
    return tuple(Blank(one.name, one.label, one.blank_kind, one.required, one.choices, one.help) for one in form.fields)


def wants_details(settings: Settings, name: str, values: Values, asked: int) -> bool:
    """Whether the requester shall be asked for what is missing, after so many times."""
    form = settings.forms.get(name)
    return form is not None and asked < ASKED_MOST and any(_is_missing(blank, values) for blank in blanks_of(form))


def ask(settings: Settings, name: str, values: Values, wrong: tuple[Wrong, ...], asked: int, language: str) -> str:
    """The form to be filled in: at first with all that is not given yet, then only with what is needed."""
    form = settings.forms.get(name)
    if form is None:
        return ""
    objected = {one.name for one in wrong}
    wanted = [
        blank
        for blank in blanks_of(form)
        if _is_missing(blank, values) or blank.name in objected or (asked <= 1 and blank.name not in values)
    ]
    return write_form(wanted, language)


def title(settings: Settings, name: str, language: str) -> str:
    """What the form is called, "" for none."""
    form = settings.forms.get(name)
    return form.title.said(language) if form is not None else name


def show(settings: Settings, name: str, values: Values, wrong: tuple[Wrong, ...], language: str) -> tuple[Detail, ...]:
    """What is given, what is missing, and what was written and cannot be taken, in the order of the form."""
    form = settings.forms.get(name)
    if form is None:
        return tuple(Detail(one, _gist(value)) for one, value in values.items() if one not in TAKEN)
    written = {one.name: one.written for one in wrong}
    details = []
    for blank in blanks_of(form):
        label = blank.label.said(language).rstrip("? \xa0")
        expected = write_expectation(blank, language)
        if blank.name in written:
            details.append(Detail(label, _gist(written[blank.name]), "wrong", expected))
        elif blank.name in values:
            details.append(Detail(label, _gist(values[blank.name])))
        elif blank.required:
            details.append(Detail(label, "", "missing", expected))
    return tuple(details)


def _is_missing(blank: Blank, values: Values) -> bool:
    return blank.required and blank.name not in values


def _gist(value: str) -> str:
    """A value on one line."""
    line = " ".join(value.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rstrip() + "…"
