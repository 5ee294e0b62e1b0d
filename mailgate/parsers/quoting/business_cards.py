"""Finds business cards below a text, and the complimentary close or the name that heads them.

A block without a delimiter is a card only if it cannot be anything else: losing a word is worse than keeping a line.
Reads a bounded number of lines from the end; pure, never fails.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mailgate.parsers.quoting import footers

ENTRY_WORDS = 5  # words of an entry in a row
_ROW_MARKS = (" | ", " – ", " - ", " • ", " · ", " / ")  # what parts the entries of a card in one line
_AROUND_NAME = " \t\xa0*_,-–—~"
CARD_LINES = 12  # lines of a visiting card
ENTRY_LENGTH = 90  # letters of a line of a card
CLOSING_LINES = 15  # lines from the end in which a close is looked for


def is_card(lines: Sequence[str]) -> bool:
    """Tells whether lines below a rule are only a business card or a mailing list's footer."""
    if not lines:
        return False
    if footers.is_list_footer(lines):
        return len(lines) <= CARD_LINES
    if len(lines) > CARD_LINES or any(footers.is_sentence(line) or len(line) > 120 for line in lines):
        return False
    return any(footers.is_contact(line) for line in lines)


def find_closing(lines: Sequence[str]) -> int | None:
    """Finds the line of a complimentary close with only short lines below it."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - CLOSING_LINES), -1):
        if footers.is_closing(lines[at]):
            return None if _is_greeting(lines, at) else at
        if len(lines[at]) > ENTRY_LENGTH:
            return None
    return None


def find_card(lines: Sequence[str], names: Collection[str]) -> int:
    """Finds the begin of a business card: below a close, or below the writer's own name. The name stays."""
    start = _find_card(lines, names)
    if start is None and lines and len(lines[-1]) > ENTRY_LENGTH:  # perhaps legal text, right below the card
        start = _find_card(lines[: _legal_start(lines)], names)
    return len(lines) if start is None else start


def _legal_start(lines: Sequence[str]) -> int:
    """The first line of the legal text that ends a text: a card may stand right above it."""
    end = len(lines)
    while end > max(0, len(lines) - CARD_LINES) and footers.is_legal(lines[end - 1 : end]):
        end -= 1
    return end


def _find_card(lines: Sequence[str], names: Collection[str]) -> int | None:
    start = find_closing(lines)
    if start is not None:
        below = [at for at in range(start + 1, len(lines)) if lines[at].strip()]
        head = 0 if below and footers.is_contact(lines[below[0]]) else 1
    else:
        start = _name_start(lines, names)
        if start is None:
            return _without_dash_name(lines, names)
        below, head = [at for at in range(start + 1, len(lines)) if lines[at].strip()], 0
    if len(below) <= head or len(below) > CARD_LINES:
        return None
    if len(below) < 3 and not (any(footers.is_contact(lines[at]) for at in below) or _repeats_name(lines, below)):
        return None
    if any(footers.is_sentence(lines[at]) and not _is_row(lines[at]) for at in below):
        return None
    return below[head]


def find_own_card(lines: Sequence[str], names: Collection[str]) -> int:
    """Finds the begin of the entries below the writer's own name, for cautious callers.

    The name begins a paragraph or stands below a close, and below it is nothing but entries; a row that begins with the
    name is an entry itself.
    """
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - CARD_LINES), -1):
        row = next((lines[at].split(mark)[0] for mark in (*_ROW_MARKS, ", ") if mark in lines[at]), "")
        is_row = " " in row.strip() and is_own_name(row, names)
        if not is_row and not is_own_name(lines[at], names):
            continue
        opens = at == 0 or not lines[at - 1].strip() or footers.is_closing(lines[at - 1])
        if opens and all(_is_entry(line) for line in lines[at + 1 :] if line.strip()):
            return at if is_row else at + 1
    return len(lines)


def is_own_name(line: str, names: Collection[str]) -> bool:
    """Tells whether a line is the writer's name, in any order or as initials: "A. Moreau"."""
    parts = line.casefold().strip(_AROUND_NAME).split()
    if not names or not 0 < len(parts) <= 5:
        return False
    initials = {name[0] for name in names if name}
    known = [part.strip(",") in names for part in parts]
    return any(known) and all(
        is_known or (len(part.rstrip(".")) == 1 and part[0] in initials)
        for part, is_known in zip(parts, known, strict=True)
    )


def _is_entry(line: str) -> bool:
    """Tells whether a line is short, and neither a question, a postscript nor a whole sentence."""
    words = line.split()
    if len(line) > ENTRY_LENGTH or line.rstrip()[-1] in "?!…:" or footers.begins_postscript(words[0]):
        return False
    return sum(word[0].islower() for word in words) < 6 and not (line.rstrip().endswith(".") and len(words) > 4)


def _repeats_name(lines: Sequence[str], below: Sequence[int]) -> bool:
    """Tells whether the name below a close begins a row of entries: "Jo" above "Jo Martin | Sales"."""
    if len(below) < 2:
        return False
    name, row = (lines[at].strip() for at in below[:2])
    return bool(name) and row.casefold().startswith(f"{name.casefold()} ") and _is_row(row)


def _is_row(line: str) -> bool:
    """Tells whether a line is a row of a card's entries.

    Short entries, several of them or one with contact details. A sentence with a dash in it is none.
    """
    entries = next((line.split(mark) for mark in _ROW_MARKS if mark in line), [])
    is_short = all(len(entry.split()) <= ENTRY_WORDS and not footers.is_sentence(entry) for entry in entries)
    return is_short and (len(entries) > 2 or (len(entries) == 2 and footers.is_contact(line)))


def _is_greeting(lines: Sequence[str], at: int) -> bool:
    """Tells whether a line that may be a close opens the text: some words serve for both ("Pozdrav,")."""
    if any(line.strip() for line in lines[:at]):
        return False
    below = [line for line in lines[at + 1 :] if line.strip()]
    return len(below) > 3 or any(footers.is_sentence(line) for line in below)


def _name_start(lines: Sequence[str], names: Collection[str]) -> int | None:
    """The line of the close with a name, or of the writer's name alone, with telephone or address below."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - CARD_LINES), -1):
        words = lines[at].strip()
        if not words or len(words) > 70:
            continue
        if footers.closes_with_name(words) or (names and " " in words and words.casefold().strip(" ,*") in names):
            contacts = sum(footers.is_contact(line) for line in lines[at + 1 :])
            return at if contacts else None
    return None


def _without_dash_name(lines: Sequence[str], names: Collection[str]) -> int | None:
    """The end of the text above a last line that is a dash and the writer's name."""
    if names and lines and lines[-1][:1] in ("-", "–", "—", "~"):
        words = lines[-1].strip("-–—~ \t.").casefold()
        if words in names and any(line.strip() for line in lines[:-1]):
            end = len(lines) - 1
            while end > 0 and not lines[end - 1].strip():
                end -= 1
            return end
    return None
