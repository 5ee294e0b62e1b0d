"""Fields of a log record: one set of names and values, written as key=value pairs or as JSON."""

from __future__ import annotations

import re

from mailgate.core.tokens import mask_tokens

_ALWAYS_QUOTED = frozenset({"way", "reason", "message", "warning", "words", "file", "folder", "report", "error"})
_BARE = re.compile(r"[^\s'\"\\]+")


class Fields:
    """Message of a log record: `log.info(Fields(action="store", result="ok", journal=47))`.

    A field that is None or "" is left out. `from_` is written as `from`. Values come from mails: one that could be
    taken for two fields, or for two lines, is quoted and escaped as Python does it, and a token is made useless.
    """

    __slots__ = ("values",)

    def __init__(self, **values: object) -> None:
        self.values = {name.rstrip("_"): value for name, value in values.items() if value is not None and value != ""}

    def __str__(self) -> str:
        return mask_tokens(" ".join(f"{name}={_show(name, value)}" for name, value in self.values.items()))


def _show(name: str, value: object) -> str:
    words = str(value)
    is_bare = name not in _ALWAYS_QUOTED and words.isprintable() and _BARE.fullmatch(words) is not None
    return words if is_bare else repr(words)
