"""Every row of the process table is reached by real mails, commands and timers, and the history names it.

The beginnings that many rows share are played once: a stage keeps the desk as it stood after each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from mailgate.process.effects import Act, Do
from mailgate.process.table import ROWS, Row
from tests.conftest import ENGINES
from tests.scenarios.row_stories import prelude_for, settings_for, trigger_for
from tests.support.desk import Delivered
from tests.support.snapshots import Rows, read_rows, write_rows
from tests.support.story_runner import Teller


@dataclass(frozen=True)
class Standing:
    """A desk at one moment: its rows, its clock, the mails that went out, and how many came in."""

    rows: Rows
    now: datetime
    mails: tuple[Delivered, ...]
    received: int


class Stage:
    """One desk of one configuration, on which many stories are played from their common beginnings."""

    def __init__(self, folder: Path, settings: tuple[str, ...], database: str) -> None:
        self.teller = Teller(folder, "\n".join(f"with {line}" for line in settings), database)
        self._kept: dict[tuple[str, ...], Standing] = {(): self._keep()}

    def play(self, lines: tuple[str, ...]) -> None:
        """Bring the desk to where these lines end, from where they were left the last time."""
        if lines in self._kept:
            self._bring_back(self._kept[lines])
            return
        self.play(lines[:-1])
        self.teller.play(lines[-1])
        self._kept[lines] = self._keep()

    def close(self) -> None:
        self.teller.desk.close()

    def _keep(self) -> Standing:
        desk = self.teller.desk
        return Standing(read_rows(desk.desk.database), desk.clock.now(), tuple(desk.far_end.mails), desk.received)

    def _bring_back(self, standing: Standing) -> None:
        desk = self.teller.desk
        write_rows(desk.desk.database, standing.rows)
        desk.clock._now = standing.now  # the clock itself never goes back
        desk.far_end.mails[:] = standing.mails
        desk.received = standing.received


@pytest.fixture(scope="module", params=ENGINES)
def stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, ...], Stage]]:
    found: dict[tuple[str, ...], Stage] = {}
    for settings in dict.fromkeys(settings_for(row) for row in ROWS):
        folder = tmp_path_factory.mktemp("stage")
        on_file = request.param == "sqlite"
        url = f"sqlite:///{folder}/desk.db" if on_file else request.getfixturevalue("cluster").create("template_desk")
        found[settings] = Stage(folder, settings, url)
    yield found
    for stage in found.values():
        stage.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" · ", "-").replace(" ", "_"))
def test_row_is_reached(row: Row, stages: dict[tuple[str, ...], Stage]) -> None:
    stage = stages[settings_for(row)]
    stage.play(prelude_for(row))
    told_before, tickets_before = len(stage.teller.told()), len(stage.teller.all_tickets())
    before = stage.teller.all_tickets()[-1:]
    assert [ticket.state for ticket in before] == ([row.state] if row.state else [])
    for line in trigger_for(row):
        stage.teller.play(line)
    if Do(Act.OPEN_LINKED) in row.effects:
        # The row's work is another ticket: the old one is left as it is, and the new one's history begins.
        assert len(stage.teller.all_tickets()) == tickets_before + 1
        stage.teller.linked(str(tickets_before + 1), str(tickets_before))
        return
    new = stage.teller.told()[told_before:]
    moves = [event.to_state for event in new if event.row == row.name]
    assert moves, f"instead: {[event.row for event in new]}"
    assert set(moves) == {row.to}
