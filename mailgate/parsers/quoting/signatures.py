"""Cuts signatures, footers and legal text below a text.

Losing a word is worse than keeping a line: a block without a delimiter is cut only if it cannot be anything but a
business card. Quoted lines divide a text into segments, each of which is trimmed by itself, since a signature may stand
above a quote that is answered below. Linear, pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from mailgate.parsers.html.marks import SIGNATURE_FROM, SIGNATURE_TO
from mailgate.parsers.quoting import footers
from mailgate.parsers.quoting.business_cards import find_card, find_closing, find_own_card, is_card
from mailgate.parsers.quoting.quote_lines import is_quoted, is_rule
from mailgate.parsers.vocabulary import vocabulary

SIGNATURE_LINES = 15  # lines below a bare "--" that may be a signature
MARKINGS_LINES = 12  # lines on top of a text in which labels of a mail system may stand
PARAGRAPHS_LIMIT = 100  # paragraphs that begin like legal text and are looked at
DROPS_LIMIT = 100  # footers and legal paragraphs at the end that are taken out
PARAGRAPH_LINES = 30  # lines of a paragraph that are looked at
OWN_WORDS = 3  # small words of a line that is no entry of a card
WRAPPED_FROM = 40  # letters of a footer that can be broken over two lines

_RULES = frozenset("-—–_=─━* ")
_DELIMITERS = frozenset({"-- ", "--\xa0"})
_ORDER = re.compile(
    r"(?:\d{1,2}[.)])?[\s*_~/•·«„“\"(\[\]-]{0,8}"
    r"[#＃﹟][\s\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\u20e3]{0,8}"  # blanks, and the rest of the emoji "#️⃣"
    r"([^\W\d_]{1,40})(?![^\W_])"
)
_AFTER_NAME = re.compile(r"\s+[|–—/-]\s|\s*[(\[]|\s+via\s")  # "Jo Martin (Example Ltd)", "Jo Martin | Sales"
_BARE_DELIMITERS = frozenset({"--", "—", "–", "__", "- -"})


def cut_signature(text: str, names: Collection[str] = ()) -> str:
    """Cuts signature, lines that phones add, and legal text.

    A complimentary close with a name stays; the lines below it are cut if they look like a business card. `names` are
    the writer's, folded.
    """
    return "\n".join(_trim_segments(text.split("\n"), lambda lines: trim(lines, names))).strip("\n")


def cut_closing(text: str) -> str:
    """Cuts signature, complimentary close and the name below it, for commands and answers."""
    lines = cut_signature(text).split("\n")
    start = find_closing(lines)
    if start is None:
        return "\n".join(lines)
    postscript = next((at for at in range(start + 1, len(lines)) if _is_postscript(lines[at])), len(lines))
    above, below = "\n".join(lines[:start]).rstrip(), "\n".join(lines[postscript:]).rstrip()
    return f"{above}\n\n{below}" if above and below else above or below


def cut_markings(text: str, *, alone: bool = True) -> str:
    """Cuts the labels that a mail system puts above a text: "Classification: Internal", "[EXTERNAL]".

    `alone` says that a bare "Internal" above a blank line or a command is one, too.
    """
    lines = text.split("\n", MARKINGS_LINES)
    end = 0
    for at, line in enumerate(lines[:MARKINGS_LINES]):
        if not line.strip():
            continue
        below = lines[at + 1][: footers.MARKING_LENGTH] if at + 1 < len(lines) else ""
        parted = not below.strip() or is_order(below)
        if not footers.is_marking(line, alone=alone and parted and not end):
            lines[at] = footers.without_tag(line)
            break
        if not parted and ":" in below and not footers.is_marking(below, alone=False):
            break  # fields that a person filled in
        end = at + 1
    return "\n".join(lines[end:])


def cut_own_card(text: str, names: Collection[str]) -> str:
    """Cuts the entries below the writer's own name, for text that is sent in another person's name.

    A card that `cut_signature` leaves, with neither close nor telephone, may still hold internal details.
    """
    lines = text.split("\n")
    at = _orders_start(lines)
    return "\n".join([*lines[: find_own_card(lines[:at], names)], *lines[at:]])


def names_of(sender: str, secretary: str = "") -> frozenset[str]:
    """The names that a person may sign with, folded, from a From header: "Jo Martin", "jo", "martin".

    `secretary` is the Sender header, which names the person behind a shared mailbox.
    """
    other = names_of(secretary) if "<" in secretary else frozenset()
    name, _, _ = sender[:200].rpartition("<")
    name = _AFTER_NAME.split((name or sender[:200].partition("@")[0]).strip(" \"'"))[0].casefold()
    words = name.replace(",", " ").replace(".", " ").split()
    if not 0 < len(words) <= 5:
        return other
    last, comma, first = name.partition(",")
    whole = f"{first.strip()} {last.strip()}" if comma else " ".join(words)
    return other | {whole, *(word for word in words if len(word) > 1)}


def has_words(lines: Sequence[str]) -> bool:
    """Tells whether trimmed lines hold more than a complimentary close with a name."""
    start = find_closing(lines)
    if any(line.strip() and not footers.closes_with_name(line) for line in lines[:start]):
        return True
    return any(_is_postscript(line) for line in lines)


def _trim_segments(lines: Sequence[str], trim_one: Callable[[Sequence[str]], list[str]]) -> list[str]:
    """Trims the segments between quoted lines, each by itself."""
    quoted = [is_quoted(line) for line in lines]
    if not any(quoted):
        return trim_one(lines)
    out: list[str] = []
    start = 0
    for at in range(len(lines) + 1):
        if at == len(lines) or quoted[at]:
            segment = lines[start:at]
            trimmed = trim_one(segment) if any(line.strip() for line in segment) else list(segment)
            out.extend(trimmed)
            if at < len(lines):
                if trimmed and len(trimmed) < len(segment) and trimmed[-1].strip():
                    out.append("")
                out.append(lines[at])
            start = at + 1
    return out


def trim(
    lines: Sequence[str], names: Collection[str] = (), *, above_quote: bool = False, is_all: bool = True
) -> list[str]:
    """Removes signature, footers and legal text at the end of lines, and warnings anywhere.

    This decides where a signature begins. `above_quote` says that quoted history follows right below the lines,
    `is_all` that nothing else may have been written in the mail. Commands below a signature stay.
    """
    lines = without_signed(lines)
    at = _orders_start(lines)
    start = _signature_start(lines[:at], names, above_quote=above_quote)
    out = _without_added([*lines[:start], *lines[at:]])
    _drop_end(out)
    late = max(0, len(out) - SIGNATURE_LINES)
    last = next((at for at in range(len(out) - 1, late - 1, -1) if is_order(out[at])), -1)
    if last < 0:
        return out[: find_card(out, names, above_quote=above_quote, is_all=is_all)]
    if last < len(out) - 1:  # commands are no entries of a card, which stands below them
        return out[: last + find_card(out[last:], names, above_quote=above_quote)]
    at = _orders_start(out)
    return [*out[: find_card(out[:at], names, above_quote=above_quote, is_all=False)], *out[at:]]


def _orders_start(lines: Sequence[str]) -> int:
    """The first line of the commands that end a text, with the blank lines above them."""
    at = len(lines)
    while at > 0 and (not lines[at - 1].strip() or is_order(lines[at - 1])):
        at -= 1
    return at


def is_order(line: str) -> bool:
    """Tells whether a line is a command."""
    if "#" not in line and line.isascii():
        return False
    found = _ORDER.match(line)
    return found is not None and bool(vocabulary().name_of(found[1]))


def without_signed(lines: Sequence[str]) -> Sequence[str]:
    """Removes the lines that HTML marked as a signature; not those that a person typed into its element."""
    if not any(SIGNATURE_FROM in line for line in lines):
        return lines
    out: list[str] = []
    signed: list[str] = []
    depth = 0
    for line in lines:
        if SIGNATURE_FROM in line:
            depth += 1
        elif SIGNATURE_TO in line:
            depth = max(0, depth - 1)
            out += _typed(signed) if not depth else ()
            signed = signed if depth else []
        elif depth:
            signed.append(line)
        else:
            out.append(line)
    return out + _typed(signed)


def _typed(signed: Sequence[str]) -> list[str]:
    """Lines that a person typed into the element of a signature: commands, or all of them if a sentence begins it."""
    full = [line for line in signed if line.strip()]
    begins = bool(full) and full[0].rstrip()[-1] in ".?!…" and footers.is_sentence(full[0])
    begins = begins and not footers.is_footer(full[0])
    if begins and not footers.is_legal(full) and not footers.may_be_added(full[0]):
        return list(signed)
    return [line for line in signed if is_order(line)]


def _without_added(lines: Sequence[str]) -> list[str]:
    """Removes legal paragraphs and the lines of phones."""
    candidates = footers.find_candidates(lines)
    if not candidates:
        return list(lines)
    out: list[str] = []
    dropping, wrapped, looked = False, False, 0
    above = above_text = ""
    for at, line in enumerate(lines):
        words = line.strip()
        above_text = above or above_text
        dropping = dropping and bool(words)
        if at in candidates and words and not dropping:
            if footers.is_tip(line):
                continue
            shown = above_text.endswith(":") and _goes_on(lines, at)
            starts = not shown and (not out or not above or is_rule(above))
            if starts and looked < PARAGRAPHS_LIMIT and footers.may_be_added(line):
                looked += 1
                dropping = footers.is_added(_paragraph_from(lines, at))
            if not dropping and not shown and footers.is_footer(line):
                wrapped, above = len(words) >= WRAPPED_FROM, words
                continue
        above = words
        if dropping or (wrapped and words and len(words) < WRAPPED_FROM and not footers.is_sentence(line)):
            continue
        wrapped = wrapped and not words
        out.append(line)
    return out


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """Tells whether a person's words stand below a paragraph: then a line above that ends with a colon shows it."""
    end = at + len(_paragraph_from(lines, at))
    below = next((line for line in lines[end : end + 3] if line.strip()), "")
    return footers.is_sentence(below) and not footers.is_footer(below) and not footers.may_be_added(below)


