"""The words that agents may write after `#`, in every shipped language.

Loads the `[commands]` part of the language files (`languages/LL.toml`) and the commands of other desks
(`languages/other_desks.toml`) at import; finds the English name of a word, and the nearest known word of a mistyped
one. Pure. A broken language file is a bug of the package and raises at import.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mailgate.core.text import fold_case_accents

_ORDERS = """
resolve escalate handback note waiting ask time type priority cause tag used assign take route merge close reopen status
approve approve-by reject split link undo spam cc requester to kb reply later form
"""
_CHANGES_SOMETHING = {  # each question to the desk, and whether the answer also changes something
    "list": False,
    "show": False,
    "explain": False,
    "find": False,
    "report": False,
    "away": True,
    "blocked": False,
    "unblock": True,
    "help": False,
}
QUESTIONS = frozenset(_CHANGES_SOMETHING)
"""The commands that ask the desk and move no ticket."""
HARMLESS_QUESTIONS = frozenset(name for name, changes in _CHANGES_SOMETHING.items() if not changes)
"""Those that change nothing: the answer goes to the agent's own address, so that nobody has to prove who asks."""
COMMANDS = frozenset(_ORDERS.split()) | QUESTIONS
"""The English name of every command."""

_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_COLOUR = re.compile(r"[a-f]{3}|[a-f]{4}|[a-f]{6}|[a-f]{8}")


def _read_languages() -> dict[str, Mapping[str, Any]]:
    folder = files("mailgate.parsers") / "languages"
    found = sorted((entry.name, entry) for entry in folder.iterdir() if re.fullmatch(r"[a-z]{2}\.toml", entry.name))
    return {name.removesuffix(".toml"): tomllib.loads(entry.read_text("utf-8")) for name, entry in found}


LANGUAGES: Mapping[str, Mapping[str, Any]] = _read_languages()
"""Language code → its file as it stands."""


def _read_other_desks() -> dict[str, str]:
    text = (files("mailgate.parsers") / "languages" / "other_desks.toml").read_text("utf-8")
    return {word: name for name, found in tomllib.loads(text).items() for word in found.split()}


OTHER_DESKS: Mapping[str, str] = _read_other_desks()
"""Commands of other desks → the English name of the nearest command."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A word prepared for `nearest`: the number of edits allowed, and its letters as bits."""

    word: str
    reach: int
    letters: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The command words of some languages; every key is folded, every value is the English word.

    `exact` are words that count only with their accents, not folded. `spelling` maps a folded word to the language's
    spelling, for notices to the agent. `units` are the words for hours, minutes and the "and" between them.
    """

    names: Mapping[str, str]
    exact: Mapping[str, str]
    spelling: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    closings: Mapping[str, str]
    units: Mapping[str, frozenset[str]]
    hashtags: frozenset[str]
    known: tuple[_Known, ...]

    def name_of(self, word: str) -> str:
        """The English name of a command word, "" if it is none."""
        return self.names.get(fold_case_accents(word)) or (
            "" if word.isascii() else self.exact.get(word.casefold(), "")
        )

    def nearest(self, word: str) -> str | None:
        """The known word that `word` misspells, in its language's spelling; None if there is none.

        Within two edits (a swap of neighbours is one) of a word of five letters or more, one edit of a word of four,
        never of a shorter one. The closest wins, then the English one, then the first by the alphabet. In a script
        without spaces, a known word with more text after it counts too. Frequent hashtags and colours (`#fade`) are no
        misspellings.
        """
        given = fold_case_accents(word)
        if given in self.hashtags or given in self.names or _COLOUR.fullmatch(given):
            return None
        letters = _letters(given)
        near = (one for one in self.known if (letters ^ one.letters).bit_count() <= 2 * one.reach)
        best = min(
            ((distance, one.word not in COMMANDS, one.word) for one in near
             if (distance := _edits(given, one.word, one.reach)) <= one.reach),
            default=None,
        )  # fmt: skip
        if best is not None:
            return self.spelling[best[2]]
        return self._beginning(given) if _SPACELESS.match(given) else None

    def _beginning(self, given: str) -> str | None:
        starts = (given[:length] for length in range(len(given) - 1, 1, -1))
        return next((self.spelling[start] for start in starts if start in self.names), None)


@cache
def vocabulary(languages: tuple[str, ...] | None = None) -> Vocabulary:
    """The vocabulary of some languages (None: all). English is always included; unknown codes add nothing."""
    codes = ["en", *(code for code in (LANGUAGES if languages is None else languages) if code != "en")]
    names = {name: name for name in sorted(COMMANDS)}
    exact: dict[str, str] = {}
    spelling = dict(names)
    kinds = ("type", "priority", "confirm", "assignee", "ask", "approve", "channel", "help")
    values: dict[str, dict[str, str]] = {kind: {} for kind in kinds}
    closings: dict[str, str] = {}
    units: dict[str, set[str]] = {"hour": set(), "minute": set(), "and": set()}
    hashtags: set[str] = set()
    for code in codes:
        commands = LANGUAGES.get(code.partition("-")[0].lower(), {}).get("commands", {})
        for name, words in commands.get("words", {}).items():
            for word in words:
                if word.startswith("="):
                    exact.setdefault(unicodedata.normalize("NFC", word[1:]).casefold(), name)
                    continue
                names.setdefault(fold_case_accents(word), name)
                spelling.setdefault(fold_case_accents(word), word)
        for kind, table in values.items():
            _add(table, commands.get(kind, {}))
        _add(closings, commands.get("closing", {}))
        for kind, forms in units.items():
            forms.update(map(fold_case_accents, commands.get("units", {}).get(kind, ())))
        hashtags.update(map(fold_case_accents, commands.get("hashtags", {}).get("words", "").split()))
    known = tuple(_Known(word, reach, _letters(word)) for word in names if (reach := _reach(word)))
    spans = {kind: frozenset(forms) for kind, forms in units.items()}
    return Vocabulary(
        names=names,
        exact=exact,
        spelling=spelling,
        values=values,
        closings=closings,
        units=spans,
        hashtags=frozenset(hashtags),
        known=known,
    )


def _add(table: dict[str, str], entries: Mapping[str, Iterable[str]]) -> None:
    for english, words in entries.items():
        for word in (english, *words):
            table.setdefault(" ".join(fold_case_accents(word).replace("'", " ").split()), english)


def _reach(known: str) -> int:
    return 2 if len(known) >= 5 else 1 if len(known) == 4 else 0


def _letters(word: str) -> int:
    """The letters of a word as bits: an edit changes at most two, so that most words need no closer look."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


def _edits(left: str, right: str, limit: int) -> int:
    """Counts the edits between two words, a swap of neighbours being one; above `limit` any larger number."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, previous = previous, row
    return previous[-1]
