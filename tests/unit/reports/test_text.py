"""How a report is set: columns that have room on a terminal and on a phone."""

from __future__ import annotations

import re

import pytest

from mailgate.notices.rendering.colours import ENOUGH_FOR_BARS, LIGHT_PAGE, contrast, make_palette
from mailgate.reports.charts import colour_series
from mailgate.reports.page import draw_body, draw_mail
from mailgate.reports.sections import Chart, ReportColumns, ReportPage, ReportSection
from mailgate.reports.text import WIDTH, write_text

LONG = "Time until the first answer to a request that came at night: half within"
WIDE = ("Queue", "opened", "closed", "open", "late", "answered in time", "solved in time")


def page(table: ReportColumns) -> ReportPage:
    return ReportPage("Report", "one day", "Support", "now", (ReportSection("volume", "In and out", table),))


def test_a_long_name_goes_on_below_and_nothing_of_it_is_lost() -> None:
    table = ReportColumns(("", "All", "Level 1"), ((LONG, "17 h 23 min", "30 h 31 min"), ("Opened", "57", "40")))
    lines = write_text(page(table)).splitlines()
    first = next(number for number, line in enumerate(lines) if "17 h 23 min" in line)
    assert lines[first].split()[0] == "Time"
    assert " ".join(" ".join(lines[first : first + 2]).split()).replace(" 17 h 23 min 30 h 31 min", "") == LONG
    assert lines[first + 2].split() == ["Opened", "57", "40"]
    assert max(map(len, lines)) <= WIDTH


def test_a_word_that_is_longer_than_its_column_is_cut() -> None:
    lines = write_text(page(ReportColumns(("", "All"), (("x" * 200, "1"),)))).splitlines()
    assert max(map(len, lines)) == WIDTH
    assert any("…" in line for line in lines)


def test_a_wide_table_is_two_on_a_page_each_with_its_names() -> None:
    rows = (("Support", "38", "39", "32", "19", "73%", "67%"),)
    tables = re.findall(r"<table.*?</table>", draw_body(page(ReportColumns(WIDE, rows)), None), re.DOTALL)
    cells = [re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", table) for table in tables]
    assert cells == [
        ["Queue", "opened", "closed", "open", "late", "Support", "38", "39", "32", "19"],
        ["Queue", "answered in time", "solved in time", "Support", "73%", "67%"],
    ]


def test_a_number_stays_with_its_unit() -> None:
    body = draw_body(page(ReportColumns(("", "Level 1"), (("Logged", "148 h 15 min"), ("Kept", "73 %")))), None)
    assert all(words in body for words in ("Level&nbsp;1", ">148&nbsp;h 15&nbsp;min<", ">73&nbsp;%<"))


def test_rows_without_a_number_are_named_below_the_table() -> None:
    rows = (("Opened", "3", "1"), ("Closed", "0", ""), ("Mean", "-", "-"), ("Kept", "0%", ""))
    body = draw_body(page(ReportColumns(("", "All", "Level 1"), rows)), None)
    assert re.findall(r"<th scope=\"row\"[^>]*>(.*?)</th>", body) == ["Opened", "Kept"]
    assert "0: Closed<br>-: Mean</p>" in body
    alone = draw_body(page(ReportColumns(("", "All"), (("Opened", "3"), ("Closed", "0")))), None)
    assert re.findall(r"<th scope=\"row\"[^>]*>(.*?)</th>", alone) == ["Opened", "Closed"]


def test_a_mail_is_not_cut_by_gmail() -> None:
    table = ReportColumns(WIDE, tuple((f"Queue {number}", *("12",) * 6) for number in range(60)))
    sections = tuple(ReportSection(f"part{number}", f"Part {number}", table) for number in range(9))
    body, _ = draw_mail(ReportPage("Report", "one day", "Support", "now", sections), "mark", "The note")
    assert "Part 0" in body
    assert "The note" in body
    assert len(body.encode()) < 90_000


@pytest.mark.parametrize("colour", ["#0a6b3d", "#ffe600", "#ff6a00", "#8a1c7c"])
def test_bars_have_the_desks_colour_readable_and_apart_from_each_other(colour: str) -> None:
    colours = colour_series(make_palette(colour).accent)
    assert all(contrast(one, LIGHT_PAGE) >= ENOUGH_FOR_BARS for one in colours.series)
    chart = Chart(("Monday",), (("Opened", (3.0,)), ("Closed", (2.0,))))
    section = ReportSection("cause", "Root causes", chart=chart)
    body, _ = draw_mail(ReportPage("Report", "one day", "Support", "now", (section,)), "mark", colours=colours)
    assert len(set(colours.series)) == 2
    assert all(f'bgcolor="{one}"' in body for one in colours.series)
