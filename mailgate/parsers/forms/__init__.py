"""Mailed forms: written as a text that anybody can fill in by replying, and read back from whatever came of it.

    wording   the words around the fields, from `languages/forms.toml`
    writing   what a form asks for (`blanks`) → its text
    reading   the text of a mail → what was filled in, what is missing, what is not as expected
    values    one value: a choice, a date, a number, an address

Pure. Nothing here raises on what people write, and all of it is linear.
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
