"""Reads for which tickets a command is meant, where its line names them: its targets (docs/agents.md).

They are references at the beginning of the argument (`#close SUP-3 SUP-7 no answer`) or at its end (`#assign
bob@example.com SUP-4 and SUP-5`). Words of the agent's own may end with a reference, and a duplicate names one, so that
behind those none is a target: there the references stand first. A bare number is no reference. Pure, never raises,
linear in the argument.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailgate.core.text import fold_case_accents
from mailgate.parsers.commands.arguments import CloseKind, read_close_reason, read_reference
from mailgate.parsers.commands.lines import FREE
from mailgate.parsers.vocabulary import QUESTIONS, vocabulary

_OF_ONE = {"merge", "link", "split", "requester", "to", "ask", "approve-by", "kb", "reply", "status"}
WITHOUT_TARGETS = frozenset(_OF_ONE) | QUESTIONS
"""Commands whose argument names tickets in a meaning of its own, or that mean nothing for several tickets."""
_WORD = re.compile(r"[^\s,;、，；]+")
_BETWEEN = frozenset({"&", "+"})
_AROUND = " \t\xa0\n,;:、，；：.-–—"
_LONGEST = 8_000  # letters of an argument that are looked at
_WHOLE = (CloseKind.WITHDRAWN, CloseKind.NO_ANSWER, CloseKind.SPAM)  # reasons that name nothing


def part_targets(name: str, args: str) -> tuple[tuple[str, ...], str]:
    """Splits the argument of a command into the tickets that it is for, once each, and the rest.

    Where it names none, or the command takes none, the argument is returned as it is.
    """
    if name in WITHOUT_TARGETS or len(args) > _LONGEST:
        return (), args
    words = [(found[0], found.start(), found.end()) for found in _WORD.finditer(args)]
    at_start, read = _run([word for word, _, _ in words])
    if at_start:
        between = _AROUND.rstrip("-–—") if name == "tag" else _AROUND  # a minus takes a tag off
        return at_start, args[words[read - 1][2] :].lstrip(between)
    at_end, read = _run([word for word, _, _ in reversed(words)])
    head = args[: words[-read][1]].rstrip(_AROUND) if at_end else ""
    return (at_end[::-1], head) if at_end and _may_end_with_targets(name, head) else ((), args)


def _run(words: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Reads the references that a list of words begins with, and how many words they take.

    Between two of them may stand an "and" of any language; behind a colon begins the argument.
    """
    found: dict[str, None] = {}
    between = vocabulary().units["and"] | _BETWEEN
    read = at = 0
    while at < len(words):
        word = words[at]
        reference = read_reference(word.rstrip(":："))
        if reference is not None:
            found.setdefault(reference)
            read = at + 1
        elif not found or read < at or fold_case_accents(word) not in between:
            break
        at += 1
        if reference is not None and word[-1] in ":：":
            break
    return tuple(found), read


def _may_end_with_targets(name: str, head: str) -> bool:
    """Tells whether references behind `head` are targets: not behind free words, which may end with one."""
    if name == "close":
        reason = read_close_reason(head)
        return reason.kind in _WHOLE and not reason.detail
    return name not in FREE or (name == "route" and len(head.split()) == 1)
