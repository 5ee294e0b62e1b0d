"""What an agent's mail orders: the lines that begin with `#` and a known word.

Answers for: which lines are commands, which text is public, and which line stops the mail (process, "What an agent
may write"). Pure, never raises, linear in the text. It judges neither who speaks nor whether the ticket's state
allows the command: `trust` and the process do.

When in doubt nothing leaves: where there is an error, no command and no public text is given at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mailgate.parsers.arguments import (
    CloseKind,
    CloseReason,
    Reason,
    normalise_argument,
    read_close_reason,
    read_minutes,
    read_reference,
)
from mailgate.parsers.quotemarks import is_quoted
from mailgate.parsers.quoting import cut_closing, cut_quotes, cut_signature
from mailgate.parsers.vocabulary import LATER, Vocabulary, fold, vocabulary

__all__ = [
    "LATER",
    "CloseKind",
    "CloseReason",
    "Command",
    "CommandError",
    "Commands",
    "Reason",
    "read_close_reason",
    "read_commands",
    "read_minutes",
    "read_reference",
]

_LINE = re.compile(r"#([^\W\d_]{1,40})(.*)", re.DOTALL)
_FENCE = re.compile(r"(`{3,}|~{3,})")
_INTERNAL = frozenset({"note", "ask"})
_PADDING = (
    " \t\xa0\xad\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200e\u200f\u202f\u205f\u2060"
    "\u3000\ufeff"
)
_MOST_CHECKED = 200


@dataclass(frozen=True, slots=True)
class Command:
    """One order. `name` is the English name (one of `LATER` included); `args` the rest of its line, checked.

    `note` without text on its line carries the mail's text as `args`. The text of `ask` is the public text.
    """

    name: str
    args: str


@dataclass(frozen=True, slots=True)
class CommandError:
    """A line that stopped the mail; `nearest` is the command meant, as the agent's language spells it."""

    line: str
    nearest: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Commands:
    """What was ordered, in order, and the text for the requester. Both are empty where there are errors.

    `internal` says that a bare `#note` made the whole mail internal, its files too.
    """

    commands: tuple[Command, ...]
    public_text: str
    errors: tuple[CommandError, ...]
    internal: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the mail: its command name ("" for text), the rest, and whether it can be a mistyped command."""

    text: str
    name: str = ""
    args: str = ""
    word: str = ""
    blank: bool = False


def read_commands(text: str, languages: Sequence[str] | None = None) -> Commands:
    """The commands of an agent's mail, its public text and what is wrong with it.

    `languages` are the codes whose words count beside English, None for all shipped ones. Quotes and signature are
    cut here; doing so again does no harm. No quoted line is public, not even one that is answered below it: what an
    agent quotes is the desk's mail to the level, with what is internal. Beside a command, a bare close is no text.
    """
    words = vocabulary(None if languages is None else tuple(languages))
    written = cut_quotes(text.replace("\r\n", "\n").replace("\r", "\n"), is_answer=True)
    written = cut_signature(_without_quoted(written))
    lines = _read_lines(written, words)
    top = _top_block(lines)
    closing = cut_closing(written).count("\n") + 1
    placed = {*range(top), *_closing_run(lines), *_closing_run(lines[:closing])}
    errors = [*_mistyped(lines[:top], words), *_out_of_place(lines, placed)]
    public = _join(line.text for i, line in enumerate(lines) if not (i in placed and line.name))
    commands: list[Command] = []
    for line in (lines[i] for i in sorted(placed) if lines[i].name):
        read = _read_command(line, public, words)
        if isinstance(read, Command):
            commands.append(read)
        else:
            errors.append(read)
    if errors:
        return Commands((), "", tuple(errors))
    internal = any(lines[i].name == "note" and not lines[i].args for i in placed)
    if commands and not cut_closing(public).strip():
        public = ""
    return Commands(tuple(commands), "" if internal else public, (), internal)


def _without_quoted(text: str) -> str:
    lines = text.split("\n")
    fenced = _fenced(lines)
    return "\n".join(line for i, line in enumerate(lines) if i in fenced or not is_quoted(line))


def _read_command(line: _Line, public: str, words: Vocabulary) -> Command | CommandError:
    if line.name == "note":
        note = line.args or public
        return Command("note", note) if note else CommandError(line.text.strip(), "note", Reason.MISSING_ARGUMENT)
    args = normalise_argument(line.name, line.args, words)
    if isinstance(args, Reason):
        return CommandError(line.text.strip(), line.name, args)
    return Command(line.name, args)


def _read_lines(text: str, words: Vocabulary) -> list[_Line]:
    raw = text.split("\n")
    fenced = _fenced(raw)
    return [_Line(line) if i in fenced else _read_line(line, words) for i, line in enumerate(raw)]


def _read_line(line: str, words: Vocabulary) -> _Line:
    bare = line.strip(_PADDING + "\x0b\x0c\x85\u2028\u2029")
    if not bare:
        return _Line(line, blank=True)
    found = _LINE.fullmatch(bare.replace("＃", "#", 1) if bare[0] == "＃" else bare)
    if found is None:
        return _Line(line)
    word, rest = found[1], found[2]
    name = words.names.get(fold(word), "")
    # whatever mark follows the word, an internal line stays internal: "#note, not for the customer"
    apart = not rest or rest[0] in _PADDING or rest[0] in ":.,;!" or (name in _INTERNAL and not rest[0].isalnum())
    if name and apart:
        return _Line(line, name, rest.lstrip(_PADDING + ":.,;!-–—").strip(_PADDING))
    return _Line(line, word=word if apart and not name else "")


def _fenced(lines: list[str]) -> set[int]:
    """The lines of closed code fences; a fence that is never closed is text."""
    inside: set[int] = set()
    opened, mark = -1, ""
    for i, line in enumerate(lines):
        found = _FENCE.match(line.lstrip(_PADDING))
        if found is None:
            continue
        if opened < 0:
            opened, mark = i, found[1]
        elif found[1].startswith(mark):
            inside.update(range(opened, i + 1))
            opened = -1
    return inside


def _top_block(lines: list[_Line]) -> int:
    """How many lines the first paragraph has.

    Clients that double the line breaks put a blank line after every line: a command (or what looks like one) that
    follows a command after blank lines still belongs to the block.
    """
    end = 0
    while end < len(lines) and lines[end].blank:
        end += 1
    while end < len(lines):
        if not lines[end].blank:
            end += 1
            continue
        following = end
        while following < len(lines) and lines[following].blank:
            following += 1
        goes_on = following < len(lines) and _like_command(lines[end - 1]) and _like_command(lines[following])
        if not goes_on:
            break
        end = following
    return end


def _closing_run(lines: list[_Line]) -> Iterable[int]:
    """The unbroken run of command lines that ends the text, blank lines aside."""
    for i in range(len(lines) - 1, -1, -1):
        if lines[i].name:
            yield i
        elif not lines[i].blank:
            return


def _like_command(line: _Line) -> bool:
    return bool(line.name or line.word)


def _mistyped(lines: list[_Line], words: Vocabulary) -> Iterable[CommandError]:
    candidates = [line for line in lines if line.word][:_MOST_CHECKED]
    for line in candidates:
        nearest = words.nearest(line.word)
        if nearest is not None:
            yield CommandError(line.text.strip(), nearest, Reason.MISTYPED)


def _out_of_place(lines: list[_Line], placed: set[int]) -> Iterable[CommandError]:
    for i, line in enumerate(lines):
        if line.name in _INTERNAL and i not in placed:
            yield CommandError(line.text.strip(), line.name, Reason.INTERNAL_TEXT_OUT_OF_PLACE)


def _join(lines: Iterable[str]) -> str:
    return re.sub(r"\n(?:[ \t\xa0]*\n){2,}", "\n\n", "\n".join(lines)).strip(_PADDING + "\n")
