"""Mail of somebody whom neither the directory nor the desk knows: taken, held for an agent's word, or turned away.

A stranger's mails to one queue wait together for one answer of its Level 1, which sees no mail to another queue.
Whoever is approved by one is known to all. Without an answer it is asked again and again, the third time the manager
too; nothing is thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import Address, MessageKind
from mailgate.core.workflow.events import State
from mailgate.core.workflow.notices import Notice
from mailgate.inbound.holds.excerpt import show_part
from mailgate.inbound.interpretation import InboundMessage
from mailgate.inbound.routing import Router
from mailgate.notices.challenges import ChallengeComposer, read_held, refer
from mailgate.notices.loop_protection import find_breach_outside
from mailgate.notices.rendering.content import HeldMessage
from mailgate.parsers import read_commands
from mailgate.store.holds import (
    ANSWERED,
    REFUSED,
    HeldRow,
    HoldRow,
    end_hold,
    find_open_hold,
    hold_mail,
    list_held,
    lock_others,
    note_asking,
    note_outcome,
    open_hold,
    release_mails,
)
from mailgate.store.journal import EVER
from mailgate.store.outbox import was_sent
from mailgate.store.people import note_contact

SENDER = "sender"
_MOST_SHOWN = 5  # mails of one stranger that a question shows; the rest is counted
_ASK_MANAGER = 3  # from this asking on


class SenderDecision(StrEnum):
    """What an agent says of a stranger."""

    APPROVE = "approve"
    REJECT = "reject"
    SPAM = "spam"


class UnknownSenders:
    """Keeps strangers out or waiting, where the desk wants that."""

    def __init__(
        self, settings: Settings, letters: ChallengeComposer, origins: Router, directory: DirectoryFiles
    ) -> None:
        self._settings = settings
        self._letters = letters
        self._origins = origins
        self._directory = directory
        self._policy = settings.directory.unknown
        self._again = settings.limits.stranger_again.span

    def is_stranger(self, letter: InboundMessage) -> bool:
        """Whether a mail that would open a ticket is of somebody whom nobody knows."""
        directory = self._directory.current()
        if self._policy == "accept" or letter.row.forced or not self._is_a_persons_own(letter):
            return False
        if self._policy == "refuse" and not directory.people_known:  # the list cannot be read: nobody pays for that
            return False
        # That he has a part in a ticket counts for nothing: whoever forges a requester's mail puts whom he likes in Cc.
        accepted = letter.contact is not None and bool(letter.contact.accepted)
        listed = directory.knows(letter.sender.address) or self._is_of_the_house(letter.sender)
        return not (accepted or listed or letter.is_known)

    def receive(self, connection: Connection, letter: InboundMessage, queue: Queue, language: str) -> tuple[str, bool]:
        """Hold or refuse a stranger's mail; the outcome, and whether it waits."""
        if self._policy == "refuse":
            return self._refuse(connection, letter, queue, language), False
        subject, now = letter.sender.key, letter.row.received_at
        hold = find_open_hold(connection, SENDER, subject, queue.name)
        is_new = hold is None
        if hold is None:
            asked = queue.levels[State.LEVEL1.value].mailbox
            hold = open_hold(connection, SENDER, subject, asked, queue.name, now, now + self._again)
        hold_mail(connection, hold.id, letter.row.id, None)
        if is_new:
            held = (show_part(letter.mail, letter.sender, now),)
            self._letters.ask_about(connection, hold, held, now)
            note_asking(connection, hold, now + self._again)
        return f"{letter.sender.address} is unknown; it waits for an agent's word: {refer(hold.id)}", True

    def answer(self, connection: Connection, letter: InboundMessage, hold: HoldRow) -> str:
        """Somebody of the level has answered: do what he says with the mails."""
        said = _read_word(letter.mail.new_text)
        now, by = letter.at, letter.sender.address
        if said is None:
            self._ask_again(connection, hold, now, unread=letter.mail.new_text.strip().partition("\n")[0][:80] or "-")
            return f"no word on {refer(hold.id)}: it was asked again"
        mails = [row.id for row in list_held(connection, hold.id)]
        outcome = f"{by} says {said.value}: {refer(hold.id)}"
        end_hold(connection, hold.id, ANSWERED if said is SenderDecision.APPROVE else REFUSED, by)
        if said is SenderDecision.APPROVE:
            note_contact(connection, hold.subject, accepted=True, blocked=False)  # the last word on him counts
            release_mails(connection, mails, now)
            self._release_others(connection, hold, by, now)
            return outcome
        if said is SenderDecision.SPAM:
            note_contact(connection, hold.subject, blocked=True)
        note_outcome(connection, mails, outcome, ignored=True)
        return outcome

    @staticmethod
    def _release_others(connection: Connection, hold: HoldRow, by: str, now: datetime) -> None:
        """Nobody else need say that he may come in."""
        for other in lock_others(connection, hold):
            end_hold(connection, other.id, ANSWERED, by)
            release_mails(connection, [row.id for row in list_held(connection, other.id)], now)

    def ask_again(self, connection: Connection, hold: HoldRow, now: datetime) -> None:
        """Nobody has answered yet."""
        self._ask_again(connection, hold, now)

    def _ask_again(self, connection: Connection, hold: HoldRow, now: datetime, unread: str = "") -> None:
        mails = list_held(connection, hold.id)
        held, more = self._show(connection, hold, mails[:_MOST_SHOWN]), len(mails[_MOST_SHOWN:])
        self._letters.ask_about(connection, hold, held, now, unread=unread, more=more)
        if hold.askings + 1 >= _ASK_MANAGER and not unread:
            self._letters.ask_about(connection, hold, held, now, to_manager=True, more=more)
        note_asking(connection, hold, now + self._again)

    def _show(self, connection: Connection, hold: HoldRow, mails: Sequence[HeldRow]) -> list[HeldMessage]:
        held = []
        for row in mails:
            mail = read_held(connection, row)
            author = mail.sender if mail is not None and mail.sender is not None else Address("", hold.subject)
            unread = HeldMessage(row.received_at, author, "", "")
            held.append(unread if mail is None else show_part(mail, author, row.received_at))
        return held

    def _refuse(self, connection: Connection, letter: InboundMessage, queue: Queue, language: str) -> str:
        """An address is told once, since it may not be the author's (rule 13)."""
        address, now = letter.sender.address, letter.row.received_at
        told = was_sent(connection, Notice.REFUSED.value, address, EVER)
        breach = find_breach_outside(connection, self._settings.limits, address, now)
        if letter.mail.kind is MessageKind.HUMAN and not told and not breach:
            self._letters.refuse(connection, queue, letter.sender, language, letter.mail, now)
        return f'{address} is unknown, and [directory] unknown = "refuse"'

    def _is_a_persons_own(self, letter: InboundMessage) -> bool:
        """Not what a form, a robot or a list of the desk's own brought."""
        mail, doors = letter.mail, self._origins.doors
        if doors.is_form(mail, letter.row.peer, letter.verdict) or doors.is_robot(mail):
            return False
        return not self._origins.is_own_list(mail)

    def _is_of_the_house(self, person: Address) -> bool:
        desk = self._settings.desk
        named = {desk.manager.casefold(), desk.operator.casefold()}
        return person.key in named or self._origins.is_staff_person(person)


def _read_word(text: str) -> SenderDecision | None:
    """The one word of the three that a reply says; None where it says none, or several."""
    read = read_commands(text)
    said = {SenderDecision.SPAM if _closes_as_spam(one.name, one.args) else one.name for one in read.commands}
    found = {SenderDecision(name) for name in said if name in frozenset(SenderDecision)}
    return next(iter(found)) if len(found) == 1 and len(said) == 1 else None


def _closes_as_spam(name: str, args: str) -> bool:
    return name == "close" and args.strip().casefold() == "spam"
