"""Decodes the text of a part, without files and armour inside it.

Reads text/plain, text/html, text/enriched and any other text in its real charset, joined if format=flowed broke it,
without uuencoded files and the armour of a PGP signature. At most TEXT_LIMIT bytes are read; the result says if more is
there. Never fails, linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgate.parsers.mime.alternatives import Piece, is_html
from mailgate.parsers.mime.charsets import decode_bytes
from mailgate.parsers.mime.clean_text import undo_flow
from mailgate.parsers.mime.enriched import convert_enriched
from mailgate.parsers.mime.parameters import Value
from mailgate.parsers.mime.pgp import remove_armour
from mailgate.parsers.mime.uuencode import take_files

TEXT_LIMIT = 2 * 2**20  # bytes of one plain text that are read
HTML_LIMIT = 1_000_000  # bytes of one HTML text that are read: its reader takes no more
TEXT_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})

_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,3}=\s{0,3}[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part that is text: its type, and its decoded bytes."""

    mime_type: str
    content_type: Value
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file that stood in a text."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The result: `cut` if the part holds more than is read of it."""

    piece: Piece
    files: tuple[EmbeddedFile, ...] = ()
    cut: bool = False


def read_text(part: TextPart, hint: str = "") -> DecodedText:
    """Reads a text. `hint` is the charset of other parts of the mail, "" for none."""
    content, label = part.content, part.content_type.get("charset")
    if part.mime_type == "text/html":
        if not label and (found := _META.search(content, 0, 4000)):
            label = found[1].decode("ascii")
        kept = _cut(content, HTML_LIMIT)
        return DecodedText(Piece(True, decode_bytes(kept, label, hint)), cut=len(kept) < len(content))
    content, enclosed = take_files(content)
    kept = _cut(content, TEXT_LIMIT)
    text = decode_bytes(kept, label, hint)
    if part.mime_type in ("text/enriched", "text/richtext"):
        text = convert_enriched(text, is_old=part.mime_type == "text/richtext")
    elif part.content_type.get("format").lower() == "flowed":
        text = undo_flow(text, delete_space=part.content_type.get("delsp").lower() == "yes")
    if "-----BEGIN PGP SIGNED" in text:
        text = remove_armour(text)
    files = tuple(EmbeddedFile(decode_bytes(file.name, label, hint), file.content) for file in enclosed)
    return DecodedText(Piece(is_html(text), text), files, len(kept) < len(content))


def _cut(content: bytes, limit: int) -> bytes:
    """The first lines of a text, at most `limit` bytes."""
    if len(content) <= limit:
        return content
    end = content.rfind(b"\n", limit // 2, limit)
    return content[: end + 1 if end >= 0 else limit]
