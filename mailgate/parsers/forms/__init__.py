"""Mailed forms: written as a text that people fill in by replying, and read back from the reply.

    wording   the words around the fields, from `languages/forms.toml`
    writer    form fields → the text of a form
    reader    the text of a mail → filled-in values, missing fields, invalid values
    values    one value: a choice, a date, a number, an address

Pure and linear; nothing here raises on what people write.
"""

from mailgate.parsers.forms.reader import FilledForm, InvalidValue, read_form
from mailgate.parsers.forms.writer import write_expectation, write_form

__all__ = [
    "FilledForm",
    "InvalidValue",
    "read_form",
    "write_expectation",
    "write_form",
]
