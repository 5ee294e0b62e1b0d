"""Branding of a queue's notices: its colours, its logo and its signature.

Made once for each branding that is configured, so that a notice only refers to it. Pure, never fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from mailgate.config import Logo, Queue
from mailgate.notices.rendering.colours import Palette, make_palette

_WIDEST, _HIGHEST = 240, 56  # pixels of a page in which a logo is shown; a finer one is shown smaller


@dataclass(frozen=True, slots=True)
class LogoImage:
    """Logo as a page shows it: `source` is the address of the image, `width` and `height` are in pixels."""

    source: str
    width: int
    height: int
    logo: Logo = field(repr=False)


@dataclass(frozen=True, slots=True)
class Branding:
    """Branding as the templates have it; `signature` is "" where the desk signs with its name."""

    colours: Palette
    signature: str = ""
    picture: LogoImage | None = None


DEFAULT_LOOK = Branding(make_palette("#0a6b3d"))


def look_of(queue: Queue) -> Branding:
    """Returns the branding of a queue's notices."""
    return _look(queue.colour, queue.signature, queue.logo)


@cache
def _look(colour: str, signature: str, logo: Logo | None) -> Branding:
    picture = None if logo is None else _picture(logo)
    return Branding(make_palette(colour), signature.strip(), picture)


def _picture(logo: Logo) -> LogoImage:
    scale = min(1.0, _WIDEST / logo.width, _HIGHEST / logo.height)
    width, height = (max(1, round(side * scale)) for side in (logo.width, logo.height))
    return LogoImage(f"cid:{logo.content_id}", width, height, logo)
