"""Mails of unknown senders: accepted, held for the decision of an agent, or refused (`[directory] unknown`).

The mails of one sender to one queue wait together for one answer of its Level 1, which sees no mail to another queue.
A sender whom one level approves is accepted by all. Without an answer the question is repeated, from the third time on
to the manager too; nothing is thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People
from mailgate.core.domains import fold_address
from mailgate.core.mail import Address, InboundMessage, MessageKind
from mailgate.core.tokens import hold_reference
from mailgate.core.workflow.events import State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.inbound.holds.excerpt import show_part
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.sender import TrustedSenders
from mailgate.notices.challenges import ChallengeComposer, read_held
from mailgate.notices.loop_protection import find_exceeded_limit_outside
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

SENDER = "sender"  # the kind of these holds
_MOST_SHOWN = 5  # mails of one sender that a question shows; the rest is counted
_ASK_MANAGER = 3  # from this asking on


class SenderDecision(StrEnum):
    """The decisions that an agent can take about an unknown sender."""

    APPROVE = "approve"
    REJECT = "reject"
    SPAM = "spam"


class UnknownSenders:
    """Holds or refuses the mails of unknown senders, for one desk."""

    def __init__(
        self, settings: Settings, people: People, composer: ChallengeComposer, directory: DirectoryFiles
    ) -> None:
        self._settings = settings
        self._people = people
        self._composer = composer
        self._trusted = TrustedSenders(settings, people)
        self._directory = directory
        self._policy = settings.directory.unknown
        self._again = settings.limits.stranger_again.span

    def is_unknown(self, message: InboundMessage) -> bool:
        """Tells whether neither the directory nor the desk knows the sender, and the desk does not accept such mail."""
        directory = self._directory.current()
        if self._policy == "accept" or message.forced or not self._is_own_mail(message):
            return False
        if (
            self._policy == "refuse" and not directory.people_known
        ):  # the list cannot be read: no sender is refused for that
            return False
        # Participants of tickets are not known for that: the forger of a requester's mail puts any address into Cc.
        address, contact = message.sender.address, message.contact
        return not (contact.accepted or contact.known or directory.knows(address) or self._people.is_staff(address))

    def receive(self, connection: Connection, message: InboundMessage, queue: Queue, language: str) -> Outcome:
        """Holds or refuses the mail of an unknown sender."""
        if self._policy == "refuse":
            return Outcome(Disposition.IGNORED, self._refuse(connection, message, queue, language))
        subject, now = message.sender.key, message.received_at
        hold = find_open_hold(connection, SENDER, subject, queue.name)
        is_new = hold is None
        if hold is None:
            asked = queue.levels[State.LEVEL1.value].mailbox
            hold = open_hold(connection, SENDER, subject, asked, queue.name, now, now + self._again)
        hold_mail(connection, hold.id, message.journal_id, None)
        if is_new:
            held = (show_part(message.mail, message.sender, now),)
            self._composer.ask_about(connection, hold, held, now)
            note_asking(connection, hold, now + self._again)
        outcome = f"{message.sender.address} is unknown; it waits for an agent's word: {hold_reference(hold.id)}"
        return Outcome(Disposition.DONE, outcome)

    def answer(self, connection: Connection, message: InboundMessage, hold: HoldRow) -> str:
        """Carries out the decision of an agent about the held mails; returns the outcome."""
        said = _read_decision(message.mail.new_text, hold.subject)
        now, by = message.at, message.sender.address
        if said is None:
            self._ask_again(connection, hold, now, unread=message.mail.new_text.strip().partition("\n")[0][:80] or "-")
            return f"no word on {hold_reference(hold.id)}: it was asked again"
        mails = [row.id for row in list_held(connection, hold.id)]
        outcome = f"{by} says {said.value}: {hold_reference(hold.id)}"
        end_hold(connection, hold.id, ANSWERED if said is SenderDecision.APPROVE else REFUSED, by)
        if said is SenderDecision.APPROVE:
            note_contact(connection, hold.subject, accepted=True, blocked=False)  # the last decision counts
            release_mails(connection, mails, now)
            self._release_others(connection, hold, by, now)
            return outcome
        if said is SenderDecision.SPAM:
            note_contact(connection, hold.subject, blocked=True)
        note_outcome(connection, mails, outcome, ignored=True)
        return outcome

    @staticmethod
    def _release_others(connection: Connection, hold: HoldRow, by: str, now: datetime) -> None:
        """Releases the mails of an approved sender to other queues: nobody else need decide."""
        for other in lock_others(connection, hold):
            end_hold(connection, other.id, ANSWERED, by)
            release_mails(connection, [row.id for row in list_held(connection, other.id)], now)

    def ask_again(self, connection: Connection, hold: HoldRow, now: datetime) -> None:
        """Repeats a question that has no answer yet."""
        self._ask_again(connection, hold, now)

    def _ask_again(self, connection: Connection, hold: HoldRow, now: datetime, unread: str = "") -> None:
        mails = list_held(connection, hold.id)
        held, more = self._show(connection, hold, mails[:_MOST_SHOWN]), len(mails[_MOST_SHOWN:])
        self._composer.ask_about(connection, hold, held, now, unread=unread, more=more)
        if hold.askings + 1 >= _ASK_MANAGER and not unread:
            self._composer.ask_about(connection, hold, held, now, to_manager=True, more=more)
        note_asking(connection, hold, now + self._again)

    def _show(self, connection: Connection, hold: HoldRow, mails: Sequence[HeldRow]) -> list[HeldMessage]:
        held = []
        for row in mails:
            mail = read_held(connection, row)
            author = mail.sender if mail is not None and mail.sender is not None else Address("", hold.subject)
            unread = HeldMessage(row.received_at, author, "", "")
            held.append(unread if mail is None else show_part(mail, author, row.received_at))
        return held

    def _refuse(self, connection: Connection, message: InboundMessage, queue: Queue, language: str) -> str:
        """Refuses a mail; its address gets one mail about it, ever: it may be forged (docs/rules.md#13)."""
        address, now = message.sender.address, message.received_at
        told = was_sent(connection, Notice.REFUSED.value, address, EVER)
        breach = find_exceeded_limit_outside(connection, self._settings.limits, address, now)
        if message.mail.kind is MessageKind.HUMAN and not told and not breach:
            self._composer.refuse(connection, queue, message.sender, language, message.mail, now)
        return f'{address} is unknown, and [directory] unknown = "refuse"'

    def _is_own_mail(self, message: InboundMessage) -> bool:
        """Tells whether the sender wrote to the desk themselves, not by a form, a robot or a list of the desk's own."""
        mail, trusted = message.mail, self._trusted
        by_robot = trusted.is_robot(mail) and not message.auth.is_doubt
        if by_robot or trusted.is_form(mail, message.envelope.peer, message.auth):
            return False
        return not trusted.is_proven_list(message)


def _read_decision(text: str, sender: str) -> SenderDecision | None:
    """Reads the decision of a reply; None where it holds none, or several. `#approve SENDER` approves, too."""
    read = read_commands(text)
    said = {SenderDecision.SPAM if _closes_as_spam(one.name, one.args) else one.name for one in read.commands}
    if any(one.name == "approve-by" and fold_address(one.args) == sender for one in read.commands):
        said = said - {"approve-by"} | {SenderDecision.APPROVE}
    found = {SenderDecision(name) for name in said if name in frozenset(SenderDecision)}
    return next(iter(found)) if len(found) == 1 and len(said) == 1 else None


def _closes_as_spam(name: str, args: str) -> bool:
    return name == "close" and args.strip().casefold() == "spam"
