"""Reads a filled-in form: from the text of a mail to the values of the fields.

People fill in a form wherever their client lets them: after a label in the quoted text, below it, in new text above the
quote, in a table, in lines of their own. So every line that begins with a label opens a block, which ends at the next
label or at the form's end; the block's text without the form's own words is the value. Labels are recognised in every
language they have, without case, accents, quote marks, bullets and numbers. Reads the first LINES_LIMIT lines. Linear,
never fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from mailgate.core.form_fields import FieldKind, FormField
from mailgate.core.text import fold_alnum
from mailgate.parsers.forms.values import LONGEST, LONGEST_LONG, check_value
from mailgate.parsers.forms.wording import WORDINGS
from mailgate.parsers.forms.writer import hints_of
from mailgate.parsers.quoting.strip import cut_closing

LINES_LIMIT = 5_000
LINE_LIMIT = 2_000  # characters of a line
LABEL_LIMIT = 160  # characters in which a label must end
BLOCK_LINES = 200  # lines of one answer, and characters
BLOCK_LIMIT = 20_000
BLOCKS_LIMIT = 4  # answers behind one label: in new text, in the quoted form, and a spare one of each
WRAPPED_FROM = 60  # letters of a line that its client may have broken

_QUOTE = re.compile(r"[\s\u200b\ufeff]*(?:[>|][\s\u200b]*)*")
_MARK = re.compile(r"(?:[-*•·–]\s+|\(?\d{1,2}[.)]\s+)?[*_]{0,3}")
_BEHIND_LABEL = re.compile(r"[:：=\t|?]|\s[-–—]\s")
_IN_BRACKETS = re.compile(r"\([^()]{0,140}\)[\s*_]*$")
_RULE = re.compile(r"[-_=—–─]{2,}\s*")
_LABELS_SEPARATORS = 6  # of one line that are tried


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """The text of a field that is no valid value."""

    name: str
    written: str


@dataclass(frozen=True, slots=True)
class FilledForm:
    """The result: values by field name, required fields without a value, and invalid values."""

    values: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    wrong: tuple[InvalidValue, ...] = ()

    def __bool__(self) -> bool:
        """True if anything was filled in."""
        return bool(self.values or self.wrong)


@dataclass(slots=True)
class _Block:
    """A label that was found, with the text after it (`rest`) and below it."""

    form_field: FormField
    quoted: bool
    full: bool
    rest: str
    lines: list[str] = field(default_factory=list)


def read_form(form_fields: Sequence[FormField], text: str, new_text: str, language: str, today: date) -> FilledForm:
    """Reads the fields that a mail fills in.

    `new_text` is the newly written part of the mail, and counts first. `text` is the whole mail if it answers the form,
    so that values in the quoted form are found, else "". `today` is the day of writing.
    """
    written = _collect(form_fields, new_text, whole=False)
    if text:
        for name, answers in _collect(form_fields, text, whole=True).items():
            written.setdefault(name, answers)
    values: list[tuple[str, str]] = []
    wrong: list[InvalidValue] = []
    for form_field in form_fields:
        answers = written.get(form_field.name, [])
        taken = next((one for each in answers if (one := check_value(form_field, each, language, today))), None)
        if taken is not None:
            values.append((form_field.name, taken))
        elif answers:
            wrong.append(InvalidValue(form_field.name, " ".join(answers[0].split())[:LONGEST]))
    filled = {name for name, _ in values}
    missing = tuple(
        form_field.name for form_field in form_fields if form_field.required and form_field.name not in filled
    )
    return FilledForm(tuple(values), missing, tuple(wrong))


def _collect(form_fields: Sequence[FormField], text: str, *, whole: bool) -> dict[str, list[str]]:
    """The text of each label's block; several if the label occurs several times."""
    found: dict[str, list[str]] = {}
    seen: Counter[str] = Counter()
    own = _OwnWords(form_fields)
    for block in _blocks(form_fields, text):
        name = block.form_field.name
        seen[name] += 1
        answer = _answer(block, own, whole=whole) if seen[name] <= BLOCKS_LIMIT else ""
        if answer:
            found.setdefault(name, []).append(answer)
    return found


# -- blocks ----------------------------------------------------------------------------------------------------------


