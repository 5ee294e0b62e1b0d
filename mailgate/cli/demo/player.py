"""Plays the scenes of the script: moves the clock, writes mails, and compares those that arrive. A view shows them.

A missing or unexpected notice is a problem in words, never an exception; only a desk that hangs raises Stuck.
"""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from mailgate.cli.demo.client import attach, compose, quote, reply, submit
from mailgate.cli.demo.sandbox import Sandbox
from mailgate.cli.demo.script import DESK, ScriptedMail, ScriptedStep, moment
from mailgate.cli.demo.sink import DeliveredMail, Mailboxes
from mailgate.core.clock import HandClock
from mailgate.store.events import EventRow


class SceneView(Protocol):
    """Shows a scene: its beginning, the mail that a person writes, and the notices and decisions that follow."""

    def begin(self, number: int, scene: ScriptedStep) -> None: ...

    def show_written(self, scripted: ScriptedMail, mail: EmailMessage, text: str) -> None:
        """Shows a mail before it is sent; `text` is its text without the quotation."""

    def show_outcome(self, scene: ScriptedStep, arrived: Sequence[DeliveredMail], events: Sequence[EventRow]) -> None:
        """Shows the mails that arrived, in the order of the script, and what the process table decided."""


class Player:
    """Plays the script once."""

    def __init__(self, sandbox: Sandbox, clock: HandClock, mailboxes: Mailboxes, view: SceneView) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._start = clock.now()
        self._mailboxes = mailboxes
        self._view = view
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
        self._view.begin(number, scene)
        before = self._mailboxes.count()
        self._pass_until(moment(self._start, scene.at))
        if scene.mail is not None:
            problem = self._write(scene.mail)
            if problem:
                return [problem]
        self._sandbox.rest()
        arrived = sorted(self._mailboxes.since(before), key=_order(scene))
        self._view.show_outcome(scene, arrived, self._new_events())
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
        self._view.show_written(scripted, mail, shown)
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

    def _new_events(self) -> list[EventRow]:
        """Returns the events of the ticket that the view has not shown yet."""
        ticket = self._sandbox.ticket()
        events = self._sandbox.history(ticket.id) if ticket is not None else []
        new, self._shown = events[self._shown :], len(events)
        return new

    def _compare(self, scene: ScriptedStep, arrived: Iterable[DeliveredMail]) -> list[str]:
        wanted = Counter((one.owner, one.notice.value) for one in scene.arrives)
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
    places = {(one.owner, one.notice.value): place for place, one in enumerate(scene.arrives)}
    return lambda mail: places.get((mail.owner, mail.notice), len(places))
