"""Composes a notice as MIME: headers, text and HTML as alternatives, and the places of its files.

Written from prepared parts: 7-bit, CRLF, the same bytes at every attempt (the boundary comes from the Message-ID).
Files are never copied here: an `Insert` marks where the base64 text of a file belongs. Pure.
"""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from mailgate.core.mail import Address
from mailgate.core.message_parts import LINE, Insert, Message, encode
from mailgate.notices.mime.flowed import flow
from mailgate.notices.mime.headers import (
    chain,
    clean_line,
    disposition,
    identifiers,
    mailbox,
    mime_type,
    original_from,
    unstructured,
)
from mailgate.notices.rendering.content import Rendered
from mailgate.tickets.values import FileRef

PICTURE = "picture."
"""Begins the Content-IDs of pictures between the lines: `without_files` can take them out, the logo stays."""

_ASCII = bytes(range(128))
_HEAD_END = b"\r\n</head>\r\n"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Head:
    """Headers of a notice. Ids are without angle brackets; `references` are in order, oldest first."""

    sender: Address
    to: Address
    subject: str
    date: datetime
    message_id: str
    reply_to: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    original_from: str = ""
    unsubscribe: str = ""
    """A link that opens the mail by which the reader gets no more of the ticket (RFC 2369); "" for none."""
    automatic: bool = True
    marker: str = ""
    language: str = ""
    probe: str = ""


def compose(
    head: Head,
    rendered: Rendered,
    files: tuple[FileRef, ...] = (),
    logo: FileRef | None = None,
    drawings: tuple[FileRef, ...] = (),
) -> Message:
    """Composes a message: text and HTML as alternatives, the HTML with its logo and drawings, then its files."""
    mark = hashlib.sha256(head.message_id.encode("utf-8", "replace")).hexdigest()[:24]
    headers = ("\r\n".join(_header_lines(head)) + "\r\n").encode("utf-8")
    edge = f"=_m{mark}"
    images = ((logo,) if logo is not None else ()) + drawings if rendered.html else ()
    is_mixed = bool(files) or any(image.content_id.startswith(PICTURE) for image in images)
    if is_mixed:
        headers += f'Content-Type: multipart/mixed;\r\n boundary="{edge}"\r\n\r\n--{edge}\r\n'.encode("ascii")
    words, places = _alternative(rendered, mark, images)
    body = bytearray(headers + words)
    inserts = [_insert(len(headers) + place, image) for place, image in zip(places, images, strict=True)]
    for file in files:
        body += f"--{edge}\r\n{_file_lines(file)}\r\n\r\n".encode("ascii")
        inserts.append(_insert(len(body), file))
    if is_mixed:
        body += f"--{edge}--\r\n".encode("ascii")
    return Message(bytes(body), tuple(inserts), len(body) + sum(map(_sent_size, (*files, *images))))


def _insert(position: int, file: FileRef) -> Insert:
    return Insert(position, file.blob, file.start, file.end, file.encoded, file.verbatim)


def _header_lines(head: Head) -> list[str]:
    lines = [
        mailbox("From", head.sender),
        mailbox("To", head.to),
        unstructured("Subject", head.subject),
        f"Date: {format_datetime(head.date)}",
        identifiers("Message-ID", [head.message_id]),
        mailbox("Reply-To", Address("", head.reply_to)) if head.reply_to else "",
        identifiers("In-Reply-To", [head.in_reply_to]),
        identifiers("References", chain(head.references, head.message_id)),
        "MIME-Version: 1.0",
    ]
    if head.automatic:
        lines += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"]
    if head.original_from:
        lines.append(original_from(head.original_from))
    if head.unsubscribe:
        lines.append(f"List-Unsubscribe:\r\n <{head.unsubscribe}>")
    if head.marker:
        lines.append(unstructured("X-Mailgate", head.marker))
    if head.probe:
        lines.append(unstructured("X-Mailgate-Probe", head.probe))
    if _LANGUAGE.fullmatch(head.language):
        lines.append(f"Content-Language: {head.language}")
    return [line for line in lines if line]


