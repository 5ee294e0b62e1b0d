"""Finds the lines of an agent's mail that look like commands, after undoing the changes of mail clients.

Determines the name and argument of a line (bullets, emphasis, escapes, padding, invisible and full-width characters),
which lines are code, which belong to the line above because a client wrapped it, and texts with a blank line after
every line. Where a command may stand is judged in `commands`. Pure, never raises, linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from mailgate.core.text import fold_case_accents
from mailgate.parsers.commands.arguments import Reason, has_bare_form, normalise_argument, read_address
from mailgate.parsers.vocabulary import OTHER_DESKS, Vocabulary

INTERNAL = frozenset({"note", "ask", "approve-by"})
FREE = frozenset(
    {
        "note", "resolve", "escalate", "handback", "waiting", "cause", "used", "close", "reopen", "approve", "reject",
        "approve-by", "route", "reply",
    }
)  # fmt: skip
"""Commands with words of the agent's own behind them, which a client may wrap."""
SILENT = frozenset(
    {"note", "escalate", "handback", "cause", "used", "reopen", "approve", "approve-by", "reject", "route"}
)
"""Those of them whose words are not for the requester."""

PADDING = " \t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = (
    "\xad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
)
_INVISIBLE += "\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
BLANK = PADDING + _INVISIBLE
_KEYCAP = "\u20e3"  # what a phone puts behind the "#" of its emoji
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, _INVISIBLE + _KEYCAP))
HASHES = "#＃﹟"
HASH = re.compile(f"[{HASHES}]")
_HASH_WITHIN = 16
_NAMED_WITHIN = 100
_TO_WORD_END = re.compile(f"[{BLANK}{_KEYCAP}]*[^{PADDING}]*")
_LINE = re.compile(
    r"(?:(?:[-+*•·‣▪▫◦●○■□–—→➢➤]|\d{1,2}[.)])[ \t\xa0]+|[-–—•·])?"  # a bullet or a number of a list
    r"(?:\[[ xX]?\][ \t\xa0]*)?"  # a box of one
    r"(?P<mark>[*_~/`\"“”„«‹'‘’(\[<]{0,6})[ \t\xa0\u202f]{0,2}\\{0,2}[#＃﹟]"
    rf"(?P<gap>[{PADDING}]*)"
    r"(?P<word>[^\W\d_]{1,40})(?P<joined>[-_][^\W\d_]{1,40})?(?P<rest>.*)",
    re.DOTALL,
)
_AFTER = ":.,;=!?…：。，、；！？–—"
_BEFORE_TAG = _AFTER.strip("–—")  # a minus takes a tag off
_EMPHASIS = "*_~/"
_CLOSING = "*_~/`\"“”„»›'‘’)]>"
_BRACKETS = frozenset("([<")
_EMPHASISED = re.compile(r"(?:^|\W)[*_~/]+\w|/[^/\s]+/|\w[/_]$")  # the mark that ends the line begins in it
_BARE_MARKS = re.compile(r"(?:\*{1,2}|\*{4}|_{1,2}|~{1,2}|/|_\*|\*_)[ \t\xa0]*")  # what bold or italic nothing becomes
_FENCE = re.compile(r"(`{3,}|~{3,})")
_SOURCE = re.compile(r"#(?:!|(?:include|define|undef|ifdef|ifndef|endif|pragma|import)\b)")
_BRACES = re.compile(r"[^{}]{0,200}\{(?:[^{}]*\})?")  # a rule of a style sheet
_CODE_INDENT = 4
_WRAPPED_FROM = 60  # columns: clients break lines here or further right
_WRAPPED_AT = 72  # columns: a longer line is broken earlier, where its last word does not fit
_ROOM = 68  # a word that would have fitted here was not put on the next line by a client
_UNWRAPPED = 90  # a client that leaves such a line alone does not wrap
_GREETING = 50
_MOST_EMPHASISED = 50  # lines


class CommandLine(NamedTuple):
    """A line of the mail: its command name ("" for text) and the rest.

    `word`: what stands in the place of a command and is none; it may be mistyped, or the command of another desk.
    `spaced`: a blank stands between the `#` and its word; it is never carried out, and may be a heading.
    `code`: it stands in code and is never carried out; `fenced`: in a code fence. `owner`: the index of the command
    that this line continues, -1 for none. `open`: it cannot be determined whether its argument continues below.
    """

    text: str
    name: str = ""
    args: str = ""
    word: str = ""
    spaced: bool = False
    blank: bool = False
    code: bool = False
    fenced: bool = False
    owner: int = -1
    open: bool = False


