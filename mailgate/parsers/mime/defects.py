"""Lists the defects of a mail, in words. The only importer of mail-parser.

mail-parser is asked only about suspect mails: it takes longer than all the rest, and has nothing to say about a
well-formed mail. It gets a sketch with the same defects at a small part of the cost: the headers that may have some,
each cut to HEADER_BYTES, all boundaries, and the first lines of each part. Linear, never fails; at most DEFECTS_LIMIT
defects.
"""

from __future__ import annotations

import email
import logging
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from mailgate.parsers.mime.headers import HeaderBlock, HeaderLine, clean_header, join_lines
from mailgate.parsers.mime.tree import HEADER_BYTES, Tree

DEFECTS_LIMIT = 50
DEFECT_LENGTH = 500  # letters

_SILENT = logging.CRITICAL + 1
_EFFORT = 10_000_000  # lines times boundaries: the standard library compares each line with each of them
_SINGLE = ("from", "sender", "subject", "date", "message-id", "in-reply-to", "references", "content-type",
           "content-transfer-encoding")  # fmt: skip

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


def find_defects(raw: bytes, block: HeaderBlock, tree: Tree, found: Iterable[str]) -> tuple[str, ...]:
    """Lists the defects of a mail; `found` are those that its readers met."""
    defects = [*_header_defects(block), *(defect for defect in found if defect)]
    parts = [node.block for node in tree.walk()]
    if any(len(line.raw) > HEADER_BYTES for part in parts[1:] for line in part.lines):
        defects.append("a header of a part is longer than 8 kB")
    if not all(part.complete for part in parts[1:]):
        defects.append("too many headers of a part: the last ones are left out")
    if any(part.lines and not part.sound for part in parts[1:]):
        defects.append("a part has no blank line below its headers")
    suspect = find_suspect_headers(block)
    if defects or suspect:
        defects += _ask(make_sketch(raw, block, suspect, tree))
    clean = dict.fromkeys(clean_header(defect)[:DEFECT_LENGTH].strip() for defect in defects)
    return tuple(clean)[:DEFECTS_LIMIT]


def _header_defects(block: HeaderBlock) -> list[str]:
    defects = []
    if not block.complete:
        defects.append("too many headers: the last ones are left out")
    if not block.sound:
        defects.append("a line among the headers is none, or no blank line ends them")
    if any(len(line.raw) > HEADER_BYTES for line in block.lines):
        defects.append("a header is longer than 8 kB")
    counts = Counter(line.key for line in block.lines)
    defects += [f"{counts[name]} headers {name.title()}: the first one counts" for name in _SINGLE if counts[name] > 1]
    return defects


def find_suspect_headers(block: HeaderBlock) -> list[HeaderLine]:
    """The headers of addresses and dates that are not plainly well-formed."""
    suspect = []
    for line in block.lines:
        sound = _CHECKED.get(line.key)
        if sound is not None and not sound.fullmatch(line.value):
            suspect.append(line)
    return suspect


def make_sketch(raw: bytes, block: HeaderBlock, suspect: list[HeaderLine], tree: Tree) -> bytes:
    """The mail with only the suspect headers, and without most of the content of its parts."""
    if any(_is_costly(node.block) for node in tree.walk()):
        return join_lines(suspect, HEADER_BYTES) + b"\r\n"
    chosen = set(map(id, suspect))
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
    """Tells whether a part's headers are too long for the standard library, whose parameters take quadratic time."""
    return not block.complete or any(len(line.raw) > HEADER_BYTES for line in block.lines)


def _ask(sketch: bytes) -> list[str]:
    """mail-parser's defects as sentences."""
    if sketch.count(b"\n") * sketch.lower().count(b"boundary=") > _EFFORT:
        return []
    import mailparser  # it is asked for few mails, and takes long to load

    logger = logging.getLogger("mailparser")
    if logger.level != _SILENT:  # its defects say all that we report
        logger.setLevel(_SILENT)
    try:
        found: Any = mailparser.MailParser(email.message_from_bytes(sketch)).defects
    except Exception as error:  # whatever a broken mail provokes
        return [f"mail-parser gives up ({type(error).__name__})"]
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    return [f"{part}: {text}" for entry in entries for part, texts in entry.items() for text in texts]
