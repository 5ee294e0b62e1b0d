"""Reads the commands of an agent's mail: lines that begin with `#` and a known word.

Determines which lines are commands, which text is public, and which line stops the mail (docs/agents.md). Whether the
author may give them and whether the ticket's state allows them is decided in `inbound/roles` and by the transition
table. In doubt nothing is sent: with an error no command and no public text is returned at all. Pure, never raises,
linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from mailgate.parsers.commands.arguments import (
    CloseKind,
    CloseReason,
    Reason,
    has_bare_form,
    normalise_argument,
    read_close_reason,
    read_minutes,
    read_reference,
)
from mailgate.parsers.commands.lines import (
    BLANK,
    FREE,
    HASH,
    INTERNAL,
    SILENT,
    CommandLine,
    fenced_lines,
    find_other_desk,
    names_command,
    read_lines,
    single_spaced,
    without_bare_marks,
)
from mailgate.parsers.commands.targets import part_targets
from mailgate.parsers.quoting.business_cards import CARD_LINES, is_own_name
from mailgate.parsers.quoting.footers import is_contact
from mailgate.parsers.quoting.quote_lines import is_quoted, is_rule
from mailgate.parsers.quoting.signatures import cut_own_card
from mailgate.parsers.quoting.strip import cut_closing, cut_quotes, cut_signature
from mailgate.parsers.vocabulary import QUESTIONS, Vocabulary, vocabulary

__all__ = [
    "QUESTIONS",
    "CloseKind",
    "CloseReason",
    "Command",
    "Commands",
    "ReadingError",
    "Reason",
    "is_only_signed",
    "part_targets",
    "read_close_reason",
    "read_commands",
    "read_minutes",
    "read_reference",
]

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_LINKED = re.compile(r"(?<![^\s(\"'“„«])([^\s<>()\"'“„«]{4,320})\s?<\s?(?i:mailto:)?\s?([^\s<>]{4,400})\s?>")
_WORD_OF_NAME = r"[^\W\d_a-z][\w'’.-]{0,30},?"
_EASTERN_NAME = "[\u3040-\u30ff\u3400-\u9fff \u3000]{2,12}"
_NAME = re.compile(rf"[*_/]{{0,2}}{_WORD_OF_NAME}(?:[ \xa0]{_WORD_OF_NAME}){{1,4}}[*_/]{{0,2}}|{_EASTERN_NAME}")
_ROW = re.compile(r"[ \xa0](?:[|–—•·])[ \xa0]")  # parts the entries of a card in one line
_PLAIN_WORDS = 4  # with small letters, which no entry of a card has
_EXTENSION = re.compile(r"(?:[^\W\d_]{1,15}[.:]{0,2} ?){1,2}[+(]?\d[\d ./()-]{1,20}")
_SCHEME = re.compile("^https?://")
_MOST_COMMANDS = 50  # of one mail: each is an event of its ticket, and may send mail
_MOST_CHECKED = 200  # lines that may be mistyped
_MOST_WORDS = 50  # of them
_SHIELD = "\ufdd0"  # a code point that no text may hold


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `name` is the English name; `args` the rest of its line, checked.

    `note` without text on its line carries the mail's text as `args`. The text of `ask` is the public text. `targets`
    are the tickets that a command with a checked argument names; words of the agent's own keep theirs in `args`, until
    `part_targets` parts them. `below` says of `reply` that text of the mail stands above it.
    """

    name: str
    args: str
    targets: tuple[str, ...] = ()
    below: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, (f"#{self.name}", *self.targets, self.args)))


