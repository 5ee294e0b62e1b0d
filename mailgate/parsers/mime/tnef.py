"""Unpacks Exchange's winmail.dat (MS-OXTNEF): files, and the text of a mail that has no other.

Returns every attachment with its name, type and bytes, and the text or HTML. Lengths are checked against the bytes: a
broken packet gives a defect and nothing else, so that the caller keeps it as the file that it came as. A mail inside
the packet becomes a text and its files. Never fails, linear; at most FILES_LIMIT files and DEPTH_LIMIT nested packets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mailgate.parsers.mime.charsets import decode_bytes, find_codec
from mailgate.parsers.mime.mapi import MapiReader, Properties, Truncated, read_properties
from mailgate.parsers.mime.rtf import decompress_rtf, read_rtf

FILES_LIMIT = 500
DEPTH_LIMIT = 3
ATTRIBUTES_LIMIT = 10_000
NOTHING_READ = "a TNEF packet in which nothing can be read: kept as it came"

_SIGNATURE = 0x223E9F78
_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef", "application/x-tnef"})
# Attributes (MS-OXTNEF, 2.1.3.3)
_RENDERING, _TITLE, _DATA, _ATTACHMENT = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_BODY, _MESSAGE, _CODEPAGE, _SUBJECT = 0x0002800C, 0x00069003, 0x00069007, 0x00018004
# Properties (MS-OXPROPS)
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME, _CONTENT, _MIME_TAG, _CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x3701, 0x370E, 0x3712
_PLAIN, _RTF, _HTML, _INTERNET_CODEPAGE, _SUBJECT_TEXT = 0x1000, 0x1009, 0x1013, 0x3FDE, 0x0037
_MESSAGE_ID = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage: the content is a packet itself


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of a packet; `name` and `mime_type` are "" if it has none."""

    name: str
    mime_type: str
    content_id: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Packet:
    """The content of a packet. With a `defect`, everything else is empty."""

    files: tuple[PackedFile, ...] = ()
    text: str = ""
    html: str = ""
    subject: str = ""
    defect: str = ""

    @property
    def is_empty(self) -> bool:
        """True if the packet only describes another text: its subject, its format."""
        return not (self.files or self.text or self.html)


@dataclass(slots=True)
class _Attachment:
    title: bytes = b""
    data: bytes = b""
    properties: Properties = field(default_factory=dict)


def is_tnef(mime_type: str, filename: str) -> bool:
    """Tells whether a part is a packet, by its type or its name."""
    return mime_type in _TYPES or filename.lower() == "winmail.dat"


def read_tnef(data: bytes, depth: int = 1) -> Packet:
    """Unpacks a packet."""
    try:
        return _read(data, depth)
    except Truncated:
        return Packet(defect="a TNEF packet that is broken: kept as it came")


def _read(data: bytes, depth: int) -> Packet:
    reader = MapiReader(data)
    if len(data) < 6 or reader.number(4) != _SIGNATURE:
        return Packet(defect="called a TNEF packet, but it is none: kept as it came")
    reader.number(2)  # a key that only its writer needs
    codec, message, body, subject = "cp1252", dict[int, bytes | str | int](), b"", b""
    attachments: list[_Attachment] = []
    for _ in range(ATTRIBUTES_LIMIT):
        if reader.left < 9:
            break
        reader.number(1)
        name, content = reader.number(4), reader.block(reader.number(4))
        reader.skip(2)  # a checksum, which writers get wrong
        if name == _CODEPAGE and len(content) >= 4:
            codec = find_codec(f"cp{int.from_bytes(content[:4], 'little')}") or codec
        elif name == _BODY:
            body = bytes(content)
        elif name == _SUBJECT:
            subject = bytes(content)
        elif name == _MESSAGE:
            message |= _read_message(content)
        elif name == _RENDERING and len(attachments) < FILES_LIMIT:
            attachments.append(_Attachment())
        elif attachments:
            _fill(attachments[-1], name, content)
    files = [file for one in attachments for file in _as_files(one, codec, depth)]
    text, html = _read_text(message, body, codec)
    title = _text(message.get(_SUBJECT_TEXT), codec) or _text(subject, codec)
    if not (files or text or html or title or _RTF in message):
        return Packet(defect=NOTHING_READ)
    return Packet(tuple(files[:FILES_LIMIT]), text, html, title)


def _read_message(content: memoryview) -> Properties:
    """Reads the properties of the message itself: without them only its text is missing."""
    try:
        return read_properties(content)
    except Truncated:
        return {}


def _fill(attachment: _Attachment, name: int, content: memoryview) -> None:
    if name == _TITLE:
        attachment.title = bytes(content)
    elif name == _DATA:
        attachment.data = bytes(content)
    elif name == _ATTACHMENT:
        attachment.properties |= read_properties(content)


def _as_files(attachment: _Attachment, codec: str, depth: int) -> list[PackedFile]:
    given = attachment.properties
    names = (given.get(_LONG_NAME), given.get(_SHORT_NAME), attachment.title, given.get(_SHOWN_NAME))
    name = next((text for value in names if (text := _text(value, codec))), "")
    content = given.get(_CONTENT)
    data = content if isinstance(content, bytes) else attachment.data
    if data.startswith(_MESSAGE_ID):
        data = data[16:]
        inner = read_tnef(data, depth + 1) if depth < DEPTH_LIMIT else Packet(defect="too deep")
        if not inner.defect:
            words = f"{inner.subject}\n\n{inner.text or inner.html}".strip() + "\n"
            kind, suffix = ("text/html", ".html") if inner.html and not inner.text else ("text/plain", ".txt")
            title = (_text(given.get(_SHOWN_NAME), codec) or inner.subject or name or "message").removesuffix(".msg")[
                :150
            ]
            return [PackedFile(title + suffix, kind, "", words.encode("utf-8", "replace")), *inner.files]
        return [PackedFile((name or "message") + ".tnef", "application/ms-tnef", "", data)]
    if not data and not name:
        return []
    return [
        PackedFile(name, _text(given.get(_MIME_TAG), codec), _text(given.get(_CONTENT_ID), codec).strip("<>"), data)
    ]


def _read_text(message: Properties, body: bytes, codec: str) -> tuple[str, str]:
    """Reads plain text and HTML of the packet; if there is only RTF, the text of that."""
    page = message.get(_INTERNET_CODEPAGE)
    label = {65001: "utf-8", 20127: "", 28591: ""}.get(page, f"cp{page}") if isinstance(page, int) else codec
    html = _text(message.get(_HTML), label)
    text = _text(message.get(_PLAIN), codec) or _text(body, codec)
    packed = message.get(_RTF)
    if not text and not html and isinstance(packed, bytes):
        read = read_rtf(decompress_rtf(packed))
        text, html = ("", read.text) if read.html else (read.text, "")
    return text, html


def _text(value: bytes | str | int | None, codec: str) -> str:
    if isinstance(value, bytes):
        value = decode_bytes(value, codec)
    return value.strip("\0") if isinstance(value, str) else ""
