"""Puts the requester's own words above an agent's answers between them.

An agent quotes the desk's mail to the level, which has internal text, so that no quoted line is public
(`read_commands`). Words that the requester wrote may go back to them: those directly above an answer are put there if
they stand, in this order and with nothing left out, in one of the requester's own mails. In doubt a line is cut. Pure,
never fails, linear in the texts for each quoted line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set

from mailgate.parsers.quoting.quote_lines import is_quoted

LINES_LIMIT = 2_000  # lines of a mail that are looked at
LINE_LENGTH = 1_000  # letters of a quoted line; a longer one is cut
QUOTED_LINES = 20  # quoted lines above one answer
FEW = 4  # words that need not be a whole line
ANSWERS_LIMIT = 50  # answers of one mail

_WORD = re.compile(r"[^\W_]+")
_MARKS = "> \t\xa0"


def find_answered(public: str, written: str) -> dict[int, list[str]]:
    """Finds the quoted lines directly above each answer, by the number of the answer's first line in the public text.

    `written` is the text of the same mail with the quoted lines that it answers.
    """
    places: dict[str, list[int]] = {}
    for at, line in enumerate(public.split("\n")):
        places.setdefault(_flat(line), []).append(at)
    above: dict[int, list[str]] = {}
    run: list[str] = []
    start = 0
    for line in written.split("\n")[:LINES_LIMIT]:
        if is_quoted(line):
            run.append(line)
        elif line.strip():
            found = places.get(_flat(line), [])
            at = found[index] if (index := bisect_left(found, start)) < len(found) else -1
            if at >= 0:
                start = at + 1
                if run and len(above) < ANSWERS_LIMIT:
                    above[at] = run[-QUOTED_LINES:]
            run = []
    return above


def restore_answered(public: str, answered: Mapping[int, Sequence[str]], texts: Sequence[str]) -> str:
    """Returns an agent's public text with the quoted lines that stand above its answers, as `find_answered` gives them.

    `texts` are the requester's own words, one text for each of their mails.
    """
    known = [f" {' '.join(_words(text))} " for text in texts]
    whole = {" ".join(_words(line)) for text in texts for line in text.split("\n")}
    out: list[str] = []
    for at, line in enumerate(public.split("\n")):
        quoted = _own_words(answered[at], known, whole) if at in answered else []
        if quoted and out and out[-1].strip():
            out.append("")
        out += [*quoted, line]
    return "\n".join(out)


def _own_words(run: Sequence[str], known: Sequence[str], whole: Set[str]) -> list[str]:
    """The last lines of a quote, as far up as all their words stand together in one of the known texts.

    Few words, which anybody may have written, must be one of the `whole` lines of these texts.
    """
    words: list[str] = []
    kept: list[str] = []
    gap = False
    for line in reversed(run):
        bare = line.strip(_MARKS)
        above = _words(bare)
        if not above:
            gap = True
            continue
        together = f" {' '.join([*above, *words])} "
        if len(bare) > LINE_LENGTH or not any(together in text for text in known):
            break
        words = [*above, *words]
        kept = [f"> {bare}", *([">"] if gap and kept else []), *kept]
        gap = False
    return kept if len(words) >= FEW or " ".join(words) in whole else []


def _flat(line: str) -> str:
    return " ".join(line.split())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
