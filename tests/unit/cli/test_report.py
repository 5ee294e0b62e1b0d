"""`mailgate report` as an operator calls it, and what spreadsheets and browsers get of a requester's words."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from mailgate.__main__ import main
from mailgate.reports.measures import BY_NAME, MEASURES
from mailgate.reports.text import width
from mailgate.store.schema import tickets
from tests.support.story_runner import StoryRunner

STORY = r"""
with network queue

anna writes "Word does not start." about "Word"
30 minutes pass
alice replies "#resolve I restarted it.\n#time 15m\n#cause toner"
anna replies "resolved"
anna opens the link 4 of final and adds "Quick!"
ben writes "The printer is dead." about "Printer"
"""
DAY = ("--from", "2026-11-23", "--to", "2026-11-23")
HOSTILE = "=HYPERLINK(\"http://evil.example\") <script>alert(1)</script> \x1b[2J\u202e & 'x'"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def runner(tmp_path: Path, database_url: str) -> Iterator[StoryRunner]:
    found = StoryRunner(tmp_path, STORY, database_url)
    found.run()
    yield found
    found.desk.close()


@pytest.fixture
def call(runner: StoryRunner, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run `report` on the desk: (status, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main(["report", *words, "--config", str(runner.desk.folder / "mailgate.toml")], runner.desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def say(runner: StoryRunner, cause: str, words: str) -> None:
    """Puts a text where the report shows it."""
    with runner.desk.desk.database.write() as connection:
        connection.execute(update(tickets).where(tickets.c.id == 1).values(cause=cause, rating_words=words))


def test_the_text_fits_a_terminal(call: Call) -> None:
    for language in ("en", "fr", "de", "es", "it", "nl", "pt"):
        status, text, error = call(*DAY, "--language", language)
        assert (status, error) == (0, "")
        assert max(map(width, text.splitlines())) <= 80


def test_the_text_has_a_part_for_everything(call: Call) -> None:
    text = call(*DAY)[1]
    for title in (
        "Volume", "By queue", "Opened and closed, day by day", "Open tickets by age", "First reply",
        "Solution", "Escalations", "Closure reasons", "Satisfaction", "Root causes of closed tickets", "Time spent",
        "Requests by weekday and hour",
    ):  # fmt: skip
        assert f"\n{title}\n{'-' * len(title)}\n" in text
    assert "- SUP-1 (4 of 5): Quick!" in text
    assert re.search(r"^    Opened +2$", text, re.MULTILINE)
    assert re.search(r"^    Median +30\xa0min +30\xa0min +-$", text, re.MULTILINE)
    assert text.splitlines()[2] == "Support (default), Support (network)"


def test_json_has_every_figure_once_in_each_place(call: Call) -> None:
    found = json.loads(call(*DAY, "--json")[1])
    assert set(found) == {"from", "to", "timezone", "begin", "end", "counted_at", "queues", "figures"}
    assert (found["begin"], found["end"]) == ("2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z")
    places = [(one["queue"], one["level"], one["figure"], one["item"]) for one in found["figures"]]
    assert len(places) == len(set(places))
    never = {measure.name for measure in MEASURES if measure.section in ("by_tag", "by_agent")}
    assert {one["figure"] for one in found["figures"]} == {measure.name for measure in MEASURES} - never
    assert {one["queue"] for one in found["figures"]} == {"", "default", "network"}
    values = {(one["figure"], one["level"]): one["value"] for one in found["figures"] if not one["queue"]}
    assert values["opened", ""] == 2
    assert values["first_answer_median", "level1"] == 30
    assert values["solution_median", "level2"] is None


def test_csv_has_the_same_numbers_as_json(call: Call) -> None:
    rows = list(csv.DictReader(io.StringIO(call(*DAY, "--format", "csv")[1])))
    assert list(rows[0]) == ["queue", "level", "figure", "item", "value", "unit"]
    figures = json.loads(call(*DAY, "--json")[1])["figures"]
    assert [row["value"] for row in rows] == ["" if one["value"] is None else str(one["value"]) for one in figures]


@pytest.mark.parametrize("cause", [HOSTILE, "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cause_is_a_formula(runner: StoryRunner, call: Call, cause: str) -> None:
    say(runner, cause, "")
    rows = csv.DictReader(io.StringIO(call(*DAY, "--format", "csv")[1]))
    (item,) = {row["item"] for row in rows if row["figure"] == "closed_by_cause"}
    assert not item.startswith(("=", "+", "-", "@", "\t", "＝"))


def test_nobodys_words_move_the_cursor(runner: StoryRunner, call: Call) -> None:
    say(runner, HOSTILE, HOSTILE)
    for words in (DAY, (*DAY, "--explain", "closed_by_cause")):
        text = call(*words)[1]
        assert "HYPERLINK" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


class _Tags(HTMLParser):
    """Every tag and address of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.images: list[dict[str, str]] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = {name: value or "" for name, value in attrs}
        if tag == "img":
            self.images.append(found)
        self.addresses += [found[name] for name in ("src", "href", "srcset") if name in found]


