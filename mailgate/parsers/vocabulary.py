"""The words agents may write after `#`, in every shipped language.

Answers for: the language files (`languages/*.toml`) as data, read once at import; the English name behind a word;
the nearest known word of a mistyped one. Pure. A broken language file is a bug of the package and raises at import.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_NOW = """
resolve escalate handback note waiting ask time type priority cause assign take route merge close reopen status help
approve reject
"""
_LATER = "split link undo spam cc requester kb away list show explain find report"
NOW = frozenset(_NOW.split())
"""The commands that are built."""
LATER = frozenset(_LATER.split())
"""Known words that are not built yet: they are returned as commands, and the caller answers "not yet"."""


def fold(text: str) -> str:
    """Text without case, accents and compatibility forms: `Résolu` and `ＲＥＳＯＬＵ` are both `resolu`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in decomposed if not unicodedata.combining(c))).casefold()


def _read_languages() -> dict[str, Mapping[str, Any]]:
    folder = files("mailgate.parsers") / "languages"
    found = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".toml"))
    read = {name.removesuffix(".toml"): tomllib.loads(entry.read_text("utf-8")) for name, entry in found}
    return {code: words for code, words in read.items() if "commands" in words}


LANGUAGES: Mapping[str, Mapping[str, Any]] = _read_languages()
"""Language code → its file as it stands."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What an agent may write in some languages; every key is folded, every value is the English word.

    `spelling` maps a folded word to how the language writes it, for notices to the agent.
    """

    names: Mapping[str, str]
    spelling: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    closings: Mapping[str, str]

    def nearest(self, word: str) -> str | None:
        """The known word that `word` is a misspelling of, as its language spells it; None where there is none.

        Within two edits (a swap of neighbours is one) of a word of five letters or more, one edit of a word of
        four, never of a shorter one. The closest wins, then the English one, then the first by the alphabet.
        """
        given = fold(word)
        best = min(
            ((distance, known not in NOW | LATER, known) for known in self.names
             if (distance := _edits(given, known, _reach(known))) <= _reach(known)),
            default=None,
        )  # fmt: skip
        return None if best is None or best[0] == 0 else self.spelling[best[2]]


@cache
def vocabulary(languages: tuple[str, ...] | None = None) -> Vocabulary:
    """The vocabulary of some languages (None: all). English is always in it; an unknown code adds nothing."""
    codes = ["en", *(code for code in (LANGUAGES if languages is None else languages) if code != "en")]
    names, spelling = {}, {}
    values: dict[str, dict[str, str]] = {"type": {}, "priority": {}, "confirm": {}}
    closings: dict[str, str] = {}
    for name in sorted(NOW | LATER):
        names[name] = spelling[name] = name
    for code in codes:
        commands = LANGUAGES.get(code.partition("-")[0].lower(), {}).get("commands", {})
        for name, words in commands.get("words", {}).items():
            for word in words:
                names.setdefault(fold(word), name)
                spelling.setdefault(fold(word), word)
        for kind, table in values.items():
            _add(table, commands.get(kind, {}))
        _add(closings, commands.get("closing", {}))
    return Vocabulary(names, spelling, values, closings)


def _add(table: dict[str, str], entries: Mapping[str, Iterable[str]]) -> None:
    for english, words in entries.items():
        for word in (english, *words):
            table.setdefault(" ".join(fold(word).replace("'", " ").split()), english)


def _reach(known: str) -> int:
    return 2 if len(known) >= 5 else 1 if len(known) == 4 else 0


def _edits(left: str, right: str, limit: int) -> int:
    """The edits from left to right, a swap of neighbours being one; anything above `limit` where it is more."""
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
