"""Which question of ours a mail answers, by the token that it brings back, and what came of the answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.core.mail import Mail
from mailgate.core.tokens import Token, hold_number, verify_hold
from mailgate.inbound.follow_up import is_ours
from mailgate.parsers.thread_keys import Key, KeyKind, read_keys
from mailgate.store.holds import HoldRow, get_hold

_SIGNED = frozenset({KeyKind.SIGNED_ADDRESS, KeyKind.SIGNED_TAG, KeyKind.SIGNED_MESSAGE_ID})


@dataclass(frozen=True, slots=True)
class HoldQuestion:
    """A question that was asked: of which hold, the how manieth, and to whom. `key` says how it was known."""

    hold: int
    kind: str
    asking: int
    asked: str
    key: str


@dataclass(frozen=True, slots=True)
class HoldReply:
    """What came of an answer: `counts` is False for one that is no answer, which stays in the journal as ignored."""

    reason: str
    counts: bool = True


def find_question(
    connection: Connection, mail: Mail, recipients: tuple[str, ...], keys: tuple[bytes, ...], manager: str
) -> HoldQuestion | None:
    """The question that a mail answers; None where it answers none, or where a stronger key names a ticket (rule 5)."""
    signed = [key for key in read_keys(mail, recipients) if key.how in _SIGNED and key.token is not None]
    if not any(key.token is not None and hold_number(key.token) is not None for key in signed):
        return None
    for key in signed:
        found = _question_of(connection, key.token, keys, manager)
        if found is not None:
            return _named(found, key)
        if is_ours(connection, key.token, keys):
            return None
    return None


def is_question(connection: Connection, token: Token | None, keys: tuple[bytes, ...], manager: str) -> bool:
    """Whether a question of ours carries that token: a mail with its Message-ID came back to us."""
    return _question_of(connection, token, keys, manager) is not None


def _question_of(
    connection: Connection, token: Token | None, keys: tuple[bytes, ...], manager: str
) -> HoldQuestion | None:
    number = hold_number(token) if token is not None else None
    hold: HoldRow | None = get_hold(connection, number) if number is not None else None
    if hold is None or token is None:
        return None
    asked = next((one for one in (hold.asked, manager) if verify_hold(keys, token, one)), None)
    return None if asked is None else HoldQuestion(hold.id, hold.kind, token.notice, asked, "")


def _named(found: HoldQuestion, key: Key) -> HoldQuestion:
    words = f"{key.how.value} {key.token.reference}.{key.token.notice}" if key.token is not None else ""
    return HoldQuestion(found.hold, found.kind, found.asking, found.asked, words)
