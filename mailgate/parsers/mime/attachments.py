"""Reads the files of a mail: names, types and bytes.

Names are safe to store and show, and the same at every reading. Inline images are those that the HTML shows, by
Content-ID or Content-Location, and those that a mail without HTML declares inline. A file that nothing shows is an
attachment, whatever its part declares. Never fails.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote

from mailgate.core.mail import Attachment
from mailgate.parsers.mime.headers import clean_header, decode_header, split_headers
from mailgate.parsers.mime.parameters import Value

NAME_LIMIT = 200  # letters of a file name
SUBJECT_LIMIT = 100  # letters of a subject that names an attached mail
HEAD_LIMIT = 64 * 1024  # bytes of an attached mail that are looked at

_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CID = re.compile(r"cid:([^\"'\s<>)]{1,250})", re.IGNORECASE)
_SOURCE = re.compile(r"(?:src|background)\s{0,3}=\s{0,3}[\"']?([^\"'\s<>]{1,500})", re.IGNORECASE)
_TYPES = mimetypes.MimeTypes()  # without the machine's own tables: names are the same everywhere
_KINDS = (
    (b"%PDF-", ".pdf"), (b"\x89PNG\r\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"), (b"PK\x03\x04", ".zip"),
    (b"{\\rtf", ".rtf"), (b"\x1f\x8b", ".gz"), (b"BEGIN:VCALENDAR", ".ics"),
    (b"BEGIN:VCARD", ".vcf"),
)  # fmt: skip
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
class AttachedPart:
    """One leaf of the MIME tree, or a file out of a container.

    `number` counts leaves from 1; `name` is the one that a container gives. `span` is the place of its base64 text; if
    that is large, `content` is empty, and `size` and `digest` are those of the file, `head` its first bytes.
    """

    number: int
    mime_type: str
    content_type: Value
    disposition: Value
    content_id: str
    content: bytes = field(repr=False)
    span: tuple[int, int] | None = None
    size: int = 0
    digest: str = ""
    head: bytes = field(default=b"", repr=False)
    location: str = ""
    name: str = ""

    @property
    def filename(self) -> str:
        """The file name, cleaned; "" for none."""
        return clean_filename(self.given_name)

    @property
    def given_name(self) -> str:
        """The file name verbatim."""
        return self.name or self.disposition.get("filename") or self.content_type.get("name")


def build_attachments(parts: Sequence[AttachedPart], html: Sequence[str]) -> tuple[Attachment, ...]:
    """Builds the attachments of a mail. `html` are its HTML bodies, which decide which images are inline."""
    shown: set[str] = set()
    if html and any(part.content_id for part in parts):
        shown = {unquote(cid).casefold() for source in html for cid in _CID.findall(source)}
    if html and any(part.location for part in parts):
        shown |= {target.casefold() for source in html for target in _SOURCE.findall(source)}
    shown.discard("")
    return tuple(_build(part, shown, has_html=bool(html)) for part in parts)


def clean_filename(name: str) -> str:
    """Cleans a file name: no path, controls or characters that change the writing direction.

    Those are U+202A to U+202E and U+2066 to U+2069. At most NAME_LIMIT characters, the extension kept; "" if nothing is
    left.
    """
    name = _BIDI.sub("", clean_header(name)).replace("\\", "/").rpartition("/")[2].strip(" .\"'") if name else ""
    if len(name) > NAME_LIMIT:
        stem, dot, suffix = name.rpartition(".")
        suffix = dot + suffix if stem and len(suffix) <= 20 else ""
        name = name[: NAME_LIMIT - len(suffix)] + suffix
    return name


def guess_type(name: str) -> str:
    """Guesses the type of a file from its name."""
    return _TYPES.guess_type(clean_filename(name))[0] or "application/octet-stream"


def _build(part: AttachedPart, shown: set[str], *, has_html: bool) -> Attachment:
    inline = part.content_id.casefold() in shown or part.location.casefold() in shown
    if not has_html and not part.content_id:
        inline = part.disposition.main == "inline" and part.mime_type.startswith("image/")
    return Attachment(
        filename=_name(part),
        mime_type=part.mime_type,
        size=part.size or len(part.content),
        sha256=part.digest or sha256(part.content).hexdigest(),
        inline=inline,
        content=part.content,
        content_id=part.content_id,
        span=part.span,
    )


def _name(part: AttachedPart) -> str:
    """The name of a file, or one made for it: of an attached mail from its subject, else from number and type."""
    name = part.filename
    given = part.given_name.strip(" \"'")
    if name and not (given == "." + name and _TYPES.guess_type("x." + name)[0]):
        return name
    if not name and part.mime_type == "message/rfc822":
        subject = decode_header(split_headers(part.content[:HEAD_LIMIT].lstrip(b"\r\n")).first("subject"))
        name = clean_filename(subject.replace("/", "-").replace("\\", "-")[:SUBJECT_LIMIT])
        return name + ".eml" if name else f"part-{part.number}.eml"
    return f"part-{part.number}" + ("." + name if name else _suffix(part))


def _suffix(part: AttachedPart) -> str:
    suffix = _SUFFIXES.get(part.mime_type) or _TYPES.guess_extension(part.mime_type)
    if suffix in (None, ".bin"):
        head = part.head or part.content[:20]
        suffix = next((suffix for mark, suffix in _KINDS if head.startswith(mark)), ".bin")
    return str(suffix)
