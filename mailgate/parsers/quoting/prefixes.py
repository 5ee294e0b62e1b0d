"""Finds quotes that have another mark than `>`, and gives them one.

mailx and s-nail put a tab before each line, other programs a bar, a colon, spaces or the author's initials. Such a
block counts only below an attribution, or if it is a mail with its header lines; it ends where its mark ends. Linear,
pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailgate.parsers.html.marks import ATTRIBUTION
from mailgate.parsers.quoting.attributions import Weight, find_attributions
from mailgate.parsers.quoting.quote_lines import header_block_at, is_quoted

BLOCKS_LIMIT = 100  # blocks of one text that are looked at
GAP = 2  # blank lines between an attribution and its block, and inside a block

_FIRST = frozenset("\t |:}%")
_PREFIX = re.compile(r"\t| {2,8}(?=\S)|[|:}%](?: |$)|[A-Z][A-Za-z]{0,11}> ?")


def mark_prefixed(lines: list[str], *, is_answer: bool) -> bool:
    """Puts `> ` in place of the other marks of quotes, and tells whether there are any."""
    blocks = _find_blocks(lines)
    if not blocks:
        return False
    quoted = [is_quoted(line) for line in lines]
    for start, end, _ in blocks:
        quoted[start:end] = [True] * (end - start)
    attributions = find_attributions(lines, quoted)
    top = next((at for at, line in enumerate(lines) if line.strip()), 0)
    ends = {
        found.end: max(found.weight, Weight.IN_ANSWER if at == top and _begins_with_name(lines[at]) else Weight.NONE)
        for at, found in attributions.items()
        if found.above_quote
    }
    enough = Weight.IN_ANSWER if is_answer else Weight.CERTAIN
    marked: set[str] = set()
    for start, end, prefix in blocks:
        weight = next((ends[at] for at in range(start, start - GAP - 1, -1) if at in ends), Weight.NONE)
        bare = [_without(line, prefix) for line in lines[start:end]]
        # spaces and bars begin other lines, too
        is_clear = weight > Weight.NONE and bool(prefix.strip()) and not any("|" in line for line in bare)
        is_quote = weight >= enough and (prefix[0] != " " or len(bare) > 1)
        is_quote = is_quote or (is_answer and (is_clear or (prefix[0] != " " and _is_mail(bare))))
        if is_quote or (prefix in marked and prefix[0] != " "):
            lines[start:end] = [f"> {line}".rstrip() for line in bare]
            marked.add(prefix)
    return bool(marked)


def _is_mail(lines: Sequence[str]) -> bool:
    """Tells whether a block begins as a whole mail does: with its headers, in mailx below the line of the mailbox."""
    return header_block_at(lines, 1 if lines[0].startswith("From ") else 0)


def _begins_with_name(line: str) -> bool:
    """Tells whether an attribution begins as one with a person's name and nothing else: "Jo Martin wrote:"."""
    words = line.split()
    return 2 <= len(words) <= 5 and words[0][0].isupper() and words[1][0].isupper()


def _find_blocks(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """The blocks of lines with one prefix below other text, or at the top: their start, end and prefix."""
    blocks: list[tuple[int, int, str]] = []
    at = 0
    while at < len(lines) and len(blocks) < BLOCKS_LIMIT:
        line = lines[at]
        found = _PREFIX.match(line) if line[:1] in _FIRST or ">" in line[1:13] else None
        if found is None or not line.strip() or line[0] == ATTRIBUTION:
            at += 1
            continue
        prefix = found[0].rstrip(" ") or found[0]
        end = _block_end(lines, at, prefix)
        if any(_without(one, prefix).strip() for one in lines[at:end]):
            blocks.append((at, end, prefix))
        at = end
    return blocks


def _block_end(lines: Sequence[str], start: int, prefix: str) -> int:
    """The line after a block; blank lines are in it if the block goes on below them."""
    end = at = start
    while at < len(lines) and at - end <= GAP:
        if lines[at].startswith(prefix):
            end = at = at + 1
        elif lines[at].strip():
            break
        else:
            at += 1
    return end


def _without(line: str, prefix: str) -> str:
    bare = line.removeprefix(prefix)
    return bare.removeprefix(" ") if prefix.strip() else bare
