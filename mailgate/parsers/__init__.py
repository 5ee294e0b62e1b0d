"""Bytes and text to values: what a mail says. Pure; nothing here raises on mail, defects are reported instead.

message      raw mail → Mail              addresses: who stands in a header
structure/   what it is made of           hypertext/: HTML as a person reads it
quotes/      what was written now         phrases: the words by which that is told
kinds/       what sort of mail it is, and whom a mail did not reach
references   which ticket it may be of    language: which language it is in
answers/     resolved, not fixed, unclear
commands     what an agent wants done     commandlines, arguments; vocabulary: the words for it
languages/   all these words, as data     preparation: reads them before the first mail comes
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailgate.parsers.commands import read_commands
    from mailgate.parsers.message import read_mail
    from mailgate.parsers.replies.answer import read_answer

__all__ = ["read_answer", "read_commands", "read_mail"]

_PLACES = {"read_answer": "replies.answer", "read_commands": "commands", "read_mail": "message"}


def __getattr__(name: str) -> Any:
    """Found when it is asked for: whoever needs one of the small rooms alone does not wait for the large ones."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
