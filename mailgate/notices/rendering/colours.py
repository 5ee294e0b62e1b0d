"""Makes the desk's colour readable: contrast by WCAG 2, on a light page and on a dark one.

No colour is rejected. Where one cannot be read on a page, it is made darker or lighter, of the same hue, until it
reaches 4.5:1 (WCAG 2 level AA). Pure; nothing here fails on a colour that the configuration accepts.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import cache

from mailgate.core.workflow.notice_catalogue import Tone

LIGHT_PAGE = "#ffffff"
DARK_PAGE = "#15181c"
LIGHT_BOX = "#f3f5f8"  # behind quotations
DARK_BOX = "#22272e"
QUOTE_BAR, DARK_QUOTE_BAR = "#66758a", "#8b98a8"
ENOUGH = 4.5  # contrast of text: WCAG 2 level AA
ENOUGH_FOR_BARS = 3.0  # of what is no text: WCAG 2 level AA
_BLACK, _WHITE = "#000000", "#ffffff"
_STEPS = 100  # of lightness: finer than an eye sees


@dataclass(frozen=True, slots=True)
class Palette:
    """The desk's colour and its readable variants.

    `fill` is the colour as configured, `on_fill` what is written on it; `accent` and `dark_accent` are for lines and
    text on the light and on the dark page.
    """

    fill: str
    on_fill: str
    accent: str
    dark_accent: str


@dataclass(frozen=True, slots=True)
class BannerColours:
    """Banner of a notice: its background, its label and bar, on the light and on the dark page.

    `sign` says the same as the colour; every font has it.
    """

    sign: str
    ground: str
    ink: str
    dark_ground: str
    dark_ink: str


_BANNERS = {
    Tone.ACTION: BannerColours("→", "#fdf1e0", "#804600", "#33270f", "#ffc47a"),
    Tone.LATE: BannerColours("!", "#fdecea", "#9c1c12", "#3a1c1a", "#ffb4ab"),
    Tone.DONE: BannerColours("✓", "#e8f5ed", "#0b5c35", "#14301f", "#7fdcaa"),
}


def make_banner(tone: Tone, palette: Palette) -> BannerColours:
    """Returns the colours of a banner; a neutral one has the desk's own."""
    own = BannerColours("•", LIGHT_BOX, palette.accent, DARK_BOX, palette.dark_accent)
    return _BANNERS.get(tone, own)


@cache
def make_palette(colour: str) -> Palette:
    """Makes the palette of a colour such as "#0a6b3d"."""
    fill = colour.lower()
    on_fill = max(_WHITE, _BLACK, key=lambda one: contrast(one, fill))  # one of the two always reaches 4.58:1
    return Palette(fill, on_fill, _readable(fill, LIGHT_PAGE, LIGHT_BOX), _readable(fill, DARK_PAGE, DARK_BOX))


def contrast(one: str, other: str) -> float:
    """Returns the contrast ratio of two colours, from 1 to 21 (WCAG 2)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _readable(colour: str, *grounds: str) -> str:
    """Returns the colour, or the nearest of its hue that can be read on all of these backgrounds."""
    if all(contrast(colour, ground) >= ENOUGH for ground in grounds):
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(colour)))
    end = 0.0 if _luminance(grounds[0]) > 0.5 else 1.0
    for step in range(1, _STEPS + 1):
        nearer = lightness + (end - lightness) * step / _STEPS
        found = _write(colorsys.hls_to_rgb(hue, nearer, saturation))
        if all(contrast(found, ground) >= ENOUGH for ground in grounds):
            return found
    return _write((end, end, end))


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _write(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