@dataclass(frozen=True, slots=True)
class ReadingError:
    """A line that stopped the mail; `nearest` is the command meant, as the agent's language spells it."""

    line: str
    nearest: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of a mail, in order, and the text for the requester. Both are empty if there are errors.

    `internal` says that a bare `#note` made the whole mail internal, its files too.
    """

    commands: tuple[Command, ...]
    public_text: str
    errors: tuple[ReadingError, ...]
    internal: bool = False


def read_commands(text: str, languages: Sequence[str] | None = None, *, names: Collection[str] = ()) -> Commands:
    """Reads the commands of an agent's mail, its public text and its errors.

    `languages` are the codes whose words count beside English, None for all shipped ones. Quotes and signature are cut
    here; doing so again does no harm. No quoted line is public, not even one that is answered below it: an agent quotes
    the desk's mail to the level, which has internal text. Beside a command, a bare close is no text, nor is one of the
    writer's `names` (folded) that heads a card which was cut. A line that is a command is never public: it is carried
    out, or it stops the mail.
    """
    words = vocabulary(None if languages is None else tuple(languages))
    written = cut_quotes(_shield_code(without_bare_marks(_LINE_END.sub("\n", text))), is_answer=True)
    written = cut_own_card(_without_doubled_breaks(cut_signature(_without_quoted(written)), words), names)
    if not HASH.search(written):
        return Commands((), _join(written.split("\n")), ())
    lines = read_lines(written, words)
    top = _top_block(lines)
    card = min(_card_start(lines), _end_above_name(lines, names))
    ends = {len(lines), cut_closing(written).count("\n") + 1, card}
    placed = {*range(top), *(i for end in ends for i in _closing_run(lines[:end]))}
    placed = {i for i in placed if lines[i].name and not lines[i].code}
    below = dict.fromkeys(error for end in sorted(ends) for error in _mistyped_below(lines[top:end], words))
    unsafe = (one for one in _unsafe(lines, placed, words) if not below or one.reason is not Reason.OUT_OF_PLACE)
    others = _of_other_desks(lines[top:], words)
    errors = list(dict.fromkeys([*_mistyped(lines[:top], words), *below, *unsafe, *others]))
    texts = lines[:card] if any(_closing_run(lines[:card])) else lines
    public = _join(line.text for i, line in enumerate(texts) if i not in placed and line.owner not in placed)
    if placed and is_only_signed(public, names):
        public = ""
    if len(placed) > _MOST_COMMANDS:
        line = lines[sorted(placed)[_MOST_COMMANDS]]
        errors.append(ReadingError(line.text.strip(), line.name, Reason.TOO_MANY))
    commands: list[Command] = []
    for i in sorted(placed)[:_MOST_COMMANDS]:
        read = _read_command(lines[i], public, words)
        if isinstance(read, Command) and read.name == "reply":
            above = enumerate(lines[:i])
            read = replace(read, below=any(not (at in placed or one.blank or one.owner in placed) for at, one in above))
        if isinstance(read, Command):
            commands.append(read)
        else:
            errors.append(read)
    if errors:
        return Commands((), "", tuple(errors))
    internal = any(lines[i].name == "note" and not lines[i].args for i in placed)
    return Commands(tuple(commands), "" if internal else public, (), internal)


def is_only_signed(public: str, names: Collection[str]) -> bool:
    """Tells whether a text is only a close, or the name that a signature without a close begins with."""
    words = cut_closing(public).strip().strip("*_,")
    return not words or ("\n" not in words and is_own_name(words, names))


def _end_above_name(lines: Sequence[CommandLine], names: Collection[str]) -> int:
    """The end of the text above the writer's own name, if that is its last line."""
    end = len(lines)
    while end and lines[end - 1].blank:
        end -= 1
    return end - 1 if end and is_own_name(lines[end - 1].text.strip(BLANK), names) else end