def _drop_end(out: list[str]) -> None:
    """Removes blank lines, rules, footers, their links and legal paragraphs from the end."""
    dropped = 0
    for _ in range(len(out)):
        if not out or dropped > DROPS_LIMIT:
            return
        last = out[-1]
        empty = not last.strip() or is_rule(last) or (len(out) > 1 and last.strip() in _BARE_DELIMITERS)
        if empty or footers.is_device_line(last) or (footers.is_link(last) and _is_below_footer(out)):
            out.pop()
            dropped += not empty
        else:
            start = _paragraph_start(out)
            if not footers.is_legal(out[start:]):
                return
            del out[start:]
            dropped += 1


def _paragraph_from(lines: Sequence[str], at: int) -> Sequence[str]:
    end = at
    while end < len(lines) and end - at < PARAGRAPH_LINES and lines[end].strip():
        end += 1
    return lines[at:end]


def _is_below_footer(lines: Sequence[str]) -> bool:
    above = next((line for line in reversed(lines[-4:-1]) if line.strip()), "")
    return footers.is_device_line(above)


def _paragraph_start(lines: Sequence[str]) -> int:
    start = len(lines)
    while start > 0 and lines[start - 1].strip():
        start -= 1
    return start


def _signature_start(lines: Sequence[str], names: Collection[str], *, above_quote: bool) -> int:
    """The line of the signature delimiter (RFC 3676 section 4.3), or of a rule above a card.

    "-- ", or "--" with few lines below it. Roundcube writes "---" where the answer stands above the quote.
    """
    candidates = [at for at, line in enumerate(lines) if line[:1] in _RULES]
    if not candidates:
        return len(lines)
    full = [at for at, line in enumerate(lines) if line and not line.isspace()]
    late = full[-SIGNATURE_LINES - 1] if len(full) > SIGNATURE_LINES else 0
    for at in candidates:
        line = lines[at]
        if line in _DELIMITERS or (at >= late and line.rstrip() in _BARE_DELIMITERS and not _separates(lines, at)):
            return at
        if at < late or not is_rule(line):
            continue
        if not _underlines(lines, at) and is_card(lines[at + 1 :], names, above_quote=above_quote):
            return at
    return len(lines)


