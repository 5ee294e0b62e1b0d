"""`explain --sla`: the arithmetic of a ticket's promises, with the numbers counted by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate.__main__ import main
from tests.support.desk import CONFIG, TestDesk

Call = Callable[..., str]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    config = CONFIG.replace(
        'resolve_within = "4 business hours"',
        'resolve_within = "4 business hours"\nanswer_within = "2 business hours"\ninform_every = "1 business hour"',
    )
    desk = TestDesk(tmp_path, database=database_url, config=config)
    yield desk
    desk.close()


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: str) -> str:
        assert main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock) == 0
        return capsys.readouterr().out

    return run


def _play(desk: TestDesk) -> None:
    """Asked at nine, a question at ten (when the level is just reminded), an answer at noon, solved at a quarter to
    two, not fixed at three."""
    desk.send(desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer"))
    desk.pass_time("1 hour")
    desk.send(desk.answer("alice@example.com", "#waiting\nWhich one?", desk.last("level1@example.com", "request")))
    desk.pass_time("2 hours")
    desk.send(desk.answer("anna@example.org", "The blue one.", desk.last("anna@example.org", "question")))
    desk.pass_time("1.75 hours")
    desk.send(desk.answer("alice@example.com", "#resolve New toner.", desk.last("alice@example.com", "message")))
    desk.pass_time("1.25 hours")
    desk.send(desk.answer("anna@example.org", "Still broken.", desk.last("anna@example.org", "confirm")))
    desk.pass_time("30 minutes")


def test_the_arithmetic_is_told_line_by_line(desk: TestDesk, call: Call) -> None:
    _play(desk)
    told = call("explain", "SUP-1", "--sla")
    assert "also" not in told, "the desk has no closing days of its own"
    for line in (
        "calendar of default",
        "open    mon-fri 09:00-12:30 13:30-18:00",
        "closed  public holidays of FR",
        "first answer: kept",
        "due       Mon 2026-11-23 11:00",
        "answered  Mon 2026-11-23 10:00 (step 3: waiting by",
        "1. level1: kept, 2 h 15 min to spare",
        "promised  4 business hours from Mon 2026-11-23 09:00 (step 1: request",
        "due       Mon 2026-11-23 16:00",
        "    Mon 2026-11-23 09:00 - 10:00  + 1 h = 1 h",
        "    Mon 2026-11-23 10:00 - 12:00  the clock is paused: step 3 until step 4, 2 h left out",
        "    Mon 2026-11-23 12:00 - 12:30  + 30 min = 1 h 30 min",
        "    Mon 2026-11-23 13:30 - 13:45  + 15 min = 1 h 45 min",
        "    allowed 4 h of worked time, used 1 h 45 min, left 2 h 15 min",
        "2. level1: running, 3 h 30 min to spare",
        "kept informed: running",
        "longest   1 h of worked time from Mon 2026-11-23 09:00",
        "escalation  Tue 2026-11-24 10:00",
        "update      Mon 2026-11-23 16:00",
    ):
        assert line in told, f"{line}\n\n{told}"
    assert max(len(line) for line in told.splitlines()) <= 100


def test_programs_read_the_same(desk: TestDesk, call: Call) -> None:
    _play(desk)
    told: dict[str, Any] = json.loads(call("explain", "SUP-1", "--sla", "--json"))
    assert told["first_answer"]["due"] == "2026-11-23T10:00:00Z"
    assert told["first_answer"]["used"] == 3600
    first, second = told["stays"]
    assert (first["allowed"], first["used"], first["verdict"]) == (14400, 6300, "kept")
    assert [line["length"] for line in first["sum"]] == [3600, 7200, 1800, 900]
    assert first["sum"][1]["paused_by_steps"] == [3, 4]
    assert (second["ended"], second["used"], second["verdict"]) == (None, 1800, "running")
    assert {one["name"]: one["due_at"] for one in told["timers"]}["escalation"] == "2026-11-24T09:00:00Z"


def test_a_missed_promise_says_by_how_much(desk: TestDesk, call: Call) -> None:
    desk.send(desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer"))
    desk.sleep("5 business hours")
    told = call("explain", "SUP-1", "--sla")
    assert "first answer: missed" in told
    assert "1. level1: missed, 1 h over" in told
    assert "+ 30 min = 4 h  the time allowed ends" in told
    assert "too long: from step 1, 5 h of worked time, due Mon 2026-11-23 10:00" in told


def test_a_standing_clock_is_named(desk: TestDesk, call: Call) -> None:
    desk.send(desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer"))
    desk.send(desk.answer("alice@example.com", "#waiting\nWhich one?", desk.last("level1@example.com", "request")))
    desk.pass_time("1 hour")
    told = call("explain", "SUP-1", "--sla")
    assert "the clock is paused: step 2 still, 1 h left out" in told
    assert "now: the clock has been paused since Mon 2026-11-23 09:00" in told


def test_a_clock_that_stands_for_a_third_party_names_it(desk: TestDesk, call: Call) -> None:
    config = (desk.folder / "mailgate.toml").read_text().partition("[store]")[0]
    desk.restart(f"{config}[waiting]\npause_for_third_parties = true\n")
    desk.send(desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer"))
    order = "#ask support@hp.example\nIs it known?"
    desk.send(desk.answer("alice@example.com", order, desk.last("level1@example.com", "request")))
    desk.pass_time("30 minutes")
    told = call("explain", "SUP-1", "--sla")
    assert "the clock is paused for support@hp.example: step 2 still, 30 min left out" in told
    assert "until support@hp.example answers or an agent takes the ticket" in told
    assert "update" in told.partition("now: ")[2], "the requester is kept informed all the same"
    assert json.loads(call("explain", "SUP-1", "--sla", "--json"))["paused_for"] == "support@hp.example"
