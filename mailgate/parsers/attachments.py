"""The files of a mail: their names, types and bytes.

Answers for names that are safe to store and show and are the same at every reading, for bytes as they were before
they were encoded, and for the place of base64 text in the raw mail. Never fails.
"""

from __future__ import annotations

import mimetypes
import re
from binascii import a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from mailgate.mail import Attachment
from mailgate.parsers.headers import clean_header
from mailgate.parsers.parameters import Value
from mailgate.parsers.skeleton import Text

NAME_LIMIT = 200  # letters of a file name

_BIDI = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CID = re.compile(r"cid:([^\"'\s<>)]{1,250})", re.IGNORECASE)
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_LONGEST_LINE = 998
_STEP = 2**16  # bytes that are decoded at a time
_TYPES = mimetypes.MimeTypes()  # without the machine's own tables: names are the same everywhere
_SUFFIXES = {
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "image/jpeg": ".jpg",
    "text/calendar": ".ics",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-zip-compressed": ".zip",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file too large to be copied: its base64 text, and the size and SHA-256 of its bytes."""

    text: Text
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the MIME tree. `number` counts leaves from 1; `encoded` is its base64 text without the line ends
    around it, None where a notice cannot reuse it. Where the part is `kept`, there is neither content nor text."""

    number: int
    mime_type: str
    content_type: Value
    disposition: Value
    content_id: str
    content: bytes = field(repr=False)
    encoded: bytes | None = field(default=None, repr=False)
    kept: Kept | None = None

    @property
    def filename(self) -> str:
        """The name it was given, "" for none."""
        return clean_filename(self.disposition.get("filename") or self.content_type.get("name"))


def build_attachments(parts: Sequence[Part], html: Sequence[str], raw: bytes) -> tuple[Attachment, ...]:
    """The attachments of a mail. `html` are its HTML bodies, which decide which images stand in them."""
    named = any(part.content_id for part in parts)
    shown = {cid.casefold() for source in html for cid in _CID.findall(source)} if named else set()
    spans = _find_spans(parts, raw)
    return tuple(_build(part, shown, span) for part, span in zip(parts, spans, strict=True))


def clean_filename(name: str) -> str:
    """A file name without path, controls and letters that turn the writing direction (U+202A to U+202E, U+2066 to
    U+2069), at most NAME_LIMIT letters with its extension kept; "" where nothing is left."""
    name = _BIDI.sub("", clean_header(name)).replace("\\", "/").rpartition("/")[2].strip(" .\"'") if name else ""
    if len(name) > NAME_LIMIT:
        stem, dot, suffix = name.rpartition(".")
        suffix = dot + suffix if stem and len(suffix) <= 20 else ""
        name = name[: NAME_LIMIT - len(suffix)] + suffix
    return name


def _build(part: Part, shown: set[str], span: tuple[int, int] | None) -> Attachment:
    referenced = bool(part.content_id) and part.content_id.casefold() in shown
    inline = referenced or (part.disposition.main == "inline" and part.mime_type.startswith("image/"))
    return Attachment(
        filename=part.filename or f"part-{part.number}{_suffix(part.mime_type)}",
        mime_type=part.mime_type,
        size=part.kept.size if part.kept else len(part.content),
        sha256=part.kept.sha256 if part.kept else sha256(part.content).hexdigest(),
        inline=inline,
        content=part.content,
        content_id=part.content_id,
        span=span,
    )


def _suffix(mime_type: str) -> str:
    return _SUFFIXES.get(mime_type) or _TYPES.guess_extension(mime_type) or ".bin"


def _find_spans(parts: Sequence[Part], raw: bytes) -> list[tuple[int, int] | None]:
    """Look for each base64 text after the one before; the first that is not found ends the search (linear time)."""
    spans: list[tuple[int, int] | None] = []
    position = 0
    for part in parts:
        if part.kept is not None:
            position = part.kept.text.end
            spans.append((part.kept.text.start, position))
            continue
        if not part.encoded or position < 0:
            spans.append(None)
            continue
        start = raw.find(part.encoded, position)
        position = start + len(part.encoded) if start >= 0 else -1
        spans.append((start, position) if start >= 0 else None)
    return spans


def is_reusable(text: bytes) -> bool:
    """Whether base64 text can only be read one way and may stand in a mail as it is (RFC 2045, 6.8; RFC 5321)."""
    breaks = text.translate(None, _LETTERS)
    if not text or breaks.translate(None, b"\r\n") or b"=" in text.rstrip(b"=\r\n"):
        return False
    return (len(text) - len(breaks)) % 4 == 0 and max(map(len, text.splitlines())) <= _LONGEST_LINE


def measure(text: Text) -> Kept:
    """What the file of a base64 text is; the text must be reusable."""
    digest, size, rest = sha256(), 0, b""
    for at in range(text.start, text.end, _STEP):
        letters = rest + text.raw[at : min(at + _STEP, text.end)].translate(None, b"\r\n")
        whole = len(letters) // 4 * 4
        content = a2b_base64(letters[:whole])
        digest.update(content)
        size += len(content)
        rest = letters[whole:]
    return Kept(text, size, digest.hexdigest())
