"""Which ticket a mail belongs to, by which key, and what that key proves (rules 2-5).

Changes nothing, but locks the ticket that it finds: what is judged of it holds until the transaction ends. A key that
does not verify is no error: it is passed over, and the next one tried.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.core.mail import Mail
from mailgate.core.tokens import Token, verify
from mailgate.inbound.roles import AnsweredNotice
from mailgate.parsers.thread_keys import Key, KeyKind, read_bounce_token, read_keys
from mailgate.store.messages import find_by_message_id
from mailgate.store.outbox import NoticeRow, find_notice, find_signed
from mailgate.store.tickets import Ticket, find_by_reference, lock_ticket

_SIGNED = frozenset({KeyKind.SIGNED_ADDRESS, KeyKind.SIGNED_TAG, KeyKind.SIGNED_MESSAGE_ID})


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The ticket that a mail named: `claim` is the notice it proved to answer, None where the key proves nothing.

    `aliases` are foreign ids that stood beside a signed one: some relay replaced our Message-ID (rule 4).
    """

    ticket: Ticket
    key: str
    claim: AnsweredNotice | None = None
    aliases: tuple[str, ...] = ()


def find_follow_up(
    connection: Connection, mail: Mail, recipients: tuple[str, ...], keys: tuple[bytes, ...]
) -> FollowUp | None:
    """The ticket of the strongest key that leads to one."""
    for key in read_keys(mail, recipients):
        thread = _by_token(connection, mail, key, keys) if key.how in _SIGNED else _by_name(connection, key)
        if thread is not None:
            return thread
    return None


def _by_token(connection: Connection, mail: Mail, key: Key, keys: tuple[bytes, ...]) -> FollowUp | None:
    notice = _verified(connection, key.token, keys)
    if notice is None or notice.ticket_id is None or key.token is None:
        return None
    kept = lock_ticket(connection, notice.ticket_id)
    words = f"{key.how.value} {key.token.reference}.{key.token.notice}"
    # A token of a ticket that was merged away proves who wrote, but answers no question of the kept one.
    number = notice.number if kept.id == notice.ticket_id else 0
    claim = AnsweredNotice(kept.id, number, notice.notice, notice.lane, notice.queue, notice.recipient, words)
    aliases = _foreign_ids(connection, mail) if key.how is KeyKind.SIGNED_MESSAGE_ID else ()
    return FollowUp(kept, words, claim, aliases)


def _verified(connection: Connection, token: Token | None, keys: tuple[bytes, ...]) -> NoticeRow | None:
    """The notice of ours that a token was signed for."""
    notice = find_signed(connection, token.reference, token.notice) if token is not None else None
    return notice if notice is not None and token is not None and verify(keys, token, notice.recipient) else None


def _foreign_ids(connection: Connection, mail: Mail) -> tuple[str, ...]:
    ids = dict.fromkeys((mail.in_reply_to, *mail.references[-20:]))
    return tuple(one for one in ids if one and find_by_message_id(connection, one) is None)


def _by_name(connection: Connection, key: Key) -> FollowUp | None:
    words = f"{key.how.value} {key.value}"
    if key.how is KeyKind.BARE_TAG:
        named = find_by_reference(connection, key.value)
        ticket_id = named.id if named is not None else None
    else:
        ticket_id = find_by_message_id(connection, key.value)
    return FollowUp(lock_ticket(connection, ticket_id), words) if ticket_id is not None else None


def is_ours(connection: Connection, token: Token | None, keys: tuple[bytes, ...]) -> bool:
    """Whether a notice of this desk carries that token: a mail with our signed Message-ID came back to us."""
    return _verified(connection, token, keys) is not None


def find_bounced(
    connection: Connection, mail: Mail, recipients: tuple[str, ...], keys: tuple[bytes, ...]
) -> AnsweredNotice | None:
    """The notice that a bounce is about: by the signed bounce address, else by the Message-ID that it reports."""
    token = read_bounce_token(recipients)
    notice = _verified(connection, token, keys)
    if notice is not None and notice.ticket_id is not None and token is not None:
        return _claim(notice.ticket_id, notice, f"bounce address {token.reference}.{token.notice}")
    for bounce in mail.bounces:
        found = find_notice(connection, bounce.original_message_id) if bounce.original_message_id else None
        if found is not None and found.ticket_id is not None:
            return _claim(found.ticket_id, found, f"reported Message-ID {bounce.original_message_id}")
    return None


def _claim(ticket_id: int, notice: NoticeRow, key: str) -> AnsweredNotice:
    return AnsweredNotice(ticket_id, notice.number, notice.notice, notice.lane, notice.queue, notice.recipient, key)
