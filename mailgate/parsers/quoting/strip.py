"""Separates the newly written text from quotes, signatures and footers.

In doubt text is kept: a request that keeps a quote is a nuisance, one that loses a sentence is a fault. Kept quoted
lines still begin with `>`, so that a reader can skip them. Reads the first LINES_LIMIT lines and bounded pieces of them
(linear time); the rest is kept as it is. Never fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mailgate.parsers.html.marks import without_marks
from mailgate.parsers.quoting.attributions import Attribution, Weight, find_attributions, join_broken, split_shared
from mailgate.parsers.quoting.business_cards import ENTRY_LENGTH, is_own_name
from mailgate.parsers.quoting.footers import is_link, is_only_footers
from mailgate.parsers.quoting.prefixes import mark_prefixed
from mailgate.parsers.quoting.quote_lines import (
    History,
    asks_above,
    find_openings,
    history_at,
    is_quoted,
    is_rule,
    split_separators,
)
from mailgate.parsers.quoting.rich_form import drop_lone_marks
from mailgate.parsers.quoting.salutations import begins_with_salutation
from mailgate.parsers.quoting.signatures import cut_closing, cut_markings, cut_signature, has_words, names_of, trim

__all__ = ["cut_closing", "cut_quotes", "cut_signature", "read_new_text"]

LINES_LIMIT = 20_000
SHOWN_LINES = 6  # quoted lines that a text shows without attribution
_MARKED = re.compile(r"\s{0,8}\[([^\[\]<>@]{2,80})\]:?\s+(?=\S)")  # Outlook's option "Preface comments with"
_SENTENCE_ENDS = frozenset(".?!:…。？！")
WRAPPED_FROM = 60  # letters of a line that may go on below
KEPT_QUOTE = 20  # lines of a quote that stay whole above an answer to it


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive quoted lines, `start` to `end`, with the attribution above at `attribution` (or `start`)."""

    attribution: int
    start: int
    end: int


def read_new_text(
    text: str, *, is_answer: bool, is_forward: bool = False, has_ids: bool = True, names: Collection[str] = ()
) -> str:
    """Returns the newly written text, without quotes, signature and footers.

    `text` may hold the marks of `html`. `is_answer` says that ids or subject show a reply, `has_ids` that ids do: any
    other mail is kept whole if nothing else is left of it than footers. `names` are the writer's, folded, by which a
    business card is known.
    """
    new = drop_lone_marks(_cut(text, names, is_answer=is_answer, is_forward=is_forward))
    if has_ids and len(new) <= ENTRY_LENGTH and is_own_name(new, names):
        return ""  # the head of a card that was cut, and no word besides
    if not new and is_only_footers(text):
        return ""  # a phone sends a photo so
    return new if new or has_ids else without_marks(text).strip()


def cut_quotes(text: str, *, is_answer: bool, is_forward: bool = False) -> str:
    """Returns the text without its quotes, with its signature.

    Kept are quoted lines that are answered below, if there are several such answers, and forwarded mail, which is the
    request. Header blocks and weak attributions without `>` below them count as a quote only in a reply. If nothing is
    left, a reply is "" and another mail is kept whole.
    """
    result = _cut(text, None, is_answer=is_answer, is_forward=is_forward)
    return result if result or is_answer else without_marks(text).strip("\n")


def _cut(text: str, names: Collection[str] | None, *, is_answer: bool, is_forward: bool) -> str:
    """The text without labels on top and quotes, and without signatures unless `names` is None.

    A bare word on top is no label where nothing else was written.
    """
    unmarked = cut_markings(text)
    result = _cut_below(unmarked, names, is_answer=is_answer, is_forward=is_forward)
    if unmarked != text:
        left = trim(result.split("\n"), names or ())
        if not has_words(left) or is_own_name("\n".join(left), names or ()):
            unmarked = cut_markings(text, alone=False)
            result = _cut_below(unmarked, names, is_answer=is_answer, is_forward=is_forward)
    return result


def _cut_below(text: str, names: Collection[str] | None, *, is_answer: bool, is_forward: bool) -> str:
    lines = (text.replace("\r\n", "\n") if "\r" in text else text).split("\n")
    looked, rest = lines[:LINES_LIMIT], lines[LINES_LIMIT:]
    has_quotes = (not is_forward and mark_prefixed(looked, is_answer=is_answer)) or ">" in text
    quoted = [is_quoted(line) for line in looked] if has_quotes else [False] * len(looked)
    if is_forward:
        end = _find_forward(looked, quoted)
        above = looked[:end] if names is None else trim(looked[:end], names, above_quote=True, is_all=False)
        kept, tail = above, looked[end:] + rest
    else:
        join_broken(looked, quoted)
        if is_answer:
            split_separators(looked, quoted)
            split_shared(looked, quoted)
        attributions = find_attributions(looked, quoted)
        asks = asks_above(text)
        end, is_kept = _find_end(looked, quoted, attributions, is_answer, asks)
        runs = _find_runs(quoted, looked, end, attributions, is_answer) if has_quotes else []
        above_history = end < len(looked) and (is_answer or is_kept)
        kept = _without_runs(looked[:end], runs, names, is_answer, above_history)
        tail = looked[end:] + rest if is_kept else (rest if end == len(looked) else [])
        if above_history and not is_kept and names:
            tail = _find_marked(looked[end:], quoted[end:], names, asks=asks)
    if tail and kept and kept[-1].strip() and tail[0].strip():
        kept.append("")
    result = without_marks("\n".join(kept + tail)).strip("\n")
    return result if result.strip() else ""


