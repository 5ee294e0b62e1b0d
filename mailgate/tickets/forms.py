"""Form of a ticket: its fields, and whether required ones are missing.

Pure. A form that is no longer configured leaves its tickets as they are: nothing is asked any more, and the values are
shown under their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mailgate.config import Form, Settings
from mailgate.core.form_fields import FormField
from mailgate.parsers.forms import FilledForm, read_form

ASKED_MOST = 2  # how often missing details are asked for: with the receipt, and once again
Values = Mapping[str, str]


def fields_of(form: Form) -> tuple[FormField, ...]:
    """Returns the fields of a form, in its order."""
    return tuple(
        FormField(one.name, one.label, one.field_kind, one.required, one.choices, one.help) for one in form.fields
    )


def read_fields(
    settings: Settings, name: str, queue: str, language: str, at: datetime, new_text: str, text: str = ""
) -> FilledForm:
    """Reads what a mail to a queue fills into a form; `text` is the whole mail where it answers the form, else ""."""
    today = at.astimezone(settings.queue_of(queue).zone).date()
    return read_form(fields_of(settings.forms[name]), text, new_text, language, today)


def merge_values(settings: Settings, name: str, was: str, values: Values, said: Values) -> Values:
    """Returns the values of a ticket that becomes one of the form `name`; `was` is its form before, "" for none.

    `said` is what its request fills in already, and what was asked for since goes before it. Of another form's values
    those stay that are no field of this one.
    """
    own = {form_field.name for form_field in fields_of(settings.forms[name])} if was != name else set()
    return {**said, **{one: value for one, value in values.items() if one not in own}}


def wants_details(settings: Settings, name: str, values: Values, asked: int) -> bool:
    """Tells whether the requester is asked for missing values again, after `asked` times."""
    form = settings.forms.get(name)
    return (
        form is not None
        and asked < ASKED_MOST
        and any(is_missing(form_field, values) for form_field in fields_of(form))
    )


def is_missing(form_field: FormField, values: Values) -> bool:
    return form_field.required and form_field.name not in values
