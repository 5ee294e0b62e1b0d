"""Plays scenes on a stage: moves the clock, lets people write, shows what comes, and holds it against the story.

What is missing or too much is a problem in words, never an exception; only a desk that hangs raises Stuck.
"""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from email.message import EmailMessage

from mailgate.cli.demo.client import attach, compose, hand_over, quote, reply
from mailgate.cli.demo.output import DemoOutput
from mailgate.cli.demo.sandbox import Sandbox
from mailgate.cli.demo.script import CAMILLE, CAROL, DESK, LEVEL1, LEVEL2, ScriptedMail, ScriptedStep, moment
from mailgate.cli.demo.sink import DeliveredMail, Mailboxes
from mailgate.core.clock import HandClock

_OWNERS = {
    CAMILLE.address: "Camille's mailbox",
    CAROL.address: "Carol's own mailbox",
    LEVEL1: "the Level 1 mailbox",
    LEVEL2: "the Level 2 mailbox",
}


class Player:
    """One performance."""

    def __init__(self, stage: Sandbox, clock: HandClock, mailboxes: Mailboxes, page: DemoOutput) -> None:
        self._stage = stage
        self._clock = clock
        self._start = clock.now()
        self._mailboxes = mailboxes
        self._page = page
        self._zone = stage.settings.default_queue.zone
        self._told = 0

    def perform(self, scenes: Iterable[ScriptedStep]) -> list[str]:
        """Play all scenes; what did not go as it should, up to the scene where that was."""
        for number, scene in enumerate(scenes, 1):
            problems = self._perform(number, scene)
            if problems:
                return [f"scene {number}: {problem}" for problem in (*problems, *self._stage.failures())]
        return self._stage.failures()

    def _perform(self, number: int, scene: ScriptedStep) -> list[str]:
        self._page.scene(number, scene.title)
        self._page.say(scene.tells)
        before = self._mailboxes.count()
        self._pass_until(moment(self._start, scene.at))
        if scene.letter is not None:
            problem = self._write(scene.letter)
            if problem:
                return [problem]
        self._stage.rest()
        arrived = sorted(self._mailboxes.since(before), key=_order(scene))
        for mail in arrived:
            heading = f"arrives in {_OWNERS.get(mail.owner, mail.owner)}"
            self._page.mail(heading, mail.message, mail.text, self._zone)
        self._tell_decisions()
        return self._compare(scene, arrived)

    # -- time ------------------------------------------------------------------------------------------------------

    def _pass_until(self, end: datetime) -> None:
        """Move the clock from deadline to deadline, so that each timer fires at its minute."""
        self._stage.rest()
        while (due := self._stage.next_deadline()) is not None and due <= end:
            self._clock.set(due)
            self._stage.rest()
        self._clock.set(end)
        self._stage.rest()

    # -- people ----------------------------------------------------------------------------------------------------

    def _write(self, letter: ScriptedMail) -> str:
        """Let somebody write; a problem in words, or ""."""
        answered = self._mailboxes.newest(letter.answers[0], letter.answers[1].value) if letter.answers else None
        if letter.answers and answered is None:
            return f"{letter.author.name} cannot answer: there is no {letter.answers[1]} in {letter.answers[0]}"
        mail, shown = self._compose(letter, answered)
        self._page.mail(f"{letter.author.name} writes", mail, shown, self._zone)
        try:
            hand_over(mail, self._stage.port)
        except (smtplib.SMTPException, OSError) as error:
            return f"the desk did not take the mail of {letter.author.name}: {error}"
        return ""

    def _compose(self, letter: ScriptedMail, answered: DeliveredMail | None) -> tuple[EmailMessage, str]:
        now = self._clock.now().astimezone(self._zone)
        if answered is not None:
            words, *quoted = quote(letter.author, answered, now).splitlines()
            below = f"{words}\n> [the mail that is answered, {len(quoted)} lines]"
            return reply(letter.author, answered, letter.text, now), f"{letter.text}\n\n{below}"
        mail = compose(letter.author, DESK, letter.subject, letter.text, now)
        if letter.file is not None:
            attach(mail, letter.file)
        return mail, letter.text

    # -- the desk --------------------------------------------------------------------------------------------------

    def _tell_decisions(self) -> None:
        ticket = self._stage.ticket()
        events = self._stage.history(ticket.id) if ticket is not None else []
        self._page.line()
        for event in events[self._told :]:
            self._page.decision(event)
        self._told = len(events)

    def _compare(self, scene: ScriptedStep, arrived: Iterable[DeliveredMail]) -> list[str]:
        wanted = Counter((owner, notice.value) for owner, notice in scene.arrives)
        came = Counter((mail.owner, mail.notice) for mail in arrived)
        problems = [f"{owner} has not received “{notice}”" for owner, notice in wanted - came]
        problems += [f"{owner} received “{notice}”, which should not have come" for owner, notice in came - wanted]
        ticket = self._stage.ticket()
        state = ticket.state if ticket is not None else "not there"
        if state != scene.state.value:
            problems.append(f"the ticket should be {scene.state.value}, it is {state}")
        return problems


def _order(scene: ScriptedStep) -> Callable[[DeliveredMail], int]:
    """Mails go out side by side; they are shown in the order in which the story tells of them."""
    places = {(owner, notice.value): place for place, (owner, notice) in enumerate(scene.arrives)}
    return lambda mail: places.get((mail.owner, mail.notice), len(places))
