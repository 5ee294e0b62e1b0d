"""The desk's colour: whatever is configured, what stands on it and what has it can be read."""

from __future__ import annotations

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.notices.rendering.colours import (
    DARK_BOX,
    DARK_PAGE,
    ENOUGH,
    LIGHT_BOX,
    LIGHT_PAGE,
    contrast,
    make_palette,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0), ("#123456", "#123456", 1)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS)
def test_every_colour_can_be_read_on_both_pages(colour: str) -> None:
    palette = make_palette(colour)
    assert palette.fill == colour
    assert contrast(palette.on_fill, palette.fill) >= ENOUGH
    for ground in (LIGHT_PAGE, LIGHT_BOX):
        assert contrast(palette.accent, ground) >= ENOUGH
    for ground in (DARK_PAGE, DARK_BOX):
        assert contrast(palette.dark_accent, ground) >= ENOUGH


def test_a_colour_that_can_be_read_stays_and_one_that_cannot_keeps_its_hue() -> None:
    assert make_palette("#0A6B3D").accent == "#0a6b3d"
    yellow = make_palette("#ffcc00")
    assert yellow.on_fill == "#000000"
    assert yellow.accent != "#ffcc00"
    assert yellow.dark_accent == "#ffcc00"
    hues = [colorsys.rgb_to_hls(*(int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0] for one in
            (yellow.fill, yellow.accent)]  # fmt: skip
    assert hues[0] == pytest.approx(hues[1], abs=0.01)
