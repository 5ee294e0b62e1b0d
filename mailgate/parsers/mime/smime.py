"""Unpacks S/MIME: the content of an application/pkcs7-mime part (RFC 8551, RFC 5652).

Takes the entity of an opaque signature out of the CMS structure with a bounded reader of BER, also in pieces and of
indefinite length. Encrypted content is reported as such; compressed data is unpacked up to SIZE_LIMIT. Signatures are
not verified. Never fails; linear, at most DEPTH_LIMIT levels and ELEMENTS_LIMIT elements.
"""

from __future__ import annotations

import zlib
from binascii import Error, a2b_base64
from collections.abc import Iterator
from dataclasses import dataclass, field

SIZE_LIMIT = 50 * 2**20  # bytes of unpacked content
DEPTH_LIMIT = 20
ELEMENTS_LIMIT = 500_000

SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNED = bytes.fromhex("2a864886f70d010702")
_ENCRYPTED = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d010706"),
              bytes.fromhex("2a864886f70d0109100117"))  # fmt: skip
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_DATA = bytes.fromhex("2a864886f70d010701")
_CONTENT_TYPES = (bytes.fromhex("2a864886f70d0107"), bytes.fromhex("2a864886f70d01091001"))
_OID, _OCTETS, _SEQUENCE, _OCTETS_IN_PIECES, _EXPLICIT = 0x06, 0x04, 0x30, 0x24, 0xA0
_PEM = b"-----BEGIN"


@dataclass(frozen=True, slots=True)
class Wrapper:
    """An unpacked structure: `content` is the MIME entity inside, b"" if it cannot be read."""

    content: bytes = field(default=b"", repr=False)
    encrypted: bool = False
    defect: str = ""


@dataclass(frozen=True, slots=True)
class _Element:
    """One value: its tag, and its content at `start` to `end`."""

    tag: int
    start: int
    end: int
    after: int  # where the next one begins: after the end mark of one of indefinite length


class _Broken(Exception):
    """Raised if the bytes are no BER."""


def is_smime(mime_type: str, filename: str) -> bool:
    """Tells whether a part is wrapped by S/MIME: by its type, or by its name if the type says nothing."""
    return mime_type in SIGNED_TYPES or (mime_type == "application/octet-stream" and filename.lower() == "smime.p7m")


def open_wrapper(data: bytes) -> Wrapper:
    """Opens a CMS structure."""
    try:
        return _open(_as_der(data))
    except _Broken:
        return Wrapper(defect="an S/MIME part that cannot be read: kept as it came")


def _as_der(data: bytes) -> bytes:
    """The structure in bytes: some gateways leave it in base64 or PEM."""
    text = data.strip()
    if text.startswith(_PEM):
        text = text.partition(b"\n")[2].partition(b"-----END")[0]
    if not text.startswith(b"MI"):
        return data
    try:
        return a2b_base64(text)
    except Error:
        return data


def _open(data: bytes) -> Wrapper:
    ber = _Ber(data)
    parts = ber.children(ber.read(0, len(data)), 1)
    kind = _next(parts)
    oid = ber.octets_of(kind)
    if kind.tag != _OID:
        raise _Broken
    if oid in _ENCRYPTED:
        return Wrapper(encrypted=True)
    explicit = _next(parts)
    if oid == _DATA:
        return Wrapper(ber.join(explicit, 2))
    if explicit.tag != _EXPLICIT or oid not in (_SIGNED, _COMPRESSED):
        raise _Broken
    inner = _next(ber.children(explicit, 2))
    holder = next((part for part in ber.children(inner, 3) if _holds_data(ber, part)), None)
    if holder is None:
        raise _Broken
    pieces = ber.children(holder, 4)
    inner_oid = ber.octets_of(_next(pieces))
    wrapped = next(pieces, None)
    if wrapped is None:
        return Wrapper(defect="an S/MIME signature without what it signs: kept as it came")
    if inner_oid in _ENCRYPTED:
        return Wrapper(encrypted=True)
    content = ber.join(wrapped, 5)
    return Wrapper(_inflate(content) if oid == _COMPRESSED else content)


def _next(elements: Iterator[_Element]) -> _Element:
    element = next(elements, None)
    if element is None:
        raise _Broken
    return element


def _holds_data(ber: _Ber, element: _Element) -> bool:
    """Tells whether an element is an EncapsulatedContentInfo: a sequence that begins with a content type."""
    if element.tag != _SEQUENCE:
        return False
    first = next(ber.children(element, 4), None)
    return first is not None and first.tag == _OID and ber.octets_of(first).startswith(_CONTENT_TYPES)


class _Ber:
    """Reads elements (X.690 section 8.1), at most ELEMENTS_LIMIT of them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = ELEMENTS_LIMIT

    def octets_of(self, element: _Element) -> bytes:
        """The content bytes of an element."""
        return self._data[element.start : element.end]

    def join(self, element: _Element, depth: int) -> bytes:
        """The bytes of an OCTET STRING, or of all those inside an element, in order."""
        if element.tag == _OCTETS:
            return self.octets_of(element)
        if element.tag not in (_OCTETS_IN_PIECES, _EXPLICIT):
            raise _Broken
        return b"".join(self.join(piece, depth + 1) for piece in self.children(element, depth + 1))

    def children(self, parent: _Element, depth: int) -> Iterator[_Element]:
        """The elements inside an element."""
        if depth > DEPTH_LIMIT or not parent.tag & 0x20:
            raise _Broken
        at = parent.start
        while at < parent.end:
            child = self.read(at, parent.end, depth)
            yield child
            at = child.after

    def read(self, at: int, limit: int, depth: int = 0) -> _Element:
        """Reads the element at an offset."""
        self._left -= 1
        if at + 2 > limit or self._left < 0:
            raise _Broken
        tag, length = self._data[at], self._data[at + 1]
        if tag & 0x1F == 0x1F:
            raise _Broken
        start = at + 2
        if length == 0x80:
            end = self._find_end(tag, start, limit, depth)
            return _Element(tag, start, end, end + 2)
        if length > 0x80:
            octets = length & 0x7F
            if octets > 4 or start + octets > limit:
                raise _Broken
            length = int.from_bytes(self._data[start : start + octets], "big")
            start += octets
        if start + length > limit:
            raise _Broken
        return _Element(tag, start, start + length, start + length)

    def _find_end(self, tag: int, start: int, limit: int, depth: int) -> int:
        """Finds the end of an element of indefinite length: before the first end mark on its own level."""
        if not tag & 0x20 or depth > DEPTH_LIMIT:
            raise _Broken
        at = start
        while self._data[at : at + 2] != b"\0\0":
            at = self.read(at, limit, depth + 1).after
        return at


def _inflate(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, SIZE_LIMIT)
    except zlib.error as error:
        raise _Broken from error
