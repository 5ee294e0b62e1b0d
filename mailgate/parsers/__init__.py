"""Reads mails and texts into values. Pure: nothing here raises on mail; defects are reported instead.

message       raw mail → Mail                       addresses     address headers
mime/         headers, parts, charsets, files       html/         HTML → text
quoting/      quotes, signatures and footers        language      the language of a text
classify/     kind of mail, bounces                 thread_keys   keys to the ticket of a reply
replies/      a requester's reply: resolved or not  yes_no        the answer to a challenge
ratings       satisfaction ratings                  forms/        mailed forms
commands/     an agent's commands                   vocabulary    the words for them
forwards      forwarded mail                        articles      knowledge base articles
search_terms  words for the knowledge base search   anonymize     a text without personal data
languages/    the words of each language, as data   phrases, preload: loading them
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
    """Imports a function at its first use, so that importing one submodule does not load the others."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
