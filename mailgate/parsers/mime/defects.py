"""Lists the defects of a mail, in words. Linear, never fails; at most DEFECTS_LIMIT defects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mailgate.parsers.mime.headers import HeaderBlock, clean_header
from mailgate.parsers.mime.tree import HEADER_BYTES, Tree

DEFECTS_LIMIT = 50
DEFECT_LENGTH = 500  # letters

_SINGLE = ("from", "sender", "subject", "date", "message-id", "in-reply-to", "references", "content-type",
           "content-transfer-encoding")  # fmt: skip


def find_defects(block: HeaderBlock, tree: Tree, found: Iterable[str]) -> tuple[str, ...]:
    """Lists the defects of a mail; `found` are those that its readers met."""
    defects = [*_header_defects(block), *(defect for defect in found if defect)]
    parts = [node.block for node in tree.walk()]
    if any(len(line.raw) > HEADER_BYTES for part in parts[1:] for line in part.lines):
        defects.append("a header of a part is longer than 8 kB")
    if not all(part.complete for part in parts[1:]):
        defects.append("too many headers of a part: the last ones are left out")
    if any(part.lines and not part.sound for part in parts[1:]):
        defects.append("a part has no blank line below its headers")
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
