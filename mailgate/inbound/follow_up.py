"""Finds the ticket or the hold that a mail answers, by its keys, and says what the key proves (docs/rules.md#2 to #5).

Changes nothing, but locks the ticket that it finds, so that decisions hold until the transaction ends. A key that does
not verify is no error: the next one is tried. One that this desk has signed for a ticket that is not in its database,
or for another ticket that had the same number, leads to `LostTicket` (docs/rules.md#2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.addressing import NONE, read_bounce_token, read_message_id_token
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, Mail
from mailgate.core.stand_ins import is_stand_in
from mailgate.core.tokens import Token, hold_number, verify, verify_hold
from mailgate.parsers.thread_keys import Key, KeyKind, read_keys
from mailgate.store.holds import HoldRow, get_hold
from mailgate.store.messages import find_by_message_id
from mailgate.store.outbox import NoticeRow, find_notice, find_signed
from mailgate.store.tickets import Ticket, find_by_reference, get_ticket, lock_ticket

_MOST_TRIED = 20  # tokens of a mail, and addresses in it, for which is tried whether a lost ticket was meant


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
    outbox_id: int = 0  # row of the outbox, 0 where there is none

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
    `unverified` says that the mail has tokens, but none that verifies.
    """

    ticket: Ticket
    key: str
    answered: AnsweredNotice | None = None
    aliases: tuple[str, ...] = ()
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class HoldQuestion:
    """A question of a hold that a mail answers: its number among the hold's askings, and to whom it went."""

    hold: int
    kind: str
    asking: int
    asked: str
    key: str


@dataclass(frozen=True, slots=True)
class LostTicket:
    """A ticket or a hold that this desk has signed a token for, and that its database does not have.

    Another ticket may have its number. `erased` says that the ticket is there without its people: nothing that names
    one of them may come into it again.
    """

    reference: str
    key: str
    erased: bool = False


@dataclass(frozen=True, slots=True)
class _Unproven:
    """A ticket that a token names truly, with its word, where the notice that it was signed for is not there."""

    ticket_id: int


_Found = FollowUp | HoldQuestion | LostTicket


