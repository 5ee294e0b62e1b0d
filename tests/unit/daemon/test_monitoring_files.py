"""The alert rules and the dashboard of docs/monitoring: they can be read, and ask for metrics that a scrape has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mailgate.config import Listen
from mailgate.daemon.health.exporter import Exporter
from mailgate.store.source_status import note_signs, note_success
from tests.support.desk import TestDesk
from tests.unit.daemon.test_exporter import ask

FOLDER = Path(__file__).parents[3] / "docs" / "monitoring"
# The lines that a rule may have, in their order; each is YAML on one line.
RULE = (
    r"      - alert: Mailgate\w+",
    r"        expr: (?P<expr>\S.*)",
    r"        for: \d+m",
    r"        labels:",
    r"          severity: (warning|critical)",
    r"        annotations:",
    r'          summary: "[^"\\]+"',
)


def _read_rules() -> list[str]:
    """Reads the expressions of the alert rules; every line of the file must have the form that is asked for."""
    lines = [line for line in (FOLDER / "alerts.yml").read_text().splitlines() if not line.startswith("#")]
    assert lines[:3] == ["groups:", "  - name: mailgate", "    rules:"]
    found: list[str] = []
    for at, line in enumerate(lines[3:]):
        match = re.fullmatch(RULE[at % len(RULE)], line)
        assert match is not None, line
        found += match.groupdict().values()
    assert len(lines[3:]) == len(RULE) * len(found)
    return found


def _read_panels() -> list[dict[str, Any]]:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    return list(dashboard["panels"])


def _read_expressions() -> list[str]:
    return [*_read_rules(), *(target["expr"] for panel in _read_panels() for target in panel["targets"])]


@pytest.fixture
def samples(tmp_path: Path, database_url: str) -> dict[str, set[str]]:
    """The names of the samples of a scrape, each with its labels; a role has given a sign, and deadlines run."""
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    with desk.desk.database.write() as connection:
        note_signs(connection, ("clock",), "one.example.com", 71, desk.clock.now(), desk.clock.now())
        note_success(connection, "relay", desk.clock.now())
    exporter = Exporter(desk.desk, Listen("127.0.0.1", 0))
    exporter.start()
    page = ask(exporter.port, "/metrics")[1]
    exporter.stop()
    desk.close()
    return {
        sample.name: set(sample.labels) for family in text_string_to_metric_families(page) for sample in family.samples
    }


def test_each_metric_that_is_asked_for_is_in_a_scrape_with_its_labels(samples: dict[str, set[str]]) -> None:
    asked = 0
    for expression in _read_expressions():
        for name, labels in re.findall(r"(mailgate_\w+)(?:\{([^}]*)\})?", expression):
            assert name in samples, expression
            wanted = set(re.findall(r"(\w+)(?:=|!=|=~)\"", labels)) - {"job"}  # Prometheus adds the job
            assert wanted <= samples[name], expression
            asked += 1
    assert asked > 30


def test_expressions_have_their_brackets() -> None:
    for expression in _read_expressions():
        bare = re.sub(r'"[^"]*"', "", expression)
        for opening, closing in ("()", "{}", "[]"):
            assert bare.count(opening) == bare.count(closing), expression


def test_no_panels_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _read_panels():
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
