"""No hostile mail or text takes time that grows faster than its size: every shape of `bench.hostile`."""

from __future__ import annotations

import pytest

from bench.growth import measure_growth
from bench.hostile import Shape, make_shapes

SIZES = (30_000, 120_000, 480_000)
LARGER_SIZES = (480_000, 1_920_000)  # where what is loaded once, and another process in the way, count no more
MOST_EXPONENT = 1.5  # quadratic is 2; a shape below a limit of the readers has steps
MOST_SECONDS = 5.0  # for the largest of SIZES


@pytest.mark.long
@pytest.mark.parametrize("shape", list(make_shapes()), ids=lambda shape: shape.name)
def test_time_grows_no_faster_than_size(shape: Shape) -> None:
    for growth in measure_growth(shape, SIZES):
        assert not growth.error
        assert growth.seconds[-1] < MOST_SECONDS
        if growth.exponent > MOST_EXPONENT:
            (growth,) = [again for again in measure_growth(shape, LARGER_SIZES) if again.reader == growth.reader]
        assert growth.exponent <= MOST_EXPONENT, growth