class FollowUpFinder:
    """Finds what mails answer, for one desk."""

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.desk.keys
        self._manager = settings.desk.manager
        levels = (level for queue in settings.queues.values() for level in queue.levels.values())
        staff = [address for level in levels for address in (level.mailbox, *level.addresses)]
        self._staff = (*staff, settings.desk.manager, settings.desk.operator)
        self._signs_return_paths = not settings.relay.return_path and settings.desk.reply_address != NONE

    def find(self, connection: Connection, mail: Mail, recipients: tuple[str, ...]) -> _Found | None:
        """Finds what the strongest key of a mail leads to; None for a mail that answers nothing."""
        found = self._find(connection, mail, recipients)
        if isinstance(found, FollowUp) and is_stand_in(found.ticket.requester):
            return LostTicket(found.ticket.reference, found.key, erased=True)
        return found

    def _find(self, connection: Connection, mail: Mail, recipients: tuple[str, ...]) -> _Found | None:
        signed_to = _people_of(mail, recipients)
        unknown: list[Key] = []
        keys = read_keys(mail, recipients)
        for key in keys:
            if key.token is None:
                found: _Found | None = self._by_name(connection, key, unknown)
            else:
                # Each candidate costs a digest: a mail full of invented tokens must not cost many of them.
                found = self._by_token(connection, mail, key, signed_to if len(unknown) < _MOST_TRIED else ())
            if isinstance(found, LostTicket) and key.token is not None:
                return self._by_stored_notice(connection, keys, key.token) or found
            if found is not None:
                return found
            if key.token is not None:
                unknown.append(key)
        return None

    def is_own_message(self, connection: Connection, token: Token, mail: Mail) -> bool:
        """Tells whether a notice or a question of this desk carries that token in its Message-ID."""
        if self._question_of(connection, token, "") is not None:
            return True
        return self._verified(connection, token, _people_of(mail, ())) is not None

    def find_bounced(self, connection: Connection, mail: Mail, recipients: tuple[str, ...]) -> BouncedNotice | None:
        """Finds the notice that a bounce is about: by its signed address, else by the Message-ID that it reports.

        None for one of a ticket whose person was erased: the bounce would bring a name back.
        """
        found = self._find_bounced(connection, mail, recipients)
        ticket = get_ticket(connection, found.notice.ticket_id) if found is not None else None
        return None if ticket is not None and is_stand_in(ticket.requester) else found

    def _find_bounced(self, connection: Connection, mail: Mail, recipients: tuple[str, ...]) -> BouncedNotice | None:
        token = read_bounce_token(recipients)
        notice = self._verified(connection, token, ()) if token is not None else None
        if isinstance(notice, NoticeRow) and notice.ticket_id is not None and token is not None:
            key = f"bounce address {token.reference}.{token.notice}"
            return BouncedNotice(_answered(notice.ticket_id, notice, key), signed=True)
        for bounce in mail.bounces:
            found = find_notice(connection, bounce.original_message_id) if bounce.original_message_id else None
            if found is not None and found.ticket_id is not None:
                key = f"reported Message-ID {bounce.original_message_id}"
                return BouncedNotice(_answered(found.ticket_id, found, key), signed=not self._signs_return_paths)
        return None

    def _by_token(self, connection: Connection, mail: Mail, key: Key, signed_to: tuple[str, ...]) -> _Found | None:
        token = key.token
        if token is None:
            return None
        words = f"{key.how.value} {_name(key)}"
        question = self._question_of(connection, token, words)
        if question is not None:
            return question
        notice = self._verified(connection, token, signed_to)
        if isinstance(notice, LostTicket):
            return LostTicket(notice.reference, words)
        if isinstance(notice, _Unproven):
            words = f"signed for this ticket, though the notice is not in this database: {words}"
            return FollowUp(lock_ticket(connection, notice.ticket_id), words)
        if notice is None or notice.ticket_id is None:
            return None
        kept = lock_ticket(connection, notice.ticket_id)
        number = notice.number if kept.id == notice.ticket_id else 0
        answered = replace(_answered(kept.id, notice, words), number=number)
        beside = mail.references[-20:] if key.how is KeyKind.SIGNED_MESSAGE_ID else ()
        return FollowUp(kept, words, answered, _foreign_ids(connection, (mail.in_reply_to, *beside)))

    def _by_name(self, connection: Connection, key: Key, unknown: Sequence[Key]) -> FollowUp | None:
        """Finds the ticket that a mail names without a signature; `unknown` are its tokens that did not verify."""
        if key.how is KeyKind.BARE_TAG:
            named = find_by_reference(connection, key.value)
            # A token with another word shows that another ticket of that number was meant; a merged one has its own.
            meant = {one.token.word for one in unknown if one.token is not None and one.token.reference == key.value}
            own = find_signed(connection, key.value, 0) if meant else None
            ticket_id = named.id if named is not None and (own is None or meant <= {own.word}) else None
        else:
            ticket_id = find_by_message_id(connection, key.value)
        if ticket_id is None:
            return None
        doubt = (
            f"; {unknown[0].how.value} {_name(unknown[0])} does not verify: signed by another key or for another person"
            if unknown
            else ""
        )
        words = f"{key.how.value} {key.value}{doubt}"
        return FollowUp(lock_ticket(connection, ticket_id), words, unverified=bool(unknown))

    def _by_stored_notice(self, connection: Connection, keys: Sequence[Key], token: Token) -> FollowUp | None:
        """Finds the ticket that has another number here, since it was brought in, by the Message-ID of its notice."""
        for key in keys:
            named = read_message_id_token(key.value) if key.how is KeyKind.MESSAGE_ID else None
            if named is not None and (named.reference, named.word) == (token.reference, token.word):
                found = self._by_name(connection, key, ())
                if found is not None:
                    return found
        return None

    def _verified(
        self, connection: Connection, token: Token, signed_to: tuple[str, ...]
    ) -> NoticeRow | _Unproven | LostTicket | None:
        """Finds the notice that a token was signed for; None where none of the desk's keys signed it, as far as known.

        The recipient is signed, too: where the notice is not there, it may have gone to staff or to one of `signed_to`.
        """
        found = find_signed(connection, token.reference, token.notice)
        notice = found.notice if found is not None else None
        if found is not None and notice is not None and verify(self._keys, token, notice.recipient):
            return notice if found.word == token.word else LostTicket(token.reference, "")
        if not signed_to:
            return None
        people = (*signed_to, *self._staff)
        if any(verify(self._keys, token, one) for one in people):
            is_same = found is not None and found.word == token.word
            return _Unproven(found.ticket_id) if found is not None and is_same else LostTicket(token.reference, "")
        is_question = hold_number(token) is not None and any(verify_hold(self._keys, token, one) for one in people)
        return LostTicket(token.reference, "") if is_question else None

    def _question_of(self, connection: Connection, token: Token, key: str) -> HoldQuestion | None:
        """Finds the question of a hold that a token was signed for; it went to the person asked, or to the manager."""
        number = hold_number(token)
        hold: HoldRow | None = get_hold(connection, number) if number is not None else None
        if hold is None or hold.word != token.word:
            return None
        asked = next((one for one in (hold.asked, self._manager) if verify_hold(self._keys, token, one)), None)
        return HoldQuestion(hold.id, hold.kind, token.notice, asked, key) if asked is not None else None


def _people_of(mail: Mail, recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Lists the addresses to which a mail that this one answers, or that came back, may have gone."""
    authors = (*((mail.sender,) if mail.sender is not None else ()), *mail.reply_to, *mail.to, *mail.cc)
    return tuple(dict.fromkeys((*(one.address for one in authors), *recipients)))[:_MOST_TRIED]


def _name(key: Key) -> str:
    return f"{key.token.reference}.{key.token.notice}" if key.token is not None else key.value


def _foreign_ids(connection: Connection, ids: Iterable[str]) -> tuple[str, ...]:
    """Lists the ids that the desk did not give: one of its own that it does not have is a lost ticket's."""
    foreign = (one for one in dict.fromkeys(ids) if one and read_message_id_token(one) is None)
    return tuple(one for one in foreign if find_by_message_id(connection, one) is None)


def _answered(ticket_id: int, notice: NoticeRow, key: str) -> AnsweredNotice:
    return AnsweredNotice(
        ticket_id=ticket_id,
        number=notice.number,
        notice=notice.notice,
        lane=notice.lane,
        queue=notice.queue,
        recipient=notice.recipient,
        key=key,
        outbox_id=notice.id,
    )
