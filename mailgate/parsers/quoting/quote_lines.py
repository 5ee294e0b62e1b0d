"""Recognises single lines about quoting: header blocks, separators, forwards, reply markers, subject prefixes.

Each test reads a bounded number of lines of bounded length, so that a whole text costs linear time. Pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from mailgate.parsers.html.marks import QUOTE_BELOW
from mailgate.parsers.phrases import fold, load_phrases
from mailgate.parsers.quoting.attributions import Weight, judge

BLOCK_LINES = 14  # lines of a header block that are looked at
BLOCK_GAP = 3  # lines of it in a row that begin with no label
LABEL_LENGTH = 40
SEPARATOR_WITHIN = 4_000  # letters of a line in which a separator may stand behind other words
PREFIX_LENGTH = 20  # letters of a subject in which a prefix ends

_PHRASES = load_phrases("quoting")
_FROM, _SUBJECT = frozenset(_PHRASES["from"]), frozenset(_PHRASES["subject"])
_FILLED = frozenset(_PHRASES["sent"]) | frozenset(_PHRASES["to"])
_MAIN = _FROM | _SUBJECT | _FILLED
_LABELS = _MAIN | frozenset(_PHRASES["labels"])
_ORIGINAL, _FORWARDED = frozenset(_PHRASES["original"]), frozenset(_PHRASES["forwarded"])
_FORWARDED_BEGIN = _PHRASES["forwarded"]
_ABOVE = _PHRASES["above"]
_ANSWERING = _PHRASES["answering"]
_HEADINGS = ("message du ", "message from ")  # and a date, above the labels
# labels that only pasted raw headers have
_RAW = frozenset({"mime-version", "received", "return-path", "content-type", "dkim-signature", "delivered-to"})
_REPLY, _FORWARD = frozenset(_PHRASES["reply"]), frozenset(_PHRASES["forward"])
_PREFIXES = (_REPLY | _FORWARD) - {""}
_DASHES = "-=_—–―‐‑‒─━*#~+.> \t"
_OPENERS = frozenset(f"-=_—–―‐‑‒─━*#~{QUOTE_BELOW}")
_COLONS = (":", "：")
_ENDS = ":： *"
_SECOND = _OPENERS | {" "}
_FIRST = _OPENERS | {" ", "\t", ">", "\xa0"}
_UNDECORATED = ("above this line", "cette ligne", "dieser Linie", "dieser Zeile", "esta línea", "esta linha")
_INNER_LABEL = re.compile(r"(?<=\s)\*{0,2}([^\W\d]{1,14}(?: [^\W\d]{1,8})?)\*{0,2}\s?[:：]")
_WITHIN = re.compile(r"(?<!-)-{4,30} ?([^\W\d_][^-:]{3,40}?) ?-{4,30}(?!-)")
_NOTES_TO = frozenset({"to", "an", "a", "à", "pour", "para", "aan", "til", "do"})
_NOTES_SUBJECT = frozenset({"subject", "betreff", "thema", "objet", "sujet", "asunto", "oggetto", "onderwerp"})


def is_quoted(line: str) -> bool:
    """Tells whether a line has a quote mark. GroupWise's `>>> Jo 24.11.2026 10:00 >>>` has none."""
    if ">" not in line or not line.lstrip(" ").startswith(">"):
        return False
    return line[:4] != ">>> " or not is_groupwise(line)


def is_groupwise(line: str) -> bool:
    """Tells whether a line is GroupWise's attribution between two triple marks."""
    return line.startswith(">>> ") and line.endswith(">>>") and ":" in line


class History(Enum):
    """The kind of quoted history that begins at a line."""

    NONE = 0
    FORWARD = 1
    SEPARATED = 2  # dashes and words, or a help desk's line: in any mail
    HEADED = 3  # a header block or the mark of `html`: in an answer


def find_openings(lines: Sequence[str], *, asks: bool) -> list[int]:
    """Finds the lines at which quoted history may begin: a cheap test.

    `asks` says that a bare reply line may stand in the text.
    """
    return [
        at
        for at, line in enumerate(lines)
        if line
        and (
            len(line) <= 12
            or line[0] in _FIRST
            or (":" in line and (line[-1] == ":" or line.find(":", 0, LABEL_LENGTH + 10) >= 0))
            or "：" in line
            or asks
        )
    ]


