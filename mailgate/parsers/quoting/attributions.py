"""Finds attributions: the line above a quote with its author and date, in any language, even broken over lines.

There is no list of formats: a line is judged by its content (a date, an address, a verb like "wrote", the word that
such lines begin with, a colon at the end), since clients and languages combine these freely. A line with little
evidence counts only right above a quote. Reads a few bounded lines at every end; linear, pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice

from mailgate.parsers.html.marks import ATTRIBUTION
from mailgate.parsers.phrases import WIDE, fold, load_phrases

LINES = 5  # an attribution is broken over at most that many
LENGTH = 400  # letters of an attribution
SHARED_LENGTH = 4_000  # letters of a line that may hold an attribution behind other words
ENDS_LIMIT = 500  # lines from the top on which one may end, and that are judged
QUOTE_WITHIN = 5  # lines below an attribution in which its quote begins

_PHRASES = load_phrases("quoting")
_OPENERS = tuple(f"{opener}{end}" for opener in _PHRASES["openers"] for end in (" ", ", ", ": "))
_DECORATION = " \t*_\"'“”«»„|\xa0\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff\ue005"
_NO_ENDS = frozenset(".,;!?)")
_BIDI = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def _alternatives(phrases: Sequence[str]) -> str:
    narrow = sorted((re.escape(phrase) for phrase in phrases if not WIDE.search(phrase)), key=len, reverse=True)
    wide = sorted((re.escape(phrase) for phrase in phrases if WIDE.search(phrase)), key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(narrow)})(?!\w)" + (f"|{'|'.join(wide)}" if wide else "")


_VERB = re.compile(_alternatives(_PHRASES["verbs"]))
_WORD = re.compile(r"\w+")
# a word of each verb, without which it cannot stand in a line
_VERB_WORDS = frozenset(max(_WORD.findall(verb), key=len) for verb in _PHRASES["verbs"])
_DIGIT = re.compile(r"\d")
_EVIDENCE = re.compile(r"[\d@]")
_OWN = re.compile(_alternatives(_PHRASES["own"]))
_LAST_WORDS = frozenset(verb.split()[-1] for verb in _PHRASES["verbs"])
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:.h時时시]\s?[0-5]\d(?!\d)|(?<!\d)\d{1,2}\s?(?:[ap]\.?m\b|uhr\b|時|时|点|點|시)")
_DATE = re.compile(
    r"(?<!\d)\d{1,4}\s?[./\-年년]\s?\d{1,2}\s?[./\-月월]\s?\d{1,4}(?!\d)|(?<!\d)(?:19|20|25)\d\d(?!\d)|\d月\d"
)
_DATE_FIRST = re.compile(r"\(?(?:[^\W\d]{1,14}[.,]{0,2}\s)?(?:[^\W\d]{1,14}[.,]{0,2}\s)?\(?\d{1,4}[./\-年년월月\s,]")
_IN_BRACKETS = re.compile(r"[<(\[]\s?(?:mailto:)?[^\s<>()\[\]]{0,200}@[^<>()\[\]]{0,200}[>)\]]")
_BROKEN_END = re.compile(rf">\s?,?\s?(?:{_VERB.pattern}).{{0,30}}[:：]$|>\s?[:：]$")
_FLAT = re.compile(r"[^<>@]{10,120}<[^\s<>]{1,100}@[^\s<>]{1,100}>[^<>@:]{1,40}:(?= )")
_ADDRESS_LAST = re.compile(r"[\s,]\S{1,200}@\S{1,200}\s?[:：]$")
_GOES_ON = re.compile(r"(?:\d{1,2}\.? [^\W\d]{2,6}|\b[^\W\d]{1,4}|\d)\.$")
_ARTICLES = ("the ", "a ", "le ", "la ", "les ", "der ", "die ", "das ", "el ", "il ", "de ", "het ", "my ", "our ")


# "Am" or "On" within a line, behind a person's own words
_ASCII_OPENERS = {opener.capitalize() for opener in _PHRASES["openers"] if opener.isascii()}
_CAPITALS = "|".join(map(re.escape, sorted(_ASCII_OPENERS, key=len, reverse=True)))
_SHARED = re.compile(rf"(?:(?<=[^\s-])\s+(?:-{{2,}}\s*)?|(?<=[^\s-])-{{2,}}\s*)(?=(?:{_CAPITALS})[ ,][^:]{{0,40}}\d)")


class Weight(IntEnum):
    """The strength of the evidence for an attribution."""

    NONE = 0
    ABOVE_QUOTE = 1  # only where a quote stands below
    IN_ANSWER = 2  # also without one, in an answer
    CERTAIN = 3  # in any mail


@dataclass(frozen=True, slots=True)
class Attribution:
    """An attribution: `end` is the line after it, `above_quote` says that quoted lines follow."""

    end: int
    weight: Weight
    above_quote: bool


def find_attributions(lines: Sequence[str], quoted: Sequence[bool]) -> dict[int, Attribution]:
    """Finds the attributions by their first line; `quoted` says of each line whether it has a quote mark."""
    found: dict[int, Attribution] = {}
    ends = list(_ends(lines, quoted))
    for end, above in reversed(ends[-ENDS_LIMIT:]):
        start, weight = _read(lines, quoted, end, above)
        if weight:
            found[start] = Attribution(end + 1, weight, above)
    return found


def _has_evidence(lines: Sequence[str], end: int) -> bool:
    """Tells whether a date or an address may be in the lines above; without one only a quote counts."""
    above = "".join(lines[max(0, end - LINES + 1) : end + 1])
    return _EVIDENCE.search(above) is not None or ATTRIBUTION in above


def join_broken(lines: Sequence[str], quoted: list[bool]) -> None:
    """Removes the quote mark of `> wrote:`, which is the end of a broken address."""
    for at in range(1, len(lines)):
        if quoted[at] and not quoted[at - 1] and lines[at][:2] in ("> ", ">", ">:", ">：") and len(lines[at]) < 60:
            above = " ".join(lines[max(0, at - 4) : at])[-300:]
            if above.count("<") > above.count(">") and "@" in above and _BROKEN_END.match(_plain(lines[at])):
                quoted[at] = False


def split_shared(lines: list[str], quoted: list[bool]) -> None:
    """Puts an attribution that follows a person's words on the same line onto a line of its own.

    "It works. On Tue, 24 Nov 2026, Jo <jo@example.com> wrote:" is written so by programs that drop line breaks.
    """
    at = 0
    while at < len(lines):
        # an attribution that is found here has a date
        may_share = not quoted[at] and len(lines[at]) <= SHARED_LENGTH and _DIGIT.search(lines[at])
        place = _shared_at(lines, quoted, at) if may_share else -1
        if place >= 0:
            lines[at : at + 1] = [lines[at][:place].rstrip().rstrip("-").rstrip(), lines[at][place:].lstrip(" -")]
            quoted.insert(at + 1, False)
            at += 1
        at += 1


def _shared_at(lines: Sequence[str], quoted: Sequence[bool], at: int) -> int:
    """The place in a line at which an attribution begins behind other words, or -1."""
    line = lines[at]
    for found in islice(_SHARED.finditer(line), LINES):
        head = line[: found.start()]
        if head.casefold().startswith(_OPENERS) and _EVIDENCE.search(head) and head.rstrip()[-1] not in ".!?)":
            continue  # within the attribution itself
        if head.strip().casefold() in _PHRASES["openers"]:
            continue  # some programs write the opening word twice
        words = _plain(line[found.end() :])
        for below in range(at, min(len(lines), at + LINES)):
            if below > at:
                if quoted[below] or not lines[below].strip():
                    break
                words = f"{words} {_plain(lines[below])}"
            if words.endswith((":", "：")):
                above_quote = any(quoted[below + 1 : below + 1 + QUOTE_WITHIN])
                weight = judge(words, above_quote=above_quote)
                if weight is Weight.CERTAIN or (above_quote and weight is Weight.IN_ANSWER):
                    return found.end()
                break
    return -1


def _ends(lines: Sequence[str], quoted: Sequence[bool]) -> Iterator[tuple[int, bool]]:
    """The lines on which an attribution may end, from below, and whether a quote follows."""
    below, below_at = False, len(lines)
    for end in range(len(lines) - 1, -1, -1):
        line = lines[end]
        if not line or line.isspace():
            continue
        if not quoted[end]:
            above = below and below_at - end <= QUOTE_WITHIN
            ends = line[-1] not in _NO_ENDS or ">" in line or line[0] == ATTRIBUTION
            if above or (ends and _may_end(line) and _has_evidence(lines, end)):
                yield end, above
        below, below_at = quoted[end], end


def judge(words: str, *, above_quote: bool = False) -> Weight:
    """Weighs the evidence that a folded line is an attribution."""
    if len(words) > LENGTH:
        return Weight.NONE
    date, time = _DATE.search(words), _TIME.search(words)
    address = "@" in words or "mailto:" in words
    colon = words.endswith((":", "："))
    verb = _find_verb(words)
    starts = bool(_DATE_FIRST.match(words)) or words.startswith(_OPENERS)
    if verb is None:
        return _judge_silent(words, bool(date), bool(date and time), starts, colon)
    if _OWN.search(words):
        return Weight.ABOVE_QUOTE if above_quote and starts and date else Weight.NONE
    if not colon:
        last = len(words) - verb.end() < 3
        return (
            (Weight.IN_ANSWER if date and address and starts else Weight.ABOVE_QUOTE)
            if last and (date or address)
            else Weight.NONE
        )
    if date and address:
        return Weight.CERTAIN
    if (date or time) and starts and len(words) - verb.end() < 80:
        return Weight.IN_ANSWER
    if _IN_BRACKETS.search(words) and words.find("@") < LENGTH // 2:
        return Weight.IN_ANSWER
    few = len(words[: verb.start()].split()) <= 6
    if date and time and few and not words.startswith(_ARTICLES):
        return Weight.IN_ANSWER
    return Weight.ABOVE_QUOTE if few or starts else Weight.NONE


def _find_verb(words: str) -> re.Match[str] | None:
    if _VERB_WORDS.isdisjoint(_WORD.findall(words)) and (words.isascii() or not WIDE.search(words)):
        return None
    return _VERB.search(words)


def _judge_flat(words: str) -> Weight:
    """Weighs a line that continues with the quote itself, as programs that flatten HTML write it."""
    found = _FLAT.match(words)
    flat = found is not None and words.startswith(_OPENERS) and judge(found[0]) is Weight.CERTAIN
    return Weight.IN_ANSWER if flat else Weight.NONE


def _judge_silent(words: str, date: bool, full: bool, starts: bool, colon: bool) -> Weight:
    """Weighs a line without a verb: `24.11.2026, 10:00, "Jo" <jo@example.com>:`."""
    bracketed = _IN_BRACKETS.search(words)
    if bracketed and sum(map(str.isalpha, rest := words[bracketed.end() :])) > 4:
        return Weight.ABOVE_QUOTE if colon and len(rest) < 60 and _DATE.search(rest) else Weight.NONE
    if bracketed and date and words[0] == "[" and words[-1] == "]":
        return Weight.ABOVE_QUOTE
    if colon and starts and date and (bracketed or (_ADDRESS_LAST.search(words) and len(words.split()) <= 5)):
        return Weight.CERTAIN if full else Weight.IN_ANSWER
    if bracketed and (colon or (date and starts)):
        return Weight.ABOVE_QUOTE
    named = starts or " @ " in words
    return Weight.ABOVE_QUOTE if colon and full and named and len(words.split()) <= 12 else Weight.NONE


def _may_end(line: str) -> bool:
    """Tells whether an attribution can end on a line at all: a cheap test."""
    tail = line[-16:].rstrip(_DECORATION)
    if tail[-1:] in (":", "：") or line[0] == ATTRIBUTION:
        return True
    if ">" in line and "@" in line and len(line) > 60:
        return True
    return tail[-1:].isalpha() and tail.split(" ")[-1].casefold() in _LAST_WORDS


def _read(lines: Sequence[str], quoted: Sequence[bool], end: int, above_quote: bool) -> tuple[int, Weight]:
    """The first line of the attribution that ends on a line, and its weight."""
    if lines[end][0] == ATTRIBUTION:
        return _marked_start(lines, end), Weight.CERTAIN
    best, weight = end, Weight.NONE
    joined = squeezed = ""
    for start in range(end, max(-1, end - LINES), -1):
        words = _plain(lines[start])
        if not words and start < end and joined[:1] in (">", "<"):
            continue
        if not words or quoted[start] or (start < end and not _is_broken(words)):
            break
        joined, squeezed = f"{words} {joined}".rstrip(), words + squeezed
        if len(joined) > LENGTH:
            break
        found = judge(joined, above_quote=above_quote)
        if not found:  # broken inside the word, or with the quote on the same line
            found = judge(squeezed, above_quote=above_quote) if start < end else _judge_flat(words)
        if found > Weight.ABOVE_QUOTE or (found and above_quote):
            if weight and found <= weight and not _is_beginning(words, joined, lines[start + 1]):
                continue
            best, weight = start, max(found, weight)
            if weight > Weight.ABOVE_QUOTE and words.startswith(_OPENERS) and _DATE.search(words):
                break
    return best, weight


def _marked_start(lines: Sequence[str], end: int) -> int:
    start = end
    while start > 0 and end - start < LINES and lines[start - 1][:1] == ATTRIBUTION:
        start -= 1
    return start


def _is_beginning(words: str, joined: str, below: str) -> bool:
    """Tells whether a line above an attribution begins it: with a date, or with the author's name."""
    if words.startswith(_OPENERS) or _DATE_FIRST.match(words):
        return True
    return below.lstrip(_DECORATION)[:1] in ("<", "(", "[") and len(words.split()) <= 6 and len(joined) < LENGTH


def _is_broken(words: str) -> bool:
    """Tells whether a line continues below: no sentence ends here."""
    last = words[-1]
    if last in "!?;:：":
        return False
    return last != "." or bool(_GOES_ON.search(words[-16:]))


def _plain(line: str) -> str:
    words = line[: LENGTH + 50].strip(_DECORATION)
    return fold(words if words.isascii() else _BIDI.sub("", words))
