"""Every row of the process table is reached by real mails, commands and timers, and the history names it.

Beginnings that many rows share are played once: a snapshot of the desk is kept after each line of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from mailgate.core.workflow.transitions import ROWS, Action, Do, Transition
from tests.scenarios.row_stories import prelude_for, settings_for, trigger_for
from tests.support.desk import Delivered
from tests.support.snapshots import Rows, read_rows, write_rows
from tests.support.story_runner import StoryRunner


@dataclass(frozen=True)
class DeskSnapshot:
    """A desk at one moment: its rows, its clock, the mails that went out, and how many came in."""

    rows: Rows
    now: datetime
    mails: tuple[Delivered, ...]
    received: int


class Checkpoints:
    """One desk of one configuration, and snapshots of it after the beginnings that several stories share."""

    def __init__(self, folder: Path, settings: tuple[str, ...], database: str) -> None:
        self.runner = StoryRunner(folder, "\n".join(f"with {line}" for line in settings), database)
        self._kept: dict[tuple[str, ...], DeskSnapshot] = {(): self._keep()}

    def play(self, lines: tuple[str, ...]) -> None:
        """Bring the desk to where these lines end, from where they were left the last time."""
        if lines in self._kept:
            self._bring_back(self._kept[lines])
            return
        self.play(lines[:-1])
        self.runner.play(lines[-1])
        self._kept[lines] = self._keep()

    def close(self) -> None:
        self.runner.desk.close()

    def _keep(self) -> DeskSnapshot:
        desk = self.runner.desk
        return DeskSnapshot(read_rows(desk.desk.database), desk.clock.now(), tuple(desk.relay.mails), desk.received)

    def _bring_back(self, snapshot: DeskSnapshot) -> None:
        desk = self.runner.desk
        write_rows(desk.desk.database, snapshot.rows)
        desk.clock._now = snapshot.now  # the clock itself never goes back
        desk.relay.mails[:] = snapshot.mails
        desk.received = snapshot.received


@pytest.fixture(scope="module")
def desks(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, ...], Checkpoints]]:
    found: dict[tuple[str, ...], Checkpoints] = {}
    for settings in dict.fromkeys(settings_for(row) for row in ROWS):
        folder = tmp_path_factory.mktemp("desk")
        on_file = engine == "sqlite"
        url = f"sqlite:///{folder}/desk.db" if on_file else request.getfixturevalue("cluster").create("template_desk")
        found[settings] = Checkpoints(folder, settings, url)
    yield found
    for checkpoints in found.values():
        checkpoints.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" · ", "-").replace(" ", "_"))
def test_row_is_reached(row: Transition, desks: dict[tuple[str, ...], Checkpoints]) -> None:
    checkpoints = desks[settings_for(row)]
    checkpoints.play(prelude_for(row))
    events_before, tickets_before = len(checkpoints.runner.all_events()), len(checkpoints.runner.all_tickets())
    before = checkpoints.runner.all_tickets()[-1:]
    assert [ticket.state for ticket in before] == ([row.state] if row.state else [])
    for line in trigger_for(row):
        checkpoints.runner.play(line)
    if Do(Action.OPEN_LINKED) in row.effects:
        # The row's work is another ticket: the old one is left as it is, and the new one's history begins.
        assert len(checkpoints.runner.all_tickets()) == tickets_before + 1
        checkpoints.runner.linked(str(tickets_before + 1), str(tickets_before))
        return
    new = checkpoints.runner.all_events()[events_before:]
    moves = [event.to_state for event in new if event.row == row.name]
    assert moves, f"instead: {[event.row for event in new]}"
    assert set(moves) == {row.to}
