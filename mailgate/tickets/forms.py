"""Form of a ticket: its fields, and whether required ones are missing.

Pure. A form that is no longer configured leaves its tickets as they are: nothing is asked any more, and the values are
shown under their names.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailgate.config import Form, Settings
from mailgate.core.form_fields import FormField

ASKED_MOST = 2  # how often missing details are asked for: with the receipt, and once again
Values = Mapping[str, str]


def fields_of(form: Form) -> tuple[FormField, ...]:
    """Returns the fields of a form, in its order."""
    return tuple(
        FormField(one.name, one.label, one.field_kind, one.required, one.choices, one.help) for one in form.fields
    )


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
