"""A desk that goes back to where it was after the beginnings that many stories share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.support.desk import Delivered, TestDesk
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
        self._kept: dict[tuple[str, ...], DeskSnapshot] = {(): keep_desk(self.runner.desk)}

    def play(self, lines: tuple[str, ...]) -> None:
        """Bring the desk to where these lines end, from where they were left the last time."""
        if lines in self._kept:
            bring_back(self.runner.desk, self._kept[lines])
            return
        self.play(lines[:-1])
        self.runner.play(lines[-1])
        self._kept[lines] = keep_desk(self.runner.desk)

    def close(self) -> None:
        self.runner.desk.close()


def keep_desk(desk: TestDesk) -> DeskSnapshot:
    """Take a snapshot of a desk that has nothing left to do."""
    return DeskSnapshot(read_rows(desk.desk.database), desk.clock.now(), tuple(desk.relay.mails), desk.received)


def bring_back(desk: TestDesk, snapshot: DeskSnapshot) -> None:
    """Bring a desk of the same configuration to where another one, or it, was."""
    write_rows(desk.desk.database, snapshot.rows)
    desk.clock._now = snapshot.now  # the clock itself never goes back
    desk.relay.mails[:] = snapshot.mails
    desk.received = snapshot.received