def _card_start(lines: Sequence[CommandLine]) -> int:
    """The first line of the business card below the last command, with no delimiter above it; the end if none.

    It begins with a name of several words or a rule, and has a telephone number, an extension or an address.
    """
    last = next((i for i in range(len(lines) - 1, -1, -1) if lines[i].name or lines[i].owner >= 0), len(lines))
    below = [i for i in range(last + 1, len(lines)) if not lines[i].blank]
    texts = [lines[i].text.strip(BLANK) for i in below]
    rows = texts[1:] if texts and is_rule(texts[0]) else texts
    entries = [entry for row in rows[:CARD_LINES] for entry in _ROW.split(row)]
    if len(rows) > CARD_LINES or len(entries) < 2 or not _NAME.fullmatch(entries[0]):
        return len(lines)
    if not all(map(_is_entry, entries)) or not any(map(_is_number, entries[1:])):
        return len(lines)
    return below[0]


def _is_entry(text: str) -> bool:
    """Tells whether a text is too short for a sentence."""
    return text[-1:] not in ":.?!…" and sum(word[0].islower() for word in text.split()) < _PLAIN_WORDS


def _is_number(entry: str) -> bool:
    """Tells whether an entry of a card is an address, a telephone number or an extension."""
    return is_contact(entry) or _EXTENSION.fullmatch(entry) is not None


def _shield_code(text: str) -> str:
    """Marks each `>` that begins a line of fenced code, which is no quote."""
    text = text.replace(_SHIELD, "")
    if ">" not in text or not ("```" in text or "~~~" in text):
        return text
    lines = text.split("\n")
    for i in fenced_lines(lines):
        if is_quoted(lines[i]):
            lines[i] = _SHIELD + lines[i]
    return "\n".join(lines)


def _without_quoted(text: str) -> str:
    if ">" not in text:
        return text
    return "\n".join(line for line in text.split("\n") if not is_quoted(line)).replace(_SHIELD, "")


def _read_command(line: CommandLine, public: str, words: Vocabulary) -> Command | ReadingError:
    if line.spaced:  # perhaps a heading: only its author can tell
        return ReadingError(line.text.strip(), line.name, Reason.MISTYPED)
    line = line._replace(args=_unlink(line.args))
    if line.name == "note":
        note = line.args or public
        return Command("note", note) if note else ReadingError(line.text.strip(), "note", Reason.MISSING_ARGUMENT)
    targets, rest = ((), line.args) if line.name in FREE else part_targets(line.name, line.args)
    args = normalise_argument(line.name, rest, words)
    if names_command(args, words):  # two on a line: the requester would read the second
        args = Reason.OUT_OF_PLACE
    if isinstance(args, Reason):
        return ReadingError(line.text.strip(), line.name, args)
    return Command(line.name, args, targets)


