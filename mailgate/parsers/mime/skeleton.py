"""A mail as mail-parser is asked about it: its structure, without what fills it.

Answers for a mail that has the defects of the whole one at a small part of the cost: all headers that may have some,
each cut to HEADER_BYTES, all boundaries, and of each part the first lines. Pure, linear, never fails.
"""

from __future__ import annotations

import re

from mailgate.parsers.mime.headers import HeaderBlock, HeaderLine, join_lines
from mailgate.parsers.mime.tree import HEADER_BYTES, Tree

PART_BYTES = 400  # of the content of each part
SKETCH_BYTES = 2**20  # of the whole

_ATOM = rb"[A-Za-z0-9!#$%&'*+/^_`{|}~.-]+"
_ADDRESS = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*+@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*+"
_PHRASE = rb"(?:=\?[A-Za-z0-9_-]+\?[bBqQ]\?[!->@-~]*+\?=|" + _ATOM + rb"|\"[ !#-;=?-\[\]-~]*+\")"
_MAILBOX = rb"(?:(?:" + _PHRASE + rb"[ \t]++)*+<" + _ADDRESS + rb">|" + _ADDRESS + rb")"
_SOUND_LIST = re.compile(
    rb"undisclosed[- ]recipients: ?;|" + _MAILBOX + rb"(?:,[ \t]*+" + _MAILBOX + rb")*+", re.IGNORECASE
)
_SOUND_DATE = re.compile(
    rb"(?:[A-Z][a-z]{2}, {1,2})?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UT)"
    rb"(?: \([A-Za-z ]{2,60}\))?"
)
_CHECKED = {"from": _SOUND_LIST, "to": _SOUND_LIST, "cc": _SOUND_LIST, "reply-to": _SOUND_LIST, "date": _SOUND_DATE}


def find_odd(block: HeaderBlock) -> list[HeaderLine]:
    """The headers of addresses and dates that are not plainly well-formed."""
    odd = []
    for line in block.lines:
        sound = _CHECKED.get(line.key)
        if sound is not None and not sound.fullmatch(line.value):
            odd.append(line)
    return odd


def draw_sketch(raw: bytes, block: HeaderBlock, odd: list[HeaderLine], tree: Tree) -> bytes:
    """The mail without its other headers and without most of what its parts hold."""
    if any(_is_costly(node.block) for node in tree.walk()):
        return join_lines(odd, HEADER_BYTES) + b"\r\n"
    chosen = set(map(id, odd))
    kept = [line for line in block.lines if id(line) in chosen or line.key.startswith("content-")]
    out = [join_lines(kept, HEADER_BYTES), b"\r\n"]
    position, size = block.body_at, 0
    for node in tree.walk():
        if node.children or node.start < position or size > SKETCH_BYTES:
            continue
        head = min(node.end, node.start + (0 if node.mime_type.startswith("message/") else PART_BYTES))
        out.append(raw[position:head])
        size += head - position
        position = node.end
    out.append(raw[position : position + PART_BYTES])
    return b"".join(out)


def _is_costly(block: HeaderBlock) -> bool:
    """Whether the headers of a part are too long for the standard library, which reads parameters in quadratic time."""
    return not block.complete or any(len(line.raw) > HEADER_BYTES for line in block.lines)
