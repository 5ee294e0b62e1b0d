"""Every row of the process table is reached by real mails, commands and timers, and the history names it.

Beginnings that many rows share are played once: a snapshot of the desk is kept after each line of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailgate.core.workflow.transitions import ROWS, Action, Do, Transition
from tests.scenarios.row_stories import prelude_for, settings_for, trigger_for
from tests.support.checkpoints import Checkpoints


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