class _End(Enum):
    """The relation of a line to the one above."""

    NEW = 0
    GOES_ON = 1
    MAY_GO_ON = 2  # it belongs to the line above if the whole paragraph does
    UNCLEAR = 3


def read_lines(text: str, words: Vocabulary) -> list[CommandLine]:
    """Reads the lines of a text (line ends are line feeds), each with the command that it may be."""
    raw = text.split("\n")
    fenced = fenced_lines(raw)
    lines = [_read_line(line, words) for line in raw]
    for i in fenced:
        lines[i] = lines[i]._replace(word="", blank=False, code=True, fenced=True)
    if any(line.name or line.word for line in lines):
        _mark_code(lines)
        _join_wrapped(lines)
    return lines


def names_command(text: str, words: Vocabulary) -> bool:
    """Tells whether a text begins with a command."""
    found = HASH.match(text) and _read_line(text[:_NAMED_WITHIN], words)
    return bool(found and found.name and not found.spaced)


def single_spaced(text: str) -> str:
    """Removes the blank line that some clients put after every line.

    Only if no two lines touch; what was a blank line has become three. Any other text is returned as it is.
    """
    lines = text.split("\n")
    full = [i for i, line in enumerate(lines) if line.strip(BLANK)]
    gaps = [below - above - 1 for above, below in pairwise(full)]
    if len(gaps) < 2 or max(gaps) < 3 or any(gap % 2 == 0 for gap in gaps):
        return text
    out = [lines[full[0]]]
    for at, gap in zip(full[1:], gaps, strict=True):
        out.extend([""] * (gap // 2))
        out.append(lines[at])
    return "\n".join(out)


def without_bare_marks(text: str) -> str:
    """Empties the lines that are nothing but the marks of bold or italic text, as clients write an empty line in it."""
    lines = text.split("\n")
    bare = [i for i, line in enumerate(lines) if line[:1] in _EMPHASIS and _BARE_MARKS.fullmatch(line)]
    fenced = fenced_lines(lines) if bare else set()
    for i in bare:
        lines[i] = lines[i] if i in fenced else ""
    return "\n".join(lines)


def fenced_lines(lines: Sequence[str]) -> set[int]:
    """The lines of closed code fences; a fence that is never closed is text."""
    inside: set[int] = set()
    opened, mark = -1, ""
    for i, line in enumerate(lines):
        found = _FENCE.match(line.lstrip(BLANK))
        if found is None:
            continue
        if opened < 0:
            opened, mark = i, found[1]
        elif found[1].startswith(mark):
            inside.update(range(opened, i + 1))
            opened = -1
    return inside


def _read_line(line: str, words: Vocabulary) -> CommandLine:
    """Reads a line by itself; one with a blank behind its `#` counts only if it has the form of a command."""
    bare = line.strip(BLANK)
    if not bare:
        return CommandLine(line, blank=True)
    hash_at = HASH.search(bare, 0, _HASH_WITHIN)
    if hash_at is None:
        return CommandLine(line)
    found = _LINE.match(bare if bare.isascii() else _clean_word(bare, hash_at.end()))
    if found is None:
        return CommandLine(line)
    mark, word, rest, spaced = found["mark"], found["word"], found["rest"], bool(found["gap"])
    name = words.name_of(word)
    joined = _name_joined(word, found["joined"], words) if found["joined"] else ""
    if joined:
        name = joined
    elif found["joined"] and find_other_desk(word + found["joined"], words):
        word, name = word + found["joined"], ""
    elif found["joined"]:
        rest = found["joined"] + rest
    rest, whole = _without_marks(rest, mark)
    # whatever mark follows the word, an internal line stays internal: "#note, not for the customer"
    apart = not rest or rest[0] in PADDING or rest[0] in _AFTER or (name in INTERNAL and not rest[0].isalnum())
    if name and apart:
        before = _BEFORE_TAG if name == "tag" else _AFTER + "-"
        args = rest.lstrip(BLANK + before).strip(BLANK)
        args = args if args.strip(_EMPHASIS) else ""
        if name == "approve" and (asked := _find_approver(word, args, words)):
            name, args = "approve-by", asked
        in_braces = name != "reply" and _BRACES.fullmatch(args)  # the fields of a saved reply stand in braces
        code = "`" in mark or not _BRACKETS.isdisjoint(mark) or not whole or bool(in_braces)
        if spaced and (code or not _is_form(name, args, words)):
            return CommandLine(line)
        return CommandLine(line, name, args, spaced=spaced, code=code)
    args = rest.strip(BLANK + _AFTER)
    if not apart or not whole or name or "`" in mark or _BRACES.fullmatch(args):
        return CommandLine(line)
    first, _, more = args.partition(" ")
    if find_other_desk(word + first, words):  # "#on hold" is "#onhold"
        word, args = word + first, more
    other = find_other_desk(word, words) if spaced else ""
    if spaced and other not in INTERNAL and (not other or len(args.split()) > 1):
        return CommandLine(line)
    return CommandLine(line, args=args, word=word, spaced=spaced)


def _is_form(name: str, args: str, words: Vocabulary) -> bool:
    """Tells whether a command could have this argument: "# time 15m", not "# Time to restart"."""
    if name in INTERNAL:
        return True
    is_checked = name in FREE or has_bare_form(name, args, words)
    return is_checked and not isinstance(normalise_argument(name, args, words), Reason)


def _find_approver(word: str, args: str, words: Vocabulary) -> str:
    """The argument of `#approve by boss@example.org`, which asks a person for an approval; "" where it names nobody.

    "#approved by boss@example.org" says that they have approved already.
    """
    kinds = words.values["approve"]
    first, _, more = args.partition(" ")
    if kinds.get(fold_case_accents(word)) == "done":
        return ""
    if kinds.get(fold_case_accents(first)) == "by":
        return "" if isinstance(normalise_argument("approve-by", more, words), Reason) else more.strip(BLANK)
    return args if read_address(first.rstrip(",;:")) else ""


def _name_joined(word: str, joined: str, words: Vocabulary) -> str:
    """The command that a word with a hyphen names, which may be one without ("#re-solve")."""
    return words.name_of(word + joined[1:]) or words.name_of(word + joined)


def find_other_desk(word: str, words: Vocabulary) -> str:
    """The nearest command to one of another desk, "" for any other word."""
    return "" if words.name_of(word) else OTHER_DESKS.get(fold_case_accents(word.replace("-", "").replace("_", "")), "")


def _clean_word(bare: str, start: int) -> str:
    """The line with its command word composed and without invisible characters; the rest stays verbatim."""
    found = _TO_WORD_END.match(bare, start)
    end = found.end() if found else start
    return unicodedata.normalize("NFC", bare[:end].translate(_WITHOUT_INVISIBLE)) + bare[end:]


def _without_marks(rest: str, mark: str) -> tuple[str, bool]:
    """Strips the emphasis or quotation marks around an argument, and tells whether the marks are closed.

    Emphasis may have begun in a line above, and may end in one below.
    """
    if not mark:
        return (rest if _EMPHASISED.search(rest) else rest.rstrip(PADDING).rstrip(_EMPHASIS)), True
    closing = rest[: len(rest) - len(rest.lstrip(_CLOSING))]
    emphasis = not mark.strip(_EMPHASIS)
    if closing:
        return rest[len(closing) :], emphasis or len(closing) == len(rest)
    ended = rest.rstrip(PADDING)
    bare = ended.rstrip(_CLOSING)
    return (bare, True) if bare != ended else (rest, emphasis)


def _mark_code(lines: list[CommandLine]) -> None:
    """Marks code: indented lines beside text that is not, and paragraphs below `#!` or `#include`."""
    depths = [_depth(line.text) for line in lines]
    margin = min((depth for depth, line in zip(depths, lines, strict=True) if not line.blank), default=0)
    source, run = False, []
    for i, line in enumerate([*lines, CommandLine("", blank=True)]):
        source = not line.blank and (source or bool(_SOURCE.match(line.text.lstrip(PADDING))))
        if source:
            lines[i] = line._replace(word="", code=True)
        if not line.blank and depths[i] >= margin + _CODE_INDENT:
            run.append(i)
            continue
        if any(not lines[at].name and not lines[at].word for at in run):
            for at in run:
                lines[at] = lines[at]._replace(word="", code=True)
        run = []


def _depth(line: str) -> int:
    depth = 0
    for letter in line[:200]:
        if letter not in " \t\xa0":
            break
        depth += _CODE_INDENT if letter == "\t" else 1
    return depth


def _join_wrapped(lines: list[CommandLine]) -> None:
    """Joins a command with the lines below it into which a client wrapped it."""
    wraps = not any(_width(line.text) > _UNWRAPPED and " " in line.text[40:] for line in lines)
    spread = len(lines) > 2 and not any(not above.blank and not below.blank for above, below in pairwise(lines))
    written = next((at for at in range(len(lines) - 1, -1, -1) if not lines[at].blank), -1)
    for at, line in enumerate(lines):
        if line.name not in FREE or line.code or not line.args:
            continue
        if spread and at + 2 < len(lines):  # perhaps a blank line after every line: nobody can tell
            lines[at] = line._replace(open=_relation(line.text, lines[at + 2], wraps) is _End.GOES_ON)
            continue
        last, is_open = _find_end(lines, at, wraps, written)
        for i in range(at + 1, last + 1):
            lines[i] = lines[i]._replace(word="", owner=at)
        more = (lines[i].text.strip(BLANK) for i in range(at + 1, last + 1))
        args = " ".join([line.args, *more])
        lines[at] = line._replace(args=args.rstrip(_EMPHASIS) if last > at else args, open=is_open)


def _find_end(lines: Sequence[CommandLine], at: int, wraps: bool, written: int) -> tuple[int, bool]:
    """Finds the last line of a command's argument, and tells whether it is in doubt.

    Internal words end where their paragraph does, if each of its lines may go on: in doubt they stay internal. That a
    full stop stands where the client may have broken the last paragraph of all says that it may be two. What is bold
    from the command on, over several lines, is all its argument. `written` is the last line that is not blank.
    """
    last = emphasised = _emphasis_end(lines, at)
    doubt, stopped = False, False
    end = _End.NEW
    while last + 1 < len(lines):
        end = _relation(lines[last].text, lines[last + 1], wraps)
        if end is not _End.GOES_ON and (end is not _End.MAY_GO_ON or lines[at].name not in SILENT):
            break
        doubt = doubt or end is _End.MAY_GO_ON
        stopped = stopped or (end is _End.MAY_GO_ON and _is_ended(lines[last].text))
        last += 1
    if emphasised > at and last == emphasised:
        return last, False
    if end in (_End.UNCLEAR, _End.MAY_GO_ON) and last + 1 < len(lines):
        return last, True
    below = lines[last + 1] if last + 1 < len(lines) else None
    ends_here = below is None or below.blank or bool(below.name)
    return last, doubt and (not ends_here or (stopped and last >= written))


def _emphasis_end(lines: Sequence[CommandLine], at: int) -> int:
    """The line in which the bold or italic text ends that begins with the command, in the same paragraph."""
    text = lines[at].text.strip(BLANK)
    mark = text[0]
    if mark not in _EMPHASIS or text[1:2] == " " or mark in HASH.split(text, maxsplit=1)[1]:
        return at
    for i in range(at + 1, min(len(lines), at + _MOST_EMPHASISED)):
        if lines[i].blank or lines[i].name:
            break
        if mark in lines[i].text:
            return i
    return at


def _relation(above: str, below: CommandLine, wraps: bool) -> _End:
    """Determines whether a client broke a line here: it was long, has no full stop, and lower case follows."""
    start = below.text.strip(BLANK)
    if below.name or below.blank or _FENCE.match(start):
        return _End.NEW
    above = above.strip(BLANK)
    width, first = _width(above), start.split(None, 1)[0]
    is_full = width + 1 + _width(first) > (_ROOM if width >= _WRAPPED_FROM else _WRAPPED_AT)
    if below.word:
        return _End.UNCLEAR if is_full else _End.NEW
    if width < _WRAPPED_FROM:  # only a long word, or an address, is put on a line of its own
        return _End.MAY_GO_ON if is_full and wraps else _End.NEW
    is_ended = _is_ended(above)
    greets = start.endswith((",", "，", *("!！" if is_ended else ""))) and len(start) < _GREETING
    if first[0].islower() and not is_ended:
        return _End.UNCLEAR if greets else _End.GOES_ON if wraps else _End.MAY_GO_ON
    return _End.MAY_GO_ON if wraps and is_full and not greets else _End.NEW


def _is_ended(line: str) -> bool:
    """Tells whether a line ends with a full stop."""
    return line.rstrip(BLANK + "\"'”’»)")[-1:] in tuple(".!?…。！？")


def _width(line: str) -> int:
    """Counts columns: Chinese and Japanese characters take two."""
    return len(line) if line.isascii() else len(line) + sum(letter >= "\u1100" for letter in line)