def _blocks(form_fields: Sequence[FormField], text: str) -> Iterator[_Block]:
    labels = {
        fold_alnum(one): form_field for form_field in form_fields for one in (form_field.name, *form_field.label.all)
    }
    longest = max(map(len, labels), default=0)
    ends = {fold_alnum(words.end) for words in WORDINGS.values()}
    block: _Block | None = None
    for raw in islice(text.split("\n"), LINES_LIMIT):
        line = raw[:LINE_LIMIT]
        mark = _QUOTE.match(line)
        start = mark.end() if mark else 0
        bare = line[start:].rstrip()
        opened = _open(bare, labels, longest)
        if opened is not None:
            if block is not None:
                yield block
            form_field, rest = opened
            block = _Block(form_field, ">" in line[:start], len(line) >= WRAPPED_FROM, rest)
        elif block is not None and (
            _RULE.fullmatch(bare) or (bare and len(bare) < LABEL_LIMIT and fold_alnum(bare) in ends)
        ):
            yield block
            block = None
        elif block is not None and len(block.lines) < BLOCK_LINES:
            block.lines.append(bare)
    if block is not None:
        yield block


def _open(line: str, labels: Mapping[str, FormField], longest: int) -> tuple[FormField, str] | None:
    """Finds the field whose label a line begins with, and the text after the label."""
    head = line[:LABEL_LIMIT]
    mark = _MARK.match(head)
    begins = {0, mark.end() if mark else 0}
    for separator in islice(_BEHIND_LABEL.finditer(head), _LABELS_SEPARATORS):
        end = separator.end() if separator[0] == "?" else separator.start()
        for begin in begins:
            label = head[begin:end]
            for candidate in (label, _IN_BRACKETS.sub("", label)):
                if len(key := fold_alnum(candidate)) <= longest and key in labels:
                    return labels[key], line[separator.end() :].lstrip(" \t\xa0:：=|*_").rstrip(" \t\xa0|*_")
    return None


# -- what was answered -----------------------------------------------------------------------------------------------


class _OwnWords:
    """The form's own words below its labels: they are no value, even if a label is lost."""

    def __init__(self, form_fields: Sequence[FormField]) -> None:
        hints = {hint for form_field in form_fields for hint in hints_of(form_field)} | {
            f"({words.end})" for words in WORDINGS.values()
        }
        self._folded = {fold_alnum(hint) for hint in hints} | {
            fold_alnum(" ".join(form_field.choices)) for form_field in form_fields
        } - {""}
        spelled = sorted(hints, key=len, reverse=True)
        words = "|".join(r"\s+".join(map(re.escape, hint.split())) for hint in spelled)
        self._pattern = re.compile(words, re.IGNORECASE)

    def take_out(self, text: str) -> tuple[str, bool]:
        """Removes the form's own words from a text, and tells whether there were any."""
        left, count = self._pattern.subn("\n", text)
        return left, count > 0

    def are(self, text: str) -> bool:
        """Tells whether a text consists of the form's own words."""
        return fold_alnum(text) in self._folded


def _answer(block: _Block, own: _OwnWords, *, whole: bool) -> str:
    """The value written in a block, "" for none.

    Of a whole mail, text below a label counts only if the label is the form's: quoted, or with the form's own words
    below it. A label that a person typed has its value after it or on the very next line.
    """
    left, is_form = own.take_out("\n".join((block.rest, *block.lines))[:BLOCK_LIMIT])
    rest, *below = (line.strip() for line in left.split("\n"))
    is_form = is_form or block.quoted
    if block.form_field.kind is FieldKind.LONG:
        is_near = bool(rest) or (not whole and bool(below) and bool(below[0]))
        answer = cut_closing("\n".join((rest, *below))).strip()[:LONGEST_LONG] if is_form or is_near else ""
    else:
        answer = _one_line(block, rest, below, is_form=is_form, whole=whole)
    is_said = any(letter.isalnum() for letter in answer)
    return answer if is_said and not own.are(answer) else ""


def _one_line(block: _Block, rest: str, below: Sequence[str], *, is_form: bool, whole: bool) -> str:
    if rest:
        is_broken = block.form_field.kind is FieldKind.TEXT and block.full and below and below[0]
        return f"{rest} {below[0]}" if is_broken else rest
    if is_form:
        return next((line for line in below if line), "")
    return below[0] if below and not whole else ""