def history_at(lines: Sequence[str], at: int, *, asks: bool) -> History:
    """Determines the kind of history that begins at a line of `find_openings`."""
    line = lines[at].strip()
    first = line[:1]
    if first == ">" and is_groupwise(line):
        return History.SEPARATED
    if first in _OPENERS:
        if line == QUOTE_BELOW:
            return History.FORWARD if _forwards_below(lines, at) else History.HEADED
        if forward_at(line):
            return History.FORWARD
        if _is_separator(line) or _is_reply_line(lines, at, line):
            return History.SEPARATED
    elif line[-1:] in _COLONS:
        if forward_at(line):
            return History.FORWARD
        if fold(line).rstrip(_ENDS) in _ORIGINAL and _opens_quote(lines, at + 1):
            return History.SEPARATED
    if asks and _is_reply_line(lines, at, line):
        return History.SEPARATED
    if header_block_at(lines, at) or (len(line) <= 6 and _is_notes_head(lines, at, line)):
        return History.HEADED
    return History.NONE


def asks_above(text: str) -> bool:
    """Tells whether a text may hold, undecorated, a help desk's line above which to reply."""
    return any(words in text for words in _UNDECORATED)


def header_block_at(lines: Sequence[str], at: int) -> bool:
    """Tells whether Outlook's header block ("De : … Envoyé : … Objet : …") begins at a line.

    On lines of its own or on one line.
    """
    label = _label(lines[at])
    if label not in _LABELS and not label.startswith(_HEADINGS):
        return False
    labels: list[str] = []
    block: list[str] = []
    gap: list[str] = []  # the lines since the last label
    for line in lines[at : at + BLOCK_LINES]:
        label = _label(line)
        if label in _RAW:
            return False
        if label in _LABELS:
            if labels and gap and not _goes_on(labels, block[-len(gap) - 1], gap):
                break
            labels.append(label)
            gap = []
        else:
            gap.append(line)
            if sum(bool(line.strip("> \t")) for line in gap) > BLOCK_GAP:
                break
        block.append(line)
    if len(labels) < 3:
        labels.extend(fold(found) for found in _INNER_LABEL.findall(lines[at][:1000]))
        block = [lines[at]]
    return _is_block(labels, block, _has_rule_above(lines, at))


def _goes_on(labels: Sequence[str], above: str, gap: Sequence[str]) -> bool:
    """Tells whether lines between two labels belong to the upper one, and are no text that a person wrote there.

    A label such as "Importance" on top is one line. Any other value may be broken over lines; where blank lines part
    these, it must be missing on its own line, or go on with addresses.
    """
    written = [line for line in gap if line.strip("> \t")]
    if not written:
        return True
    if _MAIN.isdisjoint(labels):
        return False
    parted = len(written) < len(gap)
    return not parted or above.rstrip("* \t").endswith(_COLONS) or all("@" in line for line in written)


def _is_block(labels: Sequence[str], block: Sequence[str], below_rule: bool) -> bool:
    """Tells whether labels are a header block: an author, two others, and an address or the subject."""
    seen = {label for label in labels if label in _LABELS}
    if not seen & _FROM:
        return False
    has_address = any("@" in line or "mailto:" in line for line in block)
    if below_rule and has_address and len(seen) >= 2:
        return True
    return len(seen) >= 3 and bool(seen & _FILLED) and (bool(seen & _SUBJECT) or has_address)


def _has_rule_above(lines: Sequence[str], at: int) -> bool:
    above = next((line for line in reversed(lines[max(0, at - 3) : at]) if line.strip()), "")
    return is_rule(above)


def _is_notes_head(lines: Sequence[str], at: int, line: str) -> bool:
    """Tells whether older Lotus Notes' header begins at a line: "To", "cc", "Subject" without colons."""
    if fold(line).rstrip(":") not in _NOTES_TO:
        return False
    below = {fold(line) for line in lines[at + 1 : at + BLOCK_LINES]}
    return "cc" in below and bool(below & _NOTES_SUBJECT)


def _is_separator(line: str) -> bool:
    """Tells whether a line is dashes and words that announce the original mail."""
    if line[1:2] not in _SECOND:
        return False
    words = fold(line.strip(_DASHES)).rstrip(_ENDS)
    if not words or len(words) > 300:
        return False
    if words in _ORIGINAL or (line.startswith("--") and words.startswith("original message")):
        return True
    return len(line) - len(line.rstrip(_DASHES)) > 1 and judge(f"{words}:", above_quote=True) > Weight.NONE


