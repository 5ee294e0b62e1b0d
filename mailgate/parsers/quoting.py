"""What was written now, and what is quoted, signed or added by a program.

Answers for `cut_quotes`, `cut_signature` and `cut_closing`: functions on plain text that answer and command readers
share. When in doubt they keep: a request that keeps a quote is a nuisance, one that loses a sentence is a fault.
Lines that stay quoted still begin with `>`, so that a reader can pass over them. Looks at the first LINES_LIMIT
lines and at bounded pieces of them (linear time); what lies beyond is kept as it is. Never fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailgate.parsers import quotemarks as marks
from mailgate.parsers.html import without_marks

LINES_LIMIT = 20_000
KEPT_QUOTE = 20  # lines of a quote that stay whole above an answer to it
SIGNATURE_LINES = 15  # lines below a bare "--" that may be a signature

_DELIMITERS = frozenset({"-- ", "--\xa0"})


@dataclass(frozen=True, slots=True)
class Run:
    """Quoted lines in a row, `start` to `end`, with the attribution above them at `attribution` (or `start`)."""

    attribution: int
    start: int
    end: int


def cut_quotes(text: str, *, is_answer: bool, is_forward: bool = False) -> str:
    """The text without what it quotes.

    Kept are the quoted lines that something new answers below, and forwarded mail, which is the request. Header
    blocks and attributions without `>` below them are taken for a quote only in an answer. Where nothing is left,
    an answer is "" and another mail is kept whole.
    """
    if is_forward:
        return without_marks(text).strip("\n")
    lines = text.split("\n")
    looked, rest = lines[:LINES_LIMIT], lines[LINES_LIMIT:]
    attributions = marks.find_attributions(looked)
    end, kept_tail = _find_end(looked, attributions, is_answer)
    runs = _find_runs(looked, end, attributions, is_answer) if ">" in text else []
    kept = _without_runs(looked[:end], runs, is_answer)
    tail = looked[end:] + rest if kept_tail else (rest if end == len(looked) else [])
    result = without_marks("\n".join(kept + tail)).strip("\n")
    if not result.strip():
        return "" if is_answer else without_marks(text).strip("\n")
    return result


def cut_signature(text: str) -> str:
    """The text without signature, lines that phones add, and legal text. A complimentary close with a name stays;
    what it heads goes where it looks like a visiting card."""
    lines = text.split("\n")
    lines = lines[: _signature_start(lines)]
    out: list[str] = []
    dropping, above = False, ""
    for line in lines:
        words = line.strip()
        starts = not out or not above
        dropping = bool(words) and (dropping or (starts and marks.is_disclaimer(line)))
        if not dropping and not (words and marks.is_footer(line)):
            out.append(line)
        above = words
    while out and (not out[-1].strip() or marks.is_rule(out[-1])):
        out.pop()
    return "\n".join(out[: _card_start(out)]).strip("\n")


def cut_closing(text: str) -> str:
    """The text without signature, complimentary close and the name below it: for readers of commands and answers."""
    lines = cut_signature(text).split("\n")
    start = _closing_start(lines)
    return "\n".join(lines[:start]).rstrip() if start is not None else "\n".join(lines)


def _find_end(lines: Sequence[str], attributions: Mapping[int, int], is_answer: bool) -> tuple[int, bool]:
    """Where the new text ends for good, and whether what follows is kept (a forward)."""
    for at, line in enumerate(lines):
        if at not in attributions and not marks.may_separate(line):
            continue
        if marks.forward_at(lines, at):
            return at, True
        if marks.separator_at(lines, at) or (is_answer and marks.header_block_at(lines, at)):
            return _above_rules(lines, at), False
        if is_answer and at in attributions and not _quoted_next(lines, attributions[at]):
            return at, False
    return len(lines), False


def _above_rules(lines: Sequence[str], at: int) -> int:
    top = at
    while top > max(0, at - 4) and (not lines[top - 1].strip() or marks.is_rule(lines[top - 1])):
        top -= 1
    return top


def _quoted_next(lines: Sequence[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 5] if line.strip()), "")
    return marks.is_quoted(following)


def _find_runs(lines: Sequence[str], end: int, attributions: Mapping[int, int], is_answer: bool) -> list[Run]:
    """The quoted runs of an answer; of another mail only those below an attribution."""
    runs: list[Run] = []
    at, attribution = 0, -1
    while at < end:
        if marks.is_quoted(lines[at]):
            stop = _run_end(lines, at, end)
            if is_answer or attribution >= 0:
                runs.append(Run(attribution if attribution >= 0 else at, at, stop))
            at, attribution = stop, -1
            continue
        if at in attributions and _quoted_next(lines, attributions[at]):
            attribution, at = at, attributions[at]
            continue
        attribution = attribution if not lines[at].strip() else -1
        at += 1
    return runs


def _run_end(lines: Sequence[str], at: int, end: int) -> int:
    """The line after a run; a lone line between two quoted ones is the wrapped end of the upper."""
    last = at
    while at < end:
        if marks.is_quoted(lines[at]):
            last = at
        elif lines[at].strip():
            wrapped = at + 1 < end and marks.is_quoted(lines[at + 1]) and len(lines[at - 1]) >= 60
            if not wrapped or not marks.is_quoted(lines[at - 1]):
                break
        at += 1
    return last + 1


def _without_runs(lines: Sequence[str], runs: Sequence[Run], is_answer: bool) -> list[str]:
    out: list[str] = []
    done = 0
    answered = _answered(lines, runs)
    for run, has_answer in zip(runs, answered, strict=True):
        out.extend(lines[done : run.attribution])
        if has_answer:
            out.extend(_last_part(lines[run.start : run.end]))
        done = run.end
    below = list(lines[done:])
    if runs and not answered[-1] and is_answer:
        below = []
    return out + below


def _answered(lines: Sequence[str], runs: Sequence[Run]) -> list[bool]:
    """For each run, whether something new stands between it and the next one."""
    ends = [*(run.attribution for run in runs[1:]), len(lines)][: len(runs)]
    return [_has_words(lines[run.end : end]) for run, end in zip(runs, ends, strict=True)]


def _has_words(lines: Sequence[str]) -> bool:
    return bool(cut_closing("\n".join(lines)).strip())


def _last_part(quoted: Sequence[str]) -> Sequence[str]:
    """A quote as it stays above its answer: whole if short, else its last paragraph."""
    if len(quoted) <= KEPT_QUOTE:
        return quoted
    last = len(quoted) - 1
    while last > len(quoted) - KEPT_QUOTE and quoted[last - 1].strip("> "):
        last -= 1
    return quoted[last:]


def _signature_start(lines: Sequence[str]) -> int:
    """The line of the delimiter (RFC 3676, 4.3): "-- ", or "--" with little enough below it."""
    full = [at for at, line in enumerate(lines) if line.strip()]
    late = full[-SIGNATURE_LINES - 1] if len(full) > SIGNATURE_LINES else 0
    for at, line in enumerate(lines):
        if line in _DELIMITERS or (at >= late and line.rstrip() in ("--", "—")):
            return at
    return len(lines)


def _closing_start(lines: Sequence[str]) -> int | None:
    """The line of a complimentary close with only short lines below it."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - SIGNATURE_LINES), -1):
        if marks.is_closing(lines[at]):
            return at
        if len(lines[at]) > 90:
            return None
    return None


def _card_start(lines: Sequence[str]) -> int:
    """Where a visiting card below a close begins: two lines of name stay, telephones and addresses go."""
    start = _closing_start(lines)
    if start is None:
        return len(lines)
    below = [at for at in range(start + 1, len(lines)) if lines[at].strip()]
    if len(below) < 3 and not any(_is_contact(lines[at]) for at in below):
        return len(lines)
    return below[0] + (0 if _is_contact(lines[below[0]]) else 1)


def _is_contact(line: str) -> bool:
    return "@" in line or "://" in line or "www." in line or sum(letter.isdigit() for letter in line) >= 8
