"""What one line, or a few, of a mail's text say about quoting.

Answers for recognising the marks that mailers leave: attributions, header blocks, separators, forwards, footers.
Each question looks at a bounded number of lines of bounded length, so that a whole text costs linear time. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.parsers.html import QUOTE_BELOW
from mailgate.parsers.phrases import begins_with, fold, load_pairs, load_phrases

ATTRIBUTION_LINES = 4  # an attribution is wrapped over at most that many
BLOCK_LINES = 8  # lines of a header block that are looked at

_PHRASES = load_phrases("quoting")
_ATTRIBUTIONS = load_pairs("quoting", "attribution")
_FIRST_WORDS = tuple({f"{first} " for first, _ in _ATTRIBUTIONS} | {f"{first}," for first, _ in _ATTRIBUTIONS})
_VERBS = tuple({verb for _, verb in _ATTRIBUTIONS})
_FROM = frozenset(_PHRASES["from"])
_LABELS = frozenset(_PHRASES["labels"]) | _FROM
_ORIGINAL = frozenset(_PHRASES["original"])
_FORWARDED = frozenset(_PHRASES["forwarded"])
_begins_footer = begins_with(_PHRASES["footers"])
_begins_disclaimer = begins_with(_PHRASES["disclaimers"])
_OPENERS = frozenset(f"-=_{QUOTE_BELOW}")
_REPLY, _FORWARD = frozenset(_PHRASES["reply"]), frozenset(_PHRASES["forward"])


def is_quoted(line: str) -> bool:
    """Whether a line carries a quote mark."""
    return line.lstrip(" ").startswith(">")


def may_separate(line: str) -> bool:
    """Whether a line can be a separator, a forward or the head of a header block at all: a cheap look beforehand."""
    return ":" in line or line.lstrip()[:1] in _OPENERS


def find_attributions(lines: Sequence[str]) -> dict[int, int]:
    """The first line of every attribution ("On … wrote:") and the line after it. Each one ends in a colon."""
    near = {at for end, line in enumerate(lines) if ":" in line for at in range(end - ATTRIBUTION_LINES + 1, end + 1)}
    return {at: end for at in near if at >= 0 and (end := _attribution_end(lines, at)) > at}


def header_block_at(lines: Sequence[str], at: int) -> bool:
    """Whether Outlook's header block ("De : … Envoyé : … Objet : …") begins here."""
    if _label(lines[at]) not in _LABELS:
        return False
    labels = {_label(line) for line in lines[at : at + BLOCK_LINES]} & _LABELS
    return len(labels) >= 3 and bool(labels & _FROM)


def separator_at(lines: Sequence[str], at: int) -> bool:
    """Whether a line says that the original mail follows: dashes and words, or the mark of `html`."""
    line = lines[at].strip()
    if line == QUOTE_BELOW:
        return True
    return line.startswith(("--", "==", "__")) and fold(line.strip("-=_ *")) in _ORIGINAL


def is_rule(line: str) -> bool:
    """Whether a line is a horizontal rule, as mailers draw one above a header block."""
    line = line.strip()
    return len(line) >= 3 and (not line.strip("_") or not line.strip("-") or not line.strip("=") or line == QUOTE_BELOW)


def forward_at(lines: Sequence[str], at: int) -> bool:
    """Whether a line says that a forwarded mail follows."""
    line = lines[at].strip()
    if not line.startswith(("--", "==", "__")) and not line.endswith(":"):
        return False
    words = fold(line.strip("-=_ *")).rstrip(": ")
    return words in _FORWARDED or (line.startswith("---") and words.startswith(_PHRASES["forwarded"]))


def is_footer(line: str) -> bool:
    """Whether a line is what a phone or a mail program adds ("Sent from my …")."""
    return len(line) < 160 and _begins_footer(line.lstrip("-_ *[<"))


def is_disclaimer(line: str) -> bool:
    """Whether a paragraph that begins so is legal or advertising text."""
    return _begins_disclaimer(line.lstrip("-_ *[<"))


def is_closing(line: str) -> bool:
    """Whether a line is a complimentary close and nothing else."""
    return len(line) < 60 and fold(line).rstrip(" ,.;!-") in _PHRASES["closings"]


def is_reply_subject(subject: str) -> bool:
    """Whether the first prefix of a subject says that this is an answer (Re:, AW:, …)."""
    return _prefix(subject) in _REPLY


def is_forward_subject(subject: str) -> bool:
    """Whether the first prefix of a subject says that this is forwarded (Fwd:, Tr:, WG:, …)."""
    return _prefix(subject) in _FORWARD


def _prefix(subject: str) -> str:
    head, colon, _ = subject[:20].partition(":")
    return fold(head.partition("[")[0]) if colon else ""


def _attribution_end(lines: Sequence[str], at: int) -> int:
    """The line after the attribution that begins at `at`, or `at` where none does."""
    first = "" if is_quoted(lines[at]) else fold(lines[at])
    if not first:
        return at
    named = _names_writer(first)
    if not named and not first.startswith(_FIRST_WORDS):
        return at
    joined = ""
    for index in range(at, min(at + ATTRIBUTION_LINES, len(lines))):
        line = fold(lines[index])
        if not line or (index > at and is_quoted(lines[index])):
            return at
        joined = f"{joined} {line}".strip()
        if joined.endswith(":") and _is_attribution(joined, named):
            return index + 1
    return at


def _names_writer(line: str) -> bool:
    """`Jo Martin <jo@example.com> wrote:` and `24.11.2026 10:00, jo@example.com:`."""
    return "@" in line and line.endswith(":") and (line[:1].isdigit() or any(verb in line for verb in _VERBS))


def _is_attribution(joined: str, named: bool) -> bool:
    if named:
        return True
    if not any(letter.isdigit() for letter in joined) and "@" not in joined:
        return False
    return any(joined.startswith((f"{first} ", f"{first},")) and f" {verb}" in joined for first, verb in _ATTRIBUTIONS)


def _label(line: str) -> str:
    head, colon, _ = line[:60].partition(":")
    return fold(head.strip("*_ >\t")) if colon else ""