def _top_block(lines: list[CommandLine]) -> int:
    """Counts the lines of the first paragraph.

    Clients that double the line breaks put a blank line after every line: a command (or a line that looks like one)
    that follows a command after blank lines still belongs to the block.
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


def _closing_run(lines: list[CommandLine]) -> Iterable[int]:
    """The unbroken run of command lines that ends the text, blank lines aside."""
    for i in range(len(lines) - 1, -1, -1):
        if lines[i].name and not lines[i].code:
            yield i
        elif not lines[i].blank and lines[i].owner < 0:
            return


def _like_command(line: CommandLine) -> bool:
    return (bool(line.name or line.word) and not line.fenced) or line.owner >= 0


def _mistyped(lines: list[CommandLine], words: Vocabulary) -> Iterable[ReadingError]:
    """Lines in the place of commands that are none, but a mistyped one or one of another desk."""
    nearest_to: dict[str, str | None] = {}
    candidates = [line for line in lines if line.word][:_MOST_CHECKED]
    for line in candidates:
        if other := find_other_desk(line.word, words):
            yield ReadingError(line.text.strip(), other, Reason.OF_ANOTHER_DESK)
            continue
        if line.word not in nearest_to and len(nearest_to) < _MOST_WORDS:
            nearest_to[line.word] = words.nearest(line.word)
        nearest = nearest_to.get(line.word)
        if nearest is not None:
            yield ReadingError(line.text.strip(), nearest, Reason.MISTYPED)


def _mistyped_below(lines: list[CommandLine], words: Vocabulary) -> list[ReadingError]:
    """Such lines of the run that ends the text; mistyped ones only beside a command, or if they look internal."""
    run: list[CommandLine] = []
    for line in reversed(lines):
        if not line.blank and not _like_command(line):
            break
        run.append(line)
    errors = list(_mistyped(run[::-1], words))
    if any(line.name and not line.code for line in run):
        return errors
    return [one for one in errors if one.reason is Reason.OF_ANOTHER_DESK or words.name_of(one.nearest) in INTERNAL]


def _of_other_desks(lines: Sequence[CommandLine], words: Vocabulary) -> Iterable[ReadingError]:
    """Commands of other desks between paragraphs: those for internal text, and those with a word behind them at most.

    Others are perhaps a sentence that begins with a hashtag.
    """
    for line in [line for line in lines if line.word and not line.spaced][:_MOST_CHECKED]:
        other = find_other_desk(line.word, words)
        if other in INTERNAL or (other and len(line.args.split()) <= 1):
            yield ReadingError(line.text.strip(), other, Reason.OF_ANOTHER_DESK)


def _unsafe(lines: list[CommandLine], placed: set[int], words: Vocabulary) -> Iterable[ReadingError]:
    """Lines that would be sent and must not be: commands out of place, internal text whose end is in doubt."""
    for i, line in enumerate(lines):
        if line.spaced:
            if i not in placed and _is_internal_paragraph(lines, i, words):
                yield ReadingError(line.text.strip(), line.name, Reason.INTERNAL_TEXT_OUT_OF_PLACE)
        elif i in placed:
            if line.name in SILENT and line.open:
                yield ReadingError(line.text.strip(), line.name, Reason.INTERNAL_TEXT_OPEN)
        elif line.name in INTERNAL and not (line.fenced and line.args):
            yield ReadingError(line.text.strip(), line.name, Reason.INTERNAL_TEXT_OUT_OF_PLACE)
        elif line.name and _is_command(line, words):
            yield ReadingError(line.text.strip(), line.name, Reason.OUT_OF_PLACE)


def _without_doubled_breaks(text: str, words: Vocabulary) -> str:
    """Undoes doubled line breaks, but not around a `# note` line: no guess decides whether it is a paragraph and comes
    back.
    """
    closer = single_spaced(text)
    if closer is not text and any(line.spaced and line.name in INTERNAL for line in read_lines(closer, words)):
        return text
    return closer


def _is_internal_paragraph(lines: list[CommandLine], at: int, words: Vocabulary) -> bool:
    """Tells whether a paragraph of its own is internal text with a blank behind its `#`, not a heading or in code."""
    line = lines[at]
    if line.name not in INTERNAL or not line.args or line.code or not lines[at - 1].blank:
        return False
    end = at + 1
    while end < len(lines) and lines[end].owner == at:
        end += 1
    is_alone = end == len(lines) or lines[end].blank
    return is_alone and not isinstance(normalise_argument(line.name, line.args, words), Reason)


def _is_command(line: CommandLine, words: Vocabulary) -> bool:
    """Tells whether a line out of place is a command all the same: in code only one without words of its own.

    Backquotes show a command to the reader.
    """
    if not line.code:
        return True
    return not line.text.strip(BLANK).startswith("`") and has_bare_form(line.name, line.args, words)


def _join(lines: Iterable[str]) -> str:
    text = re.sub(r"\n(?:[ \t\xa0]*\n){2,}", "\n\n", "\n".join(lines)).strip(BLANK + "\n")
    return _unlink(text)


def _unlink(text: str) -> str:
    """Reduces the addresses and links that a client doubled."""
    return _LINKED.sub(_unlinked, text) if "<" in text else text


def _unlinked(found: re.Match[str]) -> str:
    """Reduces an address or a link that Outlook shows twice to one."""
    said, target = (_SCHEME.sub("", words.casefold()).rstrip("/") for words in found.groups())
    return found[1] if said == target else found[0]
