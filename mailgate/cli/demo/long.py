"""`demo --long`: shows every mail as its reader sees it, and after each scene what the process table decided."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from mailgate.cli.demo.output import DemoOutput
from mailgate.cli.demo.script import CAMILLE, CAROL, LEVEL1, LEVEL2, ScriptedMail, ScriptedStep
from mailgate.cli.demo.sink import DeliveredMail
from mailgate.store.events import EventRow

_OWNERS = {
    CAMILLE.address: "Camille's mailbox",
    CAROL.address: "Carol's own mailbox",
    LEVEL1: "the Level 1 mailbox",
    LEVEL2: "the Level 2 mailbox",
}


class LongView:
    """Shows the scenes whole."""

    def __init__(self, output: DemoOutput, zone: ZoneInfo) -> None:
        self._output = output
        self._zone = zone

    def begin(self, number: int, scene: ScriptedStep) -> None:
        self._output.scene(number, scene.title)
        self._output.say(scene.tells)

    def show_written(self, scripted: ScriptedMail, mail: EmailMessage, text: str) -> None:
        self._output.mail(f"{scripted.author.name} writes", mail, text, self._zone)

    def show_outcome(self, scene: ScriptedStep, arrived: Sequence[DeliveredMail], events: Sequence[EventRow]) -> None:  # noqa: ARG002
        for mail in arrived:
            self._output.mail(f"arrives in {_OWNERS.get(mail.owner, mail.owner)}", mail.message, mail.text, self._zone)
        self._output.line()
        for event in events:
            self._output.decision(event)
