"""`mailgate.parsers` as a library; the values of enumerations that stand in the database and in JSON."""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mailgate.parsers import read_answer, read_commands, read_mail
from tests.contract.program import VALUES


def draw_values() -> Iterator[str]:
    """Yields the values of states, events, notices, timers and acts."""
    for name, values in VALUES.items():
        yield from sorted(f"{name}: {one.value}" for one in values)


def draw_parsers() -> Iterator[str]:
    """Yields the parameters of the three functions, and every field of what they return."""
    for function in (read_mail, read_answer, read_commands):
        hints = get_type_hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
            by_name = "*, " * (parameter.kind is parameter.KEYWORD_ONLY)
            yield f"{function.__name__}({by_name}{name}: {_spell(hints[name])}{default})"
        yield from _describe(hints["return"], f"{function.__name__}()")


def _describe(kind: Any, path: str) -> Iterator[str]:
    """Yields the fields, properties and methods of a value and of the values inside it."""
    if get_origin(kind) is tuple:
        path, kind = f"{path}[]", get_args(kind)[0]
    for value in (one for one in get_args(kind) or (kind,) if dataclasses.is_dataclass(one)):
        hints = get_type_hints(value)
        for field in dataclasses.fields(value):
            yield f"{path}.{field.name}: {_spell(hints[field.name])}"
            yield from _describe(hints[field.name], f"{path}.{field.name}")
        for name, member in vars(value).items():
            if isinstance(member, property):
                yield f"{path}.{name}: {_spell(get_type_hints(member.fget)['return'])}"
            elif inspect.isfunction(member) and not name.startswith("_"):
                parameters = ", ".join(list(inspect.signature(member).parameters)[1:])
                yield f"{path}.{name}({parameters}): {_spell(get_type_hints(member)['return'])}"


def _spell(kind: Any) -> str:
    """Spells a type without class names: a dataclass is "value", an enumeration is its values."""
    origin, inside = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(repr(one.value) for one in kind)
    if dataclasses.is_dataclass(kind):
        return "value"
    if origin is Literal:
        return " or ".join(map(repr, inside))
    if origin in (Union, types.UnionType):
        return " or ".join(map(_spell, inside))
    if origin is not None:
        return f"{origin.__name__}[{', '.join('...' if one is ... else _spell(one) for one in inside)}]"
    return "None" if kind is type(None) else str(kind.__name__)