def split_separators(lines: list[str], quoted: list[bool]) -> None:
    """Puts a separator ("-----Original Message-----") on a line of its own where line breaks were dropped."""
    at = 0
    while at < len(lines):
        line = lines[at][:SEPARATOR_WITHIN]
        if "----" not in line or quoted[at] or line.startswith("-"):
            at += 1
            continue
        separators = _WITHIN.finditer(line, 1)
        found = next((one for one in separators if fold(one[1]) in _ORIGINAL and line[: one.start()].strip()), None)
        if found is not None:
            lines[at : at + 1] = [line[: found.start()].rstrip(), found[0], lines[at][found.end() :]]
            quoted[at : at + 1] = [False] * 3
            at += 2
        at += 1


def _forwards_below(lines: Sequence[str], at: int) -> bool:
    below = [line for line in lines[at + 1 : at + 6] if line.strip()]
    return any(forward_at(line.strip()) for line in below[:2])


def _opens_quote(lines: Sequence[str], at: int) -> bool:
    below = next((line for line in lines[at : at + 3] if line.strip()), "")
    return is_quoted(below) or _label(below) in _LABELS


def _is_reply_line(lines: Sequence[str], at: int, line: str) -> bool:
    """Tells whether a line is a help desk's "please type your reply above this line"."""
    if not 8 <= len(line) <= 160:
        return False
    words = fold(line)
    if not any(phrase in words for phrase in _ABOVE) or not any(word in words for word in _ANSWERING):
        return False
    if line[:1] in _OPENERS and line[1:2] in _SECOND:
        return True
    alone = (at == 0 or not lines[at - 1].strip()) and (at + 1 == len(lines) or not lines[at + 1].strip())
    return alone and words.rstrip(". ").endswith(("line", "ligne", "linie", "zeile", "línea", "linha"))


def is_rule(line: str) -> bool:
    """Tells whether a line is a horizontal rule, as mailers draw one above a header block."""
    line = line.strip()
    if line == QUOTE_BELOW:
        return True
    return len(line) >= 3 and line[0] in "-_=—–─━*" and not line.strip(line[0])


def forward_at(line: str) -> bool:
    """Tells whether a stripped line announces a forwarded mail."""
    if line[-1:] not in _COLONS and line[:2].strip(_DASHES):
        return False
    words = fold(line.strip(_DASHES)).rstrip(_ENDS)
    if words in _FORWARDED and (line[-1:] in _COLONS or not line[:2].strip(_DASHES)):
        return True
    return line.startswith(("---", "‐‐‐")) and words.startswith(_FORWARDED_BEGIN)


def is_reply_subject(subject: str) -> bool:
    """Tells whether the first prefix of a subject is a reply's (Re:, AW:, …)."""
    return _prefix(subject) in _REPLY


def is_forward_subject(subject: str, text: str = "") -> bool:
    """Tells whether the first prefix of a subject is a forward's (Fwd:, Tr:, WG:, …).

    "VS:" is a forward in Danish and Norwegian and a reply in Finnish; the labels in the text decide.
    """
    prefix = _prefix(subject)
    if prefix not in _FORWARD:
        return False
    return prefix not in _REPLY or "lähettäjä" not in text[:20_000].casefold()


def bare_subject(subject: str) -> str:
    """A subject without the prefixes of replies and forwards."""
    at = 0
    while _prefix(subject[at : at + PREFIX_LENGTH]) in _PREFIXES:
        at = min(end for end in (subject.find(colon, at) for colon in _COLONS) if end >= 0) + 1
    return subject[at:].strip()


def _prefix(subject: str) -> str:
    head, colon, _ = subject[:PREFIX_LENGTH].replace("：", ":").partition(":")
    return fold(head.partition("[")[0].partition("(")[0]) if colon else ""


def _label(line: str) -> str:
    """The words before the first colon, if there are few."""
    colon = line.find(":", 0, LABEL_LENGTH + 10)
    if colon < 0:
        colon = line.find("：", 0, LABEL_LENGTH + 10)
    if colon < 0:
        return ""
    return _as_label(line[:colon])


@lru_cache(maxsize=4 * BLOCK_LINES)  # a block is looked at from each of its lines
def _as_label(words: str) -> str:
    return fold(words.strip("* >\t\u200e\u200f\u202a\u202b"))