def _find_forward(lines: Sequence[str], quoted: Sequence[bool]) -> int:
    """The first line of the forwarded mail, in a mail that is a forward as a whole."""
    quote = next((at for at, is_quote in enumerate(quoted) if is_quote), len(lines))
    openings = find_openings(lines[:quote], asks=False)
    found = next((at for at in openings if history_at(lines, at, asks=False) is not History.NONE), quote)
    return found if found < len(lines) else 0


def _find_end(
    lines: Sequence[str], quoted: Sequence[bool], attributions: Mapping[int, Attribution], is_answer: bool, asks: bool
) -> tuple[int, bool]:
    """The end of the new text, and whether the rest is kept (a forward)."""
    enough = Weight.IN_ANSWER if is_answer else Weight.CERTAIN
    openings = find_openings(lines, asks=asks)
    for at in sorted({*openings, *attributions}) if attributions else openings:
        if quoted[at]:
            continue
        found = attributions.get(at)
        if found is not None:
            if not found.above_quote and found.weight >= enough:
                return _above_rules(lines, at), False
            continue
        history = history_at(lines, at, asks=asks)
        if history is History.NONE:
            continue
        if history is History.FORWARD:
            return at, True
        if history is History.SEPARATED or is_answer:
            return _above_rules(lines, at), False
    return len(lines), False


def _find_marked(lines: Sequence[str], quoted: Sequence[bool], names: Collection[str], *, asks: bool) -> list[str]:
    """The answers between the lines of the newest mail of the history that Outlook marks with their author's name.

    "[Jo Martin] The red one." stands below the line that it answers. Older mails of the history may hold old answers.
    """
    marked = [at for at, line in enumerate(lines) if not quoted[at] and _is_marked(line, names)]
    if not marked:
        return []
    top = next((at for at, line in enumerate(lines) if line.strip() and not is_rule(line)), 0)
    start = next((at for at in range(top, len(lines)) if not lines[at].strip()), len(lines))
    below, is_quote = lines[start:], quoted[start:]
    end, _ = _find_end(below, is_quote, find_attributions(below, is_quote), True, asks)
    out: list[str] = []
    for at in marked:
        if not start < at < start + end:
            continue
        above = next((line.strip() for line in reversed(lines[start:at]) if line.strip()), "")
        if above and at - 1 not in marked:
            out += ["", above if is_quoted(above) else f"> {above}"]
        out += ["", _MARKED.sub("", lines[at], count=1)]
        while len(lines[at]) >= WRAPPED_FROM and lines[at].rstrip()[-1] not in _SENTENCE_ENDS:
            at += 1
            if at in marked or at == len(lines) or quoted[at] or not lines[at].strip():
                break
            out.append(lines[at])
    return out[1:]


def _is_marked(line: str, names: Collection[str]) -> bool:
    """Tells whether a line begins with the writer's name in brackets."""
    found = _MARKED.match(line)
    marked = names_of(f"{found[1]} <") if found else frozenset()
    return bool(marked) and marked.issubset(names)


def _above_rules(lines: Sequence[str], at: int) -> int:
    top = at
    while top > max(0, at - 4) and (not lines[top - 1].strip() or is_rule(lines[top - 1])):
        top -= 1
    return top


def _find_runs(
    quoted: Sequence[bool], lines: Sequence[str], end: int, attributions: Mapping[int, Attribution], is_answer: bool
) -> list[Run]:
    """The quoted runs of a reply; of another mail only those below an attribution."""
    runs: list[Run] = []
    at, attribution = 0, -1
    while at < end:
        if quoted[at]:
            stop = _run_end(lines, quoted, at, end)
            if is_answer or attribution >= 0:
                runs.append(Run(attribution if attribution >= 0 else at, at, stop))
            at, attribution = stop, -1
            continue
        found = attributions.get(at)
        if found is not None and found.above_quote:
            attribution, at = at, found.end
            continue
        attribution = attribution if not lines[at].strip() else -1
        at += 1
    return runs


