"""Reads the leaves of the MIME tree: their headers and their content.

A large file in base64 is measured where it stands, except those that are looked into (attached mails, reports,
winmail.dat). Never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from mailgate.parsers.mime.attachments import AttachedPart
from mailgate.parsers.mime.headers import clean_header, decode_header, read_ids
from mailgate.parsers.mime.parameters import read_value
from mailgate.parsers.mime.part_text import TEXT_TYPES
from mailgate.parsers.mime.tnef import is_tnef
from mailgate.parsers.mime.transfer_encoding import DecodedContent, decode_content
from mailgate.parsers.mime.tree import Node

NESTED_LIMIT = 100  # mails nested in an attached one; more of them are a defect
DESCRIPTION_LIMIT = 1_000  # letters of a description
VALUE_LIMIT = 1_000  # bytes of an id or an address

# What names a file besides: a description or an address that ends like a file name
_NAME = re.compile(r"(?:[^?#]*/)?([^/?#]{1,150}\.[A-Za-z0-9]{2,5})")


@dataclass(frozen=True, slots=True)
class DecodedLeaf:
    """A part with its content; `defect` is "" without one."""

    part: AttachedPart
    defect: str


def describe_leaf(node: Node, number: int, hint: str) -> AttachedPart:
    """Reads the headers of a leaf. `hint` is the charset of the mail's text, for raw names."""
    block, content_type = node.block, node.content_type
    if hint and not block.first("content-type").isascii():
        content_type = read_value(block.first("content-type"), hint)
    disposition = read_value(block.first("content-disposition"), hint)
    ids = read_ids(_clean(block.first("content-id")))
    location = _clean(block.first("content-location"))
    part = AttachedPart(number, node.mime_type, content_type, disposition, next(iter(ids), ""), b"", location=location)
    description = decode_header(block.first("content-description"), hint)
    if part.given_name or not (location or description):
        return part
    if node.mime_type in TEXT_TYPES and disposition.main != "attachment":
        return part
    described = (_NAME.fullmatch(value) for value in (description, unquote(location)))
    name = next((match[1] for match in described if match), "")
    return replace(part, name=name, description=description[:DESCRIPTION_LIMIT])


def fill_leaf(part: AttachedPart, node: Node, raw: bytes) -> DecodedLeaf:
    """Reads the content of a part. `raw` is the mail: offsets into anything else cannot be used by a notice."""
    whole = node.source is not raw or node.mime_type.startswith("message/") or is_tnef(node.mime_type, part.filename)
    content = decode_leaf(node, whole=whole)
    defect = content.defect and f"part {part.number} ({part.mime_type}): {content.defect}"
    if part.mime_type == "message/rfc822" and content.data.count(b"message/rfc822") > NESTED_LIMIT:
        defect = f"an attached mail holds more than {NESTED_LIMIT} others: what is in them cannot be read"
    span = content.span if node.source is raw else None
    filled = replace(part, content=content.data, span=span, size=content.size, digest=content.digest, head=content.head)
    return DecodedLeaf(filled, defect)


def decode_leaf(node: Node, *, whole: bool = True) -> DecodedContent:
    """Decodes the content of a leaf; without `whole` the bytes of a large one are left out."""
    return decode_content(node.source, node.start, node.end, node.block.first("content-transfer-encoding"), whole=whole)


def _clean(value: bytes) -> str:
    return clean_header(value[:VALUE_LIMIT].decode("utf-8", "replace"))
