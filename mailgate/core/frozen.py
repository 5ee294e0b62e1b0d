"""Copies of frozen dataclasses with some fields changed, several times as fast as `dataclasses.replace`.

That one asks each field of the class what it is, and calls an `__init__` which sets each by name: for the sixty fields
of a ticket it takes as long as a statement of the database. Here a function made once for each class copies the slots.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # with the checks that mypy knows for it: names and types of the fields
    from dataclasses import replace as replace
else:

    def replace(value, /, **changes):
        """Returns a copy of a dataclass with these fields changed.

        A class without slots, or with more to do than to set its fields (`__post_init__`, fields that are not
        arguments), is copied by `dataclasses.replace`. Raises AttributeError or TypeError for a name that is no field.
        """
        copy = _copier_of(value.__class__)
        if copy is None:
            return dataclasses.replace(value, **changes)
        new = copy(value)
        for name, changed in changes.items():
            _set(new, name, changed)
        return new


_set = object.__setattr__  # a frozen class refuses its own


@lru_cache(maxsize=256)  # classes, of which there are fewer
def _copier_of(cls: Any) -> Any:
    """Makes the function that copies the values of a class, slot by slot; None where that would not be enough."""
    fields = dataclasses.fields(cls)
    plain = all(field.init for field in fields) and len(fields) == len(cls.__dataclass_fields__)
    does_more = hasattr(cls, "__post_init__") or getattr(cls, "__new__", None) is not object.__new__
    if not plain or does_more or cls.__dictoffset__:
        return None
    names = [field.name for field in fields]
    lines = "".join(f"    set_{name}(new, old.{name})\n" for name in names)
    scope = {f"set_{name}": getattr(cls, name).__set__ for name in names}
    scope |= {"cls": cls, "new_of": object.__new__}
    exec(f"def copy(old):\n    new = new_of(cls)\n{lines}    return new", scope)
    return scope["copy"]
