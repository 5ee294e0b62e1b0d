"""Finds business cards below a text, and the complimentary close or the name that heads them.

A block without a delimiter is a card only if it cannot be anything else: losing a word is worse than keeping a line.
What shows a card: the writer's own name, a telephone number, an address or a link, the legal form of a firm, and
where it stands. Reads a bounded number of lines from the end; pure, never fails.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mailgate.parsers.quoting import footers

ENTRY_WORDS = 5  # words of an entry in a row
_ROW_MARKS = (" | ", " – ", " - ", " • ", " · ", " / ")  # what parts the entries of a card in one line
_AROUND_NAME = " \t\xa0*_/,-–—~"
TITLE_LENGTH = 5  # letters of a title or an initial with its stop, beside the whole name
NAME_WORDS = 5  # words of a name
CARD_LINES = 12  # lines of a visiting card
BARE_CARD_LINES = 5  # lines of a card that only the writer's name and its place give away
ENTRY_LENGTH = 90  # letters of a line of a card
CLOSING_LINES = 15  # lines from the end in which a close is looked for


def is_card(lines: Sequence[str], names: Collection[str] = (), *, above_quote: bool = False) -> bool:
    """Tells whether lines below a rule are only a business card or a mailing list's footer.

    `above_quote` says that quoted history follows: there a rule, a person's name and few entries are enough.
    """
    if not any(line.strip() for line in lines):
        return False
    if footers.is_list_footer(lines):
        return sum(bool(line.strip()) for line in lines) <= CARD_LINES
    touches = bool(lines[0].strip())
    lines = [line for line in lines if line.strip()]
    if len(lines) > CARD_LINES or any(len(line) > 120 or _is_tagged(line) for line in lines):
        return False
    if any(_is_item(line) or (footers.is_sentence(line) and not _is_row(line)) for line in lines):
        return False
    has_phone = any(footers.is_phone(line) for line in lines)
    is_headed = touches or has_phone or any(_is_persons(line) for line in lines[:3])
    if is_headed and any(footers.is_contact(line) for line in lines):
        return True
    if not all(_is_entry(line) for line in lines):
        return False
    if has_phone or any(_begins_with_name(line, names) for line in lines[:2]):
        return True
    return (
        touches
        and above_quote
        and len(lines) <= BARE_CARD_LINES
        and (_is_persons(lines[0]) or any(map(footers.is_firm, lines)))
    )


def find_closing(lines: Sequence[str]) -> int | None:
    """Finds the line of a complimentary close with only short lines below it."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - CLOSING_LINES), -1):
        if footers.is_closing(lines[at]):
            return None if _is_greeting(lines, at) else at
        if len(lines[at]) > ENTRY_LENGTH:
            return None
    return None


def find_card(lines: Sequence[str], names: Collection[str], *, above_quote: bool = False, is_all: bool = True) -> int:
    """Finds the begin of a business card: below a close and its name, or at the writer's own name.

    `above_quote` says that quoted history follows, `is_all` that the lines may be all that was written.
    """
    start = _find_card(lines, names, above_quote, is_all)
    if start is None and lines and len(lines[-1]) > ENTRY_LENGTH:  # perhaps legal text, right below the card
        end = _legal_start(lines)
        start = _find_card(lines[:end], names, above_quote, is_all) if end < len(lines) else None
    return len(lines) if start is None else start


def _legal_start(lines: Sequence[str]) -> int:
    """The first line of the legal text that ends a text: a card may stand right above it."""
    end = len(lines)
    while end > max(0, len(lines) - CARD_LINES) and footers.is_legal(lines[end - 1 : end]):
        end -= 1
    return end


def _find_card(lines: Sequence[str], names: Collection[str], above_quote: bool, is_all: bool) -> int | None:
    start = find_closing(lines)
    if start is not None:
        below = [at for at in range(start + 1, len(lines)) if lines[at].strip()]
        head = 0 if below and footers.is_contact(lines[below[0]]) else 1
    else:
        start = _name_start(lines)
        if start is None:
            own = _own_card_start(lines, names, above_quote=above_quote, is_all=is_all)
            return _without_dash_name(lines, names) if own is None else own
        below, head = [at for at in range(start + 1, len(lines)) if lines[at].strip()], 0
    if len(below) <= head or len(below) > CARD_LINES:
        return None
    is_known = any(_is_evidence(lines[at], names) for at in below) or _repeats_name(lines, below)
    if not is_known and (len(below) < 3 or any(": " in lines[at] or not _is_title(lines[at]) for at in below)):
        return None
    if any(footers.is_sentence(lines[at]) and not _is_row(lines[at]) for at in below):
        return None
    return below[head]


def _own_card_start(lines: Sequence[str], names: Collection[str], *, above_quote: bool, is_all: bool) -> int | None:
    """The line of the writer's own name that begins a paragraph and has only entries of a card below it.

    Above a quote the whole name needs no other evidence: there programs put signatures, with no delimiter.
    """
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - CARD_LINES), -1):
        if not lines[at].strip() or not _begins_with_name(lines[at], names):
            continue
        above = next((line for line in reversed(lines[:at]) if line.strip()), "")
        entries = [line for line in lines[at + 1 :] if line.strip()]
        if above.rstrip()[-1:] in (":", "：", ",") or not all(_is_entry(line) for line in entries):
            continue
        opens = at == 0 or not lines[at - 1].strip()
        is_whole = len(lines[at].split()) > 1
        row = not is_own_name(lines[at], names)
        if any(_is_evidence(line, ()) for line in (*entries, lines[at] if row else "")):
            if opens or (is_whole and not row):
                return at
        elif above_quote and opens and is_whole and (above or not is_all) and _is_bare_card(lines[at + 1 :]):
            return at
    return None