def _alternative(rendered: Rendered, mark: str, images: tuple[FileRef, ...]) -> tuple[bytes, list[int]]:
    """Returns text and HTML as a part with its own headers and last line end, and the places of the images in it."""
    plain = text_part("plain", rendered.whole_text)
    if not rendered.html:
        return plain, []
    edge, page = f"=_a{mark}", text_part("html", rendered.html)
    start = f'Content-Type: multipart/alternative;\r\n boundary="{edge}"\r\n\r\n--{edge}\r\n'.encode("ascii")
    before = start + plain + f"--{edge}\r\n".encode("ascii")
    end = f"--{edge}--\r\n".encode("ascii")
    if not images:
        return before + page + end, []
    inner = f"=_r{mark}"
    related = f'Content-Type: multipart/related; type="text/html";\r\n boundary="{inner}"\r\n\r\n--{inner}\r\n'
    whole, places = bytearray(before + related.encode("ascii") + page), []
    for image in images:
        whole += f"--{inner}\r\n{_image_lines(image)}\r\n\r\n".encode("ascii")
        places.append(len(whole))
    return bytes(whole) + f"--{inner}--\r\n".encode("ascii") + end, places


def _image_lines(image: FileRef) -> str:
    return _file_lines(image).replace("Content-Disposition: attachment", "Content-Disposition: inline", 1)


def text_part(subtype: str, text: str) -> bytes:
    """Returns a text as a part of a message, 7-bit, with its own headers and last line end; plain text is wrapped."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.rstrip("\n")
    kind = f"text/{subtype}; charset=utf-8"
    if subtype == "plain":
        flowed = flow(text)
        text, kind = flowed.text, f"{kind}; {flowed.parameters}"
    written = text.encode("utf-8", "replace")
    data = written.replace(b"\n", b"\r\n") + b"\r\n"
    most_beyond_ascii = 2 * (len(written) - len(text))  # bytes: a letter beyond ASCII takes two to four
    # quoted-printable triples such bytes, base64 adds a third to all: it wins where they are more than a sixth
    if most_beyond_ascii * 6 > len(data) and len(data.translate(None, _ASCII)) * 6 > len(data):
        encoding, encoded = b"base64", b"".join(encode([data]))
    else:
        encoding, encoded = b"quoted-printable", _quote_page(data) if subtype == "html" else b2a_qp(data, istext=True)
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: ".encode("ascii")
    return head + encoding + b"\r\n\r\n" + encoded


def _quote_page(page: bytes) -> bytes:
    """Encodes a page as quoted-printable; its head only once, as all pages of one language, look and tone have it."""
    head, end, rest = page.partition(_HEAD_END)
    return _quote_head(head + end) + b2a_qp(rest, istext=True) if end else b2a_qp(page, istext=True)


@lru_cache(maxsize=64)
def _quote_head(head: bytes) -> bytes:
    return b2a_qp(head, istext=True)


def _file_lines(file: FileRef) -> str:
    if file.verbatim:
        lines = ["Content-Type: message/rfc822", "Content-Transfer-Encoding: 7bit"]
    else:
        lines = [f"Content-Type: {mime_type(file.mime_type)}", "Content-Transfer-Encoding: base64"]
    lines.append(disposition(file.filename))
    lines.append(identifiers("Content-ID", [clean_line(file.content_id).strip("<> ")]))
    return "\r\n".join(line for line in lines if line)


def _sent_size(file: FileRef) -> int:
    if file.verbatim:
        return file.size + 2
    if file.encoded and file.start is not None and file.end is not None:
        return file.end - file.start + 2
    return encoded_size(file.size)


def encoded_size(size: int) -> int:
    """Returns the size of a file of `size` bytes as base64 text with its line ends."""
    characters = (size + 2) // 3 * 4
    return characters + max(1, -(-characters // LINE)) * 2
