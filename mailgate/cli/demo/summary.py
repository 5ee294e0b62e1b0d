"""The summary of the demo: who writes what to whom, state by state, a line for each mail.

The lines are those of the script, in English. A mail that the script does not have is named by its notice; the player
says then that it should not have come.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from mailgate.cli.demo.output import DemoOutput
from mailgate.cli.demo.script import CAMILLE, CAROL, LEVEL1, LEVEL2, ScriptedMail, ScriptedStep
from mailgate.cli.demo.sink import DeliveredMail
from mailgate.store.events import EventRow

_NAMES = {CAMILLE.address: "Camille", CAROL.address: "Carol", LEVEL1: "Level 1", LEVEL2: "Level 2"}
_DESK = "desk"


class SummaryView:
    """Shows the scenes in a few lines each."""

    def __init__(self, output: DemoOutput) -> None:
        self._output = output
        self._state = "new"
        self._written: list[tuple[str, str, str]] = []

    def begin(self, number: int, scene: ScriptedStep) -> None:  # noqa: ARG002
        self._written = []

    def show_written(self, scripted: ScriptedMail, mail: EmailMessage, text: str) -> None:  # noqa: ARG002
        self._written.append((_NAMES[scripted.author.address], _DESK, scripted.says))

    def show_outcome(self, scene: ScriptedStep, arrived: Sequence[DeliveredMail], events: Sequence[EventRow]) -> None:
        says = {(one.owner, one.notice.value): one.says for one in scene.arrives}
        notices = [
            (_DESK, _NAMES.get(mail.owner, mail.owner), says.get((mail.owner, mail.notice), mail.notice))
            for mail in arrived
        ]
        before, self._state = self._state, events[-1].to_state if events else self._state
        state = f"{before} → {self._state}" if before != self._state else self._state
        self._output.short_scene(scene.title, state)
        self._output.letters((*self._written, *notices))
