"""Walks the MIME tree: which parts are the body, which are files.

Attached mails and reports are files, so that their text never becomes body; one branch of a multipart/alternative is
read; several texts of a multipart/mixed are joined. A mail without a body gives its readable content: a named text,
Markdown, an invitation, the words above the first boundary. Signatures (RFC 3156, RFC 8551) stay files, since a
forwarded signed mail needs its proof; opaque S/MIME and Exchange's winmail.dat are unpacked, and stay as they came if
that fails. Never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum

from mailgate.parsers.mime.alternatives import Piece, choose, drop_twin, says_something
from mailgate.parsers.mime.attachments import AttachedPart, guess_type
from mailgate.parsers.mime.charsets import GUESS_LIMIT, find_codec, guess_codec, is_utf8, is_western
from mailgate.parsers.mime.headers import clean_header
from mailgate.parsers.mime.icalendar import describe_event
from mailgate.parsers.mime.leaves import decode_leaf, describe_leaf, fill_leaf
from mailgate.parsers.mime.parameters import read_value
from mailgate.parsers.mime.part_text import TEXT_TYPES, TextPart, read_text
from mailgate.parsers.mime.rtf import read_rtf
from mailgate.parsers.mime.smime import is_smime, open_wrapper
from mailgate.parsers.mime.tnef import NOTHING_READ, PackedFile, is_tnef, read_tnef
from mailgate.parsers.mime.transfer_encoding import read_encoding
from mailgate.parsers.mime.tree import Node, Tree, build_tree, read_type

BODY_LIMIT = 4 * 2**20  # bytes of text; a text that begins below is read
HINTS_LIMIT = 3  # texts without a label whose charset is guessed for the headers
WRAPPERS_LIMIT = 10  # signed entities and winmail.dat that are opened in one mail
WRAPPERS_DEPTH = 2  # those inside one another
_PREAMBLE = re.compile(r"multi-?part|MIME", re.IGNORECASE)
# Texts that are for programs: never a body
_FILES = frozenset(
    {"text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/rtf", "text/rfc822-headers"}
)
_RICH = frozenset({"text/rtf", "application/rtf", "application/x-rtf"})
_DATA = _FILES | {"text/css", "text/xml", "text/javascript", "text/x-amp-html", "text/watch-html",
                  "text/vnd.google.email-reaction+json"}  # fmt: skip


class PartContext(Enum):
    """The position of a part: in the mail, among alternatives, or in a group that is attached as a whole."""

    MAIL = 0
    FORM = 1
    ATTACHED = 2


@dataclass(slots=True)
class BodyStructure:
    """The result: `body` in reading order, every HTML text (chosen or not), and the files.

    `hint` is the charset of the text, "" if no part declares more than a Western one and no text is in another.
    """

    body: list[Piece] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[AttachedPart] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    defects: list[str] = field(default_factory=list)
    count: int = 0
    opened: int = 0
    depth: int = 0  # of wrappers inside one another
    read: int = 0  # bytes of text
    encrypted: bool = False
    hint: str = ""

    @property
    def may_open(self) -> bool:
        """Tells whether one more wrapper may be opened."""
        return self.opened < WRAPPERS_LIMIT and self.depth < WRAPPERS_DEPTH

    def note(self, defect: str) -> None:
        """Adds a defect, once; "" for none."""
        if defect and defect not in self.defects:
            self.defects.append(defect)


def read_structure(tree: Tree) -> BodyStructure:
    """Reads the parts of a mail."""
    found = BodyStructure(hint=find_hint(tree))
    found.body = _walk(tree.root, found, tree.root.source)
    found.defects.extend(tree.defects)
    found.body = _unpack(found, found.body)
    if not says_something(found.body):
        found.body = _find_spare(found, tree) or found.body
    return found


def find_hint(tree: Tree) -> str:
    """The first charset of a part that is not a Western one, declared or guessed; "" for none.

    It decides for headers without a label, which are too short to tell.
    """
    unlabelled: list[Node] = []
    for node in tree.walk():
        label = node.content_type.get("charset")
        codec = find_codec(label) if label else ""
        if codec and not codec.startswith("utf-"):
            return label
        if not codec and node.mime_type in TEXT_TYPES and not node.is_multipart:
            unlabelled.append(node)
    return _guess_hint(unlabelled[:HINTS_LIMIT])


def _guess_hint(nodes: list[Node]) -> str:
    """The charset of the first text that is neither UTF-8 nor Western."""
    for node in nodes:
        text = decode_leaf(node).data[:GUESS_LIMIT]
        if text.isascii() or is_utf8(text):
            continue
        if codec := guess_codec(text, western=is_western(node.content_type.get("charset"))):
            return codec
    return ""


def _walk(node: Node, found: BodyStructure, raw: bytes, place: PartContext = PartContext.MAIL) -> list[Piece]:
    """The body of a node. `raw` is the mail: offsets into anything else cannot be used by a notice."""
    found.types.add(node.mime_type)
    if node.is_multipart:
        return _walk_multipart(node, found, raw, place)
    found.count += 1
    part = describe_leaf(node, found.count, found.hint)
    if _is_encoded_multipart(node) and found.may_open:
        return _open_encoded(node, found, raw)
    is_file = part.disposition.main == "attachment" or place is PartContext.ATTACHED
    is_file = is_file or (bool(part.filename) and place is not PartContext.FORM)
    if node.mime_type in TEXT_TYPES and not is_file:
        return _read_body(node, part, found, raw)
    if is_smime(node.mime_type, part.filename) and found.may_open:
        return _open_smime(node, part, found, raw)
    found.files.append(_with_content(node, part, found, raw))
    return []


def _walk_multipart(node: Node, found: BodyStructure, raw: bytes, place: PartContext) -> list[Piece]:
    disposition = node.block.first("content-disposition")
    if place is PartContext.ATTACHED or (disposition and read_value(disposition).main == "attachment"):
        place = PartContext.ATTACHED
    else:
        place = PartContext.FORM if node.mime_type == "multipart/alternative" else PartContext.MAIL
    before = len(found.files)
    branches = [_walk(child, found, raw, place) for child in node.children]
    if place is not PartContext.FORM:
        return drop_twin([piece for branch in branches for piece in branch])
    chosen = choose(branches)
    if says_something(chosen):  # a form that nobody reads is no file
        found.files[before:] = [part for part in found.files[before:] if not _is_form(part)]
    return chosen


def _is_form(part: AttachedPart) -> bool:
    """Tells whether a file is another form of a text: Markdown, AMP, a reaction."""
    named = part.filename or part.disposition.main == "attachment"
    return part.mime_type.startswith("text/") and part.mime_type not in _FILES and not named


def _with_content(node: Node, part: AttachedPart, found: BodyStructure, raw: bytes) -> AttachedPart:
    filled = fill_leaf(part, node, raw)
    found.note(filled.defect)
    return filled.part


def _read_body(node: Node, part: AttachedPart, found: BodyStructure, raw: bytes) -> list[Piece]:
    if found.read > BODY_LIMIT:
        found.note("more text than is read of one mail: the rest is kept as files")
        found.files.append(_with_content(node, part, found, raw))
        return []
    content = decode_leaf(node)
    found.note(content.defect and f"part {part.number} ({part.mime_type}): {content.defect}")
    text = read_text(TextPart(part.mime_type, part.content_type, content.data), found.hint)
    found.read += len(content.data)
    if text.cut:
        found.note(f"part {part.number} ({part.mime_type}): a text this long is read in part and kept as a file")
        found.files.append(
            _with_content(node, part, found, raw) if content.span else replace(part, content=content.data)
        )
    for enclosed in text.files:
        found.files.append(replace(part, mime_type=guess_type(enclosed.name), content=enclosed.content,
                                   content_id="", name=enclosed.name))  # fmt: skip
    if text.piece.html:
        found.html.append(text.piece.text)
    return [text.piece]


def _open_smime(node: Node, part: AttachedPart, found: BodyStructure, raw: bytes) -> list[Piece]:
    """The body inside an opaque signature; the file itself if it cannot be opened."""
    found.opened += 1
    wrapper = open_wrapper(decode_leaf(node).data)
    found.encrypted |= wrapper.encrypted
    found.note(wrapper.defect and f"part {part.number} ({part.mime_type}): {wrapper.defect}")
    if not wrapper.content:
        found.files.append(_with_content(node, part, found, raw))
        return []
    return _walk_inside(wrapper.content, found, raw)


def _walk_inside(entity: bytes, found: BodyStructure, raw: bytes) -> list[Piece]:
    """The body of an entity that came out of a wrapper."""
    tree = build_tree(entity)
    found.defects.extend(tree.defects)
    found.depth += 1
    body = _walk(tree.root, found, raw)
    found.depth -= 1
    return body


def _is_encoded_multipart(node: Node) -> bool:
    """Tells whether a multipart is encoded as a whole, against RFC 2045 section 6.4."""
    encoding = read_encoding(node.block.first("content-transfer-encoding"))
    return node.content_type.main.startswith("multipart/") and encoding in ("base64", "quoted-printable")


def _open_encoded(node: Node, found: BodyStructure, raw: bytes) -> list[Piece]:
    found.opened += 1
    head = b"Content-Type: " + node.block.first("content-type") + b"\r\n\r\n"
    return _walk_inside(head + decode_leaf(node).data, found, raw)


def _unpack(found: BodyStructure, body: list[Piece]) -> list[Piece]:
    """Replaces each winmail.dat by its content."""
    if not any(is_tnef(part.mime_type, part.filename) for part in found.files):
        return body
    files: list[AttachedPart] = []
    packed: list[Piece] = []
    for part in found.files:
        if not is_tnef(part.mime_type, part.filename) or found.opened >= WRAPPERS_LIMIT:
            files.append(part)
            continue
        found.opened += 1
        packet = read_tnef(part.content)
        if packet.defect or (packet.is_empty and not says_something(body)):
            found.note(f"part {part.number} ({part.mime_type}): {packet.defect or NOTHING_READ}")
            files.append(part)
            continue
        files += [_as_file(part, file) for file in packet.files]
        packed += [Piece(True, packet.html)] if packet.html else [Piece(False, packet.text)] if packet.text else []
    found.files = files
    found.html += [piece.text for piece in packed if piece.html]
    return body if says_something(body) else packed or body


def _as_file(part: AttachedPart, file: PackedFile) -> AttachedPart:
    """A file of a packet, which takes the place of the part that holds it."""
    mime_type = read_type(file.mime_type.lower(), guess_type(file.name))
    name = file.name or f"part-{part.number}.bin"
    empty = read_value(b"")
    return AttachedPart(part.number, mime_type, empty, empty, clean_header(file.content_id), file.content, name=name)


def _find_spare(found: BodyStructure, tree: Tree) -> list[Piece]:
    """The text of a mail without a body: of a named or unusual text part, rich text, an invitation, a preamble."""
    for part in found.files:
        usual = part.mime_type in TEXT_TYPES
        readable = part.mime_type.startswith("text/") and part.mime_type not in _DATA and (usual or not part.filename)
        if not readable or part.disposition.main == "attachment" or part.size:
            continue
        text = read_text(TextPart(part.mime_type, part.content_type, part.content), found.hint)
        if says_something([text.piece]) and not text.cut:
            found.files.remove(part)
            found.html += [text.piece.text] if text.piece.html else []
            return [text.piece]
    for part in found.files:
        if part.mime_type in _RICH and part.disposition.main != "attachment" and not part.size:
            rich = read_rtf(part.content)  # which stays a file: its form may say more
            found.html += [rich.text] if rich.html else []
            return [Piece(rich.html, rich.text)]
        if part.mime_type == "text/calendar" and not part.size:
            return [Piece(False, describe_event(part.content, part.content_type.get("charset")))]
    root = tree.root
    if root.is_multipart:
        preamble = read_text(
            TextPart("text/plain", read_value(b""), root.source[root.start : root.preamble]), found.hint
        )
        if not _PREAMBLE.search(preamble.piece.text[:500]):
            return [preamble.piece]
    return []
