"""What is wrong with a mail, in words; the only importer of mail-parser.

Answers for the defects that reading found, and for those that mail-parser finds, which is asked where anything is odd:
it takes longer than all the rest, and has nothing to say about a well-formed mail. It gets a sketch of the mail
(`skeleton`), so that its time is bounded. Never fails; at most DEFECTS_LIMIT defects.
"""

from __future__ import annotations

import email
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

from mailgate.parsers.mime.headers import HeaderBlock, clean_header
from mailgate.parsers.mime.skeleton import draw_sketch, find_odd
from mailgate.parsers.mime.tree import HEADER_BYTES, Tree

DEFECTS_LIMIT = 50
DEFECT_LENGTH = 500  # letters

_SILENT = logging.CRITICAL + 1
_EFFORT = 10_000_000  # lines times boundaries: the standard library compares each line with each of them
_SINGLE = ("from", "sender", "subject", "date", "message-id", "in-reply-to", "references", "content-type",
           "content-transfer-encoding")  # fmt: skip


def find_defects(raw: bytes, block: HeaderBlock, tree: Tree, found: Iterable[str]) -> tuple[str, ...]:
    """The defects of a mail; `found` are those that its readers met."""
    defects = [*_header_defects(block), *(defect for defect in found if defect)]
    parts = [node.block for node in tree.walk()]
    if any(len(line.raw) > HEADER_BYTES for part in parts[1:] for line in part.lines):
        defects.append("a header of a part is longer than 8 kB")
    if not all(part.complete for part in parts[1:]):
        defects.append("too many headers of a part: the last ones are left out")
    if any(part.lines and not part.sound for part in parts[1:]):
        defects.append("a part has no blank line below its headers")
    odd = find_odd(block)
    if defects or odd:
        defects += _ask(draw_sketch(raw, block, odd, tree))
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
