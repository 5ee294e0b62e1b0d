"""Finds failed recipients in the text of a delivery report that has no standard form.

Looks for the shapes that all mail systems share: an address on a line of its own, before a colon, after a label, in an
SMTP dialogue or in a sentence about a failure, with a status (RFC 3463) or an SMTP reply code (RFC 5321 section 4.2)
nearby. Pure, linear in the text, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache

from mailgate.parsers.classify.phrasebook import flatten, load_phrasebook

LINES_LIMIT = 400
LINE_LIMIT = 600  # letters of a line that are looked at
RECIPIENTS_LIMIT = 200
STATUS_LINES = 10  # below an address in which its status stands

# Only from the beginning of a run of letters: from each of them, a long one without @ would take quadratic time.
_ADDRESS = re.compile(
    r"(?<![\w.+=/!#$%&'*?^`{|}~@-])(?:\"[^\"@\s]{1,60}\"|[\w.+=/!#$%&'*?^`{|}~-]{1,200})@[\w-]{1,64}(?:\.[\w-]{1,64}){0,8}"
)
_PREFIX = re.compile(r"(?:smtp:|mailto:|(?:rcpt|to|rcpt_to|orig_to|recipient|user|email)=)", re.IGNORECASE)
_ENHANCED = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(
    r"(?<![\d.$:/\w-])(42[1-6]|43[0-2]|44[0-9]|45[0-9]|47[0-9]|50[0-5]|51[0-9]|52[0-9]|53[0-9]|54[0-9]|55[0-9]|56[0-9]|57[0-9])"
    r"(?=[\s\-:#>)<,.;_'\"\]]|$)(?!-\d{3}|\.\d)"
)
_WORD = re.compile(r"[^\W_]+(?:[-.()][^\W_]+)*(?:\(s\)|\(es\))?")
_WRAPPER = re.compile(r"(?:smtp|rfc822|mailto|x400|internet)\W{0,3}$")
_ADMINS = ("postmaster@", "mailer-daemon@", "abuse@", "helpdesk@", "hostmaster@", "noreply@", "no-reply@")
_SET_OFF = (":", "(", "-", ".", "…", ",", ";")
_MARKS = " \t<>\"'`*•·-–()[]:;,.|→=_"


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """A recipient with the status or reply code that stands next to it, "" for none."""

    recipient: str
    status: str


@dataclass(frozen=True, slots=True)
class _Mention:
    address: str
    line: int
    weight: int


def find_failed_recipients(lines: Sequence[str], others: Set[str]) -> tuple[FailedRecipient, ...]:
    """Finds the recipients that the lines of a report name.

    `others` are addresses to ignore, in lower case: the reader's and the reporter's own.
    """
    lines = [line[:LINE_LIMIT] for line in lines[:LINES_LIMIT]]
    mentions = [mention for at, line in enumerate(lines) if "@" in line for mention in _mentions(line, at, others)]
    best = max((mention.weight for mention in mentions), default=0)
    chosen: dict[str, _Mention] = {}
    for mention in mentions:
        if mention.weight >= min(best, 2) > 0:
            chosen.setdefault(mention.address.casefold(), mention)
    kept = list(chosen.values())[:RECIPIENTS_LIMIT]
    ends = [*(mention.line for mention in kept[1:]), len(lines)][: len(kept)]
    return tuple(
        FailedRecipient(mention.address, _status_at(lines, mention.line, end, alone=len(kept) == 1))
        for mention, end in zip(kept, ends, strict=True)
    )


def find_any_recipient(lines: Sequence[str], others: Set[str]) -> tuple[FailedRecipient, ...]:
    """Returns the first address that a report names at all, addresses to contact aside."""
    for line in (line[:LINE_LIMIT] for line in lines[:LINES_LIMIT] if "@" in line):
        for match in _ADDRESS.finditer(line):
            address = _clean(match[0])
            is_excluded = address.casefold() in others or address.casefold().startswith(_ADMINS)
            if not is_excluded and not _ends(line[: match.start()].casefold(), "against"):
                return (FailedRecipient(address, find_status("\n".join(lines))),)
    return ()


def find_status(text: str) -> str:
    """Finds the status of a text: an enhanced status code, else an SMTP reply code; "" for none."""
    found = _ENHANCED.search(text)
    if found:
        return found[1]
    reply = _REPLY.search(text)
    return reply[1] if reply else ""


def is_delayed(subject: str, text: str) -> bool:
    """Tells whether a report says that a mail is late, not lost."""
    book = load_phrasebook("automatic/reports")
    begins, found = book.find(flatten(subject[:200])), book.find(flatten(text[:3_000]))
    if "delay" not in found and "delay" not in begins:
        return False
    return "given_up" not in found and "given_up" not in begins


def _mentions(line: str, at: int, others: Set[str]) -> list[_Mention]:
    found: list[_Mention] = []
    for match in _ADDRESS.finditer(line):
        address = _clean(match[0])
        weight = _weigh(line, match.start(), match.end())
        folded = address.casefold()
        if folded in others:
            continue
        if folded.startswith(_ADMINS):
            weight -= 2
        if weight > 0:
            found.append(_Mention(address, at, weight))
    return found


def _clean(address: str) -> str:
    address = address.strip("'.`*|")
    prefix = _PREFIX.match(address)
    return address[prefix.end() :] if prefix else address


def _weigh(line: str, start: int, end: int) -> int:
    """Rates how likely an address is the recipient: 4 in an RCPT, 3 on its own line, 2 with a label or code, 1 in
    prose.
    """
    before, after = line[:start].casefold(), line[end:]
    head = _WRAPPER.sub("", before).strip(_MARKS)
    if before.rstrip(" <:\"'").endswith("rcpt to"):
        return 4
    if _ends(before, "against") and not _ends(before, "label"):
        return 0
    if not head or head in ("smtp", "mailto", "rfc822", "to", "for", "email"):
        return 3 if not after.strip(_MARKS) or after.lstrip(" >\"')").startswith(_SET_OFF) else 2
    if find_status(line) or _ends(head, "label") or _ends(head.partition(":")[0], "label"):
        return 2
    return 1 if load_phrasebook("automatic/reports").find(flatten(line)) & {"failure", "delay"} else 0


def _ends(before: str, category: str) -> bool:
    """Tells whether the last one or two words before an address are of a category."""
    words = _WORD.findall(before[-60:].strip(_MARKS))[-2:]
    return bool(words) and not _words_of(category).isdisjoint((words[-1], " ".join(words)))


@cache
def _words_of(category: str) -> frozenset[str]:
    return frozenset(load_phrasebook("automatic/reports").phrases(category))


def _status_at(lines: Sequence[str], at: int, end: int, *, alone: bool) -> str:
    """Finds the status of an address: on its line or below; above or anywhere if it is the only one."""
    for scope in (lines[at : at + 1], lines[at : min(max(end, at + 1), at + STATUS_LINES)]):
        if status := find_status("\n".join(scope)):
            return status
    if alone:
        return find_status("\n".join(lines[max(0, at - 3) : at])) or find_status("\n".join(lines))
    return find_status("\n".join(lines)) if end == at else ""
