"""Errors that pydantic found, as sentences for the operator: the key first, then what to write instead.

Pure. A kind of error that has no sentence here keeps pydantic's own.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, get_args

from pydantic_core import ErrorDetails

from mailgate.config.tables import ConfigTable, IntakeTable

Key = tuple[str | int, ...]

_SENTENCES = {
    "missing": "missing; it has no default",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list in [brackets]",
    "model_type": "must be a table of keys",
    "dict_type": "must be a table of keys",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}
_PATTERNS = {
    "reference": "must be up to 16 capital letters and digits, starting with a letter, such as SUP",
}


def key_text(key: Key) -> str:
    """The key as the operator would look for it: `intake.imap[0].port`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def describe(error: ErrorDetails, root: type[ConfigTable], extra_keys: tuple[str, ...] = ()) -> str:
    """Describes what is wrong with a key. `extra_keys` are the keys of the file itself that `root` has no field for."""
    location, context = error["loc"], error.get("ctx", {})
    kind = error["type"]
    match kind:
        case "tuple_type" if location[0] == "intake" and location[1] in _TABLE_LISTS:
            return f"needs one table per source: write [[intake.{location[-1]}]], with two brackets"
        case "tuple_type" if location[-1:] in (("promises",), ("reports",), ("rules",), ("hooks",)):
            return f"is a table for each: write [[{location[-1]}]], with two brackets"
        case "value_error":
            return str(context["error"])
        case "extra_forbidden":
            known = keys_of(_table_at(root, location[:-1])) + (extra_keys if len(location) == 1 else ())
            return _unknown(str(location[-1]), known)
        case "literal_error":
            return f"must be one of {_as_toml(str(context['expected']))}"
        case "greater_than" | "greater_than_equal":
            return f"must be {'more than' if kind == 'greater_than' else 'at least'} {_bound(context)}"
        case "less_than" | "less_than_equal":
            return f"must be {'less than' if kind == 'less_than' else 'at most'} {_bound(context)}"
        case "string_pattern_mismatch":
            return next((_PATTERNS[str(part)] for part in location if part in _PATTERNS), error["msg"])
    return _SENTENCES.get(kind, error["msg"])


def keys_of(table: type[ConfigTable]) -> tuple[str, ...]:
    """The keys of a table, as they are written in the file."""
    return tuple(field.alias or name for name, field in table.model_fields.items())


def _as_toml(expected: str) -> str:
    return expected.replace("'", '"').replace("True", "true").replace("False", "false")


def _bound(context: dict[str, Any]) -> str:
    return f"{next(value for name, value in context.items() if name in ('gt', 'ge', 'lt', 'le')):g}"


def _unknown(key: str, known: tuple[str, ...]) -> str:
    written = [name for name in known if not name.startswith("(")]
    close = get_close_matches(key, written, n=1)
    return (
        f'unknown key; did you mean "{close[0]}"?'
        if close
        else (f"unknown key; the keys here are: {', '.join(written)}")
    )


def _table_at(table: type[ConfigTable], location: Key) -> type[ConfigTable]:
    named = location[:1] in (("queues",), ("forms",))  # a queue's name is no key, and neither is a form's
    inside = (location[0], *location[2:]) if named else location
    for part in inside:
        field = next((each for name, each in table.model_fields.items() if part in (name, each.alias)), None)
        table = _table_in(field.annotation) if field else table
    return table


def _table_in(annotation: Any) -> type[ConfigTable]:
    if isinstance(annotation, type) and issubclass(annotation, ConfigTable):
        return annotation
    return next((_table_in(part) for part in get_args(annotation) if _holds_table(part)), ConfigTable)


def _holds_table(annotation: Any) -> bool:
    if isinstance(annotation, type) and not get_args(annotation):
        return issubclass(annotation, ConfigTable)
    return any(_holds_table(part) for part in get_args(annotation))


_TABLE_LISTS = {name for name, field in IntakeTable.model_fields.items() if _holds_table(field.annotation)}