def _separates(lines: Sequence[str], at: int) -> bool:
    """Tells whether a bare "--" parts a text: one of several, or between blank lines and above sentences."""
    below = lines[at + 1 :]
    first = next((line for line in below if line.strip()), "")
    if lines[at][:1] in "—–" and _is_own_words(first):
        return True  # a dash alone is rather a person's than a program's
    if any(line.rstrip() == lines[at].rstrip() for line in (*lines[:at], *below)) and at > 0 and lines[at - 1].strip():
        return True
    return bool(below) and not below[0].strip() and any(footers.is_sentence(line) for line in below)


def _is_own_words(line: str) -> bool:
    """Tells whether a line below a lone dash goes on with the text: small words, and no entry of a card."""
    if footers.is_footer(line) or footers.may_be_added(line) or footers.is_contact(line) or "|" in line:
        return False
    return sum(word[0].islower() for word in line.split()) >= OWN_WORDS


def _underlines(lines: Sequence[str], at: int) -> bool:
    """Tells whether a rule belongs to the line right above: about as long as a heading, or below words with a colon."""
    above = lines[at - 1].strip() if at else ""
    if above.endswith(":"):
        return True
    return bool(above) and lines[at][0] != "_" and 2 * len(lines[at].strip()) >= len(above)


def _is_postscript(line: str) -> bool:
    return line.strip()[:5].casefold().startswith(("ps ", "ps:", "p.s.", "ps.", "p.-s.", "nb ", "nb:", "n.b."))
