"""Finds the ticket or the hold that a mail answers, by its keys, and says what the key proves (docs/rules.md#2 to #5).

Changes nothing, but locks the ticket that it finds, so that decisions hold until the transaction ends. A key that does
not verify is no error: the next one is tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.addressing import NONE, read_bounce_token
from mailgate.core.domains import fold_address
from mailgate.core.mail import Address, Mail
from mailgate.core.tokens import Token, hold_number, verify, verify_hold
from mailgate.parsers.thread_keys import Key, KeyKind, read_keys
from mailgate.store.holds import HoldRow, get_hold
from mailgate.store.messages import find_by_message_id
from mailgate.store.outbox import NoticeRow, find_notice, find_signed
from mailgate.store.tickets import Ticket, find_by_reference, lock_ticket


@dataclass(frozen=True, slots=True)
class AnsweredNotice:
    """The notice that a mail answers, proven by its token.

    `lane` is the role in which its recipient got it: "requester", a level's name, "manager" or "asked". `number` is 0
    for a notice of a ticket that was merged: its token proves who got it, but answers no question of the kept ticket.
    """

    ticket_id: int
    number: int
    notice: str
    lane: str
    queue: str
    recipient: str
    key: str

    def went_to(self, person: Address) -> bool:
        """Tells whether the notice went to that person: its token proves nobody else."""
        return fold_address(self.recipient) == person.key


@dataclass(frozen=True, slots=True)
class BouncedNotice:
    """The notice that a bounce names.

    `signed` says that the bounce came to the notice's own bounce address, or that its desk has none (docs/rules.md#18).
    """

    notice: AnsweredNotice
    signed: bool


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The ticket that a mail names, locked, and the notice that it proves to answer; None where its key proves nothing.

    `aliases` are Message-IDs by which the sender knows notices: a relay replaced the desk's own (docs/rules.md#4).
    """

    ticket: Ticket
    key: str
    answered: AnsweredNotice | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldQuestion:
    """A question of a hold that a mail answers: its number among the hold's askings, and to whom it went."""

    hold: int
    kind: str
    asking: int
    asked: str
    key: str


class FollowUpFinder:
    """Finds what mails answer, for one desk."""

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.desk.keys
        self._manager = settings.desk.manager
        self._signs_return_paths = not settings.relay.return_path and settings.desk.reply_address != NONE

    def find(self, connection: Connection, mail: Mail, recipients: tuple[str, ...]) -> FollowUp | HoldQuestion | None:
        """Finds what the strongest key of a mail leads to; None for a mail that answers nothing."""
        for key in read_keys(mail, recipients):
            found = self._by_name(connection, key) if key.token is None else self._by_token(connection, mail, key)
            if found is not None:
                return found
        return None

    def is_own_message(self, connection: Connection, token: Token) -> bool:
        """Tells whether a notice or a question of this desk carries that token in its Message-ID."""
        return self._verified(connection, token) is not None or self._question_of(connection, token, "") is not None

    def find_bounced(self, connection: Connection, mail: Mail, recipients: tuple[str, ...]) -> BouncedNotice | None:
        """Finds the notice that a bounce is about: by its signed address, else by the Message-ID that it reports."""
        token = read_bounce_token(recipients)
        notice = self._verified(connection, token) if token is not None else None
        if notice is not None and notice.ticket_id is not None and token is not None:
            key = f"bounce address {token.reference}.{token.notice}"
            return BouncedNotice(_answered(notice.ticket_id, notice, key), signed=True)
        for bounce in mail.bounces:
            found = find_notice(connection, bounce.original_message_id) if bounce.original_message_id else None
            if found is not None and found.ticket_id is not None:
                key = f"reported Message-ID {bounce.original_message_id}"
                return BouncedNotice(_answered(found.ticket_id, found, key), signed=not self._signs_return_paths)
        return None

    def _by_token(self, connection: Connection, mail: Mail, key: Key) -> FollowUp | HoldQuestion | None:
        token = key.token
        if token is None:
            return None
        words = f"{key.how.value} {token.reference}.{token.notice}"
        question = self._question_of(connection, token, words)
        if question is not None:
            return question
        notice = self._verified(connection, token)
        if notice is None or notice.ticket_id is None:
            return None
        kept = lock_ticket(connection, notice.ticket_id)
        number = notice.number if kept.id == notice.ticket_id else 0
        answered = AnsweredNotice(kept.id, number, notice.notice, notice.lane, notice.queue, notice.recipient, words)
        beside = mail.references[-20:] if key.how is KeyKind.SIGNED_MESSAGE_ID else ()
        return FollowUp(kept, words, answered, _foreign_ids(connection, (mail.in_reply_to, *beside)))

    def _by_name(self, connection: Connection, key: Key) -> FollowUp | None:
        if key.how is KeyKind.BARE_TAG:
            named = find_by_reference(connection, key.value)
            ticket_id = named.id if named is not None else None
        else:
            ticket_id = find_by_message_id(connection, key.value)
        words = f"{key.how.value} {key.value}"
        return FollowUp(lock_ticket(connection, ticket_id), words) if ticket_id is not None else None

    def _verified(self, connection: Connection, token: Token) -> NoticeRow | None:
        """Finds the notice that a token was signed for."""
        notice = find_signed(connection, token.reference, token.notice)
        return notice if notice is not None and verify(self._keys, token, notice.recipient) else None

    def _question_of(self, connection: Connection, token: Token, key: str) -> HoldQuestion | None:
        """Finds the question of a hold that a token was signed for; it went to the person asked, or to the manager."""
        number = hold_number(token)
        hold: HoldRow | None = get_hold(connection, number) if number is not None else None
        if hold is None:
            return None
        asked = next((one for one in (hold.asked, self._manager) if verify_hold(self._keys, token, one)), None)
        return HoldQuestion(hold.id, hold.kind, token.notice, asked, key) if asked is not None else None


def _foreign_ids(connection: Connection, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys(ids) if one and find_by_message_id(connection, one) is None)


def _answered(ticket_id: int, notice: NoticeRow, key: str) -> AnsweredNotice:
    return AnsweredNotice(
        ticket_id=ticket_id,
        number=notice.number,
        notice=notice.notice,
        lane=notice.lane,
        queue=notice.queue,
        recipient=notice.recipient,
        key=key,
    )
