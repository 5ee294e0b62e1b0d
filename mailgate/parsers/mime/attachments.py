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
from html import unescape
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
# Their description says what the type says
_DESCRIBED_ALIKE = ("message/", "text/rfc822", "application/pgp", "application/pkcs7", "application/x-pkcs7")
_ENTITY = re.compile(r"&#(?:\d{2,7}|[xX][0-9A-Fa-f]{2,6});")
_TYPES = mimetypes.MimeTypes()  # without the machine's own tables: names are the same everywhere
_KINDS = (
    (b"%PDF-", ".pdf"), (b"\x89PNG\r\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"), (b"PK\x03\x04", ".zip"),
    (b"{\\rtf", ".rtf"), (b"\x1f\x8b", ".gz"), (b"BEGIN:VCALENDAR", ".ics"),
    (b"BEGIN:VCARD", ".vcf"),
)  # fmt: skip
# Python's own table lacks them or names several, and differs between versions
_SUFFIXES = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/partial": ".eml",
    "message/delivery-status": ".txt",
    "message/global-delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/directory": ".vcf",
    "text/markdown": ".md",
    "text/rtf": ".rtf",
    "text/vcard": ".vcf",
    "text/x-markdown": ".md",
    "text/x-patch": ".patch",
    "text/xml": ".xml",
    "image/bmp": ".bmp",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/tiff": ".tiff",
    "image/webp": ".webp",
    "image/x-png": ".png",
    "audio/3gpp": ".3gp",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/flac": ".flac",
    "audio/m4a": ".m4a",
    "audio/midi": ".mid",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/wav": ".wav",
    "audio/x-m4a": ".m4a",
    "audio/x-wav": ".wav",
    "video/3gpp": ".3gp",
    "video/mp4": ".mp4",
    "video/mpeg": ".mpg",
    "video/ogg": ".ogv",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-ms-wmv": ".wmv",
    "application/epub+zip": ".epub",
    "application/gzip": ".gz",
    "application/ics": ".ics",
    "application/java-archive": ".jar",
    "application/json": ".json",
    "application/msexcel": ".xls",
    "application/mspowerpoint": ".ppt",
    "application/msword": ".doc",
    "application/octet-stream": ".bin",
    "application/ogg": ".ogg",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/postscript": ".ps",
    "application/rtf": ".rtf",
    "application/vnd.apple.keynote": ".key",
    "application/vnd.apple.numbers": ".numbers",
    "application/vnd.apple.pages": ".pages",
    "application/vnd.google-earth.kmz": ".kmz",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-excel.sheet.macroenabled.12": ".xlsm",
    "application/vnd.ms-outlook": ".msg",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.ms-project": ".mpp",
    "application/vnd.ms-tnef": ".dat",
    "application/vnd.ms-word": ".doc",
    "application/vnd.ms-word.document.macroenabled.12": ".docm",
    "application/vnd.oasis.opendocument.graphics": ".odg",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template": ".dotx",
    "application/vnd.rar": ".rar",
    "application/vnd.visio": ".vsd",
    "application/x-7z-compressed": ".7z",
    "application/x-bzip2": ".bz2",
    "application/x-gzip": ".gz",
    "application/x-msword": ".doc",
    "application/x-pdf": ".pdf",
    "application/x-pkcs12": ".p12",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "application/x-rar": ".rar",
    "application/x-rar-compressed": ".rar",
    "application/x-rtf": ".rtf",
    "application/x-tar": ".tar",
    "application/x-xz": ".xz",
    "application/x-zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/xml": ".xml",
    "application/yaml": ".yaml",
    "application/zip": ".zip",
    "application/zstd": ".zst",
}


@dataclass(frozen=True, slots=True)
class AttachedPart:
    """One leaf of the MIME tree, or a file out of a container.

    `number` counts leaves from 1; `name` is the one that a container gives, `description` what the part says of itself
    (RFC 2045 section 8). `span` is the place of its base64 text; if
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
    description: str = ""

    @property
    def filename(self) -> str:
        """The file name, cleaned; "" for none."""
        return clean_filename(self.given_name)

    @property
    def given_name(self) -> str:
        """The file name verbatim."""
        places = ((self.disposition, "filename"), (self.content_type, "name"), (self.content_type, "filename"),
                  (self.disposition, "name"))  # fmt: skip
        return self.name or next((found for value, name in places if (found := value.get(name))), "")


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
    name = _undo_web_form(name)
    name = _BIDI.sub("", clean_header(name)).replace("\\", "/").rpartition("/")[2].strip(" .\"'") if name else ""
    if len(name) > NAME_LIMIT:
        stem, dot, suffix = name.rpartition(".")
        suffix = dot + suffix if stem and len(suffix) <= 20 else ""
        name = name[: NAME_LIMIT - len(suffix)] + suffix
    return name


def _undo_web_form(name: str) -> str:
    """Decodes a name that a web mailer wrote as a browser's form does: letters in percent signs, or as entities."""
    if "&#" in name:
        name = _ENTITY.sub(lambda found: unescape(found[0]), name)
    if "%" in name and name.isascii():
        letters = unquote(name)
        name = name if letters.isascii() or "\ufffd" in letters else letters
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
    """The name of a file, or one made for it.

    It is made of an attached mail's subject, else of the description and the type, else of number and type.
    """
    name = part.filename
    given = part.given_name.strip(" \"'")
    if name and not (given == "." + name and _TYPES.guess_type("x." + name)[0]):
        return name
    if not name and part.mime_type == "message/rfc822":
        subject = decode_header(split_headers(part.content[:HEAD_LIMIT].lstrip(b"\r\n")).first("subject"))
        name = _as_stem(subject)
        return name + ".eml" if name else f"part-{part.number}.eml"
    suffix = _suffix(part)
    if not name and suffix != ".bin" and not part.mime_type.startswith(_DESCRIBED_ALIKE):
        stem = _as_stem(part.description)
        return stem + suffix if stem else f"part-{part.number}{suffix}"
    return f"part-{part.number}" + ("." + name if name else suffix)


def _as_stem(text: str) -> str:
    """A sentence as the name of a file, without extension."""
    return clean_filename(text.replace("/", "-").replace("\\", "-")[:SUBJECT_LIMIT])


def _suffix(part: AttachedPart) -> str:
    """The extension of a part without a name: by its type, else by its first bytes."""
    suffix = _SUFFIXES.get(part.mime_type) or _TYPES.guess_extension(part.mime_type)
    if suffix in (None, ".bin"):
        head = part.head or part.content[:20]
        suffix = next((suffix for mark, suffix in _KINDS if head.startswith(mark)), ".bin")
    return str(suffix)
