"""The desk's colour and logo as configured. The type of an image is read from its first bytes, not from its name.

A file that is no PNG, JPEG or GIF, or whose size in pixels cannot be read, raises ValueError; `loader` reports its
sentence with the key.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, PlainValidator, ValidationInfo

from mailgate.config.paths import read_path
from mailgate.config.types import read_text

MOST_READ = 4 * 2**20  # bytes of a file that are looked at; far above what a mail should carry
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG, ITU-T T.81 table B.1
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers of a JPEG without a length


@dataclass(frozen=True)
class Logo:
    """An image that was read; `width` and `height` are in pixels."""

    path: Path
    data: bytes = field(repr=False)
    mime_type: str
    width: int
    height: int

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the image."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def content_id(self) -> str:
        """The name by which a page refers to it."""
        return f"logo.{self.digest[:24]}@mailgate"

    @property
    def filename(self) -> str:
        return f"logo.{self.mime_type.rpartition('/')[2].replace('jpeg', 'jpg')}"


def read_logo(path: Path) -> Logo:
    """The image in a file; ValueError where it is none that mail programs show."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_READ)
    except OSError as error:
        raise ValueError(f"cannot read the image {path}: {(error.strerror or str(error)).lower()}") from None
    for mime_type, measure in (("image/png", _measure_png), ("image/gif", _measure_gif), ("image/jpeg", _measure_jpeg)):
        size = measure(data)
        if size is not None and min(size) > 0:
            return Logo(path, data, mime_type, *size)
    raise ValueError(f"the file {path} is not a PNG, JPEG or GIF; mail clients show no other images")


def _measure_png(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _measure_gif(data: bytes) -> tuple[int, int] | None:
    if not data.startswith((b"GIF87a", b"GIF89a")) or len(data) < 10:
        return None
    return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")


def _measure_jpeg(data: bytes) -> tuple[int, int] | None:
    """Reads width and height from the frame header of a JPEG; None where there is none."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # a byte to fill up
            position += 1
        elif marker in _ALONE:
            position += 2
        elif marker in _START_OF_FRAME:
            height, width = data[position + 5 : position + 7], data[position + 7 : position + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def _logo(value: object, info: ValidationInfo) -> Logo | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, Logo) else read_logo(read_path(value, info))


def _colour(value: object) -> str:
    text = read_text(value)
    if not _COLOUR.fullmatch(text):
        raise ValueError(f'"{text}" is not a colour: write "#" and six hexadecimal digits, such as "#0a6b3d"')
    return text.lower()


def _signature(value: str) -> str:
    return "\n".join(line.rstrip() for line in value.strip().splitlines())


LogoRead = Annotated[Logo | None, PlainValidator(_logo)]
Colour = Annotated[str, PlainValidator(_colour)]
Signature = Annotated[str, AfterValidator(_signature)]
