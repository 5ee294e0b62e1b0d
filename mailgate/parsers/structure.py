"""The MIME tree: which parts are the body, which are files.

Answers for walking a parsed message with bounds: it stops at attached mails and reports, so that their text never
becomes body; it chooses one branch of a multipart/alternative; it joins several texts of a multipart/mixed. A part
that cannot be read becomes an empty one with a defect. Never fails.
"""

from __future__ import annotations

import io
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from typing import TypeAlias

from mailgate.parsers.attachments import Part, is_reusable, measure
from mailgate.parsers.headers import read_ids
from mailgate.parsers.parameters import read_value
from mailgate.parsers.skeleton import Text
from mailgate.parsers.text import decode_bytes, undo_flow

PARTS_LIMIT = 1_000
DEPTH_LIMIT = 50

Node: TypeAlias = "Message[str, str]"


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of the body, decoded."""

    html: bool
    text: str


@dataclass(slots=True)
class Structure:
    """What the walk found: `body` in reading order, every HTML text (chosen or not), and the files."""

    large: Mapping[int, Text] = field(default_factory=dict, repr=False)
    body: list[Piece] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    defects: list[str] = field(default_factory=list)
    count: int = 0
    line_end: str = "\n"


def read_structure(message: Node, large: Mapping[int, Text], *, line_end: str = "\n") -> Structure:
    """Walk a message. `line_end` is the one of the raw mail, for putting attached mails together again; `large` has
    the base64 texts that leaves do not hold themselves, by the `id` of the leaf."""
    structure = Structure(large, line_end=line_end)
    structure.body = _walk(message, structure, 0)
    return structure


def _walk(node: Node, found: Structure, depth: int) -> list[Piece]:
    if depth > DEPTH_LIMIT or found.count >= PARTS_LIMIT:
        _note(found, f"more than {PARTS_LIMIT} parts or {DEPTH_LIMIT} levels: the rest is left out")
        return []
    mime_type = _type_of(node)
    found.types.add(mime_type)
    payload = node.get_payload()
    if mime_type.startswith("multipart/") and isinstance(payload, list):
        branches = [
            _walk(child, found, depth + 1) if isinstance(child, Message) else [] for child in payload[:PARTS_LIMIT]
        ]
        if len(payload) > PARTS_LIMIT:
            _note(found, f"more than {PARTS_LIMIT} parts: the rest is left out")
        return _choose(mime_type, branches)
    if mime_type.startswith("multipart/"):  # without a boundary it is one text
        return _read_leaf(node, "text/plain", found)
    return _read_leaf(node, mime_type, found)


def _choose(mime_type: str, branches: list[list[Piece]]) -> list[Piece]:
    """multipart/alternative: the plain branch that says something, else the last HTML that does, else the first."""
    if mime_type != "multipart/alternative":
        return [piece for branch in branches for piece in branch]
    full = [branch for branch in branches if any(piece.text.strip() for piece in branch)]
    plain = [branch for branch in full if not any(piece.html for piece in branch)]
    return plain[0] if plain else (full[-1] if full else [])


def _read_leaf(node: Node, mime_type: str, found: Structure) -> list[Piece]:
    found.count += 1
    part = _as_part(node, mime_type, found)
    is_file = part.disposition.main == "attachment" or bool(part.filename)
    if mime_type not in ("text/plain", "text/html") or is_file:
        found.files.append(part)
        return []
    content = part.content if part.kept is None else a2b_base64(part.kept.text.copy())
    text = decode_bytes(content, part.content_type.get("charset"))
    if mime_type == "text/html":
        found.html.append(text)
        return [Piece(True, text)]
    if part.content_type.get("format").lower() == "flowed":
        text = undo_flow(text, delete_space=part.content_type.get("delsp").lower() == "yes")
    return [Piece(False, text)]


def _as_part(node: Node, mime_type: str, found: Structure) -> Part:
    encoding = clean_token(_raw_header(node, "content-transfer-encoding"))
    content, encoded, large = b"", None, found.large.get(id(node))
    try:
        if node.is_multipart():
            content = _serialise(node, encoding, found.line_end)
        elif large is None:
            content, encoded = _decode(node, encoding)
    except Exception as error:  # the standard library promises nothing about broken parts
        _note(found, f"part {found.count} ({mime_type}) cannot be decoded: {type(error).__name__}")
    ids = read_ids(_raw_header(node, "content-id")[:1000].decode("utf-8", "replace"))
    return Part(
        number=found.count,
        mime_type=mime_type,
        content_type=read_value(_raw_header(node, "content-type")),
        disposition=read_value(_raw_header(node, "content-disposition")),
        content_id=next(iter(ids), ""),
        content=content,
        encoded=encoded,
        kept=None if large is None else measure(large),
    )


def _decode(node: Node, encoding: str) -> tuple[bytes, bytes | None]:
    """The bytes of a leaf, and its base64 text where that can be reused as it stood."""
    text = node.get_payload() if encoding == "base64" else ""
    encoded = text.encode("ascii", "replace").strip(b"\r\n") if isinstance(text, str) else b""
    reusable = is_reusable(encoded)
    if reusable and str(node["content-transfer-encoding"]).lower() == "base64":  # else the library does not decode
        return a2b_base64(encoded), encoded
    payload = node.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b"", encoded if reusable else None


def _serialise(node: Node, encoding: str, line_end: str) -> bytes:
    """An attached mail or report as bytes: what the parser took apart put together again."""
    out = io.BytesIO()
    policy = compat32.clone(linesep=line_end)
    children = node.get_payload()
    for at, child in enumerate(children if isinstance(children, list) else []):
        if at and isinstance(child, Message):
            out.write(line_end.encode())
        BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=policy).flatten(child)
    content = out.getvalue()
    if encoding in ("base64", "quoted-printable"):
        wrapped: Node = Message()
        wrapped["Content-Transfer-Encoding"] = encoding
        wrapped.set_payload(content.lstrip().decode("ascii", "surrogateescape"))
        decoded = wrapped.get_payload(decode=True)
        return decoded if isinstance(decoded, bytes) else content
    return content


def _type_of(node: Node) -> str:
    """The type, as the tree was built by it; what is no type is text (RFC 2045, 5.2)."""
    return node.get_content_type()


def _raw_header(node: Node, name: str) -> bytes:
    for key, value in node.raw_items():
        if key.lower() == name:
            return str(value).encode("utf-8", "surrogateescape").replace(b"\r", b"").replace(b"\n", b"")
    return b""


def clean_token(value: bytes) -> str:
    """A header value that is one word, in lower case."""
    return value.partition(b";")[0].strip().decode("ascii", "replace").lower()


def _note(found: Structure, defect: str) -> None:
    if defect not in found.defects:
        found.defects.append(defect)