def _run_end(lines: Sequence[str], quoted: Sequence[bool], at: int, end: int) -> int:
    """The line after a run; a lone line between two quoted ones is the wrapped end of the upper.

    Not so below the end of a sentence: there it may be an answer.
    """
    last = at
    while at < end:
        if quoted[at]:
            last = at
        elif lines[at].strip():
            wrapped = at + 1 < end and quoted[at + 1] and len(lines[at - 1]) >= WRAPPED_FROM
            wrapped = wrapped and lines[at - 1].rstrip()[-1] not in _SENTENCE_ENDS
            if not (wrapped or _is_link_end(lines, at, end)) or not quoted[at - 1]:
                break
        at += 1
    return last + 1


def _is_link_end(lines: Sequence[str], at: int, end: int) -> bool:
    """Tells whether a line inside a quote is a link in brackets, or the end of one that is open above."""
    line, above = lines[at].strip(), lines[at - 1]
    if at + 1 >= end or not is_quoted(lines[at + 1]):
        return False
    if line[0] in "(<" and is_link(line.rstrip("> ") if line[0] == "(" else line):
        return True
    opened = above.rfind("(http")
    return opened >= 0 and ")" not in above[opened:] and line.endswith(")") and " " not in line


def _without_runs(
    lines: Sequence[str], runs: Sequence[Run], names: Collection[str] | None, is_answer: bool, above_history: bool
) -> list[str]:
    """The text between the runs, and the runs that are answered if more than one piece was written.

    `above_history` says that history stands below the lines.
    """
    if names is None and not runs:
        return list(lines)
    starts = [0, *(run.end for run in runs)]
    ends = [*(run.attribution for run in runs), len(lines)]
    between = [lines[start:end] for start, end in zip(starts, ends, strict=True)]
    above_quote = [*(is_answer for _ in runs), above_history]
    trimmed = [trim(piece, names or (), above_quote=above) for piece, above in zip(between, above_quote, strict=True)]
    written = [has_words(piece) for piece in trimmed]
    if sum(written) > 1 and written[0]:  # perhaps a signature above answers between the lines
        trimmed[0] = trim(between[0], names or (), above_quote=True, is_all=False)
        written[0] = has_words(trimmed[0])
    pieces = [list(piece) for piece in between] if names is None else trimmed
    if not runs:
        return pieces[0]
    count = sum(written) - (written[0] and _is_salutation(pieces[0]))
    shown = _shown_runs(lines, runs, pieces)
    if count < 2 and (is_answer or written[0]) and not shown:
        return _joined([piece for piece, has in zip(pieces, written, strict=True) if has or _is_filled(piece)])
    out = list(pieces[0])
    for run, piece, has_answer in zip(runs, pieces[1:], written[1:], strict=True):
        if has_answer or run in shown:
            if out and out[-1].strip() and not lines[run.attribution - 1].strip():
                out.append("")
            out.extend(_last_part(lines[run.start : run.end]))
            out.extend(piece)
        elif _is_filled(piece):
            out = _joined([out, piece])
    return out


def _is_salutation(lines: Sequence[str]) -> bool:
    """Tells whether a piece is only a salutation: "Hi Ann,"."""
    full = [line.strip() for line in lines if line.strip()]
    return len(full) == 1 and len(full[0]) <= 40 and full[0][-1] in ",，、:"


def _shown_runs(lines: Sequence[str], runs: Sequence[Run], pieces: Sequence[Sequence[str]]) -> frozenset[Run]:
    """The runs that the text shows: its only one, or those above a run with an attribution.

    "I typed:" above lines of a console, or a part that a person quotes by hand above the whole history.
    """
    last = len(runs) - 1
    return frozenset(
        run
        for at, run in enumerate(runs)
        if run.attribution == run.start
        and _is_filled(pieces[at])
        and (
            _is_shown(lines, run)
            if at == last or _is_filled(pieces[at + 1])
            else run.end - run.start <= SHOWN_LINES and runs[at + 1].attribution < runs[at + 1].start
        )
    )


def _is_shown(lines: Sequence[str], run: Run) -> bool:
    """Tells whether a few quoted lines without attribution follow words that announce them."""
    if run.attribution < run.start or run.end - run.start > SHOWN_LINES:
        return False
    above = next((line for line in reversed(lines[max(0, run.start - 2) : run.start]) if line.strip()), "").rstrip()
    if begins_with_salutation(above):
        return False
    return above.endswith(":") and "@" not in above and not any(letter.isdigit() for letter in above)


def _is_filled(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)


def _joined(pieces: Sequence[Sequence[str]]) -> list[str]:
    """Joins pieces with a blank line between them."""
    out: list[str] = []
    for piece in pieces:
        full = [at for at, line in enumerate(piece) if line.strip()]
        if full:
            out.extend(([""] if out else []) + list(piece[full[0] : full[-1] + 1]))
    return out


def _last_part(quoted: Sequence[str]) -> Sequence[str]:
    """A quote as it stays above its answer: whole if short, else its last paragraph."""
    if len(quoted) <= KEPT_QUOTE:
        return quoted
    last = len(quoted) - 1
    while last > len(quoted) - KEPT_QUOTE and quoted[last - 1].strip("> "):
        last -= 1
    return quoted[last:]