def _is_bare_card(below: Sequence[str]) -> bool:
    """Tells whether the lines below a name are a few entries of one paragraph, or none."""
    full = [line for line in below if line.strip()]
    together = all(line.strip() for line in below[: len(full)])
    return together and len(full) < BARE_CARD_LINES and all(_is_title(line) for line in full)


def _is_title(line: str) -> bool:
    """Tells whether an entry reads as a department, a post or a firm: "Support Example SA", "Leiter Einkauf"."""
    words = line.strip(_AROUND_NAME).split()
    return (
        0 < len(words) <= ENTRY_WORDS
        and not words[0][0].islower()
        and line.rstrip()[-1] not in ".,"
        and not _is_item(line)
    )


def _is_item(line: str) -> bool:
    """Tells whether a line begins as an item of a list does."""
    first = line.split(None, 1)[0]
    return first in ("-", "*", "•", "–", "+") or (first[-1] in ".)" and first[:-1].isdigit())


def find_own_card(lines: Sequence[str], names: Collection[str]) -> int:
    """Finds the begin of the entries below the writer's own name, for cautious callers.

    The name begins a paragraph or stands below a close, and below it is nothing but entries; a row that begins with the
    name is an entry itself. The name stays below a close, and where nothing stands below it.
    """
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - CARD_LINES), -1):
        if not _begins_with_name(lines[at], names):
            continue
        above = next((line for line in reversed(lines[:at]) if line.strip()), "")
        opens = at == 0 or not lines[at - 1].strip() or footers.is_closing(above)
        entries = [line for line in lines[at + 1 :] if line.strip()]
        if opens and all(_is_entry(line) for line in entries):
            is_row = not is_own_name(lines[at], names)
            return at if is_row or (entries and not footers.is_closing(above)) else at + 1
    return len(lines)


def _begins_with_name(line: str, names: Collection[str]) -> bool:
    """Tells whether a line is the writer's name, or a row of entries that begins with the whole of it."""
    if not names or not _may_begin_with_name(line, names):
        return False
    if is_own_name(line, names):
        return True
    row = next((line.split(mark)[0] for mark in (*_ROW_MARKS, ", ") if mark in line), "")
    return " " in row.strip() and is_own_name(row, names)


def _may_begin_with_name(line: str, names: Collection[str]) -> bool:
    """Tells whether the first word of a line is one of a name, an initial or a title: a cheap test."""
    first = line.strip(_AROUND_NAME).split(None, 1)[:1]
    word = first[0].strip(",") if first else ""
    return len(word) == 1 or word[-1:] == "." or word.casefold() in names


def is_own_name(line: str, names: Collection[str]) -> bool:
    """Tells whether a line is the writer's name: in any order, as initials, with a title ("Dr. A. Moreau")."""
    words = line.strip(_AROUND_NAME).split(None, NAME_WORDS) if names else []
    if not 0 < len(words) <= NAME_WORDS:
        return False
    parts = [word.strip(",") for word in words]
    initials = {name[0] for name in names if name}
    unknown = [part for part in parts if part.casefold() not in names]
    is_whole = len(parts) - len(unknown) > 1
    return len(unknown) < len(parts) and all(
        (len(part.rstrip(".")) == 1 and part[0].casefold() in initials)
        or (is_whole and len(part) <= TITLE_LENGTH and part.endswith("."))
        for part in unknown
    )


def _is_persons(line: str) -> bool:
    """Tells whether a line reads as a person's name: two to four capitalised words of letters."""
    words = line.strip(_AROUND_NAME).split()
    return (
        2 <= len(words) <= 4
        and sum(len(word) > 1 for word in words) > 1
        and all(word[0].isupper() and word.strip(".,-").replace("-", "").isalpha() for word in words)
    )


def _is_evidence(line: str, names: Collection[str]) -> bool:
    """Tells whether a line holds what only a card has: a number, an address, a firm, the writer's whole name."""
    if footers.is_contact(line) or footers.is_phone(line) or footers.is_firm(line):
        return True
    return len(line.split()) > 1 and _begins_with_name(line, names)


def _is_entry(line: str) -> bool:
    """Tells whether a line is short, and neither a question, a postscript nor a whole sentence."""
    words = line.split()
    if (
        len(line) > ENTRY_LENGTH
        or _is_tagged(line)
        or line.rstrip()[-1] in "?!…:"
        or footers.begins_postscript(words[0])
    ):
        return False
    return sum(word[0].islower() for word in words) < 6 and not (line.rstrip().endswith(".") and len(words) > 4)


def _is_tagged(line: str) -> bool:
    """Tells whether a line begins like a command, perhaps a mistyped one: "#reslove"."""
    return line.lstrip(_AROUND_NAME)[:1] in ("#", "＃", "﹟")


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


def _name_start(lines: Sequence[str]) -> int | None:
    """The line of the close with a name ("Best regards, Jo Martin") that has telephone or address below."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - CARD_LINES), -1):
        if footers.closes_with_name(lines[at].strip() or "-"):
            return at if any(footers.is_contact(line) for line in lines[at + 1 :]) else None
    return None


def _without_dash_name(lines: Sequence[str], names: Collection[str]) -> int | None:
    """The end of the text above a last line that is a dash and the writer's name."""
    if names and lines and lines[-1][:1] in ("-", "–", "—", "~"):
        words = lines[-1].strip("-–—~ \t.").casefold()
        in_list = len(lines) > 1 and lines[-2][:1] == lines[-1][0]
        if words in names and not in_list and any(line.strip() for line in lines[:-1]):
            end = len(lines) - 1
            while end > 0 and not lines[end - 1].strip():
                end -= 1
            return end
    return None
