"""Plays the scenes of the script: moves the clock, writes mails, shows those that arrive and compares them.

A missing or unexpected notice is a problem in words, never an exception; only a desk that hangs raises Stuck.
"""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from email.message import EmailMessage

from mailgate.cli.demo.client import attach, compose, quote, reply, submit
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
    """Plays the script once."""

    def __init__(self, sandbox: Sandbox, clock: HandClock, mailboxes: Mailboxes, output: DemoOutput) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._start = clock.now()
        self._mailboxes = mailboxes
        self._output = output
        self._zone = sandbox.settings.default_queue.zone
        self._shown = 0

    def perform(self, scenes: Iterable[ScriptedStep]) -> list[str]:
        """Plays the scenes up to the first problem and returns the problems, in words."""
        for number, scene in enumerate(scenes, 1):
            problems = self._perform(number, scene)
            if problems:
                return [f"scene {number}: {problem}" for problem in (*problems, *self._sandbox.failures())]
        return self._sandbox.failures()

    def _perform(self, number: int, scene: ScriptedStep) -> list[str]:
        self._output.scene(number, scene.title)
        self._output.say(scene.tells)
        before = self._mailboxes.count()
        self._pass_until(moment(self._start, scene.at))
        if scene.mail is not None:
            problem = self._write(scene.mail)
            if problem:
                return [problem]
        self._sandbox.rest()
        arrived = sorted(self._mailboxes.since(before), key=_order(scene))
        for mail in arrived:
            heading = f"arrives in {_OWNERS.get(mail.owner, mail.owner)}"
            self._output.mail(heading, mail.message, mail.text, self._zone)
        self._show_decisions()
        return self._compare(scene, arrived)

    # -- time ------------------------------------------------------------------------------------------------------

    def _pass_until(self, end: datetime) -> None:
        """Moves the clock from deadline to deadline, so that each timer fires at its minute."""
        self._sandbox.rest()
        while (due := self._sandbox.next_deadline()) is not None and due <= end:
            self._clock.set(due)
            self._sandbox.rest()
        self._clock.set(end)
        self._sandbox.rest()

    # -- people ----------------------------------------------------------------------------------------------------

    def _write(self, scripted: ScriptedMail) -> str:
        """Writes a mail of the script; returns a problem in words, or ""."""
        answered = self._mailboxes.newest(scripted.answers[0], scripted.answers[1].value) if scripted.answers else None
        if scripted.answers and answered is None:
            return f"{scripted.author.name} cannot answer: there is no {scripted.answers[1]} in {scripted.answers[0]}"
        mail, shown = self._compose(scripted, answered)
        self._output.mail(f"{scripted.author.name} writes", mail, shown, self._zone)
        try:
            submit(mail, self._sandbox.port)
        except (smtplib.SMTPException, OSError) as error:
            return f"the desk did not accept the email from {scripted.author.name}: {error}"
        return ""

    def _compose(self, scripted: ScriptedMail, answered: DeliveredMail | None) -> tuple[EmailMessage, str]:
        now = self._clock.now().astimezone(self._zone)
        if answered is not None:
            words, *quoted = quote(scripted.author, answered, now).splitlines()
            below = f"{words}\n> [the email that is answered, {len(quoted)} lines]"
            return reply(scripted.author, answered, scripted.text, now), f"{scripted.text}\n\n{below}"
        mail = compose(scripted.author, DESK, scripted.subject, scripted.text, now)
        if scripted.file is not None:
            attach(mail, scripted.file)
        return mail, scripted.text

    # -- the desk --------------------------------------------------------------------------------------------------

    def _show_decisions(self) -> None:
        ticket = self._sandbox.ticket()
        events = self._sandbox.history(ticket.id) if ticket is not None else []
        self._output.line()
        for event in events[self._shown :]:
            self._output.decision(event)
        self._shown = len(events)

    def _compare(self, scene: ScriptedStep, arrived: Iterable[DeliveredMail]) -> list[str]:
        wanted = Counter((owner, notice.value) for owner, notice in scene.arrives)
        came = Counter((mail.owner, mail.notice) for mail in arrived)
        problems = [f"{owner} has not received “{notice}”" for owner, notice in wanted - came]
        problems += [f"{owner} received “{notice}”, which should not have come" for owner, notice in came - wanted]
        ticket = self._sandbox.ticket()
        state = ticket.state if ticket is not None else "not there"
        if state != scene.state.value:
            problems.append(f"the ticket should be {scene.state.value}, it is {state}")
        return problems


def _order(scene: ScriptedStep) -> Callable[[DeliveredMail], int]:
    """Returns the sort key of mails, which leave in any order and are shown in that of the script."""
    places = {(owner, notice.value): place for place, (owner, notice) in enumerate(scene.arrives)}
    return lambda mail: places.get((mail.owner, mail.notice), len(places))