def test_the_page_needs_nothing_else_and_escapes_everything(runner: StoryRunner, call: Call) -> None:
    pytest.importorskip("matplotlib")
    say(runner, HOSTILE, HOSTILE)
    page = call(*DAY, "--format", "html")[1]
    seen = _Tags(page)
    assert "script" not in seen.tags
    assert "&lt;script&gt;alert(1)" in page
    assert all(address.startswith("data:image/png;base64,") for address in seen.addresses)
    assert len(seen.images) >= 3
    assert all(image["alt"] and image["width"] for image in seen.images)
    assert "prefers-color-scheme: dark" in page
    assert '<meta name="viewport"' in page


def test_the_page_without_the_extra_has_the_same_numbers(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.reports.page.can_draw", lambda: False)
    page = call(*DAY, "--format", "html")[1]
    assert "<img" not in page
    assert page.count('class="bar"') > 5


def test_every_figure_can_be_explained(call: Call) -> None:
    for name in (measure.name for measure in MEASURES if measure.section not in ("by_tag", "by_agent")):
        status, text, error = call(*DAY, "--explain", name)
        assert (status, error) == (0, "")
        assert name in text
        assert max(map(width, text.splitlines())) <= 80
    assert "  SUP-1, SUP-2\n" in call(*DAY, "--explain", "opened")[1]
    assert "SUP-1 30\xa0min" in call(*DAY, "--explain", "first_answer_median")[1]
    assert "solved" in call(*DAY, "--explain")[1]


def test_what_is_traced_adds_up(call: Call) -> None:
    for one in json.loads(call(*DAY, "--json", "--explain")[1])["figures"]:
        kind, values = BY_NAME[one["figure"]].kind, [ticket["value"] for ticket in one["tickets"]]
        if kind == "count":
            assert len(values) == one["value"]
        elif kind == "sum":
            assert sum(values) == one["value"]
        elif kind == "share" and one["value"] is not None:
            assert one["value"] == pytest.approx(100 * len(values) / (len(values) + len(one["others"])), abs=0.01)


def test_a_file_gets_what_the_terminal_would(runner: StoryRunner, call: Call) -> None:
    target = runner.desk.folder / "report.csv"
    assert call(*DAY, "--format", "csv", "--output", str(target)) == (0, "", "")
    assert target.read_bytes().decode() == call(*DAY, "--format", "csv")[1]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--from", "soon"), 2, '--from: "soon" is not a day: write it like 2026-11-23'),
        (("--from", "2026-11-24", "--to", "2026-11-23"), 2, "--from 2026-11-24 is after --to 2026-11-23"),
        (("--queue", "nowhere"), 2, 'there is no queue "nowhere"; the queues are: default, network'),
        (("--explain", "luck"), 2, 'there is no figure "luck"; the figures are: open_before, '),
        (("--language", "xx"), 2, 'there is no language "xx"; the languages are: da, de, en'),
        (("--explain", "--format", "html"), 2, "--explain works only with text, JSON and CSV"),
        (("--output", "/nowhere/report.txt"), 1, "/nowhere/report.txt cannot be written: No such file or directory"),
        (("--mail", "Head of support"), 2, '"Head of support" is not an address'),
        (("--mail", "head@example.com", "--json"), 2, "--mail cannot be combined with"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(call: Call, words: tuple[str, ...], status: int, said: str) -> None:
    found, out, error = call(*words)
    assert (found, out) == (status, "")
    assert said in error
    assert error.count("\n") == 1


def test_a_queue_that_is_configured_no_more_keeps_its_figures(runner: StoryRunner, call: Call) -> None:
    with runner.desk.desk.database.write() as connection:
        connection.execute(update(tickets).where(tickets.c.id == 1).values(queue="old"))
    found = json.loads(call(*DAY, "--json")[1])
    assert {"queue": "old", "name": "old"} in found["queues"]
    status, text, _ = call(*DAY, "--queue", "old")
    assert status == 0
    assert "old" in text


def test_mail_goes_to_whom_the_operator_names(runner: StoryRunner, call: Call) -> None:
    status, said, _ = call(*DAY, "--mail", "head@elsewhere.example", "--language", "fr")
    assert (status, said) == (0, "The report goes to head@elsewhere.example: 23 novembre 2026.\n")
    runner.desk.settle()
    mail: Any = runner.desk.last("head@elsewhere.example", "report")
    assert "Motifs de clôture" in mail.text
