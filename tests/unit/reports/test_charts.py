"""Charts that other processes draw are the same images, and a process that ends costs none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mailgate.reports.charts import DARK, LIGHT, Drawn, can_draw, draw_all, drawing_processes
from mailgate.reports.page import draw_page
from mailgate.reports.sections import Chart, Grid, ReportPage, ReportSection

CHART = Chart(("Monday", "Tuesday"), (("Opened", (3.0, 1.0)), ("Closed", (2.0, 0.0))))
GRID = Grid(tuple("MTWTFSS"), tuple("MTWTFSS"), ((0,) * 12 + (4,) + (0,) * 11,) * 7, "Requests", "Busiest hour")
ROOT = Path(__file__).parents[3]
WANTED = ((CHART, LIGHT), (CHART, DARK), (GRID, LIGHT))

pytestmark = pytest.mark.skipif(not can_draw(), reason="needs the extra `reports`")


# In a process of its own: one that runs tests has threads of the test runner, which a fork would harm.
_COMPARE = """
import os
from mailgate.reports import charts
from tests.unit.reports.test_charts import WANTED
if {is_ended}:
    charts._load = lambda: os._exit(1)
with charts.drawing_processes() as draw_there:
    assert draw_there is not charts.draw_all
    assert draw_there(WANTED) == charts.draw_all(WANTED)
"""


@pytest.mark.skipif((os.cpu_count() or 1) == 1, reason="needs two processors")
@pytest.mark.parametrize("is_ended", [False, True])
def test_other_processes_draw_the_same_and_one_that_ends_costs_no_chart(is_ended: bool) -> None:
    subprocess.run([sys.executable, "-c", _COMPARE.format(is_ended=is_ended)], cwd=ROOT, check=True, timeout=60)


def test_one_processor_draws_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with drawing_processes() as draw_there:
        assert draw_there is draw_all


def test_a_page_has_each_chart_for_light_and_for_dark_in_its_place() -> None:
    sections = ReportSection("days", "By day", chart=CHART), ReportSection("hours", "By hour", grid=GRID)
    drawn: list[object] = []

    def draw_named(wanted: Sequence[Drawn]) -> list[bytes]:
        drawn.extend(wanted)
        return [f"image {number}".encode() for number in range(4)]

    words = draw_page(ReportPage("Report", "one day", "Support", "now", sections), "en", draw_all=draw_named)
    assert drawn == [(CHART, LIGHT), (CHART, DARK), (GRID, LIGHT), (GRID, DARK)]
    images = [f"base64,{one}" for one in ("aW1hZ2UgMQ==", "aW1hZ2UgMA==", "aW1hZ2UgMw==", "aW1hZ2UgMg==")]
    assert [words.index(one) for one in images] == sorted(words.index(one) for one in images)
