"""A small writer of TNEF packets and CMS structures, for samples."""

from __future__ import annotations

from collections.abc import Sequence

MESSAGE, BODY, CODEPAGE, SUBJECT = 0x00069003, 0x0002800C, 0x00069007, 0x00018004
RENDERING, TITLE, DATA, ATTACHMENT = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
MESSAGE_ID = bytes.fromhex("0703020000000000c000000000000046")

Property = tuple[int, int, "bytes | int"]


def attribute(name: int, content: bytes, level: int = 1) -> bytes:
    """One attribute of a packet, with its checksum."""
    head = bytes([level]) + name.to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return head + content + (sum(content) & 0xFFFF).to_bytes(2, "little")


def properties(*entries: Property) -> bytes:
    """A list of MAPI properties: number, kind and value."""
    out = len(entries).to_bytes(4, "little")
    for number, kind, value in entries:
        out += kind.to_bytes(2, "little") + number.to_bytes(2, "little")
        if isinstance(value, int):
            out += value.to_bytes(4, "little")
        else:
            out += (1).to_bytes(4, "little") + len(value).to_bytes(4, "little") + value + bytes(-len(value) % 4)
    return out


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def packet(*attributes: bytes) -> bytes:
    """A TNEF packet."""
    codepage = attribute(CODEPAGE, (1252).to_bytes(4, "little") + bytes(4))
    return (0x223E9F78).to_bytes(4, "little") + b"\x01\x00" + codepage + b"".join(attributes)


def attachment(title: bytes, content: bytes, *entries: Property) -> bytes:
    """The attributes of one attachment."""
    out = attribute(RENDERING, bytes(14), 2) + attribute(TITLE, title + b"\0", 2)
    if content:
        out += attribute(DATA, content, 2)
    return out + (attribute(ATTACHMENT, properties(*entries), 2) if entries else b"")


def der(tag: int, *pieces: bytes) -> bytes:
    """One element of definite length."""
    content = b"".join(pieces)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def indefinite(tag: int, *pieces: bytes) -> bytes:
    """One element of indefinite length."""
    return bytes([tag, 0x80]) + b"".join(pieces) + b"\0\0"


def oid(text: str) -> bytes:
    return der(0x06, bytes.fromhex(text))


DATA_OID, SIGNED_OID, ENVELOPED_OID = "2a864886f70d010701", "2a864886f70d010702", "2a864886f70d010703"
COMPRESSED_OID = "2a864886f70d0109100109"


def signed(content: bytes, *, in_pieces: bool = False, pieces: Sequence[int] = ()) -> bytes:
    """A SignedData that holds `content`: in one OCTET STRING, or of indefinite length and in pieces."""
    version, digests, signers = der(0x02, b"\x01"), der(0x31), der(0x31)
    if not in_pieces:
        holder = der(0x30, oid(DATA_OID), der(0xA0, der(0x04, content)))
        return der(0x30, oid(SIGNED_OID), der(0xA0, der(0x30, version, digests, holder, signers)))
    step = pieces[0] if pieces else 50
    octets = [der(0x04, content[at : at + step]) for at in range(0, len(content), step)]
    holder = indefinite(0x30, oid(DATA_OID), indefinite(0xA0, indefinite(0x24, *octets)))
    return indefinite(0x30, oid(SIGNED_OID), indefinite(0xA0, indefinite(0x30, version, digests, holder, signers)))


def enveloped() -> bytes:
    holder = der(0x30, oid(DATA_OID), der(0x30, oid(DATA_OID)), der(0x80, bytes(32)))
    return der(0x30, oid(ENVELOPED_OID), der(0xA0, der(0x30, der(0x02, b"\0"), der(0x31), holder)))
